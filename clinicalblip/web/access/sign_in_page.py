"""The sign-in page: one form or one link, made on the server, without a script and without a file of its own."""

from dataclasses import dataclass
from html import escape
from typing import Final

from clinicalblip.asset_folder import ASSETS
from clinicalblip.web import wording as page_wording
from clinicalblip.web.access import wording
from clinicalblip.web.html_document import html_document

_STYLE: Final = ASSETS / "sign-in.css"


@dataclass(frozen=True)
class SignInPage:
    """What the page offers. `is_open`: the page behind it needs no sign-in; `framed`: it is shown by another site's."""

    title: str
    has_password: bool
    has_account: bool
    is_open: bool = False
    framed: bool = False

    def markup(self, said: str = "") -> str:
        """The page as HTML; `said` is why nobody was signed in, and is read out by screen readers."""
        alert = f'<p id="said" class="said" role="alert">{escape(said)}</p>' if said else ""
        parts = [
            f'<p class="research"><strong>{escape(page_wording.RESEARCH_ONLY)}</strong></p>',
            alert,
            self._account() if self.has_account else "",
            self._form(described=bool(said)) if self.has_password else "",
            f"<p>{escape(wording.OPEN_TO_ALL)}</p>" if self.is_open else "",
            self._own_window() if self.framed and self.has_password else "",
        ]
        return html_document(
            f"{wording.SIGN_IN} · {self.title}",
            _STYLE.read_text(encoding="utf-8"),
            f"<main><h1>{escape(self.title)}</h1>{''.join(parts)}</main>",
        )

    def _form(self, *, described: bool) -> str:
        about = ' aria-describedby="said" aria-invalid="true"' if described else ""
        return (
            f'<form method="post" action="{self._action()}"><label for="password">{escape(wording.PASSWORD)}</label>'
            '<input id="password" name="password" type="password" required autofocus maxlength="1000" '
            f'autocomplete="current-password" autocapitalize="none" spellcheck="false"{about}>'
            f'<button type="submit">{escape(wording.SIGN_IN)}</button></form>'
        )

    def _action(self) -> str:
        return "sign-in?framed" if self.framed else "sign-in"

    def _account(self) -> str:
        window = ' target="_blank" rel="noopener"' if self.framed else ""
        said = f"<p>{escape(wording.IN_A_WINDOW)}</p>" if self.framed else ""
        link = f'<p><a class="button" href="login/huggingface"{window}>{escape(wording.WITH_HUGGING_FACE)}</a></p>'
        return f"{link}{said}<p>{escape(wording.ACCOUNT_UNKNOWN)}</p>"

    def _own_window(self) -> str:
        link = f'<a href="sign-in" target="_blank" rel="noopener">{escape(wording.OWN_WINDOW)}</a>'
        return f"<p>{escape(wording.FRAMED)} {link}</p>"
