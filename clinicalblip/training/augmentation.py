"""Films varied as films vary: another position, size, turn and exposure; never mirrored, because sides are findings."""

import math
import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SHIFT = 0.05
"""The most that a film is shifted, as a share of its side, and made larger or smaller."""

TURN = 5.0
"""The most that it is turned, in degrees."""

EXPOSURE = 0.2
"""The most that its greys are stretched about their middle, as a share."""


def vary(films: Sequence[NDArray[np.float32]], strength: float, draw: random.Random) -> list[NDArray[np.float32]]:
    """Vary each film by itself; `strength` from 0, where they stay as they are, to 1.

    Films are float32 in [0, 1], (rows, columns), and come back so; what comes into view is black.
    """
    return [_varied(film, strength, draw) for film in films] if strength else list(films)


def _varied(film: NDArray[np.float32], strength: float, draw: random.Random) -> NDArray[np.float32]:
    def most(value: float) -> float:
        return draw.uniform(-value, value) * strength

    rows, columns = film.shape
    angle, scale = math.radians(most(TURN)), 1.0 + most(SHIFT)
    across, down = most(SHIFT) * columns, most(SHIFT) * rows
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    middle_x, middle_y = columns / 2, rows / 2
    # From each place of the new film to the place in the old one that it shows, turned about the middle.
    back = (
        cos,
        sin,
        middle_x - cos * middle_x - sin * middle_y + across,
        -sin,
        cos,
        middle_y + sin * middle_x - cos * middle_y + down,
    )
    moved = Image.fromarray(film).transform(
        (columns, rows), Image.Transform.AFFINE, back, resample=Image.Resampling.BILINEAR
    )
    stretched = (np.asarray(moved, dtype=np.float32) - 0.5) * np.float32(1.0 + most(EXPOSURE)) + np.float32(0.5)
    grey: NDArray[np.float32] = np.clip(stretched, 0.0, 1.0)
    return grey
