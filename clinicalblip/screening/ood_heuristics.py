"""Whether a film can be a chest radiograph at all, by plain means: its outline, its greys and its edges.

Each limit lies beyond what 999 of 1,000 chest films reach at 160 pixels (`research/benchmarks/ood.py` counts uploads),
so these rules notice what is plainly something else: a blank picture, noise, print, drawings, most photographs, and
pictures that are for the larger part empty, as of a hand or a slice. What looks more like a chest than that, a model's
encoder has to notice (`instructblip/gate.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.radiograph import Radiograph, View

SIDE = 160
"""Pixels on the short side of the reduced picture that the rules look at."""

LONGEST, LONGEST_LATERAL = 2.1, 2.6
ONE_GREY, ONE_GREY_LATERAL = 0.55, 0.65
BLACK_AND_WHITE = 0.65
FEWEST_GREYS = 32
ALIKE, NOISE = 0.89, 0.5
HARD_EDGES = 0.045
ON_ITS_SIDE = 0.95
EVEN_FIELD = 0.97

_ALMOST = 0.03  # greys nearer than this are one grey to the eye
_GRID = 24
_SHIFTS = 3  # how many cells of the grid a chest may be off the middle of its film
_SAMPLES = 256


@dataclass(frozen=True)
class ImageFeatures:
    """What the rules read from a picture, all of it independent of its size.

    `aspect`: long side by short side. `distinct`: different greys on a grid of at most 256 x 256 pixels.
    `near_median` and `commonest`: share of pixels around the median, and around the commonest grey. `extreme`: share
    that is black or white. `alike`: correlation of neighbouring pixels, the lower of both directions. `hard_edges`:
    share of pixels with a step of a third of the range to their neighbours. `turned`: by how much top and bottom
    mirror each other better than left and right do.
    """

    aspect: float
    distinct: int
    near_median: float
    commonest: float
    extreme: float
    alike: float
    hard_edges: float
    turned: float


def heuristic_doubts(radiograph: Radiograph) -> tuple[str, ...]:
    """Why a film's outline and greys are not those of a chest radiograph: whole sentences, none where they could be.

    A film whose view is lateral is judged more loosely: it is longer, more of it is empty, and it has no symmetry.
    """
    if min(radiograph.values.shape) < _GRID:
        return (f"The picture is only {min(radiograph.values.shape)} pixels on its short side: too few for a chest.",)
    return tuple(_doubts(measure_image(radiograph.pixels), lateral=radiograph.view is View.LATERAL))


def measure_image(pixels: NDArray[np.float32]) -> ImageFeatures:
    """Measure a picture of float32 greys in [0, 1], (rows, columns), at least 24 x 24."""
    step = tuple(-(-length // _SAMPLES) for length in pixels.shape)
    greys = _reduced(pixels)
    counts = np.histogram(greys, 64, (0.0, 1.0))[0] / greys.size
    commonest = np.convolve(counts, np.ones(3))
    across, down = np.abs(np.diff(greys, axis=1))[:-1], np.abs(np.diff(greys, axis=0))[:, :-1]
    grid = _gridded(greys)
    return ImageFeatures(
        aspect=max(pixels.shape) / min(pixels.shape),
        distinct=len(np.unique(np.rint(pixels[:: step[0], :: step[1]] * 4095))),
        near_median=float((np.abs(greys - np.median(greys)) < _ALMOST).mean()),
        commonest=float(commonest.max()),
        extreme=float(((greys < 0.05) | (greys > 0.95)).mean()),
        alike=min(_correlation(greys[:, 1:], greys[:, :-1]), _correlation(greys[1:], greys[:-1])),
        hard_edges=float((across + down > 1 / 3).mean()),
        turned=_symmetry(grid.T) - _symmetry(grid),
    )


def _doubts(shape: ImageFeatures, *, lateral: bool) -> Iterator[str]:
    if shape.aspect > (LONGEST_LATERAL if lateral else LONGEST):
        yield f"The picture is {shape.aspect:.1f} times as long as it is wide, and no chest radiograph is."
    if shape.near_median > EVEN_FIELD:
        yield "Almost every pixel has the same grey: the picture looks blank."
    elif shape.commonest > ONE_GREY and (shape.hard_edges > HARD_EDGES or shape.alike < ALIKE):
        yield "Sharp marks stand on an even ground: the picture looks like a page of text, a drawing or a screen."
    elif shape.alike < NOISE:
        yield "Neighbouring pixels have little to do with each other: the picture looks like noise."
    elif shape.distinct < FEWEST_GREYS:
        yield f"The picture has only {shape.distinct} different greys: it looks like a drawing."
    elif shape.alike < ALIKE or shape.hard_edges > HARD_EDGES:
        yield "The picture has more hard edges than a radiograph: it looks like a photograph, a drawing or a screen."
    elif shape.commonest > (ONE_GREY_LATERAL if lateral else ONE_GREY):
        yield "More than half of the picture is empty, as around a hand or a slice, and a chest would fill it."
    elif shape.extreme > BLACK_AND_WHITE:
        yield "Most of the picture is either black or white, and a chest radiograph has greys in between."
    elif not lateral and shape.turned > ON_ITS_SIDE:
        yield "Left and right halves do not mirror each other as lungs do, but top and bottom do."


def _reduced(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """The picture in blocks averaged to `SIDE` pixels or a little more on its short side."""
    block = max(1, min(pixels.shape) // SIDE)
    rows, columns = (length // block for length in pixels.shape)
    blocks = pixels[: rows * block, : columns * block].reshape(rows, block, columns, block)
    return np.asarray(blocks.mean((1, 3)), dtype=np.float32)


def _gridded(greys: NDArray[np.float32]) -> NDArray[np.float32]:
    """The whole picture averaged to `_GRID` x `_GRID` cells."""
    rows, columns = (np.linspace(0, length, _GRID + 1).astype(np.intp) for length in greys.shape)
    sums = np.add.reduceat(np.add.reduceat(greys, rows[:-1], axis=0), columns[:-1], axis=1)
    return np.asarray(sums / np.outer(np.diff(rows), np.diff(columns)), dtype=np.float32)


def _symmetry(grid: NDArray[np.float32]) -> float:
    """How well the left of a grid mirrors its right, -1 to 1, about the best axis near the middle."""
    mirrored, last = grid[:, ::-1], grid.shape[1] - _SHIFTS
    middle = grid[:, _SHIFTS:last]
    return max(
        _correlation(middle, mirrored[:, _SHIFTS + shift : last + shift]) for shift in range(-_SHIFTS, _SHIFTS + 1)
    )


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Pearson's, and 1 where either is even: nothing differs there."""
    one, other = one - one.mean(dtype=np.float64), other - other.mean(dtype=np.float64)
    spread = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / spread if spread > 1e-6 else 1.0
