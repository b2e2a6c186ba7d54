"""Numbers that are understood in part: what belongs together is used together or not at all, and it is said."""

from typing import Any

import numpy as np
import pytest

from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import Radiograph
from tests.fixtures.dicom_files import enlarge, lut_item, reduce, write_dicom

STEPS = [[0, 10, 20], [30, 40, 50]]
FULL = [[0, 0.2, 0.4], [0.6, 0.8, 1]]
LOST_WINDOWS = (
    "The file's windows belong to a rescale or modality LUT that could not be used, and were not used either; all grey "
    "levels are shown."
)


def read(replaced: dict[str, str] | None = None, **tags: Any) -> Radiograph:
    """Six steps with these tags, of which some are written otherwise afterwards, in as many letters."""
    data = write_dicom(enlarge(STEPS), **tags)
    for old, new in (replaced or {}).items():
        assert len(old) == len(new)
        assert data.count(old.encode()) == 1
        data = data.replace(old.encode(), new.encode())
    return read_radiograph(data)


def greys(film: Radiograph) -> list[Any]:
    """The film's greys, one for each step, to six digits."""
    return [pytest.approx(row, abs=1e-6) for row in reduce(film.pixels)]


NUMBERS = {"RescaleSlope": "0.5000", "RescaleIntercept": "7.2500", "WindowCenter": "21.750", "WindowWidth": "23.125"}


@pytest.mark.parametrize("syntax", ["implicit", "explicit", "big endian"])
@pytest.mark.parametrize("changed", [*NUMBERS, "all"])
def test_a_decimal_comma_is_a_point(changed: str, syntax: str) -> None:
    """In one of the numbers or in all of them the film is the one that the points make."""
    keywords = NUMBERS if changed == "all" else [changed]
    commas = {NUMBERS[keyword]: NUMBERS[keyword].replace(".", ",") for keyword in keywords}
    film, same = read(commas, syntax=syntax, **NUMBERS), read(syntax=syntax, **NUMBERS)
    assert np.array_equal(film.pixels, same.pixels)
    assert film.window == same.window
    assert film.warnings == ()


def test_a_decimal_comma_in_a_list_is_a_point() -> None:
    """Spacings, and the second of two windows."""
    film = read(
        {"0.34\\0.56": "0,34\\0,56", "25.5\\30.5": "25.5\\30,5"},
        PixelSpacing=["0.34", "0.56"],
        WindowCenter=["25.5", "30.5"],
        WindowWidth=["51", "20"],
    )
    assert film.spacing_mm == (0.34, 0.56)
    assert [offered.window.centre for offered in film.windows] == [25.5, 30.5]  # type: ignore[union-attr]
    assert film.warnings == ()


@pytest.mark.parametrize("written", ["1.23.4", "1,2,34", "1,234.", "0x1234", "12 345", "1_2345", "--1234", "1234e+"])
@pytest.mark.parametrize("keyword", ["RescaleSlope", "RescaleIntercept"])
def test_a_rescale_of_which_half_is_no_number_is_not_used_nor_its_windows(keyword: str, written: str) -> None:
    """The windows are in its units."""
    tags = {"RescaleSlope": "2", "RescaleIntercept": "-9", "WindowCenter": "20", "WindowWidth": "11"}
    film = read({"654321": written}, **(tags | {keyword: "654321"}))
    assert reduce(film.values) == STEPS
    assert reduce(film.pixels) == greys(read())
    assert film.windows == ()
    assert film.warnings == (LOST_WINDOWS, f"The file's {keyword} is damaged and was not used.")


@pytest.mark.parametrize("tags", [{"RescaleSlope": 2}, {"RescaleIntercept": 5}])
@pytest.mark.parametrize("table", [True, False])
def test_a_rescale_of_which_half_is_missing_is_not_used_nor_its_windows(tags: dict[str, int], table: bool) -> None:
    """Nor a VOI LUT, which is over the same units."""
    shown = {"VOILUTSequence": [lut_item(0, [0, 255], 8)]} if table else {"WindowCenter": 20, "WindowWidth": 11}
    film = read(**tags, **shown)
    assert reduce(film.pixels) == greys(read())
    assert film.warnings == (
        "The file states only one of rescale slope and intercept; it was not used.",
        LOST_WINDOWS,
    )


