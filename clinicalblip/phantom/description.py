"""What a phantom is made of: a seed for the body, and the findings to draw into it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LATERAL_FINDINGS = ("Pleural Effusion", "Pneumothorax", "Consolidation", "Lung Lesion")
DRAWN_FINDINGS = ("Cardiomegaly", *LATERAL_FINDINGS)
SIDES = {"right": (-1,), "left": (1,), "both": (-1, 1)}


@dataclass(frozen=True, order=True)
class DrawnFinding:
    """A finding to draw: its CheXpert name, the patient's side where it has one, and its severity from 0 to 1."""

    name: str
    side: str = ""
    severity: float = 0.5

    def __post_init__(self) -> None:
        if self.name not in DRAWN_FINDINGS:
            raise ValueError(f"A phantom cannot have {self.name!r}; it can have {', '.join(DRAWN_FINDINGS)}.")
        if (self.side in SIDES) != (self.name in LATERAL_FINDINGS) or (self.side and self.side not in SIDES):
            raise ValueError(f"{self.name} cannot have the side {self.side!r}; only lung and pleura have sides.")
        if not 0.0 <= self.severity <= 1.0:
            raise ValueError(f"The severity of a finding lies between 0 and 1, not at {self.severity}.")


@dataclass(frozen=True)
class Phantom:
    """A chest to draw: the seed fixes the body, the pose and the noise; the findings are drawn into it."""

    seed: int
    findings: frozenset[DrawnFinding] = frozenset()

    def __post_init__(self) -> None:
        if self.seed < 0:
            raise ValueError(f"The seed of a phantom is 0 or more, not {self.seed}.")
        if len({finding.name for finding in self.findings}) != len(self.findings):
            raise ValueError("A phantom has each finding once; use the side 'both' for two sides.")

    def finding(self, name: str) -> DrawnFinding | None:
        """The drawn finding of that name, or None where it is absent."""
        return next((finding for finding in self.findings if finding.name == name), None)


def random_phantom(seed: int) -> Phantom:
    """A phantom for training: two in five normal, the rest with one or two findings of random side and severity."""
    random = np.random.default_rng((seed, 1))
    number = int(random.choice((0, 1, 2), p=(0.4, 0.45, 0.15)))
    findings = []
    for name in random.choice(DRAWN_FINDINGS, size=number, replace=False):
        side = str(random.choice(("right", "left", "both"), p=(0.4, 0.4, 0.2))) if name in LATERAL_FINDINGS else ""
        if side == "both" and name == "Pneumothorax":
            side = "right"
        findings.append(DrawnFinding(str(name), side, round(float(random.uniform(0.1, 1.0)), 3)))
    return Phantom(seed, frozenset(findings))
