"""Films made smaller, a strip at a time, so that no copy of the whole film in floats is made."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

STRIP_PIXELS = 2**20
"""Pixels of the film that are floats at once."""


def strip_rows(columns: int) -> int:
    """How many rows of a film of so many columns a strip has."""
    return max(1, STRIP_PIXELS // columns)


def resize_strips(
    strips: Iterable[NDArray[np.float32]], size: tuple[int, int], resample: Image.Resampling
) -> NDArray[np.float32]:
    """Resize a film that comes in strips, from the top down, to `size` = (rows, columns): float32.

    To the bit what PIL makes of the whole film: it too resizes every row first, and then the columns of that.
    """
    rows, columns = size
    narrow = [
        np.asarray(Image.fromarray(np.ascontiguousarray(strip)).resize((columns, strip.shape[0]), resample))
        for strip in strips
    ]
    return np.asarray(Image.fromarray(np.concatenate(narrow)).resize((columns, rows), resample), dtype=np.float32)
