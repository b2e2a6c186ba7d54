"""What became of the errors that had been put into drafts: caught, changed or missed, and what was made wrong."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from clinicalblip.reader_study.assignment.assignment import CaseKind
from clinicalblip.reader_study.injection.fates import ErrorFate
from clinicalblip.reader_study.results.estimates import Estimates
from clinicalblip.reader_study.results.markdown import Section, Table, estimate, notes_of
from clinicalblip.reader_study.results.reading_row import InjectedOutcome, ReadingRow
from clinicalblip.reader_study.results.study_data import StudyData
from clinicalblip.reader_study.statistics.measurements import Measurements

PICTURE = "caught.svg"

THIRDS = ("first third", "second third", "last third")
"""The parts of a reader's list."""

Group = Callable[[ReadingRow, InjectedOutcome], str]


@dataclass(frozen=True)
class InjectedReading:
    """One error that was put into the draft of one reading."""

    row: ReadingRow
    outcome: InjectedOutcome

    @property
    def caught(self) -> bool:
        """Whether the final report says what the report said before the error was put in."""
        return self.outcome.fate is ErrorFate.CAUGHT


def injected_readings(rows: Iterable[ReadingRow]) -> list[InjectedReading]:
    """Every error of every reading, training cases and second readings aside."""
    return [
        InjectedReading(row, outcome)
        for row in rows
        if row.kind is not CaseKind.TRAINING and not row.repeat
        for outcome in row.injected or ()
    ]


def measure_caught(found: Iterable[InjectedReading], group: Group = lambda row, outcome: row.arm) -> Measurements:
    """1 for an error that was caught, 0 for another, under the arm or another group."""
    each = list(found)
    return Measurements(
        [one.row.reader for one in each],
        [one.row.case for one in each],
        [group(one.row, one.outcome) for one in each],
        [float(one.caught) for one in each],
    )


def third_of(data: StudyData) -> Callable[[ReadingRow], str]:
    """Where a reading stands in its reader's list, without training cases and those that come again."""
    kinds = {case.number: case.kind for case in data.assignment.cases}
    places: dict[int, list[int]] = {}
    for reading in data.assignment.readings:
        if kinds[reading.case] is not CaseKind.TRAINING and not reading.repeat:
            places.setdefault(reading.period, []).append(reading.position)
    ends = {period: (min(own), max(own)) for period, own in places.items()}

    def third(row: ReadingRow) -> str:
        first, last = ends[row.period]
        return THIRDS[max(0, min(2, 3 * (row.position - first) // (last - first + 1)))]

    return third


def injected(data: StudyData, ask: Estimates) -> Section:
    """The section on caught and missed errors."""
    title = "Errors that were put in"
    every = injected_readings(data.rows)
    if not every:
        return Section(title, ("No reading had a draft with errors put in.",))
    groups = [
        (kind, [each for each in every if each.row.kind is kind])
        for kind in (CaseKind.MAIN, CaseKind.GOLD)
        if any(each.row.kind is kind for each in every)
    ]
    return Section(
        title,
        (
            "An error is caught where the final report says of the finding what the report said before the error was "
            "put in, changed where it says something else again, and missed where it stands as it was. Main cases are "
            "those of arms whose drafts have errors; gold cases have them under every arm that shows a draft, and are "
            "counted apart, and in no comparison of arms.",
        ),
        tuple(table for kind, found in groups for table in _tables(data, kind, found, ask)),
        ((PICTURE, "Share of errors that were caught"),),
    )


def _tables(data: StudyData, kind: CaseKind, found: list[InjectedReading], ask: Estimates) -> Iterator[Table]:
    third = third_of(data)
    arms = {arm.name: arm for arm in data.design.arms}
    breakdowns: tuple[tuple[str, Group], ...] = (
        ("arm", lambda row, outcome: row.arm),
        ("reader", lambda row, outcome: row.reader),
        ("category", lambda row, outcome: str(outcome.error.category)),
        ("significance", lambda row, outcome: str(outcome.error.significance)),
        ("kind", lambda row, outcome: str(outcome.error.kind)),
        ("position", lambda row, outcome: third(row)),
        ("confidence marks", lambda row, outcome: _shown(arms[row.arm].show.confidence)),
        ("evidence", lambda row, outcome: _shown(arms[row.arm].show.evidence)),
    )
    for what, group in breakdowns:
        if all(group(each.row, each.outcome) == _shown(False) for each in found):
            continue  # nothing of the kind is shown in any arm
        yield _fates(f"Errors put in, {kind} cases, by {what}", what, found, group, ask)
    yield _made_wrong(data, kind)


def _shown(shown: bool) -> str:
    return "shown" if shown else "not shown"


def _fates(title: str, what: str, found: list[InjectedReading], group: Group, ask: Estimates) -> Table:
    measured = measure_caught(found, group)
    shares = ask.shares(measured)
    fates: dict[str, Counter[str]] = {}
    for each, name in zip(found, measured.arms, strict=True):
        fates.setdefault(name, Counter())[each.outcome.fate] += 1
    lines = []
    for name in sorted(fates, key=_order):
        own = fates[name]
        numbers = (sum(own.values()), *(own[fate] for fate in ErrorFate))
        lines.append((name, *map(str, numbers), estimate(shares.get(name), 1, scale=100, unit=" %")))
    header = (what, "errors", *map(str, ErrorFate), "caught, share")
    return Table(title, header, tuple(lines), notes_of(shares.values()))


def _order(name: str) -> tuple[int, str]:
    return (THIRDS.index(name) if name in THIRDS else 0), name


def _made_wrong(data: StudyData, kind: CaseKind) -> Table:
    """Findings in which the draft was right and the final report is wrong."""
    lines = []
    for arm in data.drafted:
        own = [
            row
            for row in data.rows
            if row.arm == arm and row.kind is kind and not row.repeat and row.wrongly_corrected is not None
        ]
        if own:
            wrong = sum(row.wrongly_corrected or 0 for row in own)
            some = sum(bool(row.wrongly_corrected) for row in own)
            lines.append((arm, str(len(own)), str(some), str(wrong)))
    return Table(
        f"Right findings made wrong, {kind} cases",
        ("arm", "readings", "readings with one or more", "findings"),
        tuple(lines),
        ("The draft says of the finding what the reference says, and the final report does not.",),
    )
