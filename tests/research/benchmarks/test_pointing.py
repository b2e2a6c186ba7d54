"""The pointing game: hits, chance and the middle of the film."""

import numpy as np
import pytest

from research.benchmarks.pointing import centre_hits, chance, points_at


def mask_of(rows: slice, columns: slice) -> np.ndarray:
    """A 10 x 20 film with a finding there."""
    mask = np.zeros((10, 20), dtype=bool)
    mask[rows, columns] = True
    return mask


def test_highest_place_decides() -> None:
    """The map hits where its highest value lies inside the mask, whatever the rest is."""
    mask = mask_of(slice(0, 5), slice(0, 4))
    values = np.zeros((10, 20))
    values[2, 2] = 1.0
    assert points_at(values, mask)
    values[8, 8] = 1.5
    assert not points_at(values, mask)


def test_chance_is_the_share_of_the_film() -> None:
    """A tenth of the film is hit one time in ten by a random place; the middle is hit or not."""
    mask = mask_of(slice(0, 5), slice(0, 4))
    assert chance(mask) == pytest.approx(0.1)
    assert not centre_hits(mask)
    assert centre_hits(mask_of(slice(4, 6), slice(9, 12)))


@pytest.mark.parametrize(
    ("values", "mask"),
    [
        (np.zeros((10, 20)), np.zeros((10, 20), dtype=bool)),
        (np.zeros((20, 10)), mask_of(slice(0, 5), slice(0, 4))),
        (np.full((10, 20), np.nan), mask_of(slice(0, 5), slice(0, 4))),
    ],
    ids=["no finding", "other shape", "no number"],
)
def test_what_cannot_be_played_is_refused(values: np.ndarray, mask: np.ndarray) -> None:
    """A mask that is nowhere true, another shape and a map without numbers."""
    with pytest.raises(ValueError, match=r"pointing game|points nowhere"):
        points_at(values, mask)
