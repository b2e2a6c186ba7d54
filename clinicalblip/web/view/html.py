"""What the page shows as HTML: plain functions from values to markup, every text escaped."""

from collections.abc import Mapping, Sequence
from html import escape
from types import MappingProxyType

from clinicalblip.feedback.comparison import WordChange, compare_words, count_edits
from clinicalblip.radiology.draft import ModelIdentity
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.sentence_review import SentenceReview
from clinicalblip.screening.phi import PhiMatch
from clinicalblip.web import wording
from clinicalblip.web.access.wording import SIGN_OUT
from clinicalblip.web.middleware.model_card import BUNDLED, PATH
from clinicalblip.web.view.correction import marked_sentences


def strip(
    identity: ModelIdentity | None, *, title: str, notice: str, storage_notice: str, has_sign_in: bool = False
) -> str:
    """The strip on top: the title, what it is for, which model writes, and below it the deployer's notices.

    For the bundled model it says how little that is, with a link to its card. Without an `identity` the model is still
    being loaded.
    """
    warning = wording.SMALL_MODEL if identity and identity.base == BUNDLED else wording.MAY_BE_WRONG
    notices = "".join(f'<p class="cb-notice">{escape(text)}</p>' for text in (notice, storage_notice) if text)
    out = f'<button type="button" id="sign-out">{escape(SIGN_OUT)}</button>' if has_sign_in else ""
    return (
        '<header class="cb-strip">'
        f"<h1>{escape(title)}</h1>"
        f'<p class="cb-research"><strong>{escape(wording.RESEARCH_ONLY)}</strong> {escape(warning)}</p>'
        f"{_review_links()}{_model(identity)}{out}</header>{notices}"
    )


def study_strip(title: str, *, notice: str, links: Sequence[tuple[str, str]]) -> str:
    """The strip on top where a reader study is read: it names no model, and leads to the study's own pages."""
    shown = "".join(f'<a href="{escape(path)}">{escape(label)}</a>' for path, label in links)
    out = f'<button type="button" id="sign-out">{escape(SIGN_OUT)}</button>'
    return (
        f'<header class="cb-strip"><h1>{escape(title)}</h1>'
        f'<p class="cb-research"><strong>{escape(wording.RESEARCH_ONLY)}</strong> {escape(wording.MAY_BE_WRONG)}</p>'
        f'<nav class="cb-of-study" aria-label="{escape(title)}">{shown}</nav>{out}</header>'
        + (f'<p class="cb-notice">{escape(notice)}</p>' if notice else "")
    )


def _review_links() -> str:
    """The links to the pages over reviews, each hidden until assets/review_links.js heard that it leads anywhere."""
    links = "".join(
        f'<a class="cb-to-{path}" href="{path}" target="_blank" rel="noopener">{escape(label)}</a>'
        for path, label in (("reviews", wording.REVIEWS_LINK), ("owner", wording.OWNER_LINK))
    )
    return f'<nav class="cb-to-pages" aria-label="{escape(wording.REVIEWS_LINK)}">{links}</nav>'


def _model(identity: ModelIdentity | None) -> str:
    if identity is None:
        return f'<p class="cb-model" role="status"><span>{escape(wording.MODEL_LOADING)}</span></p>'
    adapter = wording.PLUS_ADAPTER.format(adapter=identity.adapter) if identity.adapter else wording.NO_ADAPTER
    model = wording.MODEL.format(
        base=identity.base, adapter=adapter, precision=identity.precision, device=identity.device
    )
    why = f"{identity.reason} · {wording.PROMPT_VERSION.format(version=identity.prompt_version)}"
    card = ""
    if identity.base == BUNDLED:
        card = (
            f' <a href="{PATH.lstrip("/")}" target="_blank" rel="noopener" title="{escape(wording.BUNDLED_LIMITS)}">'
            f"{escape(wording.BUNDLED_CARD)}</a>"
        )
    return f'<p class="cb-model" title="{escape(why)}"><span>{escape(model)}</span>{card}</p>'


def message(text: str, *, calm: bool = False) -> str:
    """One sentence that stays until the next action, read out by screen readers; empty hides it.

    `calm` is for what is worth knowing; without it, something went wrong.
    """
    if not text:
        return ""
    look, aria = ("cb-message cb-calm", "status") if calm else ("cb-message", "alert")
    return f'<p class="{look}" role="{aria}">{escape(text)}</p>'


def status(text: str, *, busy: bool = False) -> str:
    """One quiet line about what is going on."""
    state = "cb-status cb-busy" if busy else "cb-status"
    return f'<p class="{state}" role="status">{escape(text)}</p>'


def heading(text: str, note: str = "") -> str:
    """A heading of one part of the page, with a smaller note beside it."""
    return f'<h2 class="cb-heading">{escape(text)}{f" <small>{escape(note)}</small>" if note else ""}</h2>'


def separator(label: str) -> str:
    """What stands between two columns and is dragged; viewer/column_width.js says how far it is."""
    said = escape(label)
    return f'<div role="separator" tabindex="0" aria-orientation="vertical" aria-label="{said}" title="{said}"></div>'


