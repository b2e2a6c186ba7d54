"""Holm's method, and margins of non-inferiority and superiority."""

import pytest

from clinicalblip.reader_study.statistics.estimate import Estimate
from clinicalblip.reader_study.statistics.margins import non_inferior, superior
from clinicalblip.reader_study.statistics.multiplicity import holm


def test_holm_multiplies_by_what_is_left() -> None:
    """The smallest by all, the next by one fewer, never falling and never above 1: his step-down by hand."""
    found = holm([0.01, 0.04, 0.03, 0.5])
    assert found == pytest.approx((0.04, 0.09, 0.09, 0.5))
    assert holm([0.9, 0.8]) == (1.0, 1.0)
    assert holm([]) == ()


def test_a_comparison_without_p_still_counts() -> None:
    """Leaving it away would make the others look better than was planned."""
    assert holm([None, 0.02]) == (None, 0.04)


def ratio(value: float, low: float, high: float) -> Estimate:
    """An estimate of a ratio with ten degrees of freedom."""
    return Estimate("draft", value, low, high, 0.95, 100, 10, 10, "", 0.04, df=10)


@pytest.mark.parametrize(("high", "holds"), [(1.09, True), (1.11, False)])
def test_a_ratio_is_held_to_its_margin(high: float, holds: bool) -> None:
    """Of times a margin of 1.1 and one of 1 / 1.1 are the same; of odds of preference the lower side counts."""
    estimate = ratio(1.0, 1 / high, high)
    for margin in (1.1, 1 / 1.1):
        found = non_inferior(estimate, margin, larger_is_worse=True, ratio=True)
        assert (found.holds, round(found.bound, 9)) == (holds, 1.1)
        assert (found.p is not None and found.p < 0.05) is holds
    assert non_inferior(estimate, 1.1, larger_is_worse=False, ratio=True).holds is holds


@pytest.mark.parametrize(("low", "holds"), [(-0.04, True), (-0.06, False)])
def test_a_difference_is_held_to_its_margin(low: float, holds: bool) -> None:
    """Of shares of caught errors, where less is worse."""
    found = non_inferior(ratio(0.0, low, -low), 0.05, larger_is_worse=False)
    assert (found.holds, found.bound) == (holds, -0.05)
    assert (found.p is not None and found.p < 0.05) is holds


def test_better_is_beyond_no_difference() -> None:
    """With the estimate's own p."""
    found = superior(ratio(0.8, 0.7, 0.95), larger_is_worse=True, ratio=True)
    assert (found.holds, found.p) == (True, 0.04)
    assert superior(ratio(0.8, 0.7, 0.95), larger_is_worse=False, ratio=True).holds is False


def test_without_an_interval_nothing_is_shown() -> None:
    """Neither that it holds nor that it does not."""
    nothing = Estimate("draft", None, None, None, 0.95, 0, 0, 0, "")
    assert non_inferior(nothing, 1.1, larger_is_worse=True, ratio=True).holds is None
    assert superior(nothing, larger_is_worse=True).holds is None
    with pytest.raises(ValueError, match="above 0"):
        non_inferior(nothing, -1.0, larger_is_worse=True, ratio=True)
