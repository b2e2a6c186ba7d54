"""Where on the films one sentence of a report was taken from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Evidence:
    """One sentence, how likely it was, and how much less likely where a part of a film is hidden.

    `likelihood` is its log-likelihood in nats, given everything before it. `drops` has for each film, in the model's
    order, float32 (rows, columns): by how many nats the log-likelihood drops when that cell of the film is hidden,
    negative where the sentence becomes likelier. The cells divide the film's height and width equally.
    """

    sentence: str
    likelihood: float
    drops: tuple[NDArray[np.float32], ...]

    def __post_init__(self) -> None:
        if not self.drops or any(drop.ndim != 2 or not np.isfinite(drop).all() for drop in self.drops):
            raise ValueError("evidence needs a table of numbers for each film")

    def upsample(self, film: int, rows: int, columns: int) -> NDArray[np.float32]:
        """The drops of one film for each of its pixels, float32 (rows, columns), bilinear between the cells."""
        drops = self.drops[film]
        down, across = _weights(drops.shape[0], rows), _weights(drops.shape[1], columns)
        return np.asarray(down @ drops @ across.T, dtype=np.float32)


def _weights(cells: int, pixels: int) -> NDArray[np.float32]:
    """The weight of each cell at each pixel of a side, (pixels, cells): 1 at its middle, falling towards the next."""
    middles = (np.arange(cells) + 0.5) / cells
    places = (np.arange(pixels) + 0.5) / pixels
    return np.stack([np.interp(places, middles, one) for one in np.eye(cells)], axis=1).astype(np.float32)
