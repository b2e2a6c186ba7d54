"""The windows that a file offers: all of them, under names that are no text of the file's own."""

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset

from clinicalblip.imaging.dicom.windows import VOCABULARY, window_name
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import Radiograph
from tests.fixtures.dicom_files import enlarge, lut_item, reduce, write_dicom

STEPS = [[0, 10, 20], [30, 40, 50]]


def read(**tags: Any) -> Radiograph:
    """Six steps with these tags."""
    return read_radiograph(write_dicom(enlarge(STEPS), **tags))


def names(**tags: Any) -> list[str]:
    """What the windows of such a film are called."""
    return [offered.name for offered in read(**tags).windows]


def table(entries: list[int], explanation: str | None = None) -> Dataset:
    """A VOI LUT that says what it is for."""
    item = lut_item(0, entries, 8)
    if explanation is not None:
        item.LUTExplanation = explanation
    return item


def test_several_windows_are_offered_by_name() -> None:
    """As IU's digital films have them; the first is the one that is shown."""
    film = read(
        WindowCenter=[20.5, 25.5, 30.5],
        WindowWidth=[41, 11, 61],
        WindowCenterWidthExplanation=["NORMAL", "HARDER", "SOFTER"],
    )
    assert [offered.name for offered in film.windows] == ["normal", "harder", "softer"]
    assert film.window == film.windows[0].window
    assert reduce(film.with_window("harder").pixels) == [[0, 0, 0], [1, 1, 1]]
    assert film.warnings == ()


def test_every_window_has_the_files_function() -> None:
    """LINEAR_EXACT and SIGMOID hold for each of them."""
    film = read(WindowCenter=[25, 20], WindowWidth=[50, 40], VOILUTFunction="LINEAR_EXACT")
    assert reduce(film.with_window("window 2").pixels) == [pytest.approx([0, 0.25, 0.5]), pytest.approx([0.75, 1, 1])]
    film = read(WindowCenter=[25, 20], WindowWidth=[50, 40], VOILUTFunction="SIGMOID")
    assert reduce(film.with_window("window 2").pixels)[0] == pytest.approx([0.119203, 0.268941, 0.5], abs=1e-6)


def test_tables_are_offered_before_windows() -> None:
    """The first table is shown; tables and windows are numbered in one row."""
    film = read(
        VOILUTSequence=[table(list(range(0, 102, 2)), "LUNG"), table([255] * 51)],
        WindowCenter=[20.5, 25.5],
        WindowWidth=[41, 11],
        WindowCenterWidthExplanation=["", "BONE"],
    )
    assert [offered.name for offered in film.windows] == ["lung", "window 2", "window 3", "bone"]
    assert reduce(film.pixels)[1] == pytest.approx([60 / 255, 80 / 255, 100 / 255])
    assert reduce(film.with_window("bone").pixels) == [[0, 0, 0], [1, 1, 1]]


def test_a_damaged_table_among_others_is_said() -> None:
    """The other one is used."""
    bad = table([0, 1, 2])
    bad.LUTDescriptor = [256, 0, 8]
    film = read(VOILUTSequence=[bad, table(list(range(51)), "HEART")])
    assert [offered.name for offered in film.windows] == ["heart"]
    assert film.warnings == ("The file's VOILUTSequence is damaged and was not used.",)


def test_an_impossible_window_among_others_is_said() -> None:
    """The others are offered, and the first of them is shown."""
    film = read(WindowCenter=[20, 20.5], WindowWidth=[0, 41], WindowCenterWidthExplanation=["BONE", "LUNG"])
    assert [offered.name for offered in film.windows] == ["lung"]
    assert reduce(film.pixels) == [[0, 0.25, 0.5], [0.75, 1, 1]]
    assert film.warnings == ("One of the file's windows cannot be (its width is too small) and was not used.",)


def test_a_film_without_windows_offers_none() -> None:
    """Its full range is no window of the file's."""
    assert read().windows == ()


def test_the_same_name_is_given_once() -> None:
    """The second is called by its number."""
    said = ["NORMAL", "Normal", "norm"]
    assert names(WindowCenter=[1, 2, 3], WindowWidth=[9, 9, 9], WindowCenterWidthExplanation=said) == [
        "normal",
        "window 2",
        "window 3",
    ]


def test_no_more_than_a_reader_can_choose_from_are_offered() -> None:
    """A file of 500 windows offers twelve."""
    assert len(names(WindowCenter=[1] * 500, WindowWidth=[9] * 500)) == 12


