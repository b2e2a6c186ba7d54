"""What an assignment comes to, as plain lines: cases by kind, readings by arm, and where in the list arms stand."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from clinicalblip.reader_study.assignment.assignment import AssignedReading, Assignment, CaseKind
from clinicalblip.reader_study.design.design import ReaderStudyDesign

_THIRDS: Final = ("first third", "second third", "last third")


def balance_lines(design: ReaderStudyDesign, assignment: Assignment) -> list[str]:
    """The lines of two tables and what stands above them.

    The balance is that of cases that are compared: the readings under each arm in each third of the list, how often
    one arm follows another, and how often a case is read under each arm. It is a range where it is not one number.
    """
    kinds = {case.number: case.kind for case in assignment.cases}
    counts = Counter(kinds.values())
    periods = design.reading.periods
    lines = [
        f"{design.title}: {design.reading.kind}, {assignment.rows} readers, {len(design.arms)} arms, "
        f"{periods} {'period' if periods == 1 else 'periods'}",
        f"Cases: {counts[CaseKind.MAIN]} to compare, {counts[CaseKind.GOLD]} gold, {counts[CaseKind.TRAINING]} training"
        f"{f'; {design.studies.repeated} come again' if design.studies.repeated else ''}",
        f"Strata: {_strata(assignment)}",
    ]
    if assignment.readings:
        lines += ["", "Readings by all readers", *_table(_readings_by_arm(design, assignment, kinds))]
        lines += ["", "Balance of the cases to compare", *_table(_balance(design, assignment, kinds))]
    if assignment.pairs:
        left = Counter(pair.left for pair in assignment.pairs)
        sides = ", ".join(f"{name} on the left in {count}" for name, count in sorted(left.items()))
        lines += ["", f"Pairs by all readers: {len(assignment.pairs)} ({sides})"]
    return lines


def _strata(assignment: Assignment) -> str:
    strata = Counter(case.stratum for case in assignment.cases if case.kind is not CaseKind.TRAINING)
    return ", ".join(f"{name} {count}" for name, count in sorted(strata.items()))


def _readings_by_arm(
    design: ReaderStudyDesign, assignment: Assignment, kinds: dict[int, CaseKind]
) -> list[Sequence[str]]:
    rows: list[Sequence[str]] = [("arm", "draft", "compared", "gold", "training", "again")]
    for arm in design.arms:
        own = [each for each in assignment.readings if each.arm == arm.name]
        once = Counter(kinds[each.case] for each in own if not each.repeat)
        counts = (once[CaseKind.MAIN], once[CaseKind.GOLD], once[CaseKind.TRAINING], sum(each.repeat for each in own))
        rows.append((arm.name, str(arm.draft), *map(str, counts)))
    return rows


def _balance(design: ReaderStudyDesign, assignment: Assignment, kinds: dict[int, CaseKind]) -> list[Sequence[str]]:
    lists: dict[tuple[int, int], list[AssignedReading]] = {}
    for each in assignment.readings:
        if kinds[each.case] is CaseKind.MAIN and not each.repeat:
            lists.setdefault((each.row, each.period), []).append(each)
    thirds: Counter[tuple[str, int]] = Counter()
    follows: Counter[tuple[str, str]] = Counter()
    of_case: Counter[tuple[str, int]] = Counter()
    for readings in lists.values():
        ordered = [each.arm for each in sorted(readings, key=lambda each: each.position)]
        thirds.update((arm, place * 3 // len(ordered)) for place, arm in enumerate(ordered))
        follows.update(pairwise(ordered))
        of_case.update((each.arm, each.case) for each in readings)
    names = [arm.name for arm in design.arms]
    main = [number for number, kind in kinds.items() if kind is CaseKind.MAIN]
    rows: list[Sequence[str]] = [("arm", *_THIRDS, "after another arm", "of a case")]
    for name in names:
        in_thirds = [str(thirds[name, third]) for third in range(len(_THIRDS))]
        after = _range([follows[other, name] for other in names if other != name])
        rows.append((name, *in_thirds, after, _range([of_case[name, number] for number in main])))
    return rows


def _range(counts: Sequence[int]) -> str:
    if not counts:
        return "-"
    low, high = min(counts), max(counts)
    return str(low) if low == high else f"{low} to {high}"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Columns under their heads: the first to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if number == 0 else cell.rjust(width)
            for number, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
