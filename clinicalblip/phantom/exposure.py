"""From attenuation to grey: Beer-Lambert, scatter, quanta, the detector's blur and the film's characteristic curve."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clinicalblip.phantom.solids import Layer, blur, enlarge, stream
from clinicalblip.radiology.radiograph import View


def expose(attenuation: Layer, pixel: float, seed: int, exposure: int, view: View) -> NDArray[np.float32]:
    """The film of these line integrals: float32 in [0, 1], dense parts bright.

    Transmission is exp(-attenuation) (Beer-Lambert). Scatter is a share of it, blurred over some centimetres, which a
    grid lets through in part. Quanta are counted with Gaussian noise of Poisson's variance. The logarithm of the
    signal, less a part of its wide surroundings as digital systems take away, goes through a sigmoid: the
    characteristic curve of a film. Two pictures of the same seeds have the same noise at each pixel. `pixel` is in cm.
    """
    size = attenuation.shape[0]
    random = stream(seed, f"exposure {exposure} {view is View.LATERAL}")
    portable = view is View.AP
    scatter = float(random.uniform(0.5, 0.9)) * (1.5 if portable else 1.0)
    quanta = float(np.exp(random.uniform(np.log(1.2e6), np.log(1.5e7)))) * (
        0.5 if portable else 1.0
    )  # per cm2, unattenuated
    sharp, equalised = float(random.uniform(0.008, 0.022)), float(random.uniform(0.3, 0.6))
    latitude, middle = float(random.uniform(0.42, 0.7)), float(random.uniform(0.34, 0.5))
    reach = float(random.uniform(2.5, 4.5))
    primary = np.exp(-np.clip(attenuation, 0.0, 12.0))
    # Air beside the body is no source of scatter.
    inside = np.minimum(attenuation / 1.5, 1.0)
    signal = primary + np.float32(scatter) * blur(np.asarray(primary * inside), reach / pixel)
    signal = blur(np.asarray(signal), sharp / pixel)
    noise = _noise(random, size)
    counted = quanta * pixel * pixel
    signal = signal + noise * np.sqrt(signal / np.float32(counted))
    density = -np.log(np.maximum(signal, 2e-4))
    density = density - np.float32(equalised) * blur(np.asarray(density), 4.0 / pixel)
    sample = density[:: max(1, size // 128), :: max(1, size // 128)]
    low, high = np.percentile(sample[sample > np.percentile(sample, 12)], (1.0, 99.0))
    relative = (density - np.float32(low)) / np.float32(max(float(high - low), 1e-3))
    grey = 1.0 / (1.0 + np.exp(-np.clip((relative - np.float32(middle)) / np.float32(latitude / 2.0), -20.0, 20.0)))
    ends = 1.0 / (1.0 + np.exp(-(np.array((-0.12, 1.03)) - middle) / (latitude / 2.0)))
    return np.clip((grey - np.float32(ends[0])) / np.float32(ends[1] - ends[0]), 0.0, 1.0).astype(np.float32)


def _noise(random: np.random.Generator, size: int) -> Layer:
    """White noise of unit deviation."""
    return random.standard_normal((size, size), dtype=np.float32)


def texture(random: np.random.Generator, size: int, cells: int) -> Layer:
    """Noise of one coarseness, `cells` across the film."""
    return enlarge(random.standard_normal((cells, cells)).astype(np.float32), size)
