"""Pairs of films of one person that differ in one finding: with it and without, or before and now.

Films with and without a finding are of the same pose, dose and noise: a model that writes different reports of them
does so because of the finding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from research.phantom.choosing import random_finding, seen_apart
from research.phantom.description import DEVICES, Finding, Kind, Phantom
from research.phantom.reports.report import Change, changes

_LASTING: Final = frozenset({Kind.SCOLIOSIS, Kind.GRANULOMA, Kind.STERNOTOMY_WIRES})  # once there, they stay


@dataclass(frozen=True)
class Pair:
    """Two phantoms of one person; `first` is the one without the finding, or the earlier film."""

    first: Phantom
    second: Phantom

    def __post_init__(self) -> None:
        if self.first.seed != self.second.seed:
            raise ValueError(f"A pair is of one person, not of {self.first.seed} and {self.second.seed}.")

    @property
    def difference(self) -> frozenset[Finding]:
        """The findings that only one of the two has."""
        return self.first.findings ^ self.second.findings


def with_and_without(phantom: Phantom, finding: Finding) -> Pair:
    """The chest without and with the finding, others kept. Raises ValueError where one would hide another."""
    others = frozenset(other for other in phantom.findings if other.kind is not finding.kind)
    if not seen_apart((*others, finding)):
        raise ValueError(f"A {finding.kind} cannot be told from what the phantom {phantom.seed} has already.")
    return Pair(replace(phantom, findings=others), replace(phantom, findings=others | {finding}))


def before_and_now(now: Phantom, change: Change, rng: np.random.Generator) -> Pair:
    """An earlier film, in another pose and dose, since which one finding has had this change; and the present film.

    UNCHANGED keeps all findings. Raises ValueError where no finding of the present film can have had this change.
    """
    candidates = [f for f in now.in_order if f.kind not in _LASTING or change is Change.UNCHANGED]
    findings = set(now.findings)
    if change is Change.RESOLVED:
        absent = [kind for kind in Kind if now.finding(kind) is None and kind not in _LASTING]
        for place in rng.permutation(len(absent)):
            gone = random_finding(absent[place], rng)
            if seen_apart((*findings, gone)):
                findings.add(gone)
                break
    elif change is not Change.UNCHANGED:
        if change is not Change.NEW:
            candidates = [finding for finding in candidates if _can_have_been(finding, change)]
        if not candidates:
            raise ValueError(f"Nothing on this film can be {change}.")
        chosen = candidates[int(rng.integers(len(candidates)))]
        findings.remove(chosen)
        if change is not Change.NEW:
            findings.add(replace(chosen, severity=_severity_before(chosen, change, rng)))
    before = replace(now, findings=frozenset(findings), exposure=now.exposure + 1)
    found = set(changes(now, before).values())
    if found - {Change.UNCHANGED} != {change} - {Change.UNCHANGED}:
        raise ValueError(f"Nothing on this film can be {change}.")
    return Pair(before, now)


_LEAST_CHANGE: Final = 0.3


def _can_have_been(finding: Finding, change: Change) -> bool:
    room = finding.severity if change is Change.LARGER else 1.0 - finding.severity
    return finding.kind not in DEVICES and room >= _LEAST_CHANGE


def _severity_before(finding: Finding, change: Change, rng: np.random.Generator) -> float:
    low, high = (
        (0.0, finding.severity - _LEAST_CHANGE) if change is Change.LARGER else (finding.severity + _LEAST_CHANGE, 1.0)
    )
    return round(float(rng.uniform(low, high)), 3)
