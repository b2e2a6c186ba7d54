"""A film as the vision encoder takes it; never through 8 bits, so that a 12-bit film keeps its greys."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clinicalblip.imaging.resize import resize_strips, strip_rows
from clinicalblip.radiology.radiograph import Radiograph


def resize_to_square(pixels: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """Resize greys in [0, 1], (rows, columns), to a square of `size` pixels a side, bilinear and antialiased.

    The whole film is kept, at the cost of its aspect ratio: what lies at the edge of a chest film can matter.
    """
    resized = Image.fromarray(np.ascontiguousarray(pixels, dtype=np.float32)).resize(
        (size, size), Image.Resampling.BILINEAR
    )
    return np.clip(np.asarray(resized, dtype=np.float32), 0.0, 1.0)


def film_to_square(film: Radiograph, size: int) -> NDArray[np.float32]:
    """`resize_to_square` of a film's pixels, to the bit, without all of them in floats at once."""
    strips = film.pixel_rows(strip_rows(film.values.shape[1]))
    return np.clip(resize_strips(strips, (size, size), Image.Resampling.BILINEAR), 0.0, 1.0)


def preprocess_film(
    pixels: NDArray[np.float32], size: int, mean: Sequence[float], std: Sequence[float]
) -> NDArray[np.float32]:
    """A radiograph's pixels, float32 in [0, 1], as float32 (3, size, size), normalised as the base expects it.

    `mean` and `std` are those of the base's image processor, one for each of the three channels.
    """
    greys = resize_to_square(pixels, size)
    means, stds = (np.asarray(values, dtype=np.float32).reshape(3, 1, 1) for values in (mean, std))
    return ((greys[None] - means) / stds).astype(np.float32)
