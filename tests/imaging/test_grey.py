"""Fitting into uint16, and windows that show the same whatever the fit."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.imaging.grey import Lut, ScaledValues, fit_to_uint16, full_range, scaled_lut, scaled_window
from clinicalblip.radiology.radiograph import Radiograph, View

STORED = st.lists(st.integers(-32768, 32767), min_size=1, max_size=12).map(lambda row: np.array([row], dtype=np.int32))
SLOPES = st.one_of(st.integers(-20, 20).map(float), st.floats(-50, 50)).filter(lambda slope: abs(slope) > 1e-3)
INTERCEPTS = st.one_of(st.integers(-5000, 5000).map(float), st.floats(-5000, 5000))


@settings(max_examples=200, derandomize=True)
@given(stored=STORED, slope=SLOPES, intercept=INTERCEPTS)
def test_values_are_the_modality_output_shifted_and_scaled(stored: np.ndarray, slope: float, intercept: float) -> None:
    """values = (output - offset) * scale to the nearest step, for any rescale of 16-bit pixels."""
    scaled = fit_to_uint16(stored, slope, intercept)
    output = stored * slope + intercept
    assert scaled.values.dtype == np.uint16
    expected = (output - scaled.offset) * scaled.scale
    assert scaled.values == pytest.approx(expected, abs=1e-3 * max(1.0, scaled.scale) if slope % 1 else 1e-6)


@settings(max_examples=200, derandomize=True)
@given(
    stored=STORED,
    slope=SLOPES,
    intercept=INTERCEPTS,
    centre=st.floats(-3000, 3000),
    width=st.floats(1, 6000),
    function=st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
)
def test_a_window_shows_what_it_shows_over_the_output(
    stored: np.ndarray, slope: float, intercept: float, centre: float, width: float, function: str
) -> None:
    """The greys of the shifted and scaled film are those that DICOM's formulas give for the output itself."""
    scaled = fit_to_uint16(stored, slope, intercept)
    fitted = scaled_window(centre, width, function, scaled)
    assert fitted is not None
    output = stored.astype(np.float64) * slope + intercept
    shown = Radiograph(scaled.values, fitted, False, View.PA, None, "0" * 64).pixels
    steep = max(width - 1, 1e-6) if function == "LINEAR" else width
    for value, grey in zip(output.ravel(), shown.ravel(), strict=True):
        if steep > 1e-6 or abs(value - (centre - 0.5)) > 1e-6:  # at a threshold's edge rounding decides
            assert grey == pytest.approx(formula(value, centre, width, function), abs=1e-6 + 1e-8 / steep)


def formula(x: float, centre: float, width: float, function: str) -> float:
    """PS3.3 C.11.2.1.2.1 and C.11.2.1.3, word for word, between 0 and 1."""
    if function == "SIGMOID":
        return 1 / (1 + math.exp(min(700, -4 * (x - centre) / width)))
    if function == "LINEAR_EXACT":
        if x <= centre - width / 2:
            return 0
        return 1 if x > centre + width / 2 else (x - centre) / width + 0.5
    if x <= centre - 0.5 - (width - 1) / 2:
        return 0
    if x > centre - 0.5 + (width - 1) / 2:
        return 1
    return (x - (centre - 0.5)) / (width - 1) + 0.5


def test_a_span_above_sixteen_bits_is_spread_over_all_levels() -> None:
    """32-bit pixels keep both ends and their order."""
    scaled = fit_to_uint16(np.array([[0, 50_000, 100_000]], dtype=np.int64))
    assert scaled.values.tolist() == [[0, 32768, 65535]]
    assert scaled.scale == pytest.approx(0.65535)


def test_a_span_that_the_slope_makes_too_wide_is_kept_in_steps() -> None:
    """4,096 levels at slope 100 span 409,500: one stored step stays one."""
    scaled = fit_to_uint16(np.array([[0, 1, 4095]], dtype=np.uint16), 100, 7)
    assert (scaled.values.tolist(), scaled.offset, scaled.scale) == ([[0, 1, 4095]], 7, 0.01)


@pytest.mark.parametrize(("slope", "intercept"), [(0, 1), (math.nan, 0), (math.inf, 0), (1, math.nan)])
def test_a_rescale_that_cannot_be_is_refused(slope: float, intercept: float) -> None:
    """Slope 0 and what is not finite."""
    with pytest.raises(ValueError, match="a rescale cannot have"):
        fit_to_uint16(np.array([[1]]), slope, intercept)


@pytest.mark.parametrize("slope", [1e300, -1e300, 1e-300, 5e-324])
def test_extreme_slopes_do_not_overflow(slope: float) -> None:
    """A number that fits a decimal string of 16 characters may be that large or small."""
    with np.errstate(all="raise"):
        scaled = fit_to_uint16(np.array([[3, 3]], dtype=np.uint16), slope, 0)
        assert scaled.values.tolist() == [[0, 0]]
        scaled_window(1, 2, "LINEAR", scaled)
        scaled_lut(Lut(0, np.array([0, 1], dtype=np.uint16), 8), scaled, signed=False)


@pytest.mark.parametrize(("centre", "width"), [(1, 0), (1, 0.5), (1, -4), (math.nan, 4), (1e308, 1e308)])
def test_a_window_that_cannot_be_is_none(centre: float, width: float) -> None:
    """Widths below 1 (linear), and numbers that leave the range once they are scaled."""
    assert scaled_window(centre, width, "LINEAR", ScaledValues(np.zeros((1, 1), np.uint16), 0.0, 1e10)) is None


def test_the_full_range_of_one_value_is_a_window() -> None:
    """A blank film divides by nothing."""
    assert full_range(np.full((2, 2), 9, np.uint16)).apply(np.full((2, 2), 9, np.uint16)).tolist() == [[0.5, 0.5]] * 2


def test_a_film_of_padding_alone_is_shown_whole() -> None:
    """Where everything is padding, nothing is left out."""
    values = np.array([[1, 3]], dtype=np.uint16)
    assert full_range(values, np.zeros((1, 2), dtype=bool)) == full_range(values)


@pytest.mark.parametrize(("entries", "bits"), [([], 8), ([1], 0), ([1], 17)])
def test_tables_that_cannot_be_are_refused(entries: list[int], bits: int) -> None:
    """No entries, or a depth that no table has."""
    with pytest.raises(ValueError, match="a lookup table is"):
        Lut(0, np.array(entries, dtype=np.uint16), bits)
