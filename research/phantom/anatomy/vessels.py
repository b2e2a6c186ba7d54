"""The vessels of the lungs: two trees that leave the hila, fork and taper, the same for all films of a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from research.phantom.anatomy.body import Body
from research.phantom.projection.beam import Points
from research.phantom.projection.solids import part_rng

_TRUNKS: Final = 13
_FORKINGS: Final = 5
_SAMPLES: Final = 10  # control points of a branch


@dataclass(frozen=True)
class Tree:
    """Branches of one lung: curves (n, 3, samples) in cm, and the radius at each branch's ends (n,)."""

    curves: NDArray[np.float64]
    first: NDArray[np.float64]
    last: NDArray[np.float64]

    def points(self, spacing: float) -> tuple[Points, NDArray[np.float64], NDArray[np.float64]]:
        """Points at most `spacing` apart with their radius and the length that each stands for."""
        lengths = np.linalg.norm(np.diff(self.curves, axis=2), axis=1).sum(axis=1)
        counts = np.maximum(np.ceil(lengths / spacing).astype(int), 2)
        branch = np.repeat(np.arange(len(counts)), counts)
        at = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        fraction = (at + 0.5) / counts[branch]
        place = fraction * (_SAMPLES - 1)
        low = np.minimum(place.astype(int), _SAMPLES - 2)
        part = place - low
        points = self.curves[branch, :, low] * (1 - part)[:, None] + self.curves[branch, :, low + 1] * part[:, None]
        radius = self.first[branch] * (1 - fraction) + self.last[branch] * fraction
        return points.T, radius, lengths[branch] / counts[branch]


def hilum(body: Body, sign: int) -> NDArray[np.float64]:
    """Where the vessels of a lung come from; the left hilum lies a little higher."""
    return np.array([sign * 3.3, body.apex + 11.6 - (0.9 if sign > 0 else 0.0), -0.8])


def grow(body: Body, seed: int, sign: int) -> Tree:
    """The vessels of one lung."""
    rng = part_rng(seed, f"vessels {sign}")
    start = np.repeat(hilum(body, sign)[None], _TRUNKS, axis=0) + rng.normal(0.0, 0.35, (_TRUNKS, 3))
    start[:, 1] += np.linspace(-1.3, 1.9, _TRUNKS)
    angle = np.linspace(-1.35, 1.42, _TRUNKS) + rng.normal(0.0, 0.09, _TRUNKS)
    heading = np.stack((sign * np.cos(angle), np.sin(angle), np.clip(rng.normal(0.0, 0.5, _TRUNKS), -1.0, 1.0)), axis=1)
    heading /= np.linalg.norm(heading, axis=1)[:, None]
    # Standing, the lower vessels carry more.
    radius = rng.uniform(0.44, 0.66, _TRUNKS) * (1.0 + 0.22 * np.sin(angle))
    length = rng.uniform(2.2, 3.4, _TRUNKS) * (1.0 + 0.25 * np.abs(np.sin(angle)))
    curves, first, last = [], [], []
    for forking in range(_FORKINGS + 1):
        bend = rng.normal(0.0, 0.16, heading.shape)
        t = np.linspace(0.0, 1.0, _SAMPLES)
        way = heading[:, :, None] * t + bend[:, :, None] * (t * t)
        branch = start[:, :, None] + length[:, None, None] * way
        end_radius = radius * 0.77
        curves.append(branch)
        first.append(radius)
        last.append(end_radius if forking < _FORKINGS else 0.3 * radius)
        onward = heading + 2 * bend
        onward /= np.linalg.norm(onward, axis=1)[:, None]
        aside = np.cross(onward, rng.normal(0.0, 1.0, onward.shape) * np.array([0.5, 0.5, 1.0]))
        aside /= np.maximum(np.linalg.norm(aside, axis=1), 1e-9)[:, None]
        wide = rng.uniform(0.25, 0.62, len(onward))[:, None]
        major = rng.uniform(0.25, 1.0, len(onward))[:, None]
        heading = np.concatenate((onward + aside * wide * major, onward - aside * wide))
        heading[:, 2] *= 0.85
        heading /= np.linalg.norm(heading, axis=1)[:, None]
        start = np.concatenate((branch[:, :, -1], branch[:, :, -1]))
        radius = np.concatenate((end_radius * 0.96, end_radius * rng.uniform(0.6, 0.9, len(end_radius))))
        length = np.concatenate((length, length)) * rng.uniform(0.66, 1.02, len(start))
    tree = Tree(np.concatenate(curves), np.concatenate(first), np.concatenate(last))
    return tree
