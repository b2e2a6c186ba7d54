"""What counts as following a hint, and as being misled by one."""

import numpy as np
import pytest

from clinicalblip.radiology.finding import Degree, Finding, Laterality, Zone
from clinicalblip.radiology.observation import Certainty, Observation
from research.mini.evaluation.evaluate_hints import because_of_hints, count_hinted, unhinted_difference
from research.mini.evaluation.hint_set import EvaluationHint
from research.mini.reports.sentences import REPORTED

RIGHT, LEFT = Laterality.RIGHT, Laterality.LEFT
EFFUSION = Finding(
    Observation.PLEURAL_EFFUSION, Certainty.UNCERTAIN, frozenset({RIGHT}), frozenset({Zone.BASAL}), Degree.SMALL
)


def hint(*findings: Finding) -> EvaluationHint:
    """A hint of these findings."""
    return EvaluationHint("a hint", "a kind", False, findings)


@pytest.mark.parametrize(
    ("draft", "named", "placed", "zoned"),
    [
        ("There is a small right basal pleural effusion.", 1, 1, 1),
        ("There is a small right pleural effusion.", 1, 1, 0),
        ("A small right pleural effusion is possible.", 1, 1, 0),
        ("There is a right pleural effusion.", 1, 0, 0),
        ("There is a small left pleural effusion.", 1, 0, 0),
        ("There are small bilateral pleural effusions.", 1, 0, 0),
        ("No small right pleural effusion.", 0, 0, 0),
        ("The lungs are clear.", 0, 0, 0),
    ],
)
def test_a_hint_is_followed_with_its_side_and_degree(draft, named, placed, zoned):
    """Named, with side and degree, with the zone too; a doubt is a way to say it, a denial is none."""
    found = count_hinted([hint(EFFUSION)], [draft])
    assert (found["named"], found["with_side_and_degree"], found["with_zone_too"]) == (named, placed, zoned)
    assert (found["findings"], found["hints"], found["whole_hints"]) == (1, 1, placed)


def test_both_sides_can_be_said_in_two_sentences():
    """A hint of both sides is followed by one mention of both, or by two of one each."""
    both = hint(Finding(Observation.PNEUMOTHORAX, Certainty.PRESENT, frozenset({LEFT, RIGHT})))
    for draft in ("Bilateral pneumothoraces.", "There is a left pneumothorax. There is a right pneumothorax."):
        assert count_hinted([both], [draft])["with_side_and_degree"] == 1
    assert count_hinted([both], ["There is a left pneumothorax."])["with_side_and_degree"] == 0


def test_a_whole_hint_is_all_of_its_findings():
    """One of two is half of it; a hint of nothing is not counted, and what a hint denies is not to be affirmed."""
    two = hint(EFFUSION, Finding(Observation.CARDIOMEGALY, Certainty.PRESENT))
    denial = hint(Finding(Observation.PNEUMOTHORAX, Certainty.ABSENT))
    found = count_hinted([two, hint(), denial], ["The heart is enlarged.", "", "There is a pneumothorax."])
    assert (found["findings"], found["with_side_and_degree"], found["hints"], found["whole_hints"]) == (2, 1, 1, 0)
    assert (found["denied"], found["not_affirmed"]) == (1, 0)


def test_what_only_the_hint_can_have_caused():
    """Not what is hinted, what the film has, what the draft says without the hint, or an opacity of a pneumonia."""
    truth = np.zeros((1, len(REPORTED)), dtype=np.float32)
    truth[0, REPORTED.index(Observation.CARDIOMEGALY)] = 1
    given = hint(Finding(Observation.PNEUMONIA, Certainty.UNCERTAIN))
    draft = (
        "The heart is enlarged. There is an opacity, a pneumonia. There is a hiatal hernia. There is a pneumothorax."
    )
    assert because_of_hints([given], [draft], ["Hiatal hernia."], truth) == [{Observation.PNEUMOTHORAX}]
    assert because_of_hints([given], ["There is a pneumonia."], [""], truth) == [set()]


def test_unhinted_findings_are_judged_without_the_hinted_ones():
    """A draft that says the hinted finding alone and forgets the others loses the F1 of those others."""
    truth = np.zeros((4, len(REPORTED)), dtype=np.float32)
    truth[:, REPORTED.index(Observation.CARDIOMEGALY)] = 1
    hints, patients = [hint(EFFUSION)] * 4, list("abcd")
    without = ["The heart is enlarged."] * 4
    forgotten = unhinted_difference(hints, ["There is a small right effusion."] * 4, without, truth, patients)
    kept = unhinted_difference(hints, ["The heart is enlarged. There is an effusion."] * 4, without, truth, patients)
    assert kept["difference"]["value"] == 0
    assert forgotten["without_hint"]["value"] == 1
    assert forgotten["difference"]["high"] <= -1
