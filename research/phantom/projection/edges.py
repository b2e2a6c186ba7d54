"""What a film shows besides the patient: collimated edges, and the lead letter that marks the patient's left."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.radiograph import View
from research.phantom.projection.solids import part_rng, step

_LETTER = 0.034  # the letter's height as a fraction of the film


def finish(film: NDArray[np.float32], seed: int, exposure: int, view: View) -> NDArray[np.float32]:
    """The film with its lead letter (55 % of the frontal films) and its collimated edges (35 %)."""
    rng = part_rng(seed, f"edges {exposure} {view is View.LATERAL}")
    lettered, collimated = rng.random(2) < (0.55, 0.35)
    places = rng.uniform((0.86, 0.04, 0.6), (0.95, 0.2, 1.3)).tolist()
    margins, tilt = np.maximum(rng.uniform(-0.04, 0.06, 4), 0.0), float(rng.normal(0.0, 0.012))
    size = film.shape[0]
    axis = (np.arange(size, dtype=np.float32) + 0.5) / size
    x, y = axis[None, :], axis[:, None]
    if lettered and view is not View.LATERAL:
        left, top, thick = places
        tall, bar = _LETTER, 0.13 * _LETTER * thick
        upright = _within(x, left, left + 2 * bar) * _within(y, top, top + tall)
        foot = _within(x, left, left + 0.6 * tall) * _within(y, top + tall - 2 * bar, top + tall)
        film = np.maximum(film, np.float32(0.97) * np.maximum(upright, foot))
    if collimated:
        across, down = x + np.float32(tilt) * (y - 0.5), y - np.float32(tilt) * (x - 0.5)
        lit = _within(across, margins[0], 1 - margins[1]) * _within(down, margins[2], 1 - margins[3])
        film = film * lit
    return np.asarray(film, dtype=np.float32)


def _within(place: NDArray[np.float32], low: float, high: float) -> NDArray[np.float32]:
    return np.asarray(step(place - low, 0.0015) * step(high - place, 0.0015), dtype=np.float32)
