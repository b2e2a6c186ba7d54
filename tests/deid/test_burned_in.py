"""Text is found in the picture, and a side marker is told from it."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest

from clinicalblip.deid.burned_in import BurnedInText, find_burned_in_text
from clinicalblip.deid.mask import mask_regions
from clinicalblip.radiology.radiograph import Radiograph, Region
from research.phantom.choosing import random_phantom
from research.phantom.draw import draw_chest
from tests.fixtures.burned_in_films import Greys, Writing, burn, covered, film

_NAME = "KOWALSKA, ANNA"


@cache
def _chest() -> Greys:
    return draw_chest(random_phantom(11), 640)[:320]  # half of it: half the time; no lead letter


def _written(*writings: Writing, inverted: bool = False, enlarged: int = 1) -> tuple[Radiograph, list[Region]]:
    greys, places, random = np.repeat(np.repeat(_chest(), enlarged, 0), enlarged, 1), [], np.random.default_rng(4)
    for writing in writings:
        burned, place = burn(greys, writing, random)
        while any(covered(other, place) for other in places):
            burned, place = burn(greys, writing, random)
        greys = burned
        places.append(place)
    return film(greys, inverted=inverted), places


def _texts(found: tuple[BurnedInText, ...]) -> list[Region]:
    return [text.region for text in found if not text.is_marker]


@pytest.mark.parametrize("words", [_NAME, "14/03/1951", "MRN 00482913"])
def test_covers_a_name_a_date_and_a_number(words: str) -> None:
    """What says who the patient is is found as a whole."""
    radiograph, (place,) = _written(Writing(words, "any"))
    (region,) = _texts(find_burned_in_text(radiograph))
    assert covered(place, region) > 0.97


@pytest.mark.parametrize("turned", [90.0, 270.0, 4.0])
def test_finds_turned_text(turned: float) -> None:
    """Writing along the film's side or a little askew is found."""
    radiograph, (place,) = _written(Writing(_NAME, "name", turned=turned))
    assert max(covered(place, region) for region in _texts(find_burned_in_text(radiograph))) > 0.8


@pytest.mark.parametrize("white", [True, False])
def test_finds_text_on_an_inverted_film(white: bool) -> None:
    """A MONOCHROME1 film is looked at as it is shown."""
    radiograph, (place,) = _written(Writing(_NAME, "name", white=white, contrast=0.4), inverted=True)
    assert max(covered(place, region) for region in _texts(find_burned_in_text(radiograph))) > 0.9


def test_finds_small_text_in_the_corner_of_a_large_film() -> None:
    """Letters of 12 pixels are found at the edge of a film with 2,560 a side, and their place is in its own pixels."""
    radiograph, (place,) = _written(Writing(_NAME, "name", height=12), enlarged=4)
    (region,) = _texts(find_burned_in_text(radiograph))
    assert covered(place, region) > 0.97
    assert covered(region, place) > 0.2  # no more is hidden than the writing and a margin


def test_finds_black_writing_in_a_dark_corner() -> None:
    """Hardly to be seen as the film is shown; whoever opens the window reads it."""
    random = np.random.default_rng(1)
    dark = np.clip(random.normal(0.04, 0.02, (2048, 2048)), 0, 1).astype(np.float32)
    greys, place = burn(dark, Writing(_NAME, "name", height=14, white=False), random)
    (region,) = _texts(find_burned_in_text(film(greys)))
    assert covered(place, region) > 0.95


@pytest.mark.parametrize("words", ["PORTABLE", "AP ERECT", "SUPINE"])
def test_a_marker_is_no_text(words: str) -> None:
    """A projection or posture is found, and said to be a marker."""
    radiograph, (place,) = _written(Writing(words, "marker", height=28))
    (found,) = find_burned_in_text(radiograph)
    assert found.is_marker
    assert covered(place, found.region) > 0.9


def test_a_marker_beside_a_name_stays_a_marker() -> None:
    """One film can have both, and only the name is text."""
    radiograph, (marker, name) = _written(Writing("PORTABLE", "marker"), Writing(_NAME, "name"))
    found = find_burned_in_text(radiograph)
    assert [covered(marker, text.region) > 0.9 for text in found if text.is_marker] == [True]
    assert [covered(name, text.region) > 0.9 for text in found if not text.is_marker] == [True]


@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
def test_a_blank_film_has_none(grey: float) -> None:
    """Nothing is made of nothing."""
    assert find_burned_in_text(film(np.full((400, 300), grey, np.float32))) == ()


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (700, 2), (16, 16)])
def test_a_film_of_any_shape_is_looked_at(shape: tuple[int, int]) -> None:
    """A sliver is no error."""
    random = np.random.default_rng(0)
    assert isinstance(find_burned_in_text(film(random.random(shape, dtype=np.float32))), tuple)


def test_a_chest_without_writing_has_none() -> None:
    """Ribs and a spine are no letters."""
    assert find_burned_in_text(film(_chest())) == ()


def test_nothing_is_left_after_masking() -> None:
    """What was found, masked and looked for again is gone."""
    radiograph, _ = _written(Writing(_NAME, "name"), Writing("14/03/1951", "date"))
    assert find_burned_in_text(mask_regions(radiograph, _texts(find_burned_in_text(radiograph)))) == ()


def test_two_readers_at_once_get_the_same() -> None:
    """The sessions are shared between threads."""
    radiograph, _ = _written(Writing(_NAME, "name"))
    with ThreadPoolExecutor(2) as readers:
        one, other = readers.map(find_burned_in_text, [radiograph, radiograph])
    assert one == other == find_burned_in_text(radiograph)


def test_what_was_read_is_not_printed(capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture) -> None:
    """The words name the patient: neither output nor log nor the found texts have them."""
    radiograph, _ = _written(Writing(_NAME, "name"))
    found = find_burned_in_text(radiograph)
    printed = capfd.readouterr()
    assert "KOWALSKA" not in f"{found} {printed.out} {printed.err} {caplog.text}"


_SEARCH = """
import sys
import clinicalblip.imaging.read, clinicalblip.deid.burned_in, clinicalblip.deid.ocr as ocr
early = {"cv2", "onnxruntime", "rapidocr"} & set(sys.modules)
import numpy as np
ocr.detect_text(np.zeros((64, 64), np.uint8))
print(early, {"torch", "torchvision", "rapidocr"} & set(sys.modules), "onnxruntime" in sys.modules)
"""


def test_is_loaded_only_when_it_is_used() -> None:
    """The page starts without the packages that look for text, and looking for it brings no torch."""
    seen = subprocess.run([sys.executable, "-c", _SEARCH], capture_output=True, text=True, check=True)
    assert seen.stdout.splitlines()[-1] == "set() set() True"
