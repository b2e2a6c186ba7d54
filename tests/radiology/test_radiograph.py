"""Windows, tables and films, by hand."""

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from clinicalblip.radiology.radiograph import LookupTable, Radiograph, View, Window

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
    """The window's greys, turned over where the film is inverted; computed once."""
    shown, inverted = film(), film(inverted=True)
    assert shown.pixels == pytest.approx(np.array([[0, 0.2, 0.4], [0.6, 0.8, 1]]))
    assert inverted.pixels == pytest.approx(1 - shown.pixels)
    assert inverted.pixels.dtype == np.float32
    assert shown.pixels is shown.pixels


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
