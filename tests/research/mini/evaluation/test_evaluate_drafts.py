"""Drafts are shuffled within groups, and their findings are read."""

import numpy as np

from clinicalblip.radiology.observation import Observation
from research.mini.evaluation.evaluate_drafts import affirmed_findings, shuffle_within_groups
from research.mini.reports.sentences import REPORTED


def test_every_film_gets_the_draft_of_another_film_of_its_group():
    """Drafts stay within one set and size, none stays where it was, and none is used twice."""
    groups = ["a"] * 5 + ["b"] * 3 + ["a"] * 4
    given = shuffle_within_groups(groups, np.random.default_rng(0))
    assert sorted(given) == list(range(len(groups)))
    assert all(groups[film] == groups[draft] for film, draft in enumerate(given))
    assert all(film != draft for film, draft in enumerate(given))


def test_a_film_alone_in_its_group_keeps_its_draft():
    """There is no other film to take one from."""
    assert shuffle_within_groups(["a", "b", "b"], np.random.default_rng(0)).tolist() == [0, 2, 1]


def test_only_what_a_draft_affirms_counts_as_said():
    """A denied or doubted finding is not said to be there."""
    said = affirmed_findings(["Findings: Cardiomegaly. No pneumothorax. Possible pneumonia.", ""])
    assert said.shape == (2, len(REPORTED))
    assert said[0].sum() == 1
    assert said[0, REPORTED.index(Observation.CARDIOMEGALY)]
