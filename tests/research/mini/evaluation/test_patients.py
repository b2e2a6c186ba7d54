"""Intervals over patients."""

import numpy as np
import pytest

from clinicalblip.evaluation.statistics.statistic import bootstrap_interval, mean_statistic
from research.mini.evaluation.patients import by_patient, interval_over_patients


def test_films_of_one_patient_are_one_piece_of_evidence():
    """The figure stays, and its interval is that of the patients: ten films of each are no more than one."""
    values = np.random.default_rng(0).random(20)
    one, ten = mean_statistic("m", values), mean_statistic("m", np.repeat(values, 10))
    patients = [f"p{n // 10}" for n in range(200)]
    together = by_patient(ten, patients)
    assert together.value() == pytest.approx(one.value())
    widths = [np.diff([(i := bootstrap_interval(each)).low, i.high])[0] for each in (ten, together, one)]
    assert widths[1] > 2 * widths[0]
    assert widths[1] == pytest.approx(widths[2], rel=0.1)


def test_one_patient_alone_has_no_interval():
    """The bounds are the value, whatever the number of films."""
    found = interval_over_patients(mean_statistic("m", np.array([0.2, 0.4])), ["a", "a"])
    assert found == pytest.approx({"value": 0.3, "low": 0.3, "high": 0.3})


def test_a_film_without_a_patient_is_refused():
    """Lists of different lengths are a mistake."""
    with pytest.raises(ValueError, match="patients"):
        by_patient(mean_statistic("m", np.ones(3)), ["a", "b"])
