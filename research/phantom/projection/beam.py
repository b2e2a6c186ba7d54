"""Where rays run: diverging from the focal spot, through the body's coordinates, to the pixels of the film.

Body coordinates in centimetres: x to the patient's left, y downwards, z forwards, the origin in the middle of the
chest. Solids are integrated along the rays in closed form on the plane of their own depth; whatever is thin (bones,
vessels, devices) is a cloud of points that each carry mass, projected one by one, which is the same integral by sums.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.radiograph import View
from research.phantom.projection.solids import Layer, blur, part_rng

Points = NDArray[np.float64]  # (3, n): x, y, z in cm
_SOURCE_CM = {View.PA: 168.0, View.AP: 92.0, View.LATERAL: 165.0}  # from the focal spot to the middle of the chest


@dataclass(frozen=True)
class Pose:
    """How the body stands before the film: angles in radians, lengths in cm on the plane through the body's middle."""

    field: float
    across: float
    down: float
    tilt: float
    turn: float

    @classmethod
    def of(cls, seed: int, exposure: int, view: View) -> Pose:
        """The pose of one exposure of one person."""
        rng = part_rng(seed, f"pose {exposure} {view is View.LATERAL}")
        loose = 1.6 if view is View.AP else 1.0
        sideways = view is View.LATERAL
        return cls(
            field=float(rng.uniform(29.0, 34.0) if sideways else rng.uniform(32.0, 38.0)),
            across=float(rng.uniform(-1.2, 1.2)) * loose,
            down=float(rng.uniform(-1.2, 2.2)),
            # From the side people lean: the breastbone slants.
            tilt=float(rng.normal(0.10, 0.05) if sideways else rng.normal(0.0, 0.018) * loose),
            turn=float(rng.normal(0.0, 0.03)) * loose,
        )


