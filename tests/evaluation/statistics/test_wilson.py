"""The interval of a fraction."""

import pytest

from clinicalblip.evaluation.statistics.wilson import wilson


def test_it_is_wilsons_interval():
    """Ten of twenty, and the two ends, as statistical tables have them."""
    assert wilson(10, 20) == pytest.approx((0.2993, 0.7007), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=1e-4)
    assert wilson(20, 20) == pytest.approx((0.8389, 1.0), abs=1e-4)


@pytest.mark.parametrize(("right", "of"), [(0, 0), (3, 2), (-1, 4)])
def test_what_is_no_fraction_is_refused(right, of):
    """There is no interval of nothing."""
    with pytest.raises(ValueError, match="no fraction"):
        wilson(right, of)
