"""The body of a phantom: its measures, and how the chest widens and narrows from the neck to the diaphragm.

Units are centimetres in the coordinates of `beam.py`. Measures are those of adults; what varies, varies between the
limits that stand here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.radiograph import View
from research.phantom.description import Kind, Phantom
from research.phantom.projection.solids import part_rng

_TOP: Final = -32.0
_PER_CM: Final = 256  # entries of a profile per centimetre
_HEIGHTS: Final = np.arange(_TOP, 32.0, 1 / _PER_CM, dtype=np.float32)


class Profile:
    """A length that depends on the height y only, looked up in a fine table."""

    def __init__(self, values: NDArray[Any]) -> None:
        self._values = values.astype(np.float32)

    def __call__(self, y: NDArray[Any]) -> NDArray[np.float32]:
        """The length at each y, in cm."""
        place = np.clip((y - _TOP) * _PER_CM, 0, len(self._values) - 1).astype(np.int32)
        return self._values[place]


@dataclass(frozen=True)
class Body:
    """What varies between two people, and what findings change in the shape of the chest."""

    female: bool
    width: float  # half the chest's inner width
    depth: float  # half its inner depth
    fat: float  # 0 slim to 1 obese
    breast: float
    apex: float  # y of the top of the lungs
    dome: float  # y of the right dome of the diaphragm
    dome_fall: float  # how far it falls towards the side wall
    heart: float  # the heart's width
    aorta: float  # radius of the aortic knob
    curve: float  # the spine's greatest shift, positive to the left
    bone: float  # mineral, about 1
    raised: tuple[float, float]  # how far each hemidiaphragm (right, left) is drawn up
    arms: float  # how far the upper arms are spread
    age: float  # 0 young to 1 old

    @classmethod
    def of(cls, phantom: Phantom) -> Body:
        """The body of a phantom; the random numbers are the same whatever its findings, and so is the person."""
        rng = part_rng(phantom.seed, "body")
        female = bool(rng.random() < 0.5)
        width = float(rng.uniform(12.4, 14.6)) - (0.9 if female else 0.0)
        depth = float(rng.uniform(7.8, 9.6)) - (0.5 if female else 0.0)
        fat, age = float(rng.random() ** 1.4), float(rng.random())
        supine = phantom.projection is View.AP
        measures = rng.uniform(
            (-14.3, 7.2, 4.2, 0.41, 0.55, 1.35, 0.75, 0.0, 0.3), (-12.9, 9.4, 5.4, 0.475, 0.58, 2.0, 1.15, 1.0, 1.0)
        ).tolist()
        apex, dome, fall, ratio, enlarged, aorta, bone, arms, breast = measures
        large, airy, bent = (phantom.finding(kind) for kind in (Kind.CARDIOMEGALY, Kind.HYPERINFLATION, Kind.SCOLIOSIS))
        if large:
            ratio = enlarged + 0.13 * large.severity
        if airy:
            dome, fall, ratio = dome + 1.6 + 1.6 * airy.severity, fall * (0.55 - 0.3 * airy.severity), ratio * 0.88
            depth *= 1.06 + 0.14 * airy.severity
        collapse = phantom.finding(Kind.ATELECTASIS)
        low = collapse is not None and collapse.zone == "lower"
        raised = [1.8 * collapse.severity if collapse and low and sign in collapse.signs else 0.0 for sign in (-1, 1)]
        return cls(
            female=female,
            width=width,
            depth=depth,
            fat=fat,
            breast=breast if female else 0.0,
            apex=apex,
            dome=dome - (1.6 if supine else 0.0) - 0.8 * fat,
            dome_fall=fall,
            heart=ratio * 2 * width,
            aorta=aorta + 0.35 * age,
            curve=bent.signs[0] * (1.3 + 2.6 * bent.severity) if bent else 0.0,
            bone=bone * (1.05 - 0.25 * age),
            raised=(raised[0], raised[1]),
            arms=arms,
            age=age,
        )

    @property
    def wall(self) -> float:
        """Thickness of the chest wall."""
        return 1.5 + 2.6 * self.fat

    @cached_property
    def _opening(self) -> NDArray[np.float32]:
        """From 0 at the apex to 1 at the widest part of the chest and a little less below, at each height."""
        widest = 4.0
        up = np.clip((widest - _HEIGHTS) / (widest - self.apex), 0.0, 1.0)
        above = (1 - up**2.3) ** (1 / 2.1)
        below = 1 - 0.0006 * np.maximum(_HEIGHTS - widest, 0.0) ** 2
        return np.asarray(np.where(widest > _HEIGHTS, above, below), dtype=np.float32)

    @cached_property
    def lung_outside(self) -> Profile:
        """Distance of the lungs' outer border from the midline."""
        return Profile(4.1 + (self.width - 4.1) * self._opening)

    @cached_property
    def lung_inside(self) -> Profile:
        """Distance of the lungs' inner border from the midline."""
        depth = np.maximum(_HEIGHTS - self.apex, 0.0)
        return Profile(1.1 + 2.9 * np.exp(-((depth / 1.7) ** 0.62)))

    @cached_property
    def lung_depth(self) -> Profile:
        """Half the lungs' depth from front to back; 0 above the apex."""
        return Profile(np.where(self.apex < _HEIGHTS, 1.2 + (self.depth - 1.2) * self._opening**0.9, 0.0))

    @cached_property
    def lung_middle(self) -> Profile:
        """The z of the lungs' middle: the apex lies further back than the base."""
        return Profile(-2.4 + 2.4 * self._opening**0.9)

    @cached_property
    def cage(self) -> Profile:
        """Distance of the ribs from the midline at the side."""
        return Profile(4.6 + (self.width + 0.3 - 4.6) * self._opening**0.85)

    @cached_property
    def cage_depth(self) -> Profile:
        """Half the depth of the rib cage."""
        return Profile(3.0 + (self.depth + 0.4 - 3.0) * self._opening**0.85)

    @cached_property
    def spine(self) -> Profile:
        """The x of the spine."""
        return Profile(self.curve * np.exp(-(((_HEIGHTS - 2.0) / 8.5) ** 2)))

    @cached_property
    def kyphosis(self) -> Profile:
        """The z of the front of the spine, which curves backwards behind the heart."""
        back = -self.depth + 0.2 + 0.020 * (_HEIGHTS - 1.0) ** 2
        return Profile(np.minimum(back, -3.2))

    def dome_top(self, sign: int) -> float:
        """The y of a dome's highest point: the right one (-1) stands higher."""
        return self.dome + (0.0 if sign < 0 else 1.1) - self.raised[0 if sign < 0 else 1]
