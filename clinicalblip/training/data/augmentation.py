"""Films shifted, scaled, turned and with another contrast; never mirrored, because sides are findings."""

import math
import random
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

MAX_SHIFT = 0.05
"""The most that a film is shifted, as a fraction of its side, and scaled up or down."""

MAX_ROTATION = 5.0
"""The most that it is turned, in degrees."""

MAX_CONTRAST = 0.2
"""The most that its greys are stretched about their middle, as a fraction."""


def augment(films: Sequence[NDArray[np.float32]], strength: float, rng: random.Random) -> list[NDArray[np.float32]]:
    """Augment each film by itself; `strength` from 0, where they stay as they are, to 1.

    Films are float32 in [0, 1], (rows, columns), and come back so; what comes into view is black.
    """
    return [_augment_film(film, strength, rng) for film in films] if strength else list(films)


def _augment_film(film: NDArray[np.float32], strength: float, rng: random.Random) -> NDArray[np.float32]:
    def up_to(most: float) -> float:
        return rng.uniform(-most, most) * strength

    rows, columns = film.shape
    angle, scale = math.radians(up_to(MAX_ROTATION)), 1.0 + up_to(MAX_SHIFT)
    across, down = up_to(MAX_SHIFT) * columns, up_to(MAX_SHIFT) * rows
    cos, sin = math.cos(angle) * scale, math.sin(angle) * scale
    middle_x, middle_y = columns / 2, rows / 2
    # The affine map from a pixel of the new film to the pixel of the old one that it shows, about the middle.
    inverse = (
        cos,
        sin,
        middle_x - cos * middle_x - sin * middle_y + across,
        -sin,
        cos,
        middle_y + sin * middle_x - cos * middle_y + down,
    )
    moved = Image.fromarray(film).transform(
        (columns, rows), Image.Transform.AFFINE, inverse, resample=Image.Resampling.BILINEAR
    )
    stretched = (np.asarray(moved, dtype=np.float32) - 0.5) * np.float32(1.0 + up_to(MAX_CONTRAST)) + np.float32(0.5)
    grey: NDArray[np.float32] = np.clip(stretched, 0.0, 1.0)
    return grey
