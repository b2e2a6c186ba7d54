"""How far readers agree with one another on findings, and with themselves."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from clinicalblip.radiology.observation import CHEXPERT, Observation
from clinicalblip.reader_study.results.estimates import Estimates, Units
from clinicalblip.reader_study.results.markdown import Section, Table, estimate, notes_of
from clinicalblip.reader_study.results.reading_row import ReadingRow
from clinicalblip.reader_study.results.study_data import StudyData

NAMED: Final = tuple(name for name in CHEXPERT if name is not Observation.NO_FINDING)
"""The observations that are rated: No Finding follows from the others."""

Said = Callable[[ReadingRow], frozenset[Observation] | None]


def agreement_of_readers(data: StudyData, ask: Estimates) -> Section:
    """The section on agreement between readers."""
    rows = data.compared
    stages: list[tuple[str, str, Units]] = []
    for arm in data.arms:
        own = [row for row in rows if row.arm == arm]
        if any(row.first_findings is not None for row in own):
            stages.append((arm, "before the draft", units(own, lambda row: row.first_findings)))
        stage = "final report" if arm in data.drafted else "final report, no draft"
        stages.append((arm, stage, units(own, lambda row: row.final_findings)))
    tables = [_table("Agreement between readers on findings", stages, ask)]
    again = self_units(data)
    if any(row.repeat for row in data.rows):
        tables.append(
            _table(
                "Agreement of readers with themselves", [("all", "read again, without seeing the first", again)], ask
            )
        )
    return Section(
        "Agreement between readers",
        (
            "A unit is one of CheXpert's observations, No Finding aside, in one case, which each reader's report calls "
            "present or not; units with two readers or more count. Krippendorff's alpha falls where a finding is rare, "
            "Gwet's AC1 hardly does, so both are given. Readers who are shown the same draft can agree in its errors.",
        ),
        tuple(tables),
    )


def units(rows: Iterable[ReadingRow], said: Said) -> Units:
    """What readers said of each observation of each case, one value a reader, 1 for present."""
    of_case: dict[tuple[int, int], dict[str, frozenset[Observation]]] = defaultdict(dict)
    for row in rows:
        found = said(row)
        if found is not None:
            of_case[row.case, row.period][row.reader] = found
    readers = sorted({reader for ratings in of_case.values() for reader in ratings})
    return [
        [int(name in ratings[reader]) if reader in ratings else None for reader in readers]
        for _, ratings in sorted(of_case.items())
        for name in NAMED
    ]


def self_units(data: StudyData) -> Units:
    """What one reader said of each observation of a case the first time and the second."""
    found: dict[tuple[str, int, int], dict[bool, frozenset[Observation]]] = defaultdict(dict)
    for row in data.rows:
        if row.final_findings is not None:
            found[row.reader, row.period, row.case][row.repeat] = row.final_findings
    return [
        [int(name in both[False]), int(name in both[True])]
        for _, both in sorted(found.items())
        if len(both) == 2
        for name in NAMED
    ]


def _table(title: str, stages: Sequence[tuple[str, str, Units]], ask: Estimates) -> Table:
    lines, found = [], []
    for arm, stage, ratings in stages:
        rated = [unit for unit in ratings if sum(value is not None for value in unit) > 1]
        alpha, ac1 = ask.alpha(rated), ask.ac1(rated)
        found += [alpha, ac1]
        cases = len(rated) // len(NAMED)
        present = sum(sum(value or 0 for value in unit) for unit in rated)
        values = sum(value is not None for unit in rated for value in unit)
        share = f"{present} of {values}"
        lines.append((arm, stage, str(cases), str(len(rated)), share, estimate(alpha, 3), estimate(ac1, 3)))
    header = ("arm", "report", "cases", "units", "called present", "Krippendorff's alpha", "Gwet's AC1")
    return Table(title, header, tuple(lines), notes_of(found), words=2)