class Beam:
    """The rays of one exposure on a square grid of pixels, and what thin structures leave on it."""

    def __init__(self, view: View, size: int, pose: Pose) -> None:
        self.view, self.size, self.pose = view, size, pose
        self.pixel = pose.field / size
        axis = ((np.arange(size, dtype=np.float32) + 0.5) / size - 0.5) * np.float32(pose.field)
        across, down = axis[None, :] - np.float32(pose.across), axis[:, None] - np.float32(pose.down)
        self._cos, self._sin = np.float32(np.cos(pose.tilt)), np.float32(np.sin(pose.tilt))
        self._h: Layer = across * self._cos + down * self._sin
        self._y: Layer = down * self._cos - across * self._sin
        self._waiting: dict[int, list[tuple[Points, NDArray[np.float64]]]] = {}

    @property
    def lateral(self) -> bool:
        """Whether the rays run from the patient's right to the left side."""
        return self.view is View.LATERAL

    def scale(self, depth: float) -> float:
        """The magnification at a depth along the rays: z in a frontal film, x in a lateral one."""
        source = _SOURCE_CM[self.view]
        return source / (source + (-depth if self.view is View.AP else depth))

    def plane(self, depth: float) -> tuple[Layer, Layer]:
        """Horizontal and vertical body coordinates at that depth: x and y in a frontal film, z and y in a lateral one.

        The body's turn is taken as a shift there: solids keep their shape for the few degrees that it is.
        """
        scale, turn = np.float32(self.scale(depth)), np.float32(np.sin(self.pose.turn) * depth)
        if self.lateral:
            return -self._h / scale + turn, self._y / scale
        return self._h / scale - turn, self._y / scale

    def project(self, points: Points) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Column, row (in pixels, from the first pixel's centre) and magnification of each point."""
        x, y, z = points
        cos, sin = np.cos(self.pose.turn), np.sin(self.pose.turn)
        x, z = x * cos + z * sin, z * cos - x * sin
        across, depth = (-z, x) if self.lateral else (x, z)
        source = _SOURCE_CM[self.view]
        scale = source / (source + (-depth if self.view is View.AP else depth))
        h, v = across * scale, y * scale
        column = h * self._cos - v * self._sin + self.pose.across
        row = h * self._sin + v * self._cos + self.pose.down
        half = 0.5 * self.size - 0.5
        return column / self.pixel + half, row / self.pixel + half, scale

    def add(self, points: Points, mass: NDArray[np.float64] | float, width: float) -> None:
        """Add points of that mass (attenuation per cm times cm3), each spread with a std of `width` cm."""
        mass = np.broadcast_to(mass, points.shape[1:])
        self._waiting.setdefault(round(2 * np.log2(max(width, 0.02))), []).append((points, mass))

    def absorbed(self) -> Layer:
        """The attenuation along each ray by all points added since the last call."""
        total = np.zeros((self.size, self.size), dtype=np.float32)
        for key, parts in self._waiting.items():
            points = np.concatenate([part for part, _ in parts], axis=1)
            mass = np.concatenate([part for _, part in parts])
            total += blur(self._deposit(points, mass), 2.0 ** (key / 2) / self.pixel)
        self._waiting = {}
        return total

    def _deposit(self, points: Points, mass: NDArray[np.float64]) -> Layer:
        """Distribute each point's mass over the four pixels around it."""
        column, row, scale = self.project(points)
        mass = mass * scale**2 / self.pixel**2
        inside = (column > 0) & (column < self.size - 1) & (row > 0) & (row < self.size - 1)
        column, row, mass = column[inside], row[inside], mass[inside]
        left, top = column.astype(np.int64), row.astype(np.int64)
        right_part, low_part = column - left, row - top
        corner, number = top * self.size + left, self.size * self.size
        lower = mass * low_part
        upper = mass - lower
        found = np.zeros(number)
        for part, right, down in ((upper, 0, 0), (upper, 1, 0), (lower, 0, 1), (lower, 1, 1)):
            fraction = part * right_part if right else part * (1 - right_part)
            found += np.bincount(corner + (right + self.size * down), fraction, number)
        return found.astype(np.float32).reshape(self.size, self.size)

    def spacing(self, width: float) -> float:
        """How far apart, in cm, points that are spread over `width` cm may be and still look continuous."""
        return max(0.8 * self.pixel, width)


def curve(knots: NDArray[np.float64], spacing: float) -> tuple[Points, NDArray[np.float64]]:
    """A smooth curve (Catmull-Rom) through knots (3, k): points about `spacing` cm apart and the length of each."""
    ends = np.concatenate((2 * knots[:, :1] - knots[:, 1:2], knots, 2 * knots[:, -1:] - knots[:, -2:-1]), axis=1)
    length = float(np.linalg.norm(np.diff(knots), axis=0).sum())
    number = max(2, int(np.ceil(1.08 * length / spacing)))
    at = (np.arange(number) + 0.5) / number * (knots.shape[1] - 1)
    piece = np.minimum(at.astype(int), knots.shape[1] - 2)
    t = at - piece
    a, b, c, d = (ends[:, piece + shift] for shift in range(4))
    points = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - 3 * c + d - a) * t**3)
    return points, np.linalg.norm(np.gradient(points, axis=1), axis=0)


def add_wire(beam: Beam, knots: NDArray[np.float64], radius: float, attenuation: float) -> None:
    """A solid thread of that radius along the curve; its profile's standard deviation is half its radius."""
    points, length = curve(knots, beam.spacing(0.5 * radius))
    beam.add(points, attenuation * np.pi * radius**2 * length, 0.5 * radius)


def tube(knots: NDArray[np.float64], radius: float, wall: float, spacing: float) -> tuple[Points, NDArray[np.float64]]:
    """Points on circles around a curve, and the volume of wall in cm3 that each stands for."""
    points, length = curve(knots, spacing)
    along = np.gradient(points, axis=1)
    along /= np.maximum(np.linalg.norm(along, axis=0), 1e-9)
    aside = np.cross(along, np.array((0.31, 0.17, 0.94)), axis=0)
    aside /= np.maximum(np.linalg.norm(aside, axis=0), 1e-9)
    other = np.cross(along, aside, axis=0)
    number = max(8, int(np.ceil(2 * np.pi * radius / spacing)))
    angle = (np.arange(number) + 0.5) * 2 * np.pi / number
    ring = points[:, :, None] + radius * aside[:, :, None] * np.cos(angle) + radius * other[:, :, None] * np.sin(angle)
    volume = np.repeat(wall * 2 * np.pi * radius / number * length, number)
    return ring.reshape(3, -1), volume


def add_tube(beam: Beam, knots: NDArray[np.float64], radius: float, wall: float, attenuation: float) -> None:
    """A hollow tube along the curve, whose two walls show."""
    points, volume = tube(knots, radius, wall, beam.spacing(0.5 * wall))
    beam.add(points, attenuation * volume, 0.5 * wall)
