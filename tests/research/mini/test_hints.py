"""A report answers a hint and a prior film first, in sentences that the finding labeler reads as they are meant."""

import numpy as np
import pytest

from clinicalblip.instructblip.generation.hint_check import answers_ungiven_hint
from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty
from clinicalblip.radiology.report import Report
from research.mini.counterfactuals import denies, names, sides_of
from research.mini.hints import answer_hint, ask_change, ask_hint, compare, hint_of, hint_of_observation
from research.mini.sentences import SPOKEN_OF
from research.phantom.choosing import random_finding
from research.phantom.description import Kind
from research.phantom.report import Change

READ_BY_WORDS = (
    Kind.HYPERINFLATION,
    Kind.GRANULOMA,
    Kind.PACEMAKER,
    Kind.CENTRAL_LINE,
    Kind.ENDOTRACHEAL_TUBE,
    Kind.STERNOTOMY_WIRES,
    Kind.SCOLIOSIS,
)


@pytest.fixture
def random():
    """A generator of its own for each test."""
    return np.random.default_rng(0)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_answer_to_a_hint_repeats_it_and_says_whether_it_is_so(kind, random):
    """Whoever reads the answer knows what was hinted, with side and degree, and whether it is there."""
    for _ in range(20):
        finding = random_finding(kind, random)
        hint = hint_of(finding, random)
        yes, no = (answer_hint(hint, holds, random) for holds in (True, False))
        assert hint in yes
        assert hint in no
        assert names(yes, kind)
        assert sides_of(yes, kind) == ({"left", "right"} if finding.side == "both" else {finding.side} - {""})
        assert not names(no, kind)
        if kind not in READ_BY_WORDS:
            assert denies(no, kind)


@pytest.mark.parametrize("kind", list(Kind))
def test_an_answer_to_another_hint_is_noticed_in_a_draft(kind, random):
    """What the model is taught to say of a hint is what a draft is looked through for."""
    for holds in (True, False):
        hint = hint_of(random_finding(kind, random), random)
        report = Report(answer_hint(hint, holds, random))
        assert answers_ungiven_hint(report, "Hints: something else")
        assert not answers_ungiven_hint(report, f"Hints: {hint}")


@pytest.mark.parametrize("what", SPOKEN_OF)
def test_a_hinted_observation_is_affirmed_or_denied(what, random):
    """The answer to a hint of a real film is read as that observation."""
    for _ in range(20):
        hint = hint_of_observation(what, random)
        assert observations(answer_hint(hint, True, random))[what] is Certainty.PRESENT
        assert observations(answer_hint(hint, False, random))[what] is Certainty.ABSENT


@pytest.mark.parametrize("change", list(Change))
@pytest.mark.parametrize("kind", list(Kind))
def test_what_became_of_a_finding_affirms_it_unless_it_is_gone(kind, change, random):
    """Only a finding that is no longer there is not named by the sentence about its course."""
    for _ in range(10):
        said = compare(random_finding(kind, random), change, random)
        assert names(said, kind) == (change is not Change.RESOLVED)
        assert said[0].isupper()
        assert said.endswith(".")


def test_a_question_has_a_true_sentence_and_its_opposite(random):
    """Both sentences begin alike, so that nothing but what is asked tells them apart."""
    finding = random_finding(Kind.EFFUSION, random)
    hint = hint_of(finding, random)
    for question in (ask_hint(hint, True, random), ask_hint(hint, False, random)):
        assert ("not" in question.affirming) != ("not" in question.denying)
        assert question.log_odds == np.inf
    for change in Change:
        question = ask_change(finding, change, random)
        assert question.affirming.split()[:4] == question.denying.split()[:4]
        assert question.affirming != question.denying


def test_several_things_are_spoken_of_in_the_plural(random):
    """Wires and bilateral effusions are seen; scoliosis is."""
    assert " are " in answer_hint("bilateral pleural effusions", True, random)
    assert " are " in compare(random_finding(Kind.STERNOTOMY_WIRES, random), Change.NEW, random)
    assert " is " in answer_hint("left scoliosis", True, random)
