"""The charts of the owner's page: from counts over reviews to figures, each with its numbers as a table."""

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape
from typing import Final

from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.feedback.summary.counts import Counts
from clinicalblip.feedback.summary.distribution import describe_spread, histogram
from clinicalblip.radiology.report_error import ErrorCategory, ErrorState, Significance
from clinicalblip.radiology.review import Verdict
from clinicalblip.web.review_pages import owner_wording as wording
from clinicalblip.web.review_pages.documents import paragraph, table
from clinicalblip.web.review_pages.svg import Column, Row, bars, columns, dots, round_up
from clinicalblip.web.wording import ERROR_NAMES, SIGNIFICANCES, VERDICT_CHOICES

LEAST_FOR_SHARES: Final = 20
"""Reviews below which a share would say more than they can."""

DAYS_DRAWN: Final = 60
_LABEL: Final = 44  # letters of a version's name in a chart; the table has all

_WORD_EDGES: Final = (0, 1, 6, 11, 21, 51, 101)
_WORD_LABELS: Final = ("0", "1–5", "6–10", "11–20", "21–50", "51–100", ">100")
_SECOND_EDGES: Final = (0, 15, 30, 60, 120, 300, 600)
_SECOND_LABELS: Final = ("<15 s", "15–30 s", "30–60 s", "1–2 min", "2–5 min", "5–10 min", ">10 min")
_SHARE_EDGES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)
_SHARE_LABELS: Final = ("<20 %", "20–39 %", "40–59 %", "60–79 %", "80–89 %", "90–99 %", "100 %")

_MATTERS: Final = (Significance.URGENT, Significance.ACTIONABLE, Significance.SIGNIFICANT)
_LITTLE: Final = (Significance.NOT_ACTIONABLE, Significance.BENIGN, Significance.NEGLIGIBLE)
_GROUPS: Final[tuple[tuple[str, tuple[Significance | None, ...]], ...]] = (
    (wording.MATTERS, _MATTERS),
    (wording.LITTLE, _LITTLE),
    (wording.NOT_SET, (None,)),
)
_QUARTERS: Final = ((0.0, "0 %"), (0.25, "25 %"), (0.5, "50 %"), (0.75, "75 %"), (1.0, "100 %"))


