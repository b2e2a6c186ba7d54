"""Augmented films: within their bounds, from their seed alone, and with left still left."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.training.data.augmentation import augment


@given(rows=st.integers(2, 40), columns=st.integers(2, 40), strength=st.floats(0.01, 1.0), seed=st.integers(0, 2**31))
def test_augmented_film_is_a_film(rows: int, columns: int, strength: float, seed: int) -> None:
    """Shape, type and range stay, and the same seed gives the same film."""
    film = np.random.default_rng(seed).random((rows, columns), dtype=np.float32)
    (found,) = augment([film], strength, random.Random(seed))
    assert found.shape == film.shape
    assert found.dtype == np.float32
    assert 0.0 <= found.min() <= found.max() <= 1.0
    assert np.array_equal(found, augment([film], strength, random.Random(seed))[0])


def test_no_strength_is_no_change() -> None:
    """At 0 the very film is given on, and nothing is drawn."""
    film = np.zeros((4, 4), np.float32)
    rng = random.Random(0)
    assert augment([film], 0.0, rng)[0] is film
    assert rng.random() == random.Random(0).random()


@pytest.mark.parametrize("seed", range(20))
def test_left_stays_left_and_up_stays_up(seed: int) -> None:
    """A bright mark in one corner moves by no more than shift, size and turn together allow, and never over."""
    film = np.full((100, 100), 0.2, np.float32)
    film[18:23, 18:23] = 1.0
    (found,) = augment([film], 1.0, random.Random(seed))
    row, column = np.unravel_index(int(found.argmax()), found.shape)
    assert abs(int(row) - 20) <= 12
    assert abs(int(column) - 20) <= 12


def test_films_differ_by_seed_and_among_each_other() -> None:
    """Another seed, and the second film of a study, is augmented otherwise."""
    film = np.random.default_rng(0).random((32, 32), dtype=np.float32)
    first, second = augment([film, film], 1.0, random.Random(1))
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, augment([film], 1.0, random.Random(2))[0])
