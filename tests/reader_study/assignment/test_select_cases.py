"""Which studies are read, and for what."""

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.errors import ReaderStudyError
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.reader_study.assignment.assignment import CaseKind
from clinicalblip.reader_study.assignment.select_cases import needs_reference, patients_twice, select_cases
from tests.fixtures.study_designs import study_design

NORMAL = "The lungs are clear. No acute abnormality."
EFFUSION = "There is a small left pleural effusion."
HEART = "There is cardiomegaly."
BOTH = f"{HEART} {EFFUSION}"
RIBS = "There is a rib fracture."


def study(
    number: int, text: str = RIBS, *, patient: str | None = None, split: str = "test", film: bool = True
) -> Study:
    """A study of a patient of its own, unless one is named."""
    images = (StudyImage(Path(f"{number}.png")),) if film else ()
    return Study(f"s{number:04}", patient or f"p{number}", split, images, reference=Report(text))


def studies(*texts: str, each: int = 10) -> list[Study]:
    """So many studies of each text."""
    return [study(number, texts[number % len(texts)]) for number in range(each * len(texts))]


def test_the_same_are_drawn_twice() -> None:
    """Whatever the order of the file; with another seed others are."""
    design = study_design(main=10, gold=4, studies={"training": 3})
    there = studies(NORMAL, EFFUSION)
    drawn = select_cases(design, there)
    assert drawn == select_cases(design, there[::-1])
    assert drawn != select_cases(design.model_copy(update={"seed": 8}), there)
    assert Counter(case.kind for case in drawn) == {CaseKind.MAIN: 10, CaseKind.GOLD: 4, CaseKind.TRAINING: 3}
    assert [case.number for case in drawn] == list(range(1, 18))
    assert {case.kind for case in drawn[:3]} == {CaseKind.TRAINING}
    assert len({case.study_id for case in drawn}) == 17


def test_numbers_do_not_tell_gold_cases() -> None:
    """They stand anywhere among the others."""
    places = set()
    for seed in range(20):
        drawn = select_cases(study_design(main=8, gold=2, seed=seed), studies(NORMAL, EFFUSION))
        places |= {case.number for case in drawn if case.kind is CaseKind.GOLD}
    assert places == set(range(1, 11))


def test_strata_have_their_shares() -> None:
    """Among gold cases as among the others; what is left over is drawn from all."""
    design = study_design(main=20, gold=10, studies={"strata": {"normal": 0.5, "pleural-effusion": 0.2}})
    there = {each.study_id: each.reference.findings for each in studies(NORMAL, EFFUSION, RIBS, each=20)}
    drawn = select_cases(design, studies(NORMAL, EFFUSION, RIBS, each=20))
    counts = Counter((case.kind, case.stratum) for case in drawn)
    assert counts == {
        (CaseKind.MAIN, "normal"): 10,
        (CaseKind.MAIN, "Pleural Effusion"): 4,
        (CaseKind.MAIN, "any"): 6,
        (CaseKind.GOLD, "normal"): 5,
        (CaseKind.GOLD, "Pleural Effusion"): 2,
        (CaseKind.GOLD, "any"): 3,
    }
    texts = {"normal": NORMAL, "Pleural Effusion": EFFUSION}
    assert all(there[case.study_id] == texts[case.stratum] for case in drawn if case.stratum in texts)


@settings(max_examples=15, deadline=None)
@given(
    shares=st.lists(st.integers(1, 100), min_size=1, max_size=3),
    main=st.integers(1, 30),
    gold=st.integers(0, 9),
    training=st.integers(0, 5),
)
def test_shares_are_met_but_for_a_rest(shares: list[int], main: int, gold: int, training: int) -> None:
    """Each stratum has its share to less than one case, and all cases are drawn."""
    names = ("normal", "Pleural Effusion", "Cardiomegaly")
    total = max(sum(shares), 100)
    strata = {name: share / total for name, share in zip(names, shares, strict=False)}
    design = study_design(1, readers=1, main=main, gold=gold, studies={"strata": strata, "training": training})
    drawn = select_cases(design, studies(NORMAL, EFFUSION, HEART, each=40))
    for kind, count in ((CaseKind.MAIN, main), (CaseKind.GOLD, gold)):
        of_kind = Counter(case.stratum for case in drawn if case.kind is kind)
        assert of_kind.total() == count
        assert all(abs(of_kind[name] - share * count) < 1 for name, share in strata.items())


def test_a_study_of_two_strata_goes_where_it_is_needed() -> None:
    """What is in both is left to whichever has too few of its own."""
    there = [study(1, HEART), study(2, HEART), *(study(number, BOTH) for number in range(3, 7))]
    strata = {"Cardiomegaly": 0.5, "Pleural Effusion": 0.5}
    for seed in range(10):
        design = study_design(main=6, seed=seed, studies={"strata": strata})
        drawn = Counter(case.stratum for case in select_cases(design, there))
        assert drawn == {"Cardiomegaly": 3, "Pleural Effusion": 3}


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(st.sampled_from([HEART, EFFUSION, BOTH, RIBS]), min_size=8, max_size=16),
    hearts=st.integers(0, 8),
    seed=st.integers(0, 99),
)
def test_strata_are_filled_wherever_they_can_be(texts: list[str], hearts: int, seed: int) -> None:
    """For every set of reports and every two counts, as far as there are enough of each and of both."""
    effusions = 8 - hearts
    shares = {"Cardiomegaly": hearts / 8, "Pleural Effusion": effusions / 8}
    design = study_design(main=8, seed=seed, studies={"strata": {name: each for name, each in shares.items() if each}})
    there = Counter(texts)
    possible = (
        there[HEART] + there[BOTH] >= hearts
        and there[EFFUSION] + there[BOTH] >= effusions
        and there[HEART] + there[EFFUSION] + there[BOTH] >= 8
    )
    pool = [study(number, text) for number, text in enumerate(texts)]
    if possible:
        drawn = Counter(case.stratum for case in select_cases(design, pool))
        assert (drawn["Cardiomegaly"], drawn["Pleural Effusion"]) == (hearts, effusions)
    else:
        with pytest.raises(ReaderStudyError, match="The design needs"):
            select_cases(design, pool)


