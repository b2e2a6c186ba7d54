"""What lies outside shutters and collimators is black, whatever the film is, and counts for nothing."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.imaging.read import read_radiograph
from tests.fixtures.dicom_files import lut_item, write_dicom

# 100 rows, 120 columns, values 300 to 3900, an arrow of bright pixels in the corner that the shutters hide
FILM = np.linspace(300, 3900, 100 * 120).reshape(100, 120).astype(int)
FILM[:5, :5] = 4095


def rectangle(kind: str = "Shutter", *, top: int, left: int, bottom: int, right: int) -> dict[str, Any]:
    """Edges, counted from 1."""
    return {
        f"{kind}Shape": "RECTANGULAR",
        f"{kind}UpperHorizontalEdge": top,
        f"{kind}LeftVerticalEdge": left,
        f"{kind}LowerHorizontalEdge": bottom,
        f"{kind}RightVerticalEdge": right,
    }


INNER = {"top": 11, "left": 21, "bottom": 90, "right": 110}
OPEN = np.zeros((100, 120), dtype=bool)
OPEN[10:90, 20:110] = True


@pytest.mark.parametrize("kind", ["Shutter", "Collimator"])
@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"photometric": "MONOCHROME1"},
        {"PresentationLUTShape": "INVERSE"},
        {"WindowCenter": 2000, "WindowWidth": 1000},
        {"WindowCenter": 2000, "WindowWidth": 1000, "photometric": "MONOCHROME1"},
        {"WindowCenter": 2000, "WindowWidth": 9000},  # 0 is no black here
        {"WindowCenter": 2000, "WindowWidth": 9000, "photometric": "MONOCHROME1"},
        {"WindowCenter": 2000, "WindowWidth": 9000, "VOILUTFunction": "LINEAR_EXACT"},
        {"WindowCenter": [2000, 0], "WindowWidth": [1000, 4000]},
        {"WindowCenter": -500, "WindowWidth": 9000, "RescaleSlope": 1, "RescaleIntercept": -1024},
        {"WindowCenter": 100, "WindowWidth": 500, "RescaleSlope": 0.25, "RescaleIntercept": -10},
        {"WindowCenter": 100, "WindowWidth": 9000, "RescaleSlope": -1, "RescaleIntercept": 4095},
        {"VOILUTSequence": [lut_item(1000, list(range(256)), 8)]},
        {"VOILUTSequence": [lut_item(1000, list(range(255, -1, -1)), 8)]},
        {"VOILUTSequence": [lut_item(1000, list(range(255, -1, -1)), 8)], "photometric": "MONOCHROME1"},
        {"ModalityLUTSequence": [lut_item(0, list(range(4095, -1, -1)), 12)]},
        {"PixelPaddingValue": 4095},
    ],
)
def test_the_outside_is_black_and_the_inside_as_without(tags: dict[str, Any], kind: str) -> None:
    """Under every photometric interpretation and window, and under each window that the file offers."""
    film = read_radiograph(write_dicom(FILM, **rectangle(kind, **INNER), **tags))
    plain = read_radiograph(write_dicom(FILM, **tags))
    assert film.warnings == ()
    assert [offered.name for offered in film.windows] == [offered.name for offered in plain.windows]
    assert film.pixels[~OPEN].max() == 0
    for offered in film.windows:
        shown, whole = film.with_window(offered.name), plain.with_window(offered.name)
        assert shown.pixels[~OPEN].max() == 0
        assert np.allclose(shown.pixels[OPEN], whole.pixels[OPEN], atol=1e-6)
    if not film.windows:
        inside = FILM[OPEN]
        greys = (inside - inside.min()) / (inside.max() - inside.min())
        is_down = film.inverted or "ModalityLUTSequence" in tags
        assert np.allclose(film.pixels[OPEN], 1 - greys if is_down else greys, atol=1e-6)


def test_a_sigmoid_is_as_good_as_black() -> None:
    """It never reaches 0; less than half a grey level of 256 is left."""
    tags = {"WindowCenter": 2000, "WindowWidth": 900, "VOILUTFunction": "SIGMOID"}
    film = read_radiograph(write_dicom(FILM, **rectangle(**INNER), **tags))
    assert film.pixels[~OPEN].max() < 0.5 / 255


def test_values_stay_where_black_is_among_them() -> None:
    """A window that shows 0 black leaves the values of the open part as they are stored."""
    film = read_radiograph(write_dicom(FILM, WindowCenter=2000, WindowWidth=1000, **rectangle(**INNER)))
    assert np.array_equal(film.values[OPEN], FILM[OPEN])


def test_a_circle_is_round_in_millimetres() -> None:
    """Its radius counts columns; rows twice as high make it half as many rows high."""
    tags = {
        "ShutterShape": "CIRCULAR",
        "CenterOfCircularShutter": [50, 60],
        "RadiusOfCircularShutter": 40,
        "PixelSpacing": [0.2, 0.1],
    }
    film = read_radiograph(write_dicom(FILM, WindowCenter=100, WindowWidth=2, **tags))
    shown = film.with_window("window 1").pixels == 1
    assert shown[49, 20:98].all()
    assert not shown[49, :18].any()
    assert shown[31:68, 59].all()
    assert not shown[:28, 59].any()


def test_a_polygon_hides_what_is_outside_its_corners() -> None:
    """Corners as (row, column) pairs, here an upright triangle."""
    tags = {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [10, 60, 90, 20, 90, 100]}
    film = read_radiograph(write_dicom(FILM, WindowCenter=100, WindowWidth=2, **tags))
    shown = film.with_window("window 1").pixels == 1
    assert shown[50, 59]
    assert shown[88, 30:90].all()
    assert not shown[:8].any()
    assert not shown[20, :40].any()
    assert shown.sum() == pytest.approx(80 * 80 / 2, rel=0.05)


def test_what_all_shapes_leave_open_is_shown() -> None:
    """A rectangle and a circle, a shutter and a collimator."""
    tags = {
        **rectangle(top=1, left=1, bottom=50, right=120),
        "ShutterShape": ["RECTANGULAR", "CIRCULAR"],
        "CenterOfCircularShutter": [50, 60],
        "RadiusOfCircularShutter": 30,
        **rectangle("Collimator", top=1, left=61, bottom=100, right=120),
    }
    film = read_radiograph(write_dicom(FILM, WindowCenter=100, WindowWidth=2, **tags))
    shown = film.with_window("window 1").pixels == 1
    assert shown[30:50, 60:80].all()
    assert not shown[50:].any()
    assert not shown[:, :60].any()
    assert not shown[:10].any()


def test_a_shutter_is_turned_with_the_film() -> None:
    """It is drawn in the rows and columns of the file, which are mirrored afterwards."""
    data = write_dicom(FILM, PatientOrientation=["R", "F"], **rectangle(**INNER))
    film = read_radiograph(data)
    assert film.pixels[:, ::-1][~OPEN].max() == 0
    assert film.pixels[:, ::-1][20, 30] > 0


def test_colour_is_shuttered_too() -> None:
    """A secondary capture is black outside."""
    rgb = np.full((100, 120, 3), 200)
    film = read_radiograph(write_dicom(rgb, bits=8, photometric="RGB", modality="OT", **rectangle(**INNER)))
    assert film.pixels[~OPEN].max() == 0
    assert film.values[OPEN].min() == 200


@pytest.mark.parametrize(
    "tags",
    [
        rectangle(top=90, left=21, bottom=11, right=110),
        {**rectangle(**INNER), "ShutterRightVerticalEdge": None},
        {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [50], "RadiusOfCircularShutter": 40},
        {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [50, 60], "RadiusOfCircularShutter": 0},
        {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [10, 60, 90, 20]},
        {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [10, 60, 90, 20, 90, 100, 7]},
        {"ShutterShape": "PLANTED"},
        {"ShutterShape": "BITMAP"},
        {"CollimatorShape": "RECTANGULAR"},
    ],
)
def test_a_damaged_shutter_is_not_used_and_said(tags: dict[str, Any]) -> None:
    """The film is shown whole, with one sentence."""
    film = read_radiograph(write_dicom(FILM, **tags))
    assert np.array_equal(film.values, FILM)
    (warning,) = film.warnings
    assert warning.endswith("is damaged and was not used.")
    assert "PLANTED" not in warning


@pytest.mark.parametrize("kind", ["Shutter", "Collimator"])
def test_a_shutter_that_hides_all_is_not_used_and_said(kind: str) -> None:
    """Edges in other units than pixels, or of another picture."""
    tags = rectangle(kind, top=2000, left=2000, bottom=2500, right=2500)
    film = read_radiograph(write_dicom(FILM, **tags))
    assert np.array_equal(film.values, FILM)
    assert "would hide nearly all of the film" in film.warnings[0]


def test_edges_outside_the_film_hide_nothing() -> None:
    """A collimator that is wider than the picture."""
    film = read_radiograph(write_dicom(FILM, **rectangle("Collimator", top=-20, left=0, bottom=4000, right=4000)))
    assert np.array_equal(film.values, FILM)
    assert film.warnings == ()


def test_a_film_that_fills_sixteen_bits_keeps_its_values() -> None:
    """Where there is no room for a blacker value, the outside is as near to black as it can be."""
    film = np.linspace(0, 65535, 100 * 120).reshape(100, 120).astype(int)
    tags = {"WindowCenter": 0, "WindowWidth": 200_000, **rectangle(top=11, left=1, bottom=100, right=120)}
    shown = read_radiograph(write_dicom(film, bits=16, **tags))
    assert np.array_equal(shown.values[10:], film[10:])
    assert shown.pixels[:10].max() <= shown.pixels[10:].min()


def test_an_open_part_of_one_value_is_said() -> None:
    """What the shutter hides does not make a blank film look like one with something in it."""
    blank = np.full((100, 120), 700)
    blank[:5] = 4000
    (warning,) = read_radiograph(write_dicom(blank, **rectangle(**INNER))).warnings
    assert "same value" in warning


NUMBERS = st.integers(-(2**31), 2**31 - 1)


@settings(max_examples=60, derandomize=True)
@given(
    shapes=st.lists(st.sampled_from(["RECTANGULAR", "CIRCULAR", "POLYGONAL"]), max_size=3),
    edges=st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS),
    places=st.lists(st.one_of(NUMBERS, st.integers(-50, 200)), max_size=12),
)
def test_any_shutter_is_drawn_or_said(shapes: list[str], edges: tuple[int, ...], places: list[int]) -> None:
    """Whatever the numbers are."""
    top, left, bottom, right = edges
    tags = rectangle(top=top, left=left, bottom=bottom, right=right) | {
        "ShutterShape": shapes,
        "CenterOfCircularShutter": places[:2],
        "RadiusOfCircularShutter": places[2:3],
        "VerticesOfThePolygonalShutter": places,
    }
    film = read_radiograph(write_dicom(FILM, **tags))
    assert np.isfinite(film.pixels).all()
