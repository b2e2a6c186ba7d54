"""The pictures of a report as SVG: the same data give the same bytes; no date and no random ids are in them.

Letters are black on white. Colours tell parts apart and are named in a legend; no number stands on them.
"""

import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from statistics import median
from typing import Any, Final

from clinicalblip.reader_study.assignment.assignment import CaseKind
from clinicalblip.reader_study.records.records import Choice
from clinicalblip.reader_study.results.estimates import Estimates
from clinicalblip.reader_study.results.markdown import percent
from clinicalblip.reader_study.results.reading_row import DECISIONS
from clinicalblip.reader_study.results.sections import drafts, injected, order, preference, times
from clinicalblip.reader_study.results.sections.injected import THIRDS, injected_readings, measure_caught, third_of
from clinicalblip.reader_study.results.sections.preference import main_choices
from clinicalblip.reader_study.results.sections.times import active_seconds, geometric_mean
from clinicalblip.reader_study.results.study_data import StudyData

COLOURS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#666666", "#A6761D")
"""Okabe and Ito's, which colour-blind readers tell apart, the darkest first."""

_MARKS: Final = ("o", "s", "^", "D", "v", "P", "X", "*")
_INK: Final = "#111111"
_SPREAD: Final = 0.3  # of a row, over which dots are laid

Draw = Callable[[Any, StudyData, Estimates], None]


def plots(data: StudyData, ask: Estimates) -> Mapping[str, bytes]:
    """The pictures for which there are data, by the names of their files."""
    import matplotlib

    style: dict[Any, Any] = {
        "svg.hashsalt": "reader study",
        "svg.fonttype": "none",
        "text.color": _INK,
        "axes.labelcolor": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
        "text.parse_math": False,
    }
    # An arm's or reader's name may have letters that no font here has; whoever shows the picture draws them.
    with matplotlib.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        return {name: _svg(draw, rows, data, ask) for name, draw, rows in _wanted(data)}


def _wanted(data: StudyData) -> Iterator[tuple[str, Draw, int]]:
    """Each picture with its number of rows."""
    compared = data.compared
    if any(active_seconds(row) for row in compared):
        yield times.PICTURE, _times, len(data.arms)
    if any(row.decision is not None for row in compared):
        yield drafts.PICTURE, _decisions, len(data.drafted)
    if injected_readings(data.rows):
        yield injected.PICTURE, _caught, 2 * len(data.drafted)
    if main_choices(data):
        yield preference.PICTURE, _preference, 1
    if any(active_seconds(row) for row in compared):
        yield order.PICTURE, _order, 6


def _svg(draw: Draw, rows: int, data: StudyData, ask: Estimates) -> bytes:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 1.5 + 0.5 * rows), layout="constrained", facecolor="white")
    draw(figure.subplots(), data, ask)
    picture = BytesIO()
    figure.savefig(picture, format="svg", metadata={"Date": None})
    return picture.getvalue()


def _rows(axes: Any, labels: list[str], title: str, what: str) -> None:
    axes.set(title=title, xlabel=what, yticks=range(len(labels)))
    axes.set_yticklabels(labels)
    axes.set_ylim(max(1, len(labels)) - 0.5, -0.5)
    axes.grid(alpha=0.3, axis="x")
    axes.set_axisbelow(True)


