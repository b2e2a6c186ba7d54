"""The pointing game: whether the highest place of a map lies where a finding is.

Zhang et al., Top-down Neural Attention by Excitation Backprop, ECCV 2016; here without a tolerance around the finding.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def points_at(values: NDArray[np.floating], mask: NDArray[np.bool_]) -> bool:
    """Whether the highest value, the first of equal ones, lies inside the mask; both (rows, columns)."""
    _check(values.shape, mask)
    if not np.isfinite(values).all():
        raise ValueError("a map points nowhere where it is not a number")
    return bool(mask.ravel()[int(values.argmax())])


def chance(mask: NDArray[np.bool_]) -> float:
    """How often a place drawn at random lies inside the mask."""
    _check(mask.shape, mask)
    return float(mask.mean())


def centre_hits(mask: NDArray[np.bool_]) -> bool:
    """Whether the middle of the film lies inside the mask: what a map that never looks may reach."""
    _check(mask.shape, mask)
    return bool(mask[mask.shape[0] // 2, mask.shape[1] // 2])


def _check(shape: tuple[int, ...], mask: NDArray[np.bool_]) -> None:
    if mask.ndim != 2 or mask.shape != shape or mask.dtype != np.bool_ or not mask.any():
        raise ValueError(
            f"the pointing game needs a map and a mask of its shape, true somewhere, not {shape} and {mask.shape}"
        )
