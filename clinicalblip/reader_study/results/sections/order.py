"""Whether readings differ by when they were made: by the part of a reader's list, and by period."""

from collections.abc import Callable, Sequence

from clinicalblip.reader_study.results.estimates import Estimates, measure
from clinicalblip.reader_study.results.markdown import Section, Table, estimate, mean, notes_of, number, spread
from clinicalblip.reader_study.results.reading_row import ReadingRow
from clinicalblip.reader_study.results.sections.injected import THIRDS, third_of
from clinicalblip.reader_study.results.sections.times import active_seconds
from clinicalblip.reader_study.results.study_data import StudyData

PICTURE = "order.svg"


def order(data: StudyData, ask: Estimates) -> Section:
    """The section on order effects."""
    periods = tuple(f"period {number + 1}" for number in range(data.design.reading.periods))
    tables = [_table("By the part of the list", "part", THIRDS, third_of(data), data, ask)]
    if len(periods) > 1:
        tables.append(_table("By period", "period", periods, lambda row: f"period {row.period}", data, ask))
    return Section(
        "Order",
        (
            "Readings of all arms together, by when they were made. The last table has how arms were spread over the "
            "list.",
        ),
        (*tables, _arms_by_part(data)),
        ((PICTURE, "Active seconds by position"),),
    )


def _table(
    title: str,
    what: str,
    groups: Sequence[str],
    group: Callable[[ReadingRow], str],
    data: StudyData,
    ask: Estimates,
) -> Table:
    ratios = ask.time_ratios(measure(data.compared, active_seconds, group), groups[0])
    lines = []
    for name in groups:
        own = [row for row in data.compared if group(row) == name]
        seconds = [row.active_seconds for row in own if row.active_seconds]
        scores = [row.agreement for row in own if row.agreement is not None]
        beside = "(compared with)" if name == groups[0] else estimate(ratios.get(name))
        lines.append((name, str(len(own)), spread(seconds), beside, number(mean(scores), 3)))
    header = (what, "readings", "active seconds, median (quartiles)", f"time ratio to {groups[0]}", "mean F1")
    return Table(title, header, tuple(lines), notes_of(ratios.values()))


def _arms_by_part(data: StudyData) -> Table:
    """How arms are spread over the list, as it was read."""
    third = third_of(data)
    lines = tuple(
        (arm, *(str(sum(row.arm == arm and third(row) == part for row in data.compared)) for part in THIRDS))
        for arm in data.arms
    )
    return Table("Readings by arm and part of the list", ("arm", *THIRDS), lines)
