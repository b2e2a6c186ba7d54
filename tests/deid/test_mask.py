"""A masked place is black as the film is shown, gone from its values, and nothing else changes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from clinicalblip.deid.mask import mask_regions
from clinicalblip.errors import PrivacyError
from clinicalblip.radiology.digest import digest
from clinicalblip.radiology.radiograph import LookupTable, NamedWindow, Radiograph, Region, View, Window

_WINDOWS = (
    Window(600.0, 400.0),
    Window(600.0, 400.0, "linear_exact"),
    Window(600.0, 150.0, "sigmoid"),
    LookupTable(300, np.linspace(0, 1, 512, dtype=np.float32)),
    LookupTable(300, np.linspace(1, 0, 512, dtype=np.float32)),
)


def _film(window: Window | LookupTable, *, inverted: bool = False) -> Radiograph:
    values = np.random.default_rng(3).integers(100, 1100, (40, 60)).astype(np.uint16)
    return Radiograph(values, window, inverted, View.PA, None, digest(values), says_burned_in=True)


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("window", _WINDOWS)
def test_is_black_as_shown(window: Window | LookupTable, inverted: bool) -> None:
    """Under a window, a lookup table, falling or rising, and inverted or not."""
    masked = mask_regions(_film(window, inverted=inverted), [Region(5, 10, 15, 30)])
    assert masked.pixels[5:15, 10:30].max() <= 0.5 / 255


def test_changes_nothing_else() -> None:
    """Outside the rectangles every value is what it was."""
    film = _film(_WINDOWS[0])
    masked = mask_regions(film, [Region(5, 10, 15, 30)])
    inside = np.zeros(film.values.shape, bool)
    inside[5:15, 10:30] = True
    assert np.array_equal(masked.values[~inside], film.values[~inside])
    assert np.unique(masked.values[inside]).size == 1
    assert np.array_equal(film.values, _film(_WINDOWS[0]).values)  # the film itself is left alone


def test_is_another_film() -> None:
    """The masked film has a digest of its own, says what was done, and no longer that text is burned in."""
    film = _film(_WINDOWS[0])
    masked = mask_regions(film, [Region(5, 10, 15, 30), Region(20, 0, 25, 9)])
    assert masked.digest == digest(masked.values) != film.digest
    assert masked.warnings == ("2 places of the film were masked.",)
    assert not masked.says_burned_in


def test_is_black_under_every_window_offered() -> None:
    """Windows by name do not bring the text back."""
    film = replace(_film(_WINDOWS[0]), windows=(NamedWindow("harder", Window(400.0, 100.0)),))
    masked = mask_regions(film, [Region(5, 10, 15, 30)])
    assert masked.pixels[5:15, 10:30].max() == 0
    assert masked.with_window("harder").pixels[5:15, 10:30].max() == 0


@pytest.mark.parametrize("inverted", [False, True])
def test_stays_in_the_range_of_the_film(inverted: bool) -> None:
    """Where a value of the film's own range is black the others are not stretched by a new one."""
    film = _film(Window(600.0, 800.0), inverted=inverted)
    masked = mask_regions(film, [Region(5, 10, 15, 30)])
    assert film.values.min() <= masked.values[5, 10] <= film.values.max()


def test_cuts_off_what_reaches_over_the_edge() -> None:
    """A region may end beyond the film."""
    masked = mask_regions(_film(_WINDOWS[0]), [Region(35, 50, 99, 99)])
    assert masked.pixels[35:, 50:].max() == 0
    assert masked.pixels[:35].max() > 0


@pytest.mark.parametrize("region", [Region(40, 0, 41, 5), Region(0, 60, 5, 70)])
def test_refuses_a_place_outside(region: Region) -> None:
    """Masking nothing, silently, would let the text stand."""
    with pytest.raises(PrivacyError, match="outside the film of 40 x 60"):
        mask_regions(_film(_WINDOWS[0]), [region])


def test_without_places_nothing_happens() -> None:
    """The film comes back as it is, with what its file says."""
    film = _film(_WINDOWS[0])
    assert mask_regions(film, []) is film


_REGIONS = st.builds(
    lambda top, left, height, width: Region(top, left, top + height, left + width),
    st.integers(0, 7),
    st.integers(0, 5),
    st.integers(1, 9),
    st.integers(1, 9),
)


@given(
    values=arrays.arrays(np.uint16, (8, 6)),
    window=st.sampled_from(_WINDOWS),
    inverted=st.booleans(),
    regions=st.lists(_REGIONS, min_size=1, max_size=5),
)
def test_masking_holds_for_any_film(
    values: np.ndarray, window: Window | LookupTable, inverted: bool, regions: list[Region]
) -> None:
    """Black inside, untouched outside, and the same when it is done again."""
    film = Radiograph(values, window, inverted, View.UNKNOWN, None, digest(values))
    masked = mask_regions(film, regions)
    inside = np.zeros(values.shape, bool)
    for region in regions:
        inside[region.top : region.bottom, region.left : region.right] = True
    assert masked.pixels[inside].max() <= 1.5 / 255
    assert np.array_equal(masked.values[~inside], values[~inside])
    assert np.all(mask_regions(masked, regions).pixels[inside] <= 1.5 / 255)
