"""Figures as sums over studies, their intervals and their paired differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clinicalblip.evaluation.statistics.statistic import (
    Statistic,
    bootstrap_difference,
    bootstrap_interval,
    bootstrap_intervals,
    mean_statistic,
)

columns = arrays(np.float64, st.integers(2, 12), elements=st.floats(0, 1))


def ratio(name: str, rows: list[tuple[float, float]]) -> Statistic:
    """The first sum over the second."""
    return Statistic(name, np.array(rows, dtype=np.float64), lambda sums: sums[:, 0] / sums[:, 1])


def test_a_figure_is_of_the_sums_and_not_the_mean_of_figures() -> None:
    """As BLEU is a corpus's: a long study weighs more."""
    found = ratio("hits", [(1, 1), (0, 3)])
    assert found.value() == 0.25
    assert found.each().tolist() == [1, 0]


def test_a_mean_leaves_out_what_has_no_value() -> None:
    """NaN counts in neither sum, and a mean of nothing is NaN."""
    assert mean_statistic("mean", np.array([1.0, np.nan, 0.0])).value() == 0.5
    assert np.isnan(mean_statistic("mean", np.array([np.nan, np.nan])).value())


@pytest.mark.parametrize("shape", [(0, 2), (3,)], ids=["no study", "no rows"])
def test_statistics_of_no_study_are_refused(shape: tuple[int, ...]) -> None:
    """A figure over nothing would be said to be one."""
    with pytest.raises(ValueError, match="a row a study"):
        Statistic("mean", np.zeros(shape), lambda sums: sums[:, 0])


@given(columns)
def test_an_interval_is_the_bootstraps_over_studies(values: np.ndarray) -> None:
    """It lies within the values that studies have, and is one point where they are all alike."""
    found = bootstrap_interval(mean_statistic("mean", values), resamples=50)
    assert found.value == pytest.approx(values.mean())
    assert values.min() - 1e-9 <= found.low <= found.high <= values.max() + 1e-9
    same = bootstrap_interval(mean_statistic("mean", np.full(len(values), 0.5)), resamples=50)
    assert (same.low, same.high) == (0.5, 0.5)


def test_an_interval_is_as_wide_as_theory_says() -> None:
    """For a mean of many values: 1.96 standard errors to each side."""
    values = np.random.default_rng(0).random(900)
    found = bootstrap_interval(mean_statistic("mean", values), resamples=4000)
    error = values.std() / np.sqrt(len(values))
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * error, rel=0.05)


def test_resampled_figures_are_those_of_the_resampled_studies() -> None:
    """Weighing rows gives what scoring the drawn studies anew would give."""
    rows = [(1.0, 2.0), (0.0, 1.0), (3.0, 3.0), (2.0, 5.0)]
    rng = np.random.default_rng(7)
    drawn = [rng.integers(4, size=4) for _ in range(200)]
    spread = [sum(rows[i][0] for i in some) / sum(rows[i][1] for i in some) for some in drawn]
    found = bootstrap_interval(ratio("hits", rows), seed=7, resamples=200)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(spread, (0.025, 0.975))))


def test_one_study_has_no_interval() -> None:
    """Its bounds are not a number."""
    found = bootstrap_interval(mean_statistic("mean", np.array([0.5])))
    assert found.value == 0.5
    assert np.isnan([found.low, found.high]).all()


def test_the_seed_decides_the_interval() -> None:
    """The same for the same seed, alone and beside other figures; another for another."""
    rng = np.random.default_rng(1)
    figures = {name: mean_statistic(name, rng.random(30)) for name in ("one", "two")}
    assert bootstrap_intervals(figures)["two"] == bootstrap_interval(figures["two"])
    assert bootstrap_interval(figures["one"], seed=1) != bootstrap_interval(figures["one"])
    assert bootstrap_intervals({}) == {}


@given(columns)
def test_a_figure_less_itself_is_nothing(values: np.ndarray) -> None:
    """Interval and all, because every resample draws the same studies for both."""
    found = bootstrap_difference(mean_statistic("mean", values), mean_statistic("mean", values), resamples=50)
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_a_paired_difference_is_surer_than_two_intervals() -> None:
    """What is better by the same amount in every study is better for sure, however the studies vary."""
    values = np.random.default_rng(2).random(50)
    found = bootstrap_difference(mean_statistic("mean", values + 0.01), mean_statistic("mean", values))
    assert found.low == pytest.approx(0.01)
    assert found.high == pytest.approx(0.01)


def test_figures_of_different_studies_are_not_compared() -> None:
    """Neither pairwise nor on one card."""
    few, many = mean_statistic("mean", np.ones(2)), mean_statistic("mean", np.ones(3))
    with pytest.raises(ValueError, match="same studies"):
        bootstrap_difference(few, many)
    with pytest.raises(ValueError, match="same studies"):
        bootstrap_intervals({"few": few, "many": many})
