"""Who reads what: for every design that the rules accept, the balance holds exactly."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.assignment.assign import add_row, assign
from clinicalblip.reader_study.assignment.assignment import AssignedReading, Assignment, CaseKind
from clinicalblip.reader_study.design.check_design import check_design
from clinicalblip.reader_study.design.design import ReaderStudyDesign
from tests.fixtures.study_designs import study_cases, study_design


def assigned(design: ReaderStudyDesign) -> Assignment:
    """The assignment of a design to the cases that it would have."""
    return assign(design, study_cases(design), design_digest="d", studies_digest="s")


def of_kind(assignment: Assignment, kind: CaseKind, *, repeat: bool = False) -> list[AssignedReading]:
    """The readings of one kind of case."""
    numbers = {case.number for case in assignment.cases if case.kind is kind}
    return [each for each in assignment.readings if each.case in numbers and each.repeat is repeat]


def only(counts: Counter[object], expected_keys: int) -> int:
    """The one number that all of so many counts are."""
    assert len(counts) == expected_keys
    (number,) = set(counts.values())
    return number


@st.composite
def designs(draw: st.DrawFn, kind: str = "crossover") -> ReaderStudyDesign:
    """Designs of one kind that could be accepted."""
    arms = draw(st.integers(1, 6))
    blocks = draw(st.integers(1, 5))
    main = arms * blocks if kind == "crossover" else draw(st.integers(1, 20))
    return study_design(
        arms,
        readers=arms * draw(st.integers(1, 3)),
        main=main,
        gold=draw(st.integers(0, 7)) if arms > 1 else 0,
        seed=draw(st.integers(0, 2**32 - 1)),
        studies={"training": draw(st.integers(0, 4)), "repeated": draw(st.integers(0, main))},
        reading={
            "kind": kind,
            "periods": draw(st.sampled_from([1, 2])) if kind == "crossover" and arms > 1 else 1,
            "shuffled": draw(st.booleans()),
        },
    )


@settings(max_examples=80, deadline=None)
@given(designs())
def test_a_crossover_is_balanced(design: ReaderStudyDesign) -> None:
    """By readers, cases, blocks and places, exactly."""
    check_design(design)
    assignment = assigned(design)
    arms, readers, periods = len(design.arms), design.reading.readers, design.reading.periods
    main = of_kind(assignment, CaseKind.MAIN)
    once = Counter((each.row, each.period, each.case) for each in main)
    assert only(once, readers * periods * design.main_count) == 1  # each reader each case once a period
    by_reader = Counter((each.row, each.period, each.arm) for each in main)
    assert only(by_reader, readers * periods * arms) == design.main_count // arms
    by_case = Counter((each.case, each.period, each.arm) for each in main)
    assert only(by_case, design.main_count * periods * arms) == readers // arms
    by_position = Counter((each.period, each.position, each.arm) for each in main)
    assert only(by_position, periods * design.main_count * arms) == readers // arms
    for row in range(1, readers + 1):
        for period in range(1, periods + 1):
            own = [each.arm for each in main if (each.row, each.period) == (row, period)]
            for begin in range(0, len(own), arms):
                assert len(set(own[begin : begin + arms])) == arms  # each block has each arm once
    if periods == 2:
        once_more = [*main, *of_kind(assignment, CaseKind.GOLD)]
        first, second = (
            {(each.row, each.case, each.arm) for each in once_more if each.period == period} for period in (1, 2)
        )
        assert not first & second  # the second time under another arm


@settings(max_examples=40, deadline=None)
@given(designs("parallel"))
def test_in_parallel_each_reader_has_one_arm(design: ReaderStudyDesign) -> None:
    """Each arm has equally many readers, and each reader reads every case once."""
    assignment = assigned(design)
    arms, readers = len(design.arms), design.reading.readers
    own = {(each.row, each.arm) for each in assignment.readings}
    assert len(own) == readers
    assert only(Counter(arm for _, arm in own), arms) == readers // arms
    cases = Counter((each.row, each.case) for each in assignment.readings if not each.repeat)
    assert only(cases, readers * len(assignment.cases)) == 1


@settings(max_examples=80, deadline=None)
@given(st.one_of(designs(), designs("parallel")))
def test_a_list_goes_from_training_to_repeats(design: ReaderStudyDesign) -> None:
    """Positions count without a gap; training comes first and once; what comes again was read before under its arm."""
    assignment = assigned(design)
    kinds = {case.number: case.kind for case in assignment.cases}
    for row in range(1, design.reading.readers + 1):
        for period in range(1, design.reading.periods + 1):
            own = [each for each in assignment.of_row(row) if each.period == period]
            assert [each.position for each in own] == list(range(1, len(own) + 1))
            training = design.studies.training if period == 1 else 0
            assert [kinds[each.case] is CaseKind.TRAINING for each in own] == [n < training for n in range(len(own))]
            again = own[len(own) - design.studies.repeated :]
            assert [each.repeat for each in own] == [each in again for each in own]
            before = {(each.case, each.arm) for each in own if kinds[each.case] is CaseKind.MAIN and not each.repeat}
            assert {(each.case, each.arm) for each in again} <= before
            assert len({each.case for each in again}) == design.studies.repeated
            if design.reading.kind == "crossover" and 2 * design.studies.repeated <= design.main_count:
                of_arm = Counter(each.arm for each in again)
                assert max(of_arm.values(), default=0) - min(of_arm.values(), default=0) <= 1


@settings(max_examples=80, deadline=None)
@given(designs())
def test_gold_cases_are_spread(design: ReaderStudyDesign) -> None:
    """One in each part of the list, at places that all readers share; each is read under each arm equally often."""
    assignment = assigned(design)
    gold, count, arms = of_kind(assignment, CaseKind.GOLD), design.gold.count, len(design.arms)
    by_case = Counter((each.case, each.period, each.arm) for each in gold)
    if count:
        assert only(by_case, count * design.reading.periods * arms) == design.reading.readers // arms
    for period in range(1, design.reading.periods + 1):
        training = design.studies.training if period == 1 else 0
        places = {each.position - training - 1 for each in gold if each.period == period}
        parts = [place * count // design.studies.count for place in sorted(places)]
        edges = [design.studies.count * part // max(count, 1) for part in range(count + 1)]
        assert len(parts) == count
        assert all(low <= place < high for place, (low, high) in zip(sorted(places), pairwise(edges), strict=True))
        for row in range(1, design.reading.readers + 1):
            own = Counter(each.arm for each in gold if (each.row, each.period) == (row, period))
            assert max(own.values(), default=0) - min((own[arm.name] for arm in design.arms), default=0) <= 1


@pytest.mark.parametrize(("arms", "readers", "blocks"), [(2, 2, 5), (3, 3, 4), (4, 4, 3), (5, 10, 3), (6, 6, 2)])
def test_inside_blocks_arms_follow_each_other_equally_often(arms: int, readers: int, blocks: int) -> None:
    """Of an odd number of arms over two blocks or groups of readers; between blocks any arm can come, the same too."""
    assignment = assigned(study_design(arms, readers=readers, main=arms * blocks))
    inside: Counter[tuple[str, str]] = Counter()
    between: Counter[tuple[str, str]] = Counter()
    for row in range(1, readers + 1):
        own = [each.arm for each in assignment.of_row(row)]
        for place, pair in enumerate(pairwise(own), start=1):
            (between if place % arms == 0 else inside)[pair] += 1
    assert only(Counter(inside), arms * (arms - 1)) == readers * blocks * (arms - 1) // (arms * (arms - 1))
    by_difference = Counter(between.values())
    assert sum(between.values()) == readers * (blocks - 1)
    assert max(by_difference) - min(by_difference) <= readers // arms


def test_each_reader_has_an_order_of_their_own() -> None:
    """Unless the design says that all read in the same one."""
    design = study_design(2, readers=6, main=12, gold=2)
    orders = {tuple(each.case for each in assigned(design).of_row(row)) for row in range(1, 7)}
    assert len(orders) == 6
    same = study_design(2, readers=6, main=12, gold=2, reading={"shuffled": False, "periods": 2})
    assert len({tuple(each.case for each in assigned(same).of_row(row)) for row in range(1, 7)}) == 1
    first, second = ([each.case for each in assigned(same).of_row(1) if each.period == period] for period in (1, 2))
    assert first == second


def test_strata_go_through_the_arms_alike() -> None:
    """Each reader has as many cases of a stratum under each arm, where their number allows."""
    design = study_design(3, readers=3, main=18)
    assignment = assigned(design)
    strata = {case.number: case.stratum for case in assignment.cases}
    counts = Counter((each.row, strata[each.case], each.arm) for each in assignment.readings)
    assert set(counts.values()) == {2, 4}  # six normal cases and twelve others, a third under each arm


@settings(max_examples=40, deadline=None)
@given(designs(), st.integers(1, 3))
def test_a_further_reader_is_who_would_have_been_there(design: ReaderStudyDesign, more: int) -> None:
    """Rows that are added are those of a study with so many readers more, and nothing before them changes."""
    groups = len(design.arms) * more
    larger = design.model_copy(
        update={"reading": design.reading.model_copy(update={"readers": design.reading.readers + groups})}
    )
    assignment = assigned(design)
    for _ in range(groups):
        assignment = add_row(assignment, design)
    assert assignment == assigned(larger)


def test_another_seed_is_another_lot_and_the_same_one_is_not() -> None:
    """All of it follows from the seed."""
    design = study_design(3, readers=3, main=9, gold=3)
    assert assigned(design) == assigned(design)
    assert assigned(design) != assigned(study_design(3, readers=3, main=9, gold=3, seed=8))


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 12), st.integers(1, 7), st.booleans(), st.booleans())
def test_sides_of_pairs_are_balanced(count: int, readers: int, alone: bool, shuffled: bool) -> None:
    """By reader and by case, the one more of an odd number apart; every reader chooses for the same cases."""
    design = study_design(
        3,
        readers=readers if alone else readers * 3,
        main=count if alone else 12,
        pairwise={"arms": ["model-2", "model-1"], "cases": count, "alone": alone},
        reading={"shuffled": shuffled},
    )
    check_design(design)
    assignment = assigned(design)
    assert bool(assignment.readings) is not alone
    assert assignment.rows == design.reading.readers
    of_row: Counter[int] = Counter()
    of_case: Counter[int] = Counter()
    for pair in assignment.pairs:
        assert {pair.left, pair.right} == {"model-1", "model-2"}
        of_row[pair.row] += 1 if pair.left == "model-1" else -1
        of_case[pair.case] += 1 if pair.left == "model-1" else -1
    assert set(map(abs, of_row.values())) == {count % 2}
    assert set(map(abs, of_case.values())) == {design.reading.readers % 2}
    assert len(of_case) == count
    for row in range(1, assignment.rows + 1):
        positions = [pair.position for pair in assignment.pairs if pair.row == row]
        assert positions == list(range(1, count + 1))


def test_gold_and_training_cases_are_in_no_pair() -> None:
    """A draft with errors that were put in says nothing of who wrote it."""
    design = study_design(
        3, readers=3, main=6, gold=3, studies={"training": 2}, pairwise={"arms": ["model-2", "model-1"], "cases": 6}
    )
    assignment = assigned(design)
    main = {case.number for case in assignment.cases if case.kind is CaseKind.MAIN}
    assert {pair.case for pair in assignment.pairs} == main


def test_a_design_that_breaks_a_rule_is_not_assigned() -> None:
    """Whoever did not check it before."""
    design = study_design(3, readers=4, main=9)
    with pytest.raises(ReaderStudyError, match="3 or 6 can"):
        assigned(design)