@pytest.mark.parametrize("missing", [{"WindowCenter": [1, 2, 3], "WindowWidth": [9]}, {"WindowWidth": [9, 9]}])
def test_unpaired_centres_and_widths_are_left_out(missing: dict[str, Any]) -> None:
    """A centre without a width is no window."""
    assert len(names(**missing)) == (1 if "WindowCenter" in missing else 0)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("NORMAL", "normal"),
        (" Normal 1 ", "normal"),
        ("Lunge", "lung"),
        ("POUMON", "lung"),
        ("Knochen", "bone"),
        ("Härter", "harder"),
        ("HAERTER", "harder"),
        ("soft-tissue", "soft tissue"),
        ("SOFT_TISSUE", "soft tissue"),
        ("Cœur", "heart"),
        ("Mediastino", "mediastinum"),
        ("OPT", "optimised"),
        ("WINDOW1", None),
        ("DOE^JOHN", None),
        ("LUNG OF JOHN DOE", None),
        ("", None),
        ("肺", None),
    ],
)
def test_only_words_of_the_field_become_names(said: str, name: str | None) -> None:
    """In any case and in several languages, as the whole of what is said."""
    assert window_name(said) == name


@given(st.text(max_size=80))
def test_a_name_is_never_the_files_text(said: str) -> None:
    """Whatever is said, the name is one of a few English words."""
    name = window_name(said)
    assert name is None or name in VOCABULARY


def test_a_planted_explanation_does_not_leave() -> None:
    """Neither from a window nor from a table."""
    film = read(
        VOILUTSequence=[table(list(range(51)), "PLANTED^NAME")],
        WindowCenter=20,
        WindowWidth=40,
        WindowCenterWidthExplanation="PLANTED^NAME",
    )
    assert "planted" not in repr(vars(film)).lower()
    assert [offered.name for offered in film.windows] == ["window 1", "window 2"]


@pytest.mark.parametrize(
    ("stored", "tags", "pixels"),
    [
        (
            [[-2000, 0, 100], [150, 200, -2000]],
            {"PixelPaddingValue": -2000, "bits": 16, "signed": True},
            [[0, 0, 0.5], [0.75, 1, 0]],
        ),
        (
            [[-2000, -1990, 0], [150, 200, -1995]],
            {"PixelPaddingValue": -2000, "PixelPaddingRangeLimit": -1990, "bits": 16, "signed": True},
            [[0, 0, 0], [0.75, 1, 0]],
        ),
        (
            [[-2000, -1990, 0], [150, 200, -1995]],
            {"PixelPaddingValue": -1990, "PixelPaddingRangeLimit": -2000, "bits": 16, "signed": True},
            [[0, 0, 0], [0.75, 1, 0]],
        ),
        ([[4095, 0, 100], [150, 200, 4095]], {"PixelPaddingValue": 4095}, [[1, 0, 0.5], [0.75, 1, 1]]),
    ],
)
def test_padding_is_left_out_of_the_automatic_window(stored: Any, tags: dict[str, Any], pixels: Any) -> None:
    """Signed values, and a range in either order."""
    film = read_radiograph(write_dicom(enlarge(stored), **tags))
    assert reduce(film.pixels) == [pytest.approx(row) for row in pixels]


@pytest.mark.parametrize("syntax", ["explicit", "implicit", "big endian", "rle", "jpeg lossless"])
def test_overlays_in_unused_bits_and_planes_are_not_drawn(syntax: str) -> None:
    """Bits above the high bit, and a plane of group 6000, leave the film as it is."""
    stored = enlarge(STEPS)
    stored[10:20] |= 0x8000 | 0x1000
    data = write_dicom(stored, syntax=syntax, bits=16, BitsStored=12, HighBit=11)
    dataset = dcmread(BytesIO(data))
    dataset.add_new(0x60000010, "US", 64)
    dataset.add_new(0x60000011, "US", 96)
    dataset.add_new(0x60000040, "CS", "G")
    dataset.add_new(0x60000050, "SS", [1, 1])
    dataset.add_new(0x60000100, "US", 16)
    dataset.add_new(0x60000102, "US", 15)
    dataset.add_new(0x60003000, "OW", b"\xff" * (64 * 96 // 8))
    out = BytesIO()
    dataset.save_as(out)
    assert np.array_equal(read_radiograph(out.getvalue()).values, enlarge(STEPS))
