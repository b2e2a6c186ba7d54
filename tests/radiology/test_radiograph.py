"""Windows, tables and films, by hand."""

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.radiology.radiograph import LookupTable, NamedWindow, Radiograph, View, Window

VALUES = np.array([[0, 10, 20], [30, 40, 50]], dtype=np.uint16)


def film(**changes: object) -> Radiograph:
    """A film of six values."""
    fields: dict[str, object] = {
        "values": VALUES,
        "window": Window(25, 50, "linear_exact"),
        "inverted": False,
        "view": View.PA,
        "spacing_mm": (0.1, 0.1),
        "digest": "0" * 64,
    }
    return Radiograph(**{**fields, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("window", "greys"),
    [
        (Window(25, 50, "linear_exact"), [[0, 0.2, 0.4], [0.6, 0.8, 1]]),
        (Window(20.5, 41), [[0, 0.25, 0.5], [0.75, 1, 1]]),
        (Window(20, 1), [[0, 0, 1], [1, 1, 1]]),
        (Window(20, 40, "sigmoid"), [[0.119203, 0.268941, 0.5], [0.731059, 0.880797, 0.952574]]),
    ],
)
def test_windows_are_dicoms(window: Window, greys: list[list[float]]) -> None:
    """The formulas of PS3.3 C.11.2.1.2 and C.11.2.1.3, to six digits."""
    assert window.apply(VALUES) == pytest.approx(np.array(greys), abs=1e-6)
    assert window.apply(VALUES).dtype == np.float32


@pytest.mark.parametrize(
    ("centre", "width", "function"),
    [
        (0, 0, "linear"),
        (0, 0.5, "linear"),
        (0, 0, "linear_exact"),
        (0, -1, "sigmoid"),
        (math.nan, 1, "linear"),
        (0, math.inf, "linear"),
    ],
)
def test_windows_that_cannot_be_are_refused(centre: float, width: float, function: str) -> None:
    """A width too small, or a number that is none."""
    with pytest.raises(ValueError, match="window cannot have"):
        Window(centre, width, function)  # type: ignore[arg-type]


def test_a_sigmoid_far_from_its_centre_neither_overflows_nor_warns() -> None:
    """A narrow sigmoid is black below and white above, to the ends of uint16."""
    greys = Window(30000, 1e-3, "sigmoid").apply(np.array([[0, 65535]], dtype=np.uint16))
    assert greys.tolist() == [[0, 1]]


def test_a_table_holds_its_ends() -> None:
    """Values before the first entry get it, values behind the last get that."""
    table = LookupTable(20, np.array([0.1, 0.9], dtype=np.float32))
    assert table.apply(np.array([[0, 20, 21, 65535]], dtype=np.uint16)).tolist() == [
        pytest.approx([0.1, 0.1, 0.9, 0.9])
    ]


@pytest.mark.parametrize("greys", [[], [1.5], [-0.1], [[0.5]]])
def test_tables_that_cannot_be_are_refused(greys: list[float]) -> None:
    """A table is one row of greys between 0 and 1."""
    with pytest.raises(ValueError, match="lookup table"):
        LookupTable(0, np.array(greys, dtype=np.float32))


def test_pixels_are_what_a_reader_sees() -> None:
    """The window's greys, turned over where the film is inverted."""
    shown, inverted = film(), film(inverted=True)
    assert shown.pixels == pytest.approx(np.array([[0, 0.2, 0.4], [0.6, 0.8, 1]]))
    assert inverted.pixels == pytest.approx(1 - shown.pixels)
    assert inverted.pixels.dtype == np.float32


@given(st.integers(0, 2**32 - 1), st.booleans(), st.booleans(), st.integers(1, 9))
def test_pixels_are_the_same_however_they_are_asked_for(seed: int, inverted: bool, table: bool, rows: int) -> None:
    """In eight bits they are rounded, a few rows at a time they are as all at once, and values stay as they are."""
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 2**16, rng.integers(1, 40, 2), dtype=np.uint16)
    window = LookupTable(100, rng.random(5000, dtype=np.float32)) if table else Window(2000.5, 4000)
    shown = film(values=values, window=window, inverted=inverted)
    greys = window.apply(values)
    np.testing.assert_array_equal(shown.pixels, 1 - greys if inverted else greys)
    np.testing.assert_array_equal(shown.pixels_8bit, np.rint(shown.pixels * 255))
    np.testing.assert_array_equal(np.concatenate(list(shown.pixel_rows(rows))), shown.pixels)


def test_a_film_keeps_no_copy_of_its_pixels() -> None:
    """Its memory is that of its values and tables, before and after it was looked at."""
    table = LookupTable(0, np.linspace(0, 1, 4096, dtype=np.float32))
    shown = film(values=np.zeros((300, 200), np.uint16), window=table, windows=(NamedWindow("normal", table),))
    before = set(vars(shown))
    assert shown.pixels.nbytes == 4 * 300 * 200
    assert set(vars(shown)) == before
    assert shown.nbytes == 2 * 300 * 200 + 4 * 4096


@pytest.mark.parametrize(
    "values", [VALUES.astype(np.int32), VALUES[0], np.zeros((0, 3), np.uint16), np.zeros((2, 2, 3), np.uint16)]
)
def test_values_that_are_no_film_are_refused(values: np.ndarray) -> None:
    """Two dimensions of uint16, at least one of each."""
    with pytest.raises(ValueError, match="two-dimensional uint16"):
        film(values=values)


def test_with_view_changes_the_view_alone() -> None:
    """The reader's word about the view leaves the film as it is."""
    before = film()
    after = before.with_view(View.LATERAL)
    assert (before.view, after.view) == (View.PA, View.LATERAL)
    assert after.values is before.values
    assert after.digest == before.digest


def test_a_film_is_frozen() -> None:
    """What was read is not changed."""
    with pytest.raises(FrozenInstanceError):
        film().view = View.AP  # type: ignore[misc]
