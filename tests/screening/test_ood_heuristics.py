"""Plain means: a chest is never doubted, a blank, a page or a hand is, whatever its size and greys."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clinicalblip.imaging import resize
from clinicalblip.radiology.radiograph import NamedWindow, View, Window
from clinicalblip.screening.ood_heuristics import heuristic_doubts, measure_film, measure_image
from research.phantom.choosing import random_phantom
from research.phantom.draw import draw_chest
from tests.fixtures.not_chests import as_film, blank, ct_slice, hand, icon, leg, noise, text_page


@pytest.mark.parametrize(
    ("draw", "word"),
    [
        (blank, "blank"),
        (noise, "noise"),
        (text_page, "page of text"),
        (icon, "drawing"),
        (hand, "empty"),
        (leg, "empty"),
        (ct_slice, "empty"),
    ],
)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_what_is_no_chest_is_doubted_for_its_own_reason(draw, word, seed):
    """The sentence says what the picture looks like."""
    doubts = heuristic_doubts(as_film(draw(seed)))
    assert len(doubts) == 1
    assert word in doubts[0]
    assert doubts[0].endswith(".")


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("size", [96, 240])
def test_a_drawn_chest_is_not_doubted(seed, size):
    """At any size, and with black margins to the left and right."""
    chest = draw_chest(random_phantom(seed), size)
    assert heuristic_doubts(as_film(chest)) == ()
    assert heuristic_doubts(as_film(np.pad(chest, ((0, 0), (size // 8, size // 8))))) == ()


def test_a_film_that_only_its_window_misses_is_not_called_blank():
    """The window is named, and that the film has more; through another window nothing is said."""
    chest = as_film(draw_chest(random_phantom(3), 240))
    narrow = Window(900_000, 2000, "linear_exact")
    windows = (NamedWindow("normal", chest.window), NamedWindow("bone", narrow))
    missed = replace(chest, window=narrow, windows=windows)
    assert heuristic_doubts(missed) == (
        'The window "bone" shows almost every pixel in the same grey, and the film has more: choose another window.',
    )
    assert heuristic_doubts(missed.with_window("normal")) == ()
    assert heuristic_doubts(replace(chest, window=narrow))[0].startswith("The window shows almost")


def test_a_strip_is_too_long_for_a_chest():
    """The aspect ratio is said with its number, and a lateral film may be longer."""
    strip = draw_chest(random_phantom(1), 320)[:, 90:230]
    assert "2.3 times" in heuristic_doubts(as_film(strip))[0]
    assert not any("times" in doubt for doubt in heuristic_doubts(as_film(strip, View.LATERAL)))


def test_a_picture_of_a_few_pixels_is_doubted():
    """Nothing is measured on what is smaller than the grid."""
    assert "3 pixels" in heuristic_doubts(as_film(np.full((3, 500), 0.5, dtype=np.float32)))[0]


def test_a_lateral_film_needs_no_symmetry():
    """What mirrors top to bottom and not left to right is doubted as a frontal film only."""
    y, x = np.mgrid[-1:1:200j, 0:1:200j]
    film = (0.2 + 0.6 * x * (1 - 0.5 * y**2)).astype(np.float32)
    assert "mirror" in heuristic_doubts(as_film(film))[0]
    assert heuristic_doubts(as_film(film, View.LATERAL)) == ()


def test_the_measures_do_not_depend_on_the_size():
    """Twice the pixels, the same shape."""
    small = draw_chest(random_phantom(3), 160)
    one, other = measure_image(small), measure_image(np.repeat(np.repeat(small, 2, 0), 2, 1))
    for name in ("median_fraction", "mode_fraction", "extreme_fraction", "edge_fraction"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-4)


@pytest.mark.parametrize("shape", [(170, 160), (333, 480), (650, 500)])
def test_a_film_is_measured_in_strips_as_all_at_once(shape, monkeypatch):
    """However few of its rows are floats at once."""
    film = as_film(np.random.default_rng(0).random(shape, dtype=np.float32))
    monkeypatch.setattr(resize, "STRIP_PIXELS", 2000)
    found, expected = measure_film(film), measure_image(film.pixels)
    assert found.__dict__ == pytest.approx(expected.__dict__, rel=1e-5)


@settings(max_examples=40)
@given(
    arrays(
        np.float32,
        st.tuples(st.integers(64, 200), st.integers(64, 200)),
        elements=st.floats(0, 1, width=32),
        fill=st.floats(0, 1, width=32),
    )
)
def test_any_greys_are_measured(greys):
    """No picture makes a measure that is no number, and every doubt is a sentence."""
    found = measure_image(greys)
    assert all(np.isfinite(value) for value in found.__dict__.values())
    assert all(doubt[0].isupper() and doubt.endswith(".") for doubt in heuristic_doubts(as_film(greys)))
