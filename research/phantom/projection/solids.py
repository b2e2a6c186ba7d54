"""Chords through solids, soft edges, blur and texture: the building blocks of a drawn chest."""

from __future__ import annotations

import zlib
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Layer = NDArray[np.floating[Any]]  # float32 in fact; numpy's types lose that at every Python float


def part_rng(seed: int, part: str) -> np.random.Generator:
    """The random generator of one part of one phantom; what other parts draw does not change it."""
    return np.random.default_rng((seed, zlib.crc32(part.encode())))


def round_chord(across: Layer, power: float = 2.0) -> Layer:
    """The chord through a unit superellipse at that distance from its axis, 1 in the middle and 0 outside."""
    room: Layer = np.maximum(1.0 - np.abs(across) ** power, 0.0)
    return np.sqrt(room)


def step(value: Layer, softness: float) -> Layer:
    """From 0 where the value is negative to 1 where it is positive, within twice `softness` of 0."""
    part = np.clip(value / (2.0 * softness) + 0.5, 0.0, 1.0)
    rising: Layer = part * part * (3.0 - 2.0 * part)
    return rising


def union(first: Layer, second: Layer) -> Layer:
    """The larger of two chords with a rounded seam."""
    joined: Layer = np.sqrt(np.sqrt(np.square(np.square(first)) + np.square(np.square(second))))
    return joined


def blur(picture: Layer, radius: float) -> Layer:
    """Gaussian blur with a standard deviation of `radius` pixels, edges mirrored; wide ones on a coarser grid."""
    if radius < 0.15:
        return picture
    size = picture.shape[0]
    shrink = max(1, int(radius / 4))
    if shrink == 1:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), radius, borderType=cv2.BORDER_REFLECT_101))
    small = max(8, -(-size // shrink))
    coarse = cv2.resize(picture, (small, small), interpolation=cv2.INTER_AREA)
    wide = cv2.GaussianBlur(coarse, (0, 0), radius * small / size, borderType=cv2.BORDER_REFLECT_101)
    return enlarge(np.asarray(wide, dtype=np.float32), size)


def enlarge(coarse: Layer, size: int) -> Layer:
    """Bicubic enlargement of a coarse square grid to `size` pixels a side."""
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC))


def clouds(rng: np.random.Generator, size: int, cells: tuple[int, ...] = (5, 11, 25, 60)) -> Layer:
    """Smooth random texture, mean about 0 and standard deviation about 1, the same at every picture size."""
    total = np.zeros((size, size), dtype=np.float32)
    weight, power = 1.0, 0.0
    for number in cells:
        grid = rng.standard_normal((number, number)).astype(np.float32)
        if number > size:
            grid = np.asarray(cv2.resize(grid, (size, size), interpolation=cv2.INTER_AREA))
        total += weight * enlarge(grid, size)
        power, weight = power + weight * weight, weight * 0.7
    return total / np.float32(0.75 * np.sqrt(power))
