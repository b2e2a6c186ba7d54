"""Chords through simple solids, soft edges, blur and texture: what a drawn chest is put together from."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Layer = NDArray[np.floating[Any]]  # float32 in fact; numpy's types lose that at every Python float


def chord(distance_squared: Layer, power: float = 0.5) -> Layer:
    """Half the chord through a unit solid at the given squared distance from its axis; 0 outside."""
    half: Layer = np.maximum(1.0 - distance_squared, 0.0) ** power
    return half


def ellipsoid(x: Layer, y: Layer, centre: tuple[float, float], axes: tuple[float, float], tilt: float) -> Layer:
    """Half the chord through an ellipsoid that is turned by `tilt` radians in the picture's plane, 0 to 1."""
    cos, sin = np.cos(tilt), np.sin(tilt)
    along, across = (x - centre[0]) * cos + (y - centre[1]) * sin, (y - centre[1]) * cos - (x - centre[0]) * sin
    return chord((along / axes[0]) ** 2 + (across / axes[1]) ** 2)


def step(value: Layer, softness: float) -> Layer:
    """From 0 where the value is negative to 1 where it is positive, over about four times `softness`."""
    rising: Layer = 1.0 / (1.0 + np.exp(-np.clip(value / softness, -30.0, 30.0)))
    return rising


def blur(picture: Layer, radius: float) -> Layer:
    """Gaussian blur of `radius` pixels (standard deviation), edges mirrored."""
    if radius < 0.2:
        return picture
    pad = int(min(picture.shape[0] - 1, np.ceil(3 * radius)))
    padded = np.pad(picture, pad, mode="reflect")
    rows, columns = np.fft.fftfreq(padded.shape[0])[:, None], np.fft.rfftfreq(padded.shape[1])[None, :]
    spectrum = np.fft.rfft2(padded) * np.exp(-2.0 * (np.pi * radius) ** 2 * (rows**2 + columns**2))
    blurred = np.fft.irfft2(spectrum, s=padded.shape)
    return blurred[pad : blurred.shape[0] - pad, pad : blurred.shape[1] - pad].astype(picture.dtype)


def enlarge(coarse: Layer, size: int) -> Layer:
    """Bilinear enlargement of a coarse square grid to `size` pixels a side."""
    position = np.linspace(0.0, coarse.shape[0] - 1.0, size)
    low = np.minimum(position.astype(int), coarse.shape[0] - 2)
    part = (position - low).astype(np.float32)
    rows = coarse[low] * (1 - part)[:, None] + coarse[low + 1] * part[:, None]
    enlarged: Layer = rows[:, low] * (1 - part) + rows[:, low + 1] * part
    return enlarged


def clouds(random: np.random.Generator, size: int) -> Layer:
    """Smooth random texture, mean about 0 and standard deviation about 1, the same at every picture size."""
    total = np.zeros((size, size), dtype=np.float32)
    for cells, weight in ((5, 0.7), (11, 0.55), (25, 0.35), (60, 0.25)):
        total += weight * enlarge(random.standard_normal((cells, cells)).astype(np.float32), size)
    return blur(total, size / 250)
