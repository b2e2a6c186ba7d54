"""Random phantoms: a mix of chests for training, none of whose findings hides another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from clinicalblip.radiology.radiograph import View
from research.phantom.description import BOTH_SIDED, DEVICES, SIDED, ZONED, ZONES, Finding, Kind, Phantom

_WEIGHTS: Final = {
    Kind.CARDIOMEGALY: 1.5,
    Kind.EFFUSION: 1.6,
    Kind.PNEUMOTHORAX: 1.4,
    Kind.CONSOLIDATION: 1.5,
    Kind.ATELECTASIS: 1.4,
    Kind.NODULE: 1.2,
    Kind.MASS: 0.9,
    Kind.EDEMA: 1.2,
    Kind.HYPERINFLATION: 0.8,
    Kind.SCOLIOSIS: 0.6,
    Kind.GRANULOMA: 0.7,
    Kind.RIB_FRACTURE: 0.7,
    Kind.PACEMAKER: 0.5,
    Kind.CENTRAL_LINE: 0.6,
    Kind.ENDOTRACHEAL_TUBE: 0.5,
    Kind.STERNOTOMY_WIRES: 0.5,
}
# Pairs that cannot be told apart on one film, whatever their sides.
_APART: Final = (
    frozenset({Kind.NODULE, Kind.MASS}),
    frozenset({Kind.EDEMA, Kind.HYPERINFLATION}),
    frozenset({Kind.CARDIOMEGALY, Kind.HYPERINFLATION}),
    frozenset({Kind.EDEMA, Kind.PNEUMOTHORAX}),
    frozenset({Kind.EFFUSION, Kind.PNEUMOTHORAX}),
)


def random_phantom(seed: int) -> Phantom:
    """A phantom for training: a third normal, the rest with one to three findings of random side, zone and severity."""
    rng = np.random.default_rng((seed, 1))
    number = int(rng.choice((0, 1, 2, 3), p=(0.34, 0.36, 0.2, 0.1)))
    kinds, weights = list(_WEIGHTS), np.array(list(_WEIGHTS.values()))
    order = [kinds[i] for i in rng.choice(len(kinds), len(kinds), replace=False, p=weights / weights.sum())]
    portable = float(rng.random()) < 0.3
    findings: list[Finding] = []
    for kind in order:
        if len(findings) == number:
            break
        finding = random_finding(kind, rng)
        if seen_apart((*findings, finding)):
            findings.append(finding)
    intubated = any(finding.kind is Kind.ENDOTRACHEAL_TUBE for finding in findings)
    return Phantom(seed, frozenset(findings), View.AP if portable or intubated else View.PA)


def random_finding(kind: Kind, rng: np.random.Generator) -> Finding:
    """A finding of that kind with a random side, zone and severity; devices are mostly on their usual side."""
    fraction = {Kind.PACEMAKER: 0.15, Kind.CENTRAL_LINE: 0.75}.get(kind, 0.5)
    side = ("right" if rng.random() < fraction else "left") if kind in SIDED else ""
    if rng.random() < 0.2 and kind in BOTH_SIDED:
        side = "both"
    zones = {Kind.ATELECTASIS: (0.05, 0.25, 0.7), Kind.CONSOLIDATION: (0.3, 0.3, 0.4)}.get(kind, (0.34, 0.33, 0.33))
    zone = str(rng.choice(ZONES, p=zones)) if kind in ZONED else ""
    return Finding(kind, side, zone, 0.5 if kind in DEVICES else round(float(rng.uniform(0.05, 1.0)), 3))


def seen_apart(findings: Sequence[Finding]) -> bool:
    """Whether a reader could see each of these findings on one film: none lies under another."""
    for at, one in enumerate(findings):
        for other in findings[:at]:
            if one.kind is other.kind or frozenset({one.kind, other.kind}) in _APART:
                return False
            if _covers(one, other) or _covers(other, one):
                return False
    return True


def _covers(over: Finding, under: Finding) -> bool:
    """Whether the first finding, where it lies, hides the second."""
    if not set(over.signs) & set(under.signs or (-1, 1)):
        return False
    if over.kind is Kind.EFFUSION:
        low = under.zone == "lower" or (under.zone == "middle" and over.severity > 0.5)
        return low or (under.kind is Kind.CARDIOMEGALY and over.severity > 0.4)
    if over.kind is Kind.PNEUMOTHORAX:
        return under.zone == "upper" or (
            over.severity > 0.5 and bool(under.zone) and under.kind is not Kind.RIB_FRACTURE
        )
    same_place = bool(over.zone) and over.zone == under.zone
    return same_place and over.kind in (Kind.CONSOLIDATION, Kind.ATELECTASIS, Kind.MASS)
