"""Which pairs of drafts a reader chooses from, and which draft stands on which side."""

from collections.abc import Iterator, Sequence

from clinicalblip.reader_study.assignment.arm_sequences import draw_lot
from clinicalblip.reader_study.assignment.assignment import AssignedPair, CaseKind, StudyCase
from clinicalblip.reader_study.design.design import ReaderStudyDesign


def pairs_of_row(design: ReaderStudyDesign, cases: Sequence[StudyCase], row: int) -> Iterator[AssignedPair]:
    """Yield a row's pairs in their order: the same cases for all rows.

    Each arm stands on the left in half of a row's pairs, and of each two rows once for each case.
    """
    if design.pairwise is None:
        return
    main = [case.number for case in cases if case.kind is CaseKind.MAIN]
    count = design.pairwise.cases
    chosen = draw_lot(design.seed, "cases of pairs").sample(main, count)
    group, shift = divmod(row - 1, 2)
    places = draw_lot(design.seed, "sides", group).sample(range(count), count)
    is_swapped = {number: (place + shift) % 2 == 1 for number, place in zip(chosen, places, strict=True)}
    if design.reading.shuffled:
        draw_lot(design.seed, "order of pairs", row).shuffle(chosen)
    for position, number in enumerate(chosen, start=1):
        left, right = design.pairwise.arms[::-1] if is_swapped[number] else design.pairwise.arms
        yield AssignedPair(row, position, number, left, right)