def drawer(title: str) -> str:
    """The head of a drawer: a button that opens and closes it, and the line that stands for what is in it."""
    return (
        f'<h2 class="cb-heading"><button type="button" class="cb-drawer" aria-expanded="true">{escape(title)}</button>'
        '<small class="cb-drawer-line"></small></h2>'
    )


def ai_draft(
    report: Report | None,
    *,
    note: str = "",
    writing: bool = False,
    warnings: Sequence[str] = (),
    sentences: Sequence[SentenceReview] = (),
    marks: Mapping[str, str] = MappingProxyType({}),
    below: str = "",
) -> str:
    """The model's draft as it wrote it, below its warnings; None says that there is none yet.

    `sentences` say what became of each; while it is being written nothing has. `marks` is markup behind some of them,
    by their keys, `below` markup under the draft.
    """
    label = f'<h2 class="cb-heading"><span class="cb-ai-mark">{escape(wording.AI_DRAFT)}</span>'
    label += f" <small>{escape(note or wording.AI_DRAFT_NOTE)}</small></h2>"
    if report is None:
        return f'<section class="cb-ai">{label}<p class="cb-none">{escape(wording.NO_DRAFT)}</p></section>'
    body = "".join(
        f"<h3>{escape(name)}</h3><p>{marked_sentences(text, section, sentences, marks)}</p>"
        for section, name, text in (
            (Section.FINDINGS, wording.FINDINGS, report.findings),
            (Section.IMPRESSION, wording.IMPRESSION, report.impression),
        )
        if text
    )
    warned = "".join(f"<li>{escape(warning)}</li>" for warning in warnings)
    warned = f'<ul class="cb-warnings">{warned}</ul>' if warned else ""
    state = "cb-ai cb-writing" if writing else "cb-ai"
    return f'<section class="{state}" aria-busy="{str(writing).lower()}">{label}{warned}{body}{below}</section>'


def differences(before: Report, after: Report, *, absent: str = "", above: str = "") -> str:
    """Two reports word by word, section by section; `absent` is said instead where one of them is empty.

    `above` is markup that stands over the words.

    Removed words have a minus and are struck through, added words have a plus and are underlined: they differ by marks
    and shape, not by colour alone, and stay distinct when they are copied as text.
    """
    if before.empty or after.empty:
        return f'<div class="cb-differences"><p class="cb-none">{escape(absent)}</p></div>'
    if before == after:
        return nothing(wording.NO_DIFFERENCE)
    parts = []
    for name, old, new in (
        (wording.FINDINGS, before.findings, after.findings),
        (wording.IMPRESSION, before.impression, after.impression),
    ):
        if old.strip() or new.strip():
            words = "".join(_change_markup(change) for change in compare_words(old, new))
            parts.append(f"<h3>{escape(name)}</h3><p>{words}</p>")
    edits = count_edits(before, after)
    changed = wording.WORDS_CHANGED.format(added=edits.words_added, removed=edits.words_removed)
    summary = changed if edits.words_added or edits.words_removed else wording.NO_DIFFERENCE
    count = f'<p class="cb-count">{escape(summary)}</p>'
    return f'<div class="cb-differences">{above}{count}{"".join(parts)}</div>'


def _change_markup(change: WordChange) -> str:
    if change.kind == "same":
        return escape(change.after)
    removed = f"<del>−{escape(change.before.strip())}</del> " if change.before.strip() else ""
    added = f"<ins>+{escape(change.after.strip())}</ins> " if change.after.strip() else ""
    return removed + added


def nothing(text: str) -> str:
    """A quiet sentence where something will stand."""
    return f'<div class="cb-differences"><p class="cb-none">{escape(text)}</p></div>'


_AROUND = 28  # characters on either side of what was found: enough to find it again in its box


def phi_panel(found: Sequence[PhiMatch], *, title: str) -> str:
    """What may identify a person: the box, the words in it and their kind. The words go to this reader's page only."""
    if not found:
        return ""
    boxes = "".join(f"<dt>{escape(match.label)}</dt>{_places(match)}" for match in found)
    return (
        f'<section class="cb-phi" aria-label="{escape(title)}"><h3>{escape(title)}</h3><dl>{boxes}</dl>'
        f"<p>{escape(wording.PHI_HINT)}</p></section>"
    )


def _places(match: PhiMatch) -> str:
    shown = ""
    for found in match.found:
        before, after = max(0, found.start - _AROUND), found.end + _AROUND
        shown += (
            f"<dd>{'…' if before else ''}{escape(match.text[before : found.start])}"
            f"<mark>{escape(match.text[found.start : found.end])}</mark>"
            f"{escape(match.text[found.end : after])}{'…' if after < len(match.text) else ''}"
            f" <small>{escape(found.kind)}</small></dd>"
        )
    return shown


def saved(text: str) -> str:
    """The sentence about a saved review, read out by screen readers; empty hides it."""
    return f'<p class="cb-saved" role="status">{escape(text)}</p>' if text else ""