def _log_seconds(axis: Any) -> None:
    """Ticks of a logarithmic axis as plain seconds."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())


def _times(axes: Any, data: StudyData, ask: Estimates) -> None:
    labels = []
    for place, arm in enumerate(data.arms):
        seconds = sorted(row.active_seconds or 0 for row in data.compared if row.arm == arm and active_seconds(row))
        labels.append(f"{arm} (n = {len(seconds)})")
        # Laid out by their order, so that equal ones are seen and nothing is by lot.
        ys = [place + _SPREAD * ((number * 0.618) % 1 * 2 - 1) for number in range(len(seconds))]
        axes.plot(seconds, ys, "o", color=COLOURS[place % len(COLOURS)], markersize=4, alpha=0.6)
        middle = geometric_mean(seconds)
        if middle is not None:
            axes.plot([middle, middle], [place - 0.42, place + 0.42], color=_INK, linewidth=2)
    axes.set_xscale("log")
    _rows(axes, labels, "Active seconds of each reading; the line is the geometric mean", "seconds, logarithmic")
    _log_seconds(axes.xaxis)


def _decisions(axes: Any, data: StudyData, ask: Estimates) -> None:
    totals, parts = [], []
    for arm in data.drafted:
        counts = Counter(row.decision for row in data.compared if row.arm == arm and row.decision is not None)
        totals.append(sum(counts.values()))
        parts.append([counts[rank] for rank in range(len(DECISIONS))])
    labels = [f"{arm} (n = {total})" for arm, total in zip(data.drafted, totals, strict=True)]
    _stacked(axes, labels, list(map(str, DECISIONS)), parts)
    _rows(axes, labels, "Decisions by arm", "per cent of readings")


def _stacked(axes: Any, labels: list[str], names: list[str], parts: list[list[int]]) -> None:
    """Bars of 100 per cent, one a label, of the parts' counts; an empty one is left out."""
    left = [0.0] * len(labels)
    for place, name in enumerate(names):
        widths = [100 * part[place] / sum(part) if sum(part) else 0.0 for part in parts]
        axes.barh(
            range(len(labels)), widths, left=left, label=name, color=COLOURS[place], edgecolor="white", height=0.6
        )
        left = [before + width for before, width in zip(left, widths, strict=True)]
    axes.set_xlim(0, 100)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)


def _caught(axes: Any, data: StudyData, ask: Estimates) -> None:
    every = injected_readings(data.rows)
    labels: list[str] = []
    for kind in (CaseKind.MAIN, CaseKind.GOLD):
        measured = measure_caught(each for each in every if each.row.kind is kind)
        shares = ask.shares(measured)
        for arm in data.drafted:
            own = [value for value, of in zip(measured.values, measured.arms, strict=True) if of == arm]
            if not own:
                continue
            place, found = len(labels), shares.get(arm)
            colour = COLOURS[data.arms.index(arm) % len(COLOURS)]
            labels.append(f"{arm}, {kind} (n = {len(own)})")
            if found is not None and found.low is not None and found.high is not None:
                axes.plot([100 * found.low, 100 * found.high], [place, place], color=colour, linewidth=2)
            axes.plot([100 * sum(own) / len(own)], [place], "o", color=colour, markersize=7)
    axes.set_xlim(-2, 102)
    title = f"Errors that were caught, with {percent(ask.confidence)} intervals"
    _rows(axes, labels, title, "per cent of errors put in")


def _preference(axes: Any, data: StudyData, ask: Estimates) -> None:
    choices = main_choices(data)
    if data.design.pairwise is None:
        return
    chosen = Counter(choice.chosen for choice in choices)
    kinds = Counter(choice.choice for choice in choices)
    first, second = data.design.pairwise.arms
    names = [f"{first}", "tie", "neither usable", f"{second}"]
    counts = [chosen[first], kinds[Choice.TIE], kinds[Choice.NEITHER], chosen[second]]
    labels = [f"choices (n = {len(choices)})"]
    _stacked(axes, labels, [f"{name}: {count}" for name, count in zip(names, counts, strict=True)], [counts])
    _rows(axes, labels, "Which draft readers would rather start from", "per cent of choices")


def _order(axes: Any, data: StudyData, ask: Estimates) -> None:
    third = third_of(data)
    for place, arm in enumerate(data.arms):
        own = [row for row in data.compared if row.arm == arm and active_seconds(row)]
        look = {"color": COLOURS[place % len(COLOURS)], "marker": _MARKS[place % len(_MARKS)]}
        positions, seconds = [row.position for row in own], [row.active_seconds for row in own]
        axes.plot(positions, seconds, linestyle="none", markersize=4, alpha=0.6, label=arm, **look)
    for number, part in enumerate(THIRDS):
        own = [row for row in data.compared if active_seconds(row) and third(row) == part]
        if own:
            places = [row.position for row in own]
            middle = median(row.active_seconds or 0 for row in own)
            name = {"label": "median of a third"} if number == 0 else {}
            axes.plot([min(places) - 0.3, max(places) + 0.3], [middle, middle], color=_INK, linewidth=2, **name)
    axes.set_yscale("log")
    axes.set(title="Active seconds by position in the reader's list", xlabel="position", ylabel="seconds, logarithmic")
    _log_seconds(axes.yaxis)
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False)
