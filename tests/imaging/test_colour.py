"""Grey out of colour, and colour told from grey."""

import numpy as np
import pytest

from clinicalblip.imaging.colour import is_coloured, luma


def test_equal_channels_are_their_own_luma() -> None:
    """Every 16-bit value comes back."""
    values = np.arange(65536, dtype=np.uint16)
    assert np.array_equal(luma(np.stack([values] * 3, axis=-1)), values)


@pytest.mark.parametrize(
    ("rgb", "grey"), [((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29), ((10, 20, 30), 18)]
)
def test_luma_weighs_the_channels(rgb: tuple[int, int, int], grey: int) -> None:
    """0.299, 0.587 and 0.114, rounded."""
    assert luma(np.array([[rgb]], dtype=np.uint8)).tolist() == [[grey]]


@pytest.mark.parametrize("full", [255, 65535])
def test_colour_is_told_by_its_fraction(full: int) -> None:
    """Three rows of a hundred in red are a picture in colour; one row, or a faint tint of all, is not."""
    rgb = np.full((100, 100, 3), full // 2, dtype=np.uint16)
    rgb[..., 2] += full // 20
    assert not is_coloured(rgb, full=full)
    rgb[:1] = (full, 0, 0)
    assert not is_coloured(rgb, full=full)
    rgb[:3] = (full, 0, 0)
    assert is_coloured(rgb, full=full)
