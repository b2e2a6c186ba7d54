"""Finding F1 and its paired comparison."""

import numpy as np
import pytest

from clinicalblip.evaluation.finding_f1 import compare_f1, score_findings

TRUTH = np.array([[1, 0, np.nan], [0, 1, 0], [1, 1, 0], [0, 0, 0]], dtype=np.float32)


def test_the_score_of_a_table_worked_out_by_hand() -> None:
    """Two hits, one false finding and two missed ones give F1 = 4 / 7; what is unknown counts neither way."""
    said = np.array([[1, 0, 1], [1, 0, 0], [1, 0, 0], [0, 0, 0]], dtype=bool)
    score = score_findings(said, TRUTH)
    assert score.f1.value == pytest.approx(4 / 7)
    assert score.recall == pytest.approx(0.5)
    assert score.precision == pytest.approx(2 / 3)
    assert score.f1.low <= score.f1.value <= score.f1.high


def test_saying_nothing_scores_zero_and_the_truth_scores_one() -> None:
    """The ends of the scale are reached."""
    assert score_findings(np.zeros_like(TRUTH, dtype=bool), TRUTH).f1.value == 0
    assert score_findings(np.nan_to_num(TRUTH).astype(bool), TRUTH).f1.value == 1


def test_a_set_is_no_better_than_itself() -> None:
    """The paired difference of a set with itself is exactly zero, interval and all."""
    said = np.nan_to_num(TRUTH).astype(bool)
    difference = compare_f1(said, [said, said], TRUTH)
    assert (difference.value, difference.low, difference.high) == (0, 0, 0)


def test_a_better_set_has_an_interval_above_zero() -> None:
    """Over many studies the truth beats the truth of another study."""
    random = np.random.default_rng(0)
    truth = (random.random((300, 5)) < 0.3).astype(np.float32)
    assert compare_f1(truth.astype(bool), [np.roll(truth, 1, axis=0).astype(bool)], truth).low > 0


def test_tables_of_different_shape_are_refused() -> None:
    """A score over mismatched studies would mean nothing."""
    with pytest.raises(ValueError, match="same table"):
        score_findings(np.zeros((2, 3), dtype=bool), TRUTH)