@pytest.mark.parametrize("tags", [{"RescaleSlope": 1}, {"RescaleIntercept": 0}])
def test_half_a_rescale_that_changes_nothing_is_none(tags: dict[str, int]) -> None:
    """The window is used, and nothing is said."""
    film = read(**tags, WindowCenter=20.5, WindowWidth=41)
    assert reduce(film.pixels) == [[0, 0.25, 0.5], [0.75, 1, 1]]
    assert film.warnings == ()


def test_a_rescale_of_zeros_is_none_and_one_that_erases_takes_its_windows_along() -> None:
    """Writers fill what they do not know with zeros; a slope of 0 beside an intercept is another thing."""
    film = read(RescaleSlope=0, RescaleIntercept=0, WindowCenter=20.5, WindowWidth=41)
    assert reduce(film.pixels) == [[0, 0.25, 0.5], [0.75, 1, 1]]
    film = read(RescaleSlope=0, RescaleIntercept=100, WindowCenter=20.5, WindowWidth=41)
    assert reduce(film.pixels) == greys(read())
    assert LOST_WINDOWS in film.warnings


def test_a_damaged_modality_table_takes_the_windows_along() -> None:
    """They are in its units; beside a whole rescale those are used."""
    item = lut_item(0, [0, 128, 255], 8)
    item.LUTDescriptor = [256, 0, 8]
    said = "The file's ModalityLUTSequence is damaged and was not used."
    film = read(ModalityLUTSequence=[item], WindowCenter=20.5, WindowWidth=41)
    assert reduce(film.pixels) == greys(read())
    assert film.warnings == (LOST_WINDOWS, said)
    film = read(ModalityLUTSequence=[item], RescaleSlope=1, RescaleIntercept=0, WindowCenter=20.5, WindowWidth=41)
    assert reduce(film.pixels) == [[0, 0.25, 0.5], [0.75, 1, 1]]
    assert film.warnings == (said,)


BROKEN = ("NaN   ", "inf   ", "-Inf  ", "1e999 ", "broken", "1.2.3 ", "      ")


@pytest.mark.parametrize("syntax", ["implicit", "explicit", "big endian"])
@pytest.mark.parametrize("written", BROKEN)
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("keyword", ["WindowCenter", "WindowWidth"])
def test_one_broken_value_among_several_takes_only_its_own_window_along(
    keyword: str, place: int, written: str, syntax: str
) -> None:
    """The others keep their centre, their width and their name; the first of them is shown."""
    values = {"WindowCenter": ["20", "25", "30"], "WindowWidth": ["41", "51", "61"]}
    values[keyword][place] = "654321"
    names = ["LUNG", "BONE", "HARD"]
    film = read({"654321": written}, syntax=syntax, **values, WindowCenterWidthExplanation=names)
    kept = [at for at in range(3) if at != place]
    windows = [(offered.window.centre, offered.window.width) for offered in film.windows]  # type: ignore[union-attr]
    assert windows == [((20, 25, 30)[at], (41, 51, 61)[at]) for at in kept]
    assert [offered.name for offered in film.windows] == [("lung", "bone", "harder")[at] for at in kept]
    assert film.window == film.windows[0].window
    assert film.warnings == ("One of the file's windows is damaged and was not used.",)


@pytest.mark.parametrize(("centres", "widths"), [(["20", "25"], ["41"]), (["20"], ["41", "51"])])
def test_a_centre_or_width_without_its_other_is_not_used_and_said(centres: list[str], widths: list[str]) -> None:
    """The window that is whole is kept."""
    film = read(WindowCenter=centres, WindowWidth=widths)
    assert [(offered.window.centre, offered.window.width) for offered in film.windows] == [(20, 41)]  # type: ignore[union-attr]
    assert film.warnings == ("One of the file's windows is damaged and was not used.",)


@pytest.mark.parametrize("tags", [{"WindowCenter": 20}, {"WindowWidth": 41}])
def test_half_a_window_is_none(tags: dict[str, int]) -> None:
    """The full range is shown, and it is said."""
    film = read(**tags)
    assert reduce(film.pixels) == greys(read())
    assert film.warnings == ("The file's window is damaged; all of its grey levels are shown.",)


def test_one_broken_table_among_several_is_left_out() -> None:
    """VOI LUTs keep each other as windows do."""
    bad = lut_item(0, [0, 1], 8)
    bad.LUTDescriptor = [300, 0, 8]
    good = lut_item(0, list(range(0, 255, 5)), 8)
    film = read(VOILUTSequence=[bad, good])
    assert len(film.windows) == 1
    assert film.warnings == ("The file's VOILUTSequence is damaged and was not used.",)
