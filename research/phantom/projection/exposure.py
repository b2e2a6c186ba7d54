"""From attenuation to grey: Beer-Lambert, scatter, quanta, the detector's blur and the film's characteristic curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.radiograph import View
from research.phantom.projection.solids import Layer, blur, part_rng

_SMOOTHED_CM = 4.0  # width of the surroundings that digital systems subtract in part


@dataclass(frozen=True)
class Exposure:
    """How one film is exposed and developed.

    Transmission is exp(-attenuation) (Beer-Lambert). Scatter is a fraction of it, blurred over some centimetres,
    as much as a grid lets through. Quanta are counted with Gaussian noise of Poisson's variance. The logarithm of the
    signal, less a part of its wide surroundings, goes through a sigmoid, the characteristic curve of a film.
    """

    scatter: float
    reach: float  # cm that scatter spreads, standard deviation
    quanta: float  # per cm2 where nothing attenuates
    sharpness: float  # blur of the detector in cm, standard deviation
    equalised: float
    latitude: float
    middle: float

    @classmethod
    def of(cls, seed: int, exposure: int, view: View) -> Exposure:
        """The exposure of one film of one person; without a grid, as at the bedside, more scatter and fewer quanta."""
        low = (0.25, 2.5, np.log(1.2e6), 0.008, 0.30, 0.45, 0.26)
        high = (0.50, 4.5, np.log(1.5e7), 0.022, 0.60, 0.75, 0.42)
        scatter, reach, quanta, sharpness, equalised, latitude, middle = (
            part_rng(seed, f"exposure {exposure} {view is View.LATERAL}").uniform(low, high).tolist()
        )
        bedside = view is View.AP
        return cls(
            scatter=scatter * (1.7 if bedside else 1.0),
            reach=reach,
            quanta=float(np.exp(quanta)) * (0.5 if bedside else 1.0),
            sharpness=sharpness,
            equalised=equalised,
            latitude=latitude,
            middle=middle,
        )

    def window(self, attenuation: Layer, pixel: float, most: float) -> tuple[float, float]:
        """The least and the greatest density of the characteristic curve, from a chest without findings.

        Without findings, so that a finding changes the film where it is and nowhere else. The curve distinguishes the
        densities of `most` per cent of the body; denser parts are white.
        """
        density = self._density(self._signal(attenuation, pixel), pixel)
        body = density[attenuation > 0.5]
        low, high = np.percentile(body, (1.0, most)) if body.size else (0.0, 1.0)
        return float(low), max(float(high), float(low) + 1e-3)

    def develop(
        self, attenuation: Layer, pixel: float, window: tuple[float, float], noise: Layer
    ) -> NDArray[np.float32]:
        """The film of these line integrals: float32 in [0, 1], dense parts bright; `noise` is white with unit std."""
        signal = self._signal(attenuation, pixel)
        counted = self.quanta * pixel * pixel
        signal = signal + noise * np.sqrt(signal / np.float32(counted))
        low, high = window
        relative = (self._density(signal, pixel) - np.float32(low)) / np.float32(high - low)
        ends = self._curve(np.array((-0.12, 1.2), dtype=np.float32))
        shown = (self._curve(relative) - ends[0]) / (ends[1] - ends[0])
        return np.asarray(np.clip(shown, 0.0, 1.0), dtype=np.float32)

    def _signal(self, attenuation: Layer, pixel: float) -> Layer:
        primary = np.exp(-np.clip(attenuation, 0.0, 14.0))
        # Air beside the body is no source of scatter.
        inside = np.minimum(attenuation / 1.5, 1.0)
        signal = primary + np.float32(self.scatter) * blur(np.asarray(primary * inside), self.reach / pixel)
        return blur(np.asarray(signal), self.sharpness / pixel)

    def _density(self, signal: Layer, pixel: float) -> Layer:
        density = -np.log(np.maximum(signal, 2e-4))
        equalised: Layer = density - np.float32(self.equalised) * blur(np.asarray(density), _SMOOTHED_CM / pixel)
        return equalised

    def _curve(self, relative: Layer) -> Layer:
        steep = np.clip((relative - np.float32(self.middle)) / np.float32(0.5 * self.latitude), -20.0, 20.0)
        grey: Layer = 1.0 / (1.0 + np.exp(-steep))
        return grey


def quantum_noise(seed: int, exposure: int, view: View, size: int) -> Layer:
    """White noise of unit standard deviation, the same at each pixel for all phantoms of that person, film and size."""
    rng = part_rng(seed, f"noise {exposure} {view is View.LATERAL}")
    return rng.standard_normal((size, size), dtype=np.float32)
