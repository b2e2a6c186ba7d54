"""Who reads which case under which arm, and in which order: all of it drawn with the seed before the first reading."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from clinicalblip.reader_study.assignment.arm_sequences import ArmSequences, draw_lot
from clinicalblip.reader_study.assignment.assignment import (
    AssignedReading,
    Assignment,
    CaseKind,
    StudyCase,
)
from clinicalblip.reader_study.assignment.pairs import pairs_of_row
from clinicalblip.reader_study.design.check_design import check_design
from clinicalblip.reader_study.design.design import ReaderStudyDesign


def assign(
    design: ReaderStudyDesign, cases: Sequence[StudyCase], *, design_digest: str, studies_digest: str
) -> Assignment:
    """Make the readings of all readers.

    Crossover: at each place of the list each arm comes equally often over the readers, each reader has each arm once
    in each block of as many places as there are arms, and each case is read under each arm equally often. Parallel:
    each arm has equally many readers. Gold cases stand at the same places for all readers, one in each equal part of
    the list, and which one stands there is drawn for each reader; a reader has them under each arm as equally often as
    their number allows. A reader's lots depend on the seed and the row alone, so that further rows leave earlier ones
    as they are. Raises ReaderStudyError for a design that breaks a rule.
    """
    check_design(design)
    rows = range(1, design.reading.readers + 1)
    return Assignment(
        design_digest,
        studies_digest,
        tuple(cases),
        tuple(reading for row in rows for reading in _readings(design, cases, row)),
        tuple(pair for row in rows for pair in pairs_of_row(design, cases, row)),
    )


def add_row(assignment: Assignment, design: ReaderStudyDesign) -> Assignment:
    """The assignment with a further row, as it would have had with one reader more; it balances with whole groups."""
    row = assignment.rows + 1
    return replace(
        assignment,
        readings=(*assignment.readings, *_readings(design, assignment.cases, row)),
        pairs=(*assignment.pairs, *pairs_of_row(design, assignment.cases, row)),
    )


def _readings(design: ReaderStudyDesign, cases: Sequence[StudyCase], row: int) -> Iterator[AssignedReading]:
    if design.pairwise is not None and design.pairwise.alone:
        return
    for period in range(1, design.reading.periods + 1):
        listed = [*_training(design, cases, row)] if period == 1 else []
        once = _place_gold(design, period, _main(design, cases, row, period), _gold(design, cases, row, period))
        again = _repeats(design, cases, once, row, period)
        readings = [*((*each, False) for each in (*listed, *once)), *((*each, True) for each in again)]
        for position, (case, arm, repeat) in enumerate(readings, start=1):
            yield AssignedReading(row, period, position, case, design.arms[arm].name, repeat)


_Read = tuple[int, int]  # a case's number and its arm's


def _sequences(design: ReaderStudyDesign, row: int, cases: int) -> tuple[ArmSequences, int]:
    """The sequences of a row's group, and its shift among them."""
    group, shift = divmod(row - 1, len(design.arms))
    return ArmSequences(design.seed, len(design.arms), cases, group), shift


def _own_arm(design: ReaderStudyDesign, row: int) -> int | None:
    """The one arm of a row in parallel; arms come by lot in groups of as many rows."""
    if design.reading.kind == "crossover":
        return None
    group, shift = divmod(row - 1, len(design.arms))
    return draw_lot(design.seed, "arms of readers", group).sample(range(len(design.arms)), len(design.arms))[shift]


def _training(design: ReaderStudyDesign, cases: Sequence[StudyCase], row: int) -> Iterator[_Read]:
    """The training cases, which go through the arms."""
    own, arms = _own_arm(design, row), len(design.arms)
    begin = draw_lot(design.seed, "training").randrange(arms) + row
    for number, case in enumerate(_of_kind(cases, CaseKind.TRAINING)):
        yield case.number, (begin + number) % arms if own is None else own


def _main(design: ReaderStudyDesign, cases: Sequence[StudyCase], row: int, period: int) -> list[_Read]:
    main = _of_kind(cases, CaseKind.MAIN)
    lot = draw_lot(design.seed, "order", row, period)
    own = _own_arm(design, row)
    if own is not None:
        numbers = [case.number for case in main]
        return [(number, own) for number in (lot.sample(numbers, len(numbers)) if design.reading.shuffled else numbers)]
    sequences, shift = _sequences(design, row, len(main))
    if not design.reading.shuffled:
        arms = len(design.arms)
        later = sequences.shifts(period, -(-len(main) // arms))
        places = sequences.places(1, shift)
        return [(case.number, (places[at] + later[at // arms]) % arms) for at, case in enumerate(main)]
    # Blocks of cases are cut within a stratum as far as can be, so that each arm has about as many of each.
    main = sorted(main, key=lambda case: (case.stratum, case.number))
    of_arm: dict[int, list[int]] = {arm: [] for arm in range(len(design.arms))}
    for case, arm in zip(main, sequences.of_cases("main", period, shift), strict=True):
        of_arm[arm].append(case.number)
    for numbers in of_arm.values():
        lot.shuffle(numbers)
    return [(of_arm[arm].pop(), arm) for arm in sequences.places(period, shift)]


def _gold(design: ReaderStudyDesign, cases: Sequence[StudyCase], row: int, period: int) -> list[_Read]:
    """The gold cases in the order in which they come; each goes through the arms over the readers."""
    gold = _of_kind(cases, CaseKind.GOLD)
    own = _own_arm(design, row)
    sequences, shift = _sequences(design, row, len(gold))
    arms = sequences.of_cases("gold", period, shift) if own is None else [own] * len(gold)
    read = [(case.number, arm) for case, arm in zip(gold, arms, strict=True)]
    if design.reading.shuffled:
        draw_lot(design.seed, "order of gold", row, period).shuffle(read)
    return read


def _place_gold(design: ReaderStudyDesign, period: int, main: Sequence[_Read], gold: Sequence[_Read]) -> list[_Read]:
    """One gold case in each of as many equal parts of the list, at a place by lot that all readers share."""
    lot = draw_lot(design.seed, "places of gold", period if design.reading.shuffled else 1)
    length = len(main) + len(gold)
    edges = [length * part // len(gold) for part in range(len(gold) + 1)] if gold else []
    places = {lot.randrange(low, high) for low, high in pairwise(edges)}
    rest, golden = iter(main), iter(gold)
    return [next(golden) if place in places else next(rest) for place in range(length)]


def _repeats(
    design: ReaderStudyDesign, cases: Sequence[StudyCase], once: Sequence[_Read], row: int, period: int
) -> list[_Read]:
    """Cases that come again at the end: of the first half where it has enough, so many of each arm, by lot."""
    lot = draw_lot(design.seed, "repeats", row, period)
    compared = {case.number for case in _of_kind(cases, CaseKind.MAIN)}
    main = [each for each in once if each[0] in compared]
    count = design.studies.repeated
    early = main[: max(count, -(-len(main) // 2))]
    of_arm: dict[int, list[_Read]] = {}
    for each in lot.sample(early, len(early)):
        of_arm.setdefault(each[1], []).append(each)
    chosen: list[_Read] = []
    while len(chosen) < count:
        turn = [arm for arm, left in of_arm.items() if left]
        chosen += [of_arm[arm].pop() for arm in lot.sample(turn, min(len(turn), count - len(chosen)))]
    return lot.sample(chosen, count)


def _of_kind(cases: Sequence[StudyCase], kind: CaseKind) -> list[StudyCase]:
    return [case for case in cases if case.kind is kind]
