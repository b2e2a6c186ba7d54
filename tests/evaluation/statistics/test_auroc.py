"""AUROC, whole and within groups, against values worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.evaluation.statistics.auroc import auroc, auroc_within


def test_ties_count_half():
    """Positives 0.9 and 0.4 against negatives 0.4 and 0.1: won 2 + (0.5 + 1) of 4 pairs."""
    assert auroc([0.9, 0.4, 0.4, 0.1], [1, 1, 0, 0]) == pytest.approx(3.5 / 4)


def test_unknown_labels_are_left_out():
    """A film whose label is not known changes nothing, whatever its score."""
    nan = float("nan")
    assert auroc([0.9, 0.4, 0.1, 1.0], [1, 0, 0, nan]) == 1.0
    assert auroc([0.9, 0.4, 0.1, nan], [1, 0, 0, nan]) == 1.0


def test_pairs_of_two_groups_are_not_compared():
    """Within a: 0 of 2 pairs; within b: 1 of 1; pooled 1 of 3, though over all films it would be 4 of 6."""
    scores = [0.2, 0.3, 0.4, 0.9, 0.1]
    labels = [1, 0, 0, 1, 0]
    groups = ["a", "a", "a", "b", "b"]
    assert auroc_within(scores, labels, groups) == pytest.approx(1 / 3)
    assert auroc(scores, labels) == pytest.approx(4 / 6)


def test_a_score_that_only_knows_the_group_is_worth_a_half():
    """Where the size alone decides, comparing within sizes says chance."""
    scores, labels = [1.0] * 6 + [0.0] * 6, [1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 0]
    groups = ["large"] * 6 + ["small"] * 6
    assert auroc(scores, labels) > 0.8
    assert auroc_within(scores, labels, groups) == 0.5


def test_without_both_kinds_there_is_no_figure():
    """One class alone, or each group with one class alone, gives NaN and not a number that looks like a figure."""
    assert math.isnan(auroc([0.1, 0.2], [1, 1]))
    assert math.isnan(auroc_within([0.1, 0.2], [1, 0], ["a", "b"]))


def test_lists_of_different_length_are_refused():
    """A shifted list of labels must not give a figure."""
    with pytest.raises(ValueError, match="one value a film"):
        auroc_within([0.1, 0.2], [1, 0, 1], ["a", "a"])


def test_a_known_film_without_a_score_is_refused():
    """NaN scores would sort anywhere."""
    with pytest.raises(ValueError, match="not a number"):
        auroc([float("nan"), 0.2], [1, 0])


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.sampled_from("ab")), min_size=1, max_size=30))
def test_equals_counting_every_pair(films):
    """The fast computation agrees with a double loop over all pairs."""
    won = pairs = 0.0
    for score, positive, group in films:
        for other, other_positive, other_group in films:
            if positive and not other_positive and group == other_group:
                pairs += 1
                won += 1.0 if score > other else 0.5 if score == other else 0.0
    found = auroc_within(*(list(column) for column in zip(*films, strict=True)))
    assert np.isnan(found) if not pairs else found == pytest.approx(won / pairs)
