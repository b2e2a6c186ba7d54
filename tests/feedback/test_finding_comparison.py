"""What became of each finding between two texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.feedback.finding_comparison import FindingDifference as D
from clinicalblip.feedback.finding_comparison import compare_findings
from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality, Zone
from clinicalblip.radiology.observation import Certainty, Observation

LEFT, RIGHT, BOTH = frozenset({Laterality.LEFT}), frozenset({Laterality.RIGHT}), frozenset(Laterality)
EFFUSION = Observation.PLEURAL_EFFUSION

DIFFER = {
    ("Heart is enlarged.", "Heart is enlarged. Small left pleural effusion."): [D.ADDED],
    ("Heart is enlarged. Pneumothorax.", "Heart is enlarged."): [D.REMOVED],
    ("Pleural effusion. Edema.", "No pleural effusion. Edema."): [D.DENIED],
    ("Small left effusion. Edema.", "No effusion. Edema."): [D.DENIED],
    ("No effusion. Edema.", "Small left effusion. Edema."): [D.AFFIRMED],
    ("Pneumonia.", "Possible pneumonia."): [D.DOUBTED],
    ("Possible pneumonia.", "Pneumonia."): [D.CONFIRMED],
    ("Left effusion.", "Right effusion."): [D.SIDE],
    ("Effusion.", "Left effusion."): [D.SIDE],
    ("Left lower lobe consolidation.", "Left upper lobe consolidation."): [D.ZONE],
    ("Small effusion.", "Moderate effusion."): [D.DEGREE],
    ("Effusion.", "Unchanged effusion."): [D.CHANGE],
    ("Small left effusion.", "Moderate right effusion."): [D.SIDE, D.DEGREE],
    ("Possible small effusion.", "Large effusion."): [D.CONFIRMED, D.DEGREE],
}


@pytest.mark.parametrize(("before", "after"), DIFFER)
def test_how_a_finding_differs(before: str, after: str) -> None:
    """One finding of the texts differs, in all that is said of it."""
    (change,) = compare_findings(before, after).different
    assert list(change.differences) == DIFFER[before, after]


def test_what_was_added_is_told_whole() -> None:
    """With side and degree, so that it can be said in words."""
    (change,) = compare_findings("Edema.", "Edema. New small left pleural effusion.").different
    assert change.old is None
    assert change.new == Finding(EFFUSION, Certainty.PRESENT, LEFT, degree=Degree.SMALL, change=Change.NEW)
    assert (change.observation, change.before, change.after) == (EFFUSION, None, Certainty.PRESENT)


def test_sides_are_findings_of_their_own() -> None:
    """Of a small left and a moderate right effusion one can differ alone."""
    changes = compare_findings(
        "Small left and moderate right pleural effusion.", "Small left and large right pleural effusion."
    )
    (same,), (different,) = changes.same, changes.different
    assert (same.new and same.new.sides, different.new and different.new.sides) == (LEFT, RIGHT)
    assert different.differences == (D.DEGREE,)


def test_both_sides_are_one_finding_where_both_are_the_same() -> None:
    """Bilateral effusions are a left and a right one."""
    changes = compare_findings("Bilateral effusions.", "Left effusion. Right effusion.")
    assert changes.different == ()
    assert [change.new and change.new.sides for change in changes.same] == [BOTH]
    (removed,) = compare_findings("Bilateral effusions.", "Left effusion.").different
    assert (removed.old and removed.old.sides, removed.differences) == (RIGHT, (D.REMOVED,))


def test_a_denial_without_a_side_denies_both() -> None:
    """A left and a right effusion of different size are both turned round."""
    changes = compare_findings("Small left and moderate right effusion. Edema.", "No effusion. Edema.").different
    assert [(change.old and change.old.sides, change.differences) for change in changes] == [
        (LEFT, (D.DENIED,)),
        (RIGHT, (D.DENIED,)),
    ]


def test_what_stays_is_the_same_with_all_that_is_said() -> None:
    """Other words for the same are no difference."""
    changes = compare_findings("Small effusion at the left base, stable.", "Unchanged mild left basilar effusion.")
    assert changes.different == ()
    assert [change.new for change in changes.same] == [
        Finding(EFFUSION, Certainty.PRESENT, LEFT, frozenset({Zone.BASAL}), Degree.SMALL, Change.UNCHANGED)
    ]


def test_empty_texts_have_no_findings() -> None:
    """Nothing said is nothing to compare."""
    changes = compare_findings("", "")
    assert (changes.same, changes.different) == ((), ())


_SENTENCES = (
    *("Small left effusion.", "No effusion.", "Right effusion, new.", "Bilateral effusions.", "Moderate effusion."),
    *("Possible pneumonia.", "No pneumonia.", "Left basilar pneumonia.", "Edema.", "The heart is normal."),
)
_TEXTS = st.lists(st.sampled_from(_SENTENCES), max_size=5).map(" ".join)


@given(_TEXTS, _TEXTS)
def test_each_finding_is_in_one_change(before: str, after: str) -> None:
    """A text does not differ from itself, and what comes one way goes the other."""
    assert compare_findings(before, before).different == ()
    there, back = compare_findings(before, after), compare_findings(after, before)
    assert {(change.old, change.new) for change in there.same} == {(c.new, c.old) for c in back.same}
    assert {(change.old, change.new) for change in there.different} == {(c.new, c.old) for c in back.different}
