"""A page of ours as one HTML document: its looks, who it is of, and a policy by which nothing in it can run."""

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Final

from starlette.responses import HTMLResponse
from starlette.types import Scope

from clinicalblip.asset_folder import ASSETS
from clinicalblip.web.access.signed_in import SignedIn
from clinicalblip.web.app_context import served_app
from clinicalblip.web.html_document import html_document
from clinicalblip.web.review_pages import wording
from clinicalblip.web.root_path import root_path_of
from clinicalblip.web.served_study import wording as study_wording

_COLOURS: Final = re.compile(r"^(:root|\.dark) \{.*?^\}", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Place:
    """Where a page stands: `root` is the path below which the routes lie, `title` the server's."""

    root: str
    title: str
    is_owner: bool
    is_study: bool = False

    @classmethod
    def of(cls, scope: Scope, reader: SignedIn | None) -> "Place":
        """The place of a request's answer."""
        root = root_path_of(scope)
        app, is_owner = served_app(scope), reader is not None and reader.is_owner
        return cls(root, app.settings.wording.title, is_owner, is_study=app.study is not None)

    @property
    def links(self) -> Sequence[tuple[str, str]]:
        """Where else this reader may go, each with what it is called."""
        if self.is_study:
            of_owner = (("/owner", wording.OWNER), ("/owner/study", study_wording.OWNER_LINK))
            return of_owner if self.is_owner else (("/reader-study", study_wording.HOME), ("/", study_wording.CASES))
        owner = (("/owner", wording.OWNER),) if self.is_owner else ()
        return (("/", wording.BACK), ("/reviews", wording.OWN), *owner)


def page(
    place: Place,
    title: str,
    body: Sequence[str],
    *,
    status: int = 200,
    here: str = "",
    links: bool = True,
    script: str = "",
) -> HTMLResponse:
    """The answer that shows a page: `body` is markup, `here` the path of the link that leads to it.

    Without `links` it leads nowhere else. `script`: the only one that can run in it.
    """
    style = _style()
    shown = "".join(
        f'<a href="{escape(place.root + path)}"{" aria-current=page" if path == here else ""}>{escape(label)}</a>'
        for path, label in (place.links if links else ())
    )
    header = (
        f'<header class="cb-strip"><p class="cb-name">{escape(place.title)}</p>'
        f'<p class="cb-research"><strong>{escape(wording.RESEARCH_ONLY)}</strong> '
        f"{escape(wording.NOT_FOR_PATIENTS)}</p>"
        f'<nav aria-label="{wording.NAVIGATION}">{shown}</nav></header>'
    )
    main = f"<main><h1>{escape(title)}</h1>{''.join(body)}</main>"
    running = f"<script>{script}</script>" if script else ""
    policy = _policy(style, script)
    document = html_document(f"{title} · {place.title}", style, header + main + running, policy=policy)
    return HTMLResponse(document, status_code=status)


def paragraph(text: str, look: str = "") -> str:
    """A paragraph of plain text."""
    return f"<p{f' class={look}' if look else ''}>{escape(text)}</p>"


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, markup: bool = False, look: str = "") -> str:
    """A table whose first column names each row; cells are plain text, or `markup` that is safe already."""
    said = [[cell if markup else escape(cell) for cell in row] for row in rows]
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in header)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>{"".join(f"<td>{cell}</td>" for cell in row[1:])}</tr>' for row in said
    )
    # A table that is wider than its place is scrolled, for which the keyboard has to reach it.
    return (
        f'<div class="cb-wide" tabindex="0" role="group" aria-label="{escape(", ".join(header))}">'
        f"<table{f' class={look}' if look else ''}><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


@cache
def _style() -> str:
    """The page's colours, by what the reader's system prefers, then the looks of these pages."""
    page_css = (ASSETS / "page.css").read_text(encoding="utf-8")
    blocks = {found[1]: found[0] for found in _COLOURS.finditer(page_css)}
    dark = blocks[".dark"].replace(".dark", ":root", 1)
    own = (ASSETS / "review_pages.css").read_text(encoding="utf-8")
    return f"{blocks[':root']}\n@media (prefers-color-scheme: dark) {{ {dark} }}\n{own}"


def _policy(style: str, script: str) -> str:
    """Beside the policy that every answer has: no style and no script but the document's, no picture from elsewhere."""
    scripts = f"script-src {_digest(script)}; " if script else ""
    rest = "img-src 'self'; form-action 'self'; base-uri 'none'"
    return f"default-src 'none'; style-src {_digest(style)}; {scripts}{rest}"


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
