"""A report answers a hint and a prior film first, in sentences that the labeler reads as they are meant."""

import numpy as np
import pytest

from clinicalblip.instructblip.generation.hint_check import answers_ungiven_hint
from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty
from clinicalblip.radiology.report import Report
from research.mini.reports.draft_findings import affirms, denies, sides_of
from research.mini.reports.hints import (
    answer_hint,
    change_question,
    compare_sentence,
    hint_of,
    hint_of_observation,
    hint_question,
)
from research.mini.reports.sentences import REPORTED
from research.phantom.choosing import random_finding
from research.phantom.description import Kind
from research.phantom.reports.report import Change

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
def rng():
    """A generator of its own for each test."""
    return np.random.default_rng(0)


@pytest.mark.parametrize("kind", list(Kind))
def test_the_answer_to_a_hint_repeats_it_and_says_whether_it_is_so(kind, rng):
    """Whoever reads the answer knows what was hinted, with side and degree, and whether it is there."""
    for _ in range(20):
        finding = random_finding(kind, rng)
        hint = hint_of(finding, rng)
        yes, no = (answer_hint(hint, holds, rng) for holds in (True, False))
        assert hint in yes
        assert hint in no
        assert affirms(yes, kind)
        assert sides_of(yes, kind) == ({"left", "right"} if finding.side == "both" else {finding.side} - {""})
        assert not affirms(no, kind)
        if kind not in READ_BY_WORDS:
            assert denies(no, kind)


@pytest.mark.parametrize("kind", list(Kind))
def test_an_answer_to_another_hint_is_noticed_in_a_draft(kind, rng):
    """The answers that the model is trained to give are those that drafts are searched for."""
    for holds in (True, False):
        hint = hint_of(random_finding(kind, rng), rng)
        report = Report(answer_hint(hint, holds, rng))
        assert answers_ungiven_hint(report, "Hints: something else")
        assert not answers_ungiven_hint(report, f"Hints: {hint}")


@pytest.mark.parametrize("what", REPORTED)
def test_a_hinted_observation_is_affirmed_or_denied(what, rng):
    """The answer to a hint of a real film is read as that observation."""
    for _ in range(20):
        hint = hint_of_observation(what, rng)
        assert observations(answer_hint(hint, True, rng))[what] is Certainty.PRESENT
        assert observations(answer_hint(hint, False, rng))[what] is Certainty.ABSENT


@pytest.mark.parametrize("change", list(Change))
@pytest.mark.parametrize("kind", list(Kind))
def test_a_change_affirms_its_finding_unless_it_is_gone(kind, change, rng):
    """A sentence about a change affirms its finding, unless the finding is gone."""
    for _ in range(10):
        said = compare_sentence(random_finding(kind, rng), change, rng)
        assert affirms(said, kind) == (change is not Change.RESOLVED)
        assert said[0].isupper()
        assert said.endswith(".")


def test_a_question_has_a_true_sentence_and_its_opposite(rng):
    """Both sentences begin alike, so that nothing but what is asked tells them apart."""
    finding = random_finding(Kind.EFFUSION, rng)
    hint = hint_of(finding, rng)
    for question in (hint_question(hint, True, rng), hint_question(hint, False, rng)):
        assert ("not" in question.affirming) != ("not" in question.denying)
        assert question.log_odds == np.inf
    for change in Change:
        question = change_question(finding, change, rng)
        assert question.affirming.split()[:4] == question.denying.split()[:4]
        assert question.affirming != question.denying


def test_several_things_are_spoken_of_in_the_plural(rng):
    """Wires and bilateral effusions are seen; scoliosis is."""
    assert " are " in answer_hint("bilateral pleural effusions", True, rng)
    assert " are " in compare_sentence(random_finding(Kind.STERNOTOMY_WIRES, rng), Change.NEW, rng)
    assert " is " in answer_hint("left scoliosis", True, rng)
