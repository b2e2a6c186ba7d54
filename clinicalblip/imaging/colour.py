"""Red, green and blue become grey, and whether there was any colour in them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_MIN_CHROMA = 0.08
"""A smaller difference between channels (of the full range) is compression noise or a tinted film base."""

_MIN_COLOURED_FRACTION = 0.02
"""A coloured label or side marker covers less of a film than this."""


def luma(rgb: NDArray[np.unsignedinteger[Any]]) -> NDArray[np.uint16]:
    """The luma of ITU-R BT.601 of (rows, columns, 3), rounded; where the channels agree it is exactly their value."""
    red, green, blue = (rgb[..., channel].astype(np.uint32) for channel in range(3))
    return ((299 * red + 587 * green + 114 * blue + 500) // 1000).astype(np.uint16)


def is_coloured(rgb: NDArray[np.unsignedinteger[Any]], *, full: int) -> bool:
    """Whether more of the picture has a hue than a marker or compression accounts for.

    `full` is the highest value that a channel can take. Grey stored as red, green and blue has no hue.
    """
    chroma = rgb.max(axis=-1) - rgb.min(axis=-1)
    return float(np.mean(chroma > _MIN_CHROMA * full)) > _MIN_COLOURED_FRACTION
