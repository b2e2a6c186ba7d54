"""How long readings took: by arm, and in other ways of counting."""

from collections.abc import Sequence
from math import exp, log

from clinicalblip.reader_study.results.estimates import ByArm, Estimates, measure
from clinicalblip.reader_study.results.markdown import Section, Table, estimate, notes_of, number, spread
from clinicalblip.reader_study.results.reading_row import ReadingRow
from clinicalblip.reader_study.results.study_data import FIRST_LEFT_OUT, StudyData

PICTURE = "times.svg"


def active_seconds(row: ReadingRow) -> float | None:
    """Seconds without idle ones, None where there is none: a logarithm has to be taken of them."""
    return row.active_seconds or None


def all_seconds(row: ReadingRow) -> float | None:
    """Seconds with idle ones."""
    return row.seconds or None


def times(data: StudyData, ask: Estimates) -> Section:
    """The section on reading times."""
    against = data.baseline
    main = ask.time_ratios(measure(data.compared, active_seconds), against)
    analyses = (
        ("active seconds", data.compared, active_seconds),
        ("all seconds, idle ones included", data.compared, all_seconds),
        ("active seconds, without flagged readings", data.unflagged, active_seconds),
        (f"active seconds, without each reader's first {FIRST_LEFT_OUT} of an arm", data.practised, active_seconds),
    )
    others = [arm for arm in data.arms if arm != against]
    lines, found = [], []
    for name, rows, value in analyses:
        values = measure(rows, value)
        ratios = main if name == "active seconds" else ask.time_ratios(values, against)
        found += list(ratios.values())
        lines += [
            (name, arm, str(values.arms.count(arm)), str(values.arms.count(against)), estimate(ratios.get(arm)))
            for arm in others
        ]
    return Section(
        "Reading time",
        (
            "Seconds are of the page's own clock, from opening a case to saving it; active ones are those in which the "
            "page was visible and the reader not idle. Ratios are of geometric means.",
        ),
        (
            _by_arm(data, against, main),
            _by_reader(data),
            Table(
                "Reading time, other ways of counting",
                ("what is counted", "arm", "readings", f"readings of {against}", f"ratio to {against}"),
                tuple(lines),
                notes_of(found),
                words=2,
            ),
        ),
        ((PICTURE, "Active seconds of each reading by arm"),),
    )


def _by_arm(data: StudyData, against: str, ratios: ByArm) -> Table:
    lines = []
    for arm in data.arms:
        own = [row for row in data.compared if row.arm == arm and active_seconds(row) is not None]
        seconds = [float(row.active_seconds or 0) for row in own]
        counts = len(own), len({row.reader for row in own}), len({row.case for row in own})
        beside = "(compared with)" if arm == against else estimate(ratios.get(arm))
        lines.append((arm, *map(str, counts), spread(seconds), number(geometric_mean(seconds), 1), beside))
    return Table(
        "Active seconds by arm",
        ("arm", "readings", "readers", "cases", "median (quartiles)", "geometric mean", f"ratio to {against}"),
        tuple(lines),
        notes_of(ratios.values()),
    )


def _by_reader(data: StudyData) -> Table:
    """Each reader beside themselves."""
    lines = []
    for reader in data.readers:
        means = [
            geometric_mean(
                [
                    row.active_seconds
                    for row in data.compared
                    if row.reader == reader and row.arm == arm and row.active_seconds
                ]
            )
            for arm in data.arms
        ]
        lines.append((reader, *(number(each, 1) for each in means)))
    return Table("Active seconds by reader: geometric means", ("reader", *data.arms), tuple(lines))


def geometric_mean(values: Sequence[float]) -> float | None:
    """The geometric mean of positive values, None of nothing."""
    return exp(sum(map(log, values)) / len(values)) if values else None
