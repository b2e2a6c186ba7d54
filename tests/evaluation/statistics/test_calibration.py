"""Calibration: the error of probabilities, and the scale that mends it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.evaluation.statistics.calibration import Scale, calibration_error, fit_scale, sigmoid


def films_of(scale: Scale, number: int = 20_000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Margins drawn at random, and labels that are as likely as the scale says."""
    rng = np.random.default_rng(seed)
    margins = rng.normal(0.0, 3.0, (number, len(scale.bias)))
    return margins, (rng.random(margins.shape) < scale.probabilities(margins)).astype(np.float64)


def test_known_scale_is_found_again() -> None:
    """Labels drawn from a temperature of 2.5 and three biases give them back."""
    true = Scale(2.5, (0.0, -3.0, 1.5))
    found = fit_scale(*films_of(true))
    assert found.temperature == pytest.approx(2.5, rel=0.05)
    assert found.bias == pytest.approx(true.bias, abs=0.1)


def test_temperature_alone_can_be_fitted() -> None:
    """Without biases only the temperature moves."""
    found = fit_scale(*films_of(Scale(0.5, (0.0, 0.0))), with_bias=False)
    assert found.bias == (0.0, 0.0)
    assert found.temperature == pytest.approx(0.5, rel=0.05)


def test_fitting_mends_probabilities_that_are_off() -> None:
    """On films that the scale was not fitted to, the error falls from far off to nearly nothing."""
    true = Scale(3.0, (-2.0, 1.0))
    fitted_to, held_out = films_of(true, seed=1), films_of(true, seed=2)
    margins, labels = held_out
    assert calibration_error(sigmoid(margins), labels) > 0.1
    assert calibration_error(fit_scale(*fitted_to).probabilities(margins), labels) < 0.02


def test_error_of_a_worked_example() -> None:
    """Two bins: one says 0.1 and finds 0.5, one says 0.9 and finds 1; half of 0.4 and half of 0.1 is 0.25."""
    said = [0.1, 0.1, 0.9, 0.9]
    assert calibration_error(said, [0, 1, 1, 1], bins=2) == pytest.approx(0.25)
    assert calibration_error([*said, 0.2], [0, 1, 1, 1, np.nan], bins=2) == pytest.approx(0.25)
    assert np.isnan(calibration_error([0.3], [np.nan]))


def test_one_sided_observation_stays_finite() -> None:
    """A finding that every film lacks, one that no film was read for, and margins against the truth end somewhere."""
    margins = np.linspace(-4, 4, 40)[:, None].repeat(3, axis=1)
    labels = np.stack((np.zeros(40), np.full(40, np.nan), (margins[:, 0] < 0).astype(float)), axis=1)
    found = fit_scale(margins, labels)
    assert found.temperature > 0
    assert found.bias[0] < -2
    assert found.bias[1] == 0
    assert np.isfinite(found.probabilities(margins)).all()


@settings(max_examples=25)
@given(st.integers(1, 40), st.integers(1, 4), st.integers(0, 1000))
def test_fitting_never_makes_its_own_films_less_likely(films: int, observations: int, seed: int) -> None:
    """Whatever the margins and labels, the fitted scale is finite and at least as likely as none."""
    rng = np.random.default_rng(seed)
    margins = rng.normal(0, 5, (films, observations))
    labels = rng.integers(0, 2, margins.shape).astype(float)

    def loss(scale: Scale) -> float:
        values = margins / scale.temperature + np.array(scale.bias)
        return float((np.logaddexp(0, values) - labels * values).sum())

    assert loss(fit_scale(margins, labels)) <= loss(Scale(1.0, (0.0,) * observations)) + 1e-6


def test_impossible_values_are_refused() -> None:
    """A temperature of 0, probabilities above 1, tables of different shapes and no known label say what is wrong."""
    with pytest.raises(ValueError, match="temperature 0"):
        Scale(0.0, (0.0,))
    with pytest.raises(ValueError, match="between 0 and 1"):
        calibration_error([1.5], [1])
    with pytest.raises(ValueError, match="do not make"):
        calibration_error([0.5, 0.5], [1])
    with pytest.raises(ValueError, match="one shape"):
        fit_scale([[0.0]], [[0.0, 1.0]])
    with pytest.raises(ValueError, match="known labels"):
        fit_scale([[0.0]], [[np.nan]])


def test_large_values_do_not_overflow() -> None:
    """The sigmoid of a thousand is one, of minus a thousand nothing."""
    assert sigmoid([-1000.0, 0.0, 1000.0]).tolist() == [0.0, 0.5, 1.0]
