"""The owner's page: how the server stands now, and what all reviews say together."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from html import escape

from clinicalblip.feedback.row_mapping import StoredReview
from clinicalblip.feedback.summary.counts import ALL, GroupBy, Summary
from clinicalblip.settings import Settings
from clinicalblip.web.loading import ModelState
from clinicalblip.web.review_pages import charts, own_pages
from clinicalblip.web.review_pages import owner_wording as wording
from clinicalblip.web.review_pages import wording as of_reviews
from clinicalblip.web.review_pages.documents import Place, paragraph
from clinicalblip.web.review_pages.server_state import ServerState

_MEBIBYTE = 2**20


def owner_body(
    place: Place,
    settings: Settings,
    state: ServerState,
    summaries: Mapping[GroupBy | None, Summary],
    latest: Sequence[StoredReview],
) -> list[str]:
    """The whole page; `latest` are the reviews that were saved last."""
    body = [_state(settings, state)]
    everything = summaries[None]
    if not everything.groups:
        body.append(paragraph(wording.NOTHING))
    else:
        body += _counts(everything, summaries)
        body.append(
            f'<section class="cb-card"><h2>{escape(of_reviews.LATEST)}</h2>'
            f"{own_pages.review_table(place, latest, with_reader=True)}</section>"
        )
    exports = own_pages.exports(f"{place.root}/owner/export", of_reviews.EXPORT_ALL)
    return [*body, '<div class="cb-charts">', exports, _find(place), "</div>"]


def state_body(settings: Settings, state: ServerState) -> list[str]:
    """How the server stands, and nothing of the reviews."""
    return [_state(settings, state)]


def _counts(everything: Summary, summaries: Mapping[GroupBy | None, Summary]) -> list[str]:
    counts = everything.groups[ALL]
    said = wording.COUNTED_ONE if counts.n == 1 else wording.COUNTED
    counted = said.format(n=counts.n, first=counts.first, last=counts.last, superseded=everything.superseded)
    if counts.n < charts.LEAST_FOR_SHARES:
        counted = f"{counted} {wording.FEW.format(least=charts.LEAST_FOR_SHARES)}"
    return [
        paragraph(counted),
        paragraph(wording.LIMITS, "cb-quiet cb-measure"),
        '<div class="cb-charts">',
        charts.days_chart(summaries[GroupBy.DAY].groups),
        charts.decisions_chart(counts),
        charts.errors_chart(counts),
        charts.edits_chart(counts),
        charts.kept_chart(counts),
        charts.editing_chart(counts),
        charts.reading_chart(counts),
        charts.versions_chart(summaries[GroupBy.VERSION].groups),
        "</div>",
    ]


def _state(settings: Settings, state: ServerState) -> str:
    sessions = state.sessions
    films = wording.FILMS.format(count=round(sessions.films_bytes / _MEBIBYTE), most=settings.limits.films_mebibytes)
    memory = "–" if state.memory is None else wording.MEBIBYTES.format(count=round(state.memory / _MEBIBYTE))
    backlog = wording.NO_BUCKET if state.backlog is None else str(state.backlog)
    tiles = [
        (wording.MODEL, wording.MODEL_STATES[state.model], "", state.model is ModelState.FAILED),
        (wording.QUEUE, str(sessions.waiting), wording.WRITING.format(count=sessions.writing), False),
        (wording.SESSIONS, str(sessions.sessions), wording.HOLDING.format(count=sessions.holding), False),
        (wording.MEMORY, memory, films, False),
        (wording.DATABASE, wording.WRITABLE if state.writable else wording.UNWRITABLE, "", not state.writable),
        (wording.BACKLOG, backlog, "", False),
    ]
    shown = "".join(
        f"<div{' class=cb-wrong' if wrong else ''}><dt>{escape(name)}</dt><dd>{escape(value)}"
        f"{f'<small>{escape(note)}</small>' if note else ''}</dd></div>"
        for name, value, note, wrong in tiles
    )
    lines = "".join(f"<li>{escape(line)}</li>" for line in state.storage)
    ending = paragraph(wording.ENDING, "cb-warning") if state.is_ending else ""
    as_of = wording.AS_OF.format(time=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}")
    return (
        f'<section class="cb-card"><h2>{escape(wording.NOW)}</h2>{ending}<dl class="cb-tiles">{shown}</dl>'
        f'<h3>{escape(wording.STORAGE)}</h3><ul class="cb-storage">{lines}</ul>{paragraph(as_of, "cb-quiet")}</section>'
    )


def _find(place: Place) -> str:
    return (
        f'<section class="cb-card"><h2>{escape(of_reviews.FIND)}</h2>'
        f'<form class="cb-find" method="get" action="{place.root}/reviews/find"><label for="review-id">'
        f"{escape(of_reviews.FIND_LABEL)}</label>"
        '<input id="review-id" name="id" required minlength="16" maxlength="16" autocomplete="off" spellcheck="false">'
        f'<button class="cb-button">{escape(of_reviews.OPEN)}</button></form></section>'
    )
