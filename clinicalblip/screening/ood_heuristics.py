"""Whether a film can be a chest radiograph at all, by plain means: its outline, its greys and its edges.

Each limit lies beyond what 999 of 1,000 chest films reach at 160 pixels (`research/benchmarks/ood.py` counts uploads),
so these rules notice what is plainly something else: a blank picture, noise, print, drawings, most photographs, and
pictures that are for the larger part empty, as of a hand or a slice. What looks more like a chest than that, a model's
encoder has to notice (`instructblip/vision/ood.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clinicalblip.imaging.grey import full_range
from clinicalblip.imaging.resize import strip_rows
from clinicalblip.radiology.radiograph import Radiograph, View

SHORT_SIDE = 160
"""Pixels on the short side of the reduced picture that the rules look at."""

MAX_ASPECT_RATIO, MAX_ASPECT_RATIO_LATERAL = 2.1, 2.6
MAX_MODE_FRACTION, MAX_MODE_FRACTION_LATERAL = 0.55, 0.65
MAX_EXTREME_FRACTION = 0.65
MIN_GREY_LEVELS = 32
MIN_NEIGHBOUR_CORRELATION, NOISE_CORRELATION = 0.89, 0.5
MAX_EDGE_FRACTION = 0.045
MAX_SYMMETRY_DIFFERENCE = 0.95
MAX_MEDIAN_FRACTION = 0.97

_GREY_TOLERANCE = 0.03  # greys nearer than this are one grey to the eye
_GRID = 24
_MAX_SHIFT = 3  # how many cells of the grid a chest may be off the middle of its film
_MAX_SAMPLES = 256


@dataclass(frozen=True)
class ImageFeatures:
    """What the rules read from a picture, all of it independent of its size.

    `aspect_ratio`: long side by short side. `grey_levels`: different greys on a grid of at most 256 x 256 pixels.
    `median_fraction` and `mode_fraction`: the fraction of pixels around the median, and around the commonest grey.
    `extreme_fraction`: that of black and white pixels. `neighbour_correlation`: of neighbouring pixels, the lower of
    both directions. `edge_fraction`: the fraction of pixels with a step of a third of the range to their neighbours.
    `symmetry_difference`: by how much top and bottom mirror each other better than left and right do.
    """

    aspect_ratio: float
    grey_levels: int
    median_fraction: float
    mode_fraction: float
    extreme_fraction: float
    neighbour_correlation: float
    edge_fraction: float
    symmetry_difference: float


def heuristic_doubts(radiograph: Radiograph) -> tuple[str, ...]:
    """Why a film's outline and greys are not those of a chest radiograph: whole sentences, none where they could be.

    A film whose view is lateral is judged more loosely: it is longer, more of it is empty, and it has no symmetry.
    """
    if min(radiograph.values.shape) < _GRID:
        return (f"The picture is only {min(radiograph.values.shape)} pixels on its short side: too few for a chest.",)
    features = measure_film(radiograph)
    if features.median_fraction > MAX_MEDIAN_FRACTION and (missing := _missing_window(radiograph)):
        return (missing,)
    return tuple(_doubts(features, lateral=radiograph.view is View.LATERAL))


def measure_image(pixels: NDArray[np.float32]) -> ImageFeatures:
    """Measure a picture of float32 greys in [0, 1], (rows, columns), at least 24 x 24."""
    down, across = _steps(pixels.shape)
    return _measure(_downsample(pixels, _block(pixels.shape)), pixels[::down, ::across], pixels.shape)


def measure_film(film: Radiograph) -> ImageFeatures:
    """`measure_image` of a film's pixels, without all of them in floats at once."""
    shape = film.values.shape
    block, (down, across) = _block(shape), _steps(shape)
    rows = max(1, strip_rows(shape[1]) // block) * block
    greys = np.concatenate([_downsample(strip, block) for strip in film.pixel_rows(rows)])
    return _measure(greys, replace(film, values=film.values[::down, ::across]).pixels, shape)


def _measure(greys: NDArray[np.float32], samples: NDArray[np.float32], shape: tuple[int, ...]) -> ImageFeatures:
    """`greys`: the picture reduced; `samples`: single pixels of it; `shape`: its own."""
    counts = np.histogram(greys, 64, (0.0, 1.0))[0] / greys.size
    around_each = np.convolve(counts, np.ones(3))
    across, down = np.abs(np.diff(greys, axis=1))[:-1], np.abs(np.diff(greys, axis=0))[:, :-1]
    grid = _grid_means(greys)
    return ImageFeatures(
        aspect_ratio=max(shape) / min(shape),
        grey_levels=len(np.unique(np.rint(samples * 4095))),
        median_fraction=float((np.abs(greys - np.median(greys)) < _GREY_TOLERANCE).mean()),
        mode_fraction=float(around_each.max()),
        extreme_fraction=float(((greys < 0.05) | (greys > 0.95)).mean()),
        neighbour_correlation=min(_correlation(greys[:, 1:], greys[:, :-1]), _correlation(greys[1:], greys[:-1])),
        edge_fraction=float((across + down > 1 / 3).mean()),
        symmetry_difference=_symmetry(grid.T) - _symmetry(grid),
    )


def _missing_window(radiograph: Radiograph) -> str | None:
    """What to say of a film that only its window shows as one grey; None for one that is blank."""
    full = replace(radiograph, window=full_range(radiograph.values))
    if any(_doubts(measure_film(full), lateral=radiograph.view is View.LATERAL)):
        return None
    name = next((offered.name for offered in radiograph.windows if offered.window == radiograph.window), "")
    called = f'The window "{name}"' if name else "The window"
    return f"{called} shows almost every pixel in the same grey, and the film has more: choose another window."


def _doubts(found: ImageFeatures, *, lateral: bool) -> Iterator[str]:
    if found.aspect_ratio > (MAX_ASPECT_RATIO_LATERAL if lateral else MAX_ASPECT_RATIO):
        yield f"The picture is {found.aspect_ratio:.1f} times as long as it is wide, and no chest radiograph is."
    if found.median_fraction > MAX_MEDIAN_FRACTION:
        yield "Almost every pixel has the same grey: the picture looks blank."
    elif found.mode_fraction > MAX_MODE_FRACTION and (
        found.edge_fraction > MAX_EDGE_FRACTION or found.neighbour_correlation < MIN_NEIGHBOUR_CORRELATION
    ):
        yield "Sharp marks stand on an even ground: the picture looks like a page of text, a drawing or a screen."
    elif found.neighbour_correlation < NOISE_CORRELATION:
        yield "Neighbouring pixels have little to do with each other: the picture looks like noise."
    elif found.grey_levels < MIN_GREY_LEVELS:
        yield f"The picture has only {found.grey_levels} different greys: it looks like a drawing."
    elif found.neighbour_correlation < MIN_NEIGHBOUR_CORRELATION or found.edge_fraction > MAX_EDGE_FRACTION:
        yield "The picture has more hard edges than a radiograph: it looks like a photograph, a drawing or a screen."
    elif found.mode_fraction > (MAX_MODE_FRACTION_LATERAL if lateral else MAX_MODE_FRACTION):
        yield "More than half of the picture is empty, as around a hand or a slice, and a chest would fill it."
    elif found.extreme_fraction > MAX_EXTREME_FRACTION:
        yield "Most of the picture is either black or white, and a chest radiograph has greys in between."
    elif not lateral and found.symmetry_difference > MAX_SYMMETRY_DIFFERENCE:
        yield "Left and right halves do not mirror each other as lungs do, but top and bottom do."


def _block(shape: tuple[int, ...]) -> int:
    """The side of the blocks that leave `SHORT_SIDE` pixels or a little more on a picture's short side."""
    return max(1, min(shape) // SHORT_SIDE)


def _steps(shape: tuple[int, ...]) -> list[int]:
    return [-(-length // _MAX_SAMPLES) for length in shape]


def _downsample(pixels: NDArray[np.float32], block: int) -> NDArray[np.float32]:
    """The picture averaged in blocks; what is left over at its end is left out."""
    rows, columns = (length // block for length in pixels.shape)
    blocks = pixels[: rows * block, : columns * block].reshape(rows, block, columns, block)
    return np.asarray(blocks.mean((1, 3)), dtype=np.float32)


def _grid_means(greys: NDArray[np.float32]) -> NDArray[np.float32]:
    """The whole picture averaged to `_GRID` x `_GRID` cells."""
    rows, columns = (np.linspace(0, length, _GRID + 1).astype(np.intp) for length in greys.shape)
    sums = np.add.reduceat(np.add.reduceat(greys, rows[:-1], axis=0), columns[:-1], axis=1)
    return np.asarray(sums / np.outer(np.diff(rows), np.diff(columns)), dtype=np.float32)


def _symmetry(grid: NDArray[np.float32]) -> float:
    """How well the left of a grid mirrors its right, -1 to 1, about the best axis near the middle."""
    mirrored, last = grid[:, ::-1], grid.shape[1] - _MAX_SHIFT
    middle = grid[:, _MAX_SHIFT:last]
    return max(
        _correlation(middle, mirrored[:, _MAX_SHIFT + shift : last + shift])
        for shift in range(-_MAX_SHIFT, _MAX_SHIFT + 1)
    )


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Pearson's, and 1 where either is even: nothing differs there."""
    one, other = one - one.mean(dtype=np.float64), other - other.mean(dtype=np.float64)
    norm = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / norm if norm > 1e-6 else 1.0
