"""Where on the films one sentence of a report was taken from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Evidence:
    """One sentence, how likely it was, and by how much less where a part of a film is not seen.

    `likelihood` is its log-likelihood in nats after everything before it; `falls` has for each film, in the model's
    order, float32 (rows, columns): the nats by which that falls without the film's part there, negative where the
    sentence would be likelier. The parts are equal shares of the film's height and width.
    """

    sentence: str
    likelihood: float
    falls: tuple[NDArray[np.float32], ...]

    def __post_init__(self) -> None:
        if not self.falls or any(fall.ndim != 2 or not np.isfinite(fall).all() for fall in self.falls):
            raise ValueError("evidence needs a table of numbers for each film")

    def over(self, film: int, rows: int, columns: int) -> NDArray[np.float32]:
        """The falls of one film for each of its pixels, float32 (rows, columns), bilinear between the parts."""
        falls = self.falls[film]
        down, across = _between(falls.shape[0], rows), _between(falls.shape[1], columns)
        return np.asarray(down @ falls @ across.T, dtype=np.float32)


def _between(parts: int, pixels: int) -> NDArray[np.float32]:
    """How much each part counts at each pixel of a side, (pixels, parts): all at its middle, less towards the next."""
    middles = (np.arange(parts) + 0.5) / parts
    places = (np.arange(pixels) + 0.5) / pixels
    return np.stack([np.interp(places, middles, one) for one in np.eye(parts)], axis=1).astype(np.float32)
