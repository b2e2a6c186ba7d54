"""The description of a phantom: a seed for the body, a seed for the exposure, and the findings to draw into it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.radiograph import View


class Kind(StrEnum):
    """What can be drawn into a chest."""

    CARDIOMEGALY = "cardiomegaly"
    EFFUSION = "pleural effusion"
    PNEUMOTHORAX = "pneumothorax"
    CONSOLIDATION = "consolidation"
    ATELECTASIS = "atelectasis"
    NODULE = "nodule"
    MASS = "mass"
    EDEMA = "edema"
    HYPERINFLATION = "hyperinflation"
    SCOLIOSIS = "scoliosis"
    GRANULOMA = "granuloma"
    RIB_FRACTURE = "rib fracture"
    PACEMAKER = "pacemaker"
    CENTRAL_LINE = "central line"
    ENDOTRACHEAL_TUBE = "endotracheal tube"
    STERNOTOMY_WIRES = "sternotomy wires"


SIDES: Final = ("right", "left", "both")
ZONES: Final = ("upper", "middle", "lower")

BOTH_SIDED: Final = frozenset({Kind.EFFUSION, Kind.CONSOLIDATION, Kind.ATELECTASIS})
SIDED: Final = BOTH_SIDED | {
    Kind.PNEUMOTHORAX,
    Kind.NODULE,
    Kind.MASS,
    Kind.SCOLIOSIS,  # the side to which the curve is convex
    Kind.GRANULOMA,
    Kind.RIB_FRACTURE,
    Kind.PACEMAKER,
    Kind.CENTRAL_LINE,
}
ZONED: Final = frozenset(
    {Kind.CONSOLIDATION, Kind.ATELECTASIS, Kind.NODULE, Kind.MASS, Kind.GRANULOMA, Kind.RIB_FRACTURE}
)
DEVICES: Final = frozenset({Kind.PACEMAKER, Kind.CENTRAL_LINE, Kind.ENDOTRACHEAL_TUBE, Kind.STERNOTOMY_WIRES})

# The CheXpert observation of each kind; hyperinflation, scoliosis and granuloma have none.
OBSERVATION: Final = {
    Kind.CARDIOMEGALY: Observation.CARDIOMEGALY,
    Kind.EFFUSION: Observation.PLEURAL_EFFUSION,
    Kind.PNEUMOTHORAX: Observation.PNEUMOTHORAX,
    Kind.CONSOLIDATION: Observation.CONSOLIDATION,
    Kind.ATELECTASIS: Observation.ATELECTASIS,
    Kind.NODULE: Observation.LUNG_LESION,
    Kind.MASS: Observation.LUNG_LESION,
    Kind.EDEMA: Observation.EDEMA,
    Kind.RIB_FRACTURE: Observation.FRACTURE,
} | dict.fromkeys(DEVICES, Observation.SUPPORT_DEVICES)

_DIAMETER_CM: Final = {Kind.NODULE: (1.0, 3.0), Kind.MASS: (3.2, 7.0), Kind.GRANULOMA: (0.4, 0.9)}


@dataclass(frozen=True, order=True)
class Finding:
    """A finding to draw: what, on which of the patient's sides, in which zone of the lung, and how much of it.

    `severity` runs from 0 (the least that is drawn) to 1. Side and zone are empty where the kind has none. Raises
    ValueError for what cannot be: a heart with a side, a nodule without one, a pneumothorax in a zone.
    """

    kind: Kind
    side: str = ""
    zone: str = ""
    severity: float = 0.5

    def __post_init__(self) -> None:
        if not isinstance(self.kind, Kind):
            raise ValueError(f"A phantom cannot have {self.kind!r}; it can have {', '.join(Kind)}.")
        sides = (*SIDES[:2], "both") if self.kind in BOTH_SIDED else SIDES[:2] if self.kind in SIDED else ("",)
        if self.side not in sides:
            raise ValueError(f"The side of {self.kind} is {' or '.join(map(repr, sides))}, not {self.side!r}.")
        zones = ZONES if self.kind in ZONED else ("",)
        if self.zone not in zones:
            raise ValueError(f"The zone of {self.kind} is {' or '.join(map(repr, zones))}, not {self.zone!r}.")
        if not 0.0 <= self.severity <= 1.0:
            raise ValueError(f"The severity of a finding lies between 0 and 1, not at {self.severity}.")

    @property
    def observation(self) -> Observation | None:
        """The CheXpert observation that it is, where it is one."""
        return OBSERVATION.get(self.kind)

    @property
    def signs(self) -> tuple[int, ...]:
        """-1 for the patient's right, which is the image's left, 1 for the left; none for a finding without a side."""
        return {"right": (-1,), "left": (1,), "both": (-1, 1)}.get(self.side, ())

    @property
    def degree(self) -> int:
        """0, 1 or 2: the third of the severities, for words such as small, moderate and large."""
        return min(2, int(self.severity * 3))

    @property
    def diameter_cm(self) -> float:
        """The diameter of a nodule, mass or granuloma in the body; 0 for any other kind."""
        low, high = _DIAMETER_CM.get(self.kind, (0.0, 0.0))
        return low + (high - low) * self.severity


@dataclass(frozen=True)
class Phantom:
    """A chest to draw: `seed` is the person, `exposure` which film of that person: pose, dose, noise.

    `projection` is how the frontal film is taken, PA or AP. Raises ValueError where something is drawn twice or the
    projection is no frontal one.
    """

    seed: int
    findings: frozenset[Finding] = frozenset()
    projection: View = View.PA
    exposure: int = 0

    def __post_init__(self) -> None:
        if self.seed < 0 or self.exposure < 0:
            raise ValueError(f"Seeds of a phantom are 0 or more, not {self.seed} and {self.exposure}.")
        if len({finding.kind for finding in self.findings}) != len(self.findings):
            raise ValueError("A phantom has each kind of finding once; use the side 'both' for two sides.")
        if self.projection not in (View.PA, View.AP):
            raise ValueError(f"The frontal film of a phantom is PA or AP, not {self.projection}.")

    def finding(self, kind: Kind) -> Finding | None:
        """The finding of that kind, or None where it is absent."""
        return next((finding for finding in self.findings if finding.kind is kind), None)

    @property
    def in_order(self) -> tuple[Finding, ...]:
        """The findings in the order of `Kind`."""
        return tuple(sorted(self.findings, key=lambda finding: list(Kind).index(finding.kind)))
