"""The spine: vertebrae with their end plates, pedicles, spinous and transverse processes, from the neck to the loin."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from research.phantom.anatomy.body import Body
from research.phantom.anatomy.bones import CORTEX, FIRST_RIB, MARROW, PITCH
from research.phantom.projection.beam import Beam, Points, curve, tube
from research.phantom.projection.solids import part_rng

_VERTEBRAE: Final = 19
_ABOVE: Final = 6.6  # so many of them above the first rib's
_FLAT: Final = 0.85  # a vertebra's depth against its width


class _Column:
    """Where each vertebra lies, how large it is and how it leans, arrays of one value each."""

    def __init__(self, body: Body, seed: int) -> None:
        number = np.arange(_VERTEBRAE)
        self.pitch = PITCH * (0.72 + 0.018 * number)
        start = body.apex + FIRST_RIB - _ABOVE * PITCH + float(part_rng(seed, "spine").uniform(-0.2, 0.2))
        self.y = start + np.concatenate(([0.0], np.cumsum(self.pitch)[:-1]))
        self.x = body.spine(self.y).astype(np.float64)
        self.z = body.kyphosis(self.y).astype(np.float64) - 0.1
        self.half = 1.15 + 0.058 * number
        self.tall = 0.40 * self.pitch
        self.lean = 2 * (body.spine(self.y + 0.5) - self.x)

    def bodies(self, across: NDArray[np.float64], up: NDArray[np.float64], deep: NDArray[np.float64]) -> Points:
        """The same points of every vertebral body, given in halves of its width, height and depth."""
        half, tall, lean = self.half[:, None], self.tall[:, None], self.lean[:, None]
        x = self.x[:, None] + half * across - 0.2 * lean * tall * up
        y = self.y[:, None] + tall * up + lean * half * across
        z = self.z[:, None] + _FLAT * half * deep
        return np.stack((x.ravel(), y.ravel(), z.ravel()))

    def arches(self, points: Points, which: slice, outward: float = 0.0) -> Points:
        """The same points behind the bodies, in cm; `outward` moves them aside by that fraction of the half width."""
        aside = (self.x + outward * self.half)[which, None]
        x, y, z = aside + points[0], self.y[which, None] + points[1], self.z[which, None] + points[2]
        return np.stack((x.ravel(), y.ravel(), z.ravel()))


def add_spine(beam: Beam, body: Body, seed: int) -> None:
    """Add the whole spine."""
    column = _Column(body, seed)
    _add_bodies(beam, column, body.bone)
    bone, spacing = CORTEX * body.bone, beam.spacing(0.05)
    every, thoracic = slice(None), slice(7, 17)
    ring = np.linspace(0.0, 2 * np.pi, 24)
    for sign in (-1, 1):
        oval = np.stack((0.26 * np.cos(ring), 0.42 * np.sin(ring) - 0.2, np.full(24, -1.6)))
        points, length = curve(oval, spacing)
        pedicles = column.arches(points, every, sign * 0.62)
        beam.add(pedicles, np.tile(0.8 * bone * np.pi * 0.11**2 * length, _VERTEBRAE), 0.055)
        process = np.array([[0.0, sign * 1.5], [-0.1, -0.3], [-2.2, -2.9]])
        points, volume = tube(process, 0.34, 0.08, spacing)
        beam.add(column.arches(points, thoracic, sign * 0.8), np.tile(bone * volume, 10), 0.04)
    spinous = np.array([[0.0, 0.0, 0.0], [0.0, 0.6, 1.5], [-2.4, -3.3, -4.2]])
    points, volume = tube(spinous, 0.30, 0.10, spacing)
    beam.add(column.arches(points, every), np.tile(bone * volume, _VERTEBRAE), 0.05)


def _add_bodies(beam: Beam, column: _Column, bone: float) -> None:
    half, tall, spacing = float(column.half.max()), float(column.tall.max()), beam.spacing(0.1)
    number = max(8, int(2 * half / spacing))
    line = np.linspace(-1.0, 1.0, number)
    u, w = (grid.ravel() for grid in np.meshgrid(line, line))
    inside = u**2 + w**2 < 1
    u, w = u[inside], w[inside]
    area = np.repeat(4 * column.half**2 * _FLAT / number**2, len(u))
    for end in (-1.0, 1.0):
        beam.add(column.bodies(u, np.full(len(u), end), w), CORTEX * 0.10 * bone * area, 0.06)
    angle = np.linspace(0.0, 2 * np.pi, max(16, int(6.3 * half / spacing)), endpoint=False)
    levels = np.linspace(-1.0, 1.0, max(6, int(2 * tall / spacing)))
    a, v = (grid.ravel() for grid in np.meshgrid(angle, levels))
    waist = 0.88 + 0.12 * v**2
    wall = np.repeat(column.tall * column.half, len(a)) * 4 * np.pi / len(a)
    beam.add(column.bodies(waist * np.cos(a), v, waist * np.sin(a)), CORTEX * 0.05 * bone * wall, 0.06)
    layers = np.linspace(-1.0, 1.0, max(6, int(2 * tall / max(spacing, 0.25))))
    some_u, some_w = u[::2], w[::2]
    marrow = column.bodies(np.repeat(some_u, len(layers)), np.tile(layers, len(some_u)), np.repeat(some_w, len(layers)))
    volume = np.repeat(
        8 * column.half**2 * _FLAT / number**2 * 2 * column.tall / len(layers), len(some_u) * len(layers)
    )
    beam.add(marrow, MARROW * 0.8 * bone * volume, 0.16)
