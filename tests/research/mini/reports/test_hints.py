"""Hints as readers might write them, and what the labeler makes of them."""

import numpy as np
import pytest

from clinicalblip.instructblip.hints import read_hints
from clinicalblip.radiology.finding import Laterality
from research.mini.reports.hints import chatter, hint_of, hint_of_observation, join_hints, other_hint
from research.mini.reports.sentences import REPORTED
from research.phantom.choosing import random_finding
from research.phantom.description import OBSERVATION, Kind


@pytest.fixture
def rng():
    """A generator of its own for each test."""
    return np.random.default_rng(0)


@pytest.mark.parametrize("what", REPORTED)
def test_a_hint_of_an_observation_is_read_as_that_observation(what, rng):
    """In whatever words, and in many of them."""
    written = {hint_of_observation(what, rng) for _ in range(60)}
    assert len(written) > 2
    for text in written:
        assert [hint.finding.observation for hint in read_hints(text)[0] if hint.finding] == [what], text


@pytest.mark.parametrize("kind", list(Kind))
def test_a_hint_of_a_drawn_finding_keeps_its_side(kind, rng):
    """Side and kind come back from the hint."""
    for _ in range(20):
        finding = random_finding(kind, rng)
        (hint,) = read_hints(hint_of(finding, rng))[0]
        assert hint.finding is None or hint.finding.observation is OBSERVATION[kind]
        sides = {"both": set(Laterality), "": set()}.get(finding.side, {finding.side})
        assert {str(side) for side in hint.said.sides} == {str(side) for side in sides}


def test_chatter_names_nothing_and_other_hints_are_known(rng):
    """What is said to a colleague is no finding; what no observation stands for can still be said."""
    assert not any(hint.said for _ in range(30) for hint in read_hints(chatter(rng))[0])
    assert all(hint.said and not hint.finding for _ in range(30) for hint in read_hints(other_hint(rng))[0])


def test_some_hints_are_asked_and_some_denied(rng):
    """Most are neither."""
    words = [read_hints(join_hints(["effusion R"], rng))[0] for _ in range(200)]
    said = [hint.words for hints in words for hint in hints if hint.said]
    assert 5 < sum(word.startswith("possible ") for word in said) < 60
    assert 3 < sum(word.startswith("no ") for word in said) < 40