def test_too_few_of_a_stratum_is_one_sentence() -> None:
    """With how many there are."""
    design = study_design(main=10, studies={"strata": {"Cardiomegaly": 0.5}})
    there = [*studies(NORMAL), *(study(number, HEART) for number in range(100, 103))]
    with pytest.raises(
        ReaderStudyError, match="needs 5 studies of the stratum Cardiomegaly, and there are 3; lower its"
    ):
        select_cases(design, there)


def test_too_few_beside_another_stratum_is_one_sentence() -> None:
    """Where each alone would have enough."""
    design = study_design(main=8, studies={"strata": {"Cardiomegaly": 0.5, "Pleural Effusion": 0.5}})
    there = [*(study(number, BOTH) for number in range(6)), *(study(number, RIBS) for number in range(6, 20))]
    with pytest.raises(ReaderStudyError, match="there are 6, which are too few beside those that other strata need"):
        select_cases(design, there)


def test_too_few_studies_is_one_sentence() -> None:
    """With what was left out, and why."""
    design = study_design(main=10, studies={"training": 2, "split": "test", "strata": {"normal": 0.1}})
    there = [
        *(study(number, NORMAL) for number in range(8)),
        study(20, split="train"),
        study(21, film=False),
        study(22, ""),
    ]
    with pytest.raises(ReaderStudyError) as refused:
        select_cases(design, there)
    assert str(refused.value) == (
        "The studies file has 8 studies in the split test that can be read (besides 1 without a film and 1 without the "
        "reference report that the design needs), and the design needs 12 with its training cases; lower studies.count "
        "or studies.training, or prepare more studies."
    )


def test_a_study_twice_is_one_sentence() -> None:
    """An id names one study."""
    with pytest.raises(ReaderStudyError, match="A study_id of the studies file comes twice"):
        select_cases(study_design(main=2), [study(1), study(1), study(2)])


def drawn_patients(count: int, there: Sequence[Study]) -> Counter[str]:
    """How many studies of each patient are read."""
    patients = {each.study_id: each.patient_id for each in there}
    drawn = select_cases(study_design(main=count), there)
    assert patients_twice(drawn, there) == sum(of > 1 for of in Counter(patients[c.study_id] for c in drawn).values())
    return Counter(patients[case.study_id] for case in drawn)


def test_of_a_patient_one_study_is_read() -> None:
    """As long as there are patients enough; then some have two, which is counted."""
    there = [study(number, patient=f"p{number % 6}") for number in range(18)]
    assert set(drawn_patients(6, there).values()) == {1}
    twice = drawn_patients(8, there)
    assert len(twice) == 6
    assert twice.total() == 8


def test_studies_without_a_patient_are_no_ones_in_common() -> None:
    """An empty patient_id does not make two studies one patient's."""
    there = [Study(f"s{number}", "", "test", (StudyImage(Path("a.png")),)) for number in range(4)]
    assert patients_twice(select_cases(study_design(main=4), there), there) == 0


@pytest.mark.parametrize(
    ("changes", "needs"),
    [
        ({}, False),
        ({"studies": {"strata": {"normal": 0.5}}}, True),
        ({"arms": [{"name": "a", "draft": "none"}, {"name": "b", "draft": "reference"}]}, True),
        ({"arms": [{"name": "a", "draft": "none"}, {"name": "b", "draft": "injected", "of": "reference"}]}, True),
        (
            {
                "analysis": {
                    "comparisons": [{"outcome": "agreement with the reference", "arm": "model-1", "against": "unaided"}]
                }
            },
            True,
        ),
    ],
)
def test_a_reference_is_asked_for_where_something_needs_it(changes: dict[str, Any], needs: bool) -> None:
    """Otherwise studies without one are read like the others."""
    design = study_design(main=4, **changes)
    assert needs_reference(design) is needs
    there = [study(number, "") for number in range(4)] + [study(number, NORMAL) for number in range(4, 8)]
    lots = {
        case.study_id for seed in range(10) for case in select_cases(design.model_copy(update={"seed": seed}), there)
    }
    assert lots == {each.study_id for each in (there[4:] if needs else there)}


def test_every_study_can_be_drawn() -> None:
    """None is left out by its place in the file."""
    there = studies(NORMAL, BOTH, each=6)
    random.Random(1).shuffle(there)
    design = study_design(main=4, studies={"strata": {"normal": 0.25, "Cardiomegaly": 0.25}})
    lots = {
        case.study_id for seed in range(60) for case in select_cases(design.model_copy(update={"seed": seed}), there)
    }
    assert lots == {each.study_id for each in there}