def days_chart(groups: dict[str, Counts]) -> str:
    """Reviews a day, from the first one on or of the last days; a day without any is there too."""
    counted = {date.fromisoformat(day): counts.n for day, counts in groups.items()}
    last = max(counted)
    first = max(min(counted), last - timedelta(days=DAYS_DRAWN - 1))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    numbers = [counted.get(day, 0) for day in days]
    before = sum(counted.values()) - sum(numbers)
    top = round_up(max(numbers))
    every = max(1, -(-len(days) // 6))  # as many dates as a phone has room for
    shown = [
        Column(
            number / top,
            above=str(number) if number and (len(days) <= 14 or number == max(numbers)) else "",
            below=f"{day.day} {day:%b}" if place % every == every // 2 else "",
        )
        for place, (day, number) in enumerate(zip(days, numbers, strict=True))
    ]
    note = wording.DAYS_NOTE
    if before:
        note = f"{wording.DAYS_DRAWN.format(days=DAYS_DRAWN, before=before)}; {note}"
    said = f"{sum(numbers)} from {first} to {last}, {max(numbers)} on the day with most."
    return _figure(
        wording.DAYS,
        note,
        columns(wording.DAYS, said, shown, _scale(top), plot=140),
        table(
            (wording.DAY, wording.NUMBER),
            [(day.isoformat(), str(number)) for day, number in sorted(counted.items(), reverse=True)],
        ),
        look="cb-whole",
    )


def decisions_chart(counts: Counts) -> str:
    """What readers decided, as counts, and as shares where there are reviews enough."""
    rows, cells = [], []
    for verdict in Verdict:
        n = counts.verdicts[verdict]
        label = VERDICT_CHOICES[verdict]
        interval = wilson(n, counts.n) if counts.n >= LEAST_FOR_SHARES else None
        rows.append(Row(label, _count(n, counts.n), (n / counts.n,), interval))
        cells.append((label, str(n), *_share_cells(n, counts.n)))
    said = "; ".join(f"{row.label}: {row.said}" for row in rows)
    return _figure(
        wording.DECISIONS,
        wording.DECISIONS_NOTE,
        bars(wording.DECISIONS, said, rows),
        table((wording.DECISION, wording.NUMBER, wording.SHARE, wording.INTERVAL), cells),
    )


def errors_chart(counts: Counts) -> str:
    """Errors of each kind, by how much they matter; those alone that are a reader's."""
    numbers = {
        category: [sum(counts.errors[category, each] for each in group) for _, group in _GROUPS]
        for category in ErrorCategory
    }
    most = max(1, *(sum(parts) for parts in numbers.values()))
    kinds = sorted(ErrorCategory, key=lambda category: -sum(numbers[category]))
    rows = [
        Row(ERROR_NAMES[kind], str(sum(numbers[kind])), [number / most for number in numbers[kind]]) for kind in kinds
    ]
    header = (wording.KIND, wording.ALL, *(SIGNIFICANCES[each] for each in Significance), wording.NOT_SET)
    cells = [
        (
            ERROR_NAMES[kind],
            str(sum(numbers[kind])),
            *(str(counts.errors[kind, each]) for each in (*Significance, None)),
        )
        for kind in kinds
    ]
    total = sum(map(sum, numbers.values()))
    said = "; ".join(f"{row.label}: {row.said}" for row in rows)
    states = counts.proposed
    proposed = wording.PROPOSED.format(
        n=states.total(),
        confirmed=states[ErrorState.CONFIRMED] + states[ErrorState.CHANGED],
        discarded=states[ErrorState.DISCARDED],
        ignored=states[ErrorState.IGNORED],
    )
    legend = "".join(
        f'<li><svg class="key" width="11" height="11" aria-hidden="true"><rect class="part part-{place}" width="11" '
        f'height="11"/></svg>{escape(label)}</li>'
        for place, (label, _) in enumerate(_GROUPS)
    )
    return _figure(
        wording.ERRORS,
        wording.ERRORS_NOTE.format(n=total, reviews=counts.n),
        f'<ul class="cb-legend">{legend}</ul>{bars(wording.ERRORS, said, rows)}{paragraph(proposed, "cb-quiet")}',
        table(header, cells),
        look="cb-tall",
    )


def edits_chart(counts: Counts) -> str:
    """How many words readers changed."""
    return _spread_chart(
        wording.EDITS,
        wording.EDITS_NOTE.format(spread=describe_spread(counts.words_changed)),
        counts.words_changed,
        (_WORD_EDGES, _WORD_LABELS, wording.WORDS),
    )


def kept_chart(counts: Counts) -> str:
    """How much of the drafts' words readers kept."""
    if not counts.kept_shares:
        return _figure(wording.KEPT, wording.KEPT_NONE)
    spread = describe_spread([100 * share for share in counts.kept_shares])
    return _spread_chart(
        wording.KEPT,
        wording.KEPT_NOTE.format(n=len(counts.kept_shares), spread=spread),
        counts.kept_shares,
        (_SHARE_EDGES, _SHARE_LABELS, wording.SHARE_KEPT),
    )


def editing_chart(counts: Counts) -> str:
    """How long it took from a draft to its review."""
    return _spread_chart(
        wording.EDITING,
        wording.EDITING_NOTE.format(spread=_seconds(counts.editing_seconds)),
        counts.editing_seconds,
        (_SECOND_EDGES, _SECOND_LABELS, wording.SECONDS),
    )


def reading_chart(counts: Counts) -> str:
    """How long readers were active, of those who let that be kept."""
    if not counts.active_seconds:
        return _figure(wording.READING, wording.READING_NONE)
    return _spread_chart(
        wording.READING,
        wording.READING_NOTE.format(n=len(counts.active_seconds), spread=_seconds(counts.active_seconds)),
        counts.active_seconds,
        (_SECOND_EDGES, _SECOND_LABELS, wording.SECONDS),
    )


def versions_chart(groups: dict[str, Counts]) -> str:
    """How many drafts of each version could nearly be used; the table says all of it."""
    rows, cells = [], []
    for label, counts in groups.items():
        usable = counts.verdicts[Verdict.ACCEPTED] + counts.verdicts[Verdict.MINOR_EDITS]
        enough = counts.n >= LEAST_FOR_SHARES
        rows.append(
            Row(
                _short(label),
                _count(usable, counts.n, of_n=True),
                (usable / counts.n,) if enough else (),
                wilson(usable, counts.n) if enough else None,
            )
        )
        cells.append(
            (
                label,
                str(counts.n),
                *(str(counts.verdicts[verdict]) for verdict in Verdict),
                describe_spread(counts.words_changed),
                describe_spread(counts.editing_seconds),
                str(counts.first),
                str(counts.last),
            )
        )
    header = (
        *(wording.VERSION, wording.NUMBER, *(VERDICT_CHOICES[verdict] for verdict in Verdict)),
        *(wording.MEDIAN_WORDS, wording.MEDIAN_SECONDS, wording.FIRST, wording.LAST),
    )
    said = "; ".join(f"{row.label}: {row.said}" for row in rows)
    return _figure(
        wording.VERSIONS,
        wording.VERSIONS_NOTE,
        dots(wording.VERSIONS, said, rows, _QUARTERS),
        table(header, cells),
    )


def _spread_chart(
    title: str, note: str, values: Sequence[float], scale: tuple[Sequence[float], Sequence[str], str]
) -> str:
    edges, labels, what = scale
    numbers = [each.n for each in histogram(values, edges)]
    top = max(numbers)
    shown = [Column(n / top, str(n), *label.split(" ")) for n, label in zip(numbers, labels, strict=True)]
    said = "; ".join(f"{label}: {n}" for label, n in zip(labels, numbers, strict=True))
    cells = [(label, str(n), *_share_cells(n, len(values))[:1]) for label, n in zip(labels, numbers, strict=True)]
    return _figure(title, note, columns(title, said, shown), table((what, wording.NUMBER, wording.SHARE), cells))


def _figure(title: str, note: str, drawn: str = "", numbers: str = "", *, look: str = "") -> str:
    more = f"<details><summary>{escape(wording.TABLE)}</summary>{numbers}</details>" if numbers else ""
    return (
        f'<figure class="cb-card{look and f" {look}"}"><figcaption><h2>{escape(title)}</h2>'
        f"{paragraph(note, 'cb-quiet')}</figcaption>{drawn}{more}</figure>"
    )


def _scale(top: int) -> list[tuple[float, str]]:
    """Lines at whole numbers."""
    return [(1.0, str(top)), (0.5, str(top // 2))] if top % 2 == 0 else [(1.0, str(top))]


def _count(count: int, n: int, *, of_n: bool = False) -> str:
    """A count, with its share and that one's interval where there are reviews enough for it."""
    said = wording.COUNT_OF.format(count=count, n=n) if of_n else str(count)
    if n < LEAST_FOR_SHARES:
        return said
    share, low, high = _percents(count, n)
    return wording.COUNT_INTERVAL.format(count=said, share=share, low=low, high=high)


def _share_cells(count: int, n: int) -> tuple[str, str]:
    if n < LEAST_FOR_SHARES:
        return "–", "–"
    share, low, high = _percents(count, n)
    return f"{share} %", f"{low} to {high} %"


def _percents(count: int, n: int) -> tuple[int, int, int]:
    """A share with the bounds of its interval."""
    low, high = wilson(count, n)
    return round(100 * count / n), round(100 * low), round(100 * high)


def _seconds(values: Sequence[float]) -> str:
    return f"{describe_spread(values)} seconds"


def _short(label: str) -> str:
    """What tells versions apart: the adapter with its digest, or the base without one."""
    base, adapter, *_ = label.split(", ")
    name = base if adapter == "no adapter" else adapter
    name, _, digest = name.rpartition(" ")
    room = _LABEL - 9
    return f"{name if len(name) <= room else name[: room - 1] + '…'} {digest[:8]}"
