"""A film on its way to the vision encoder keeps its greys."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.imaging import resize
from clinicalblip.instructblip.vision.preprocess import film_to_square, preprocess_film, resize_to_square
from clinicalblip.radiology.radiograph import Radiograph, View, Window


def test_greys_finer_than_eight_bits_arrive() -> None:
    """Two films that differ by less than one of 256 greys stay different, by just that much."""
    film = np.full((40, 30), 0.5, dtype=np.float32)
    first, second = (preprocess_film(each, 16, (0.5,) * 3, (0.25,) * 3) for each in (film, film + np.float32(1 / 4096)))
    np.testing.assert_allclose(second - first, 1 / 4096 / 0.25, rtol=1e-3)


def test_each_channel_is_normalised_by_its_own_numbers() -> None:
    """A white film becomes (1 - mean) / std in each of the three channels."""
    array = preprocess_film(np.ones((8, 8), dtype=np.float32), 4, (0.1, 0.2, 0.3), (0.5, 0.4, 0.2))
    assert array.shape == (3, 4, 4)
    assert array.dtype == np.float32
    np.testing.assert_allclose(array[:, 0, 0], [1.8, 2.0, 3.5], rtol=1e-6)


def test_shrinking_averages() -> None:
    """A fine chequerboard becomes grey: nothing is picked out by chance, as without antialiasing."""
    board = (np.indices((64, 64)).sum(0) % 2).astype(np.float32)
    inner = resize_to_square(board, 8)[1:-1, 1:-1]
    np.testing.assert_allclose(inner, 0.5, atol=0.01)


@given(st.integers(1, 50), st.integers(1, 50), st.integers(1, 40), st.integers(0, 1000))
def test_any_shape_becomes_a_square_in_range(rows: int, columns: int, size: int, seed: int) -> None:
    """Every film, down to one pixel, becomes a square whose greys stay in [0, 1]."""
    film = np.random.default_rng(seed).random((rows, columns), dtype=np.float32)
    square = resize_to_square(film, size)
    assert square.shape == (size, size)
    assert square.min() >= 0
    assert square.max() <= 1


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 40), st.integers(1, 400), st.integers(0, 1000))
def test_a_film_becomes_the_same_square_in_strips(rows: int, columns: int, size: int, strip: int, seed: int) -> None:
    """To the bit, however few rows are floats at once."""
    values = np.random.default_rng(seed).integers(0, 4096, (rows, columns), dtype=np.uint16)
    film = Radiograph(values, Window(1800.5, 3000), bool(seed % 2), View.PA, None, "0" * 64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resize, "STRIP_PIXELS", strip)
        square = film_to_square(film, size)
    np.testing.assert_array_equal(square, resize_to_square(film.pixels, size))
