"""Which drawn chests the bundled model learns from, and what NIH's labels would say of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from clinicalblip.phantom.choosing import random_finding, random_phantom, seen_apart
from clinicalblip.phantom.description import DEVICES, Finding, Kind, Phantom

PRIOR_EVERY: Final = 4  # of so many drawn chests one has an earlier film
_UNCHANGED: Final = 0.35
_NIH_NAMES: Final = {
    Kind.CARDIOMEGALY: "Cardiomegaly",
    Kind.EFFUSION: "Effusion",
    Kind.PNEUMOTHORAX: "Pneumothorax",
    Kind.CONSOLIDATION: "Consolidation",
    Kind.ATELECTASIS: "Atelectasis",
    Kind.NODULE: "Nodule",
    Kind.MASS: "Mass",
    Kind.EDEMA: "Edema",
}


def earlier_film(phantom: Phantom, random: np.random.Generator) -> Phantom:
    """An earlier film of the same person: as now, without a finding, with another one, or with more or less of one."""
    findings = list(phantom.in_order)
    change = random.random()
    if change < _UNCHANGED:
        pass
    elif findings and change < 0.65:
        findings.pop(int(random.integers(len(findings))))
    elif any(finding.kind not in DEVICES for finding in findings) and change < 0.85:
        places = [n for n, finding in enumerate(findings) if finding.kind not in DEVICES]
        place = places[int(random.integers(len(places)))]
        now = findings[place].severity
        findings[place] = replace(findings[place], severity=round((now + 0.5) % 1.0, 3))
    else:
        kinds = [kind for kind in Kind if phantom.finding(kind) is None]
        added = random_finding(kinds[int(random.integers(len(kinds)))], random)
        findings += [added] if seen_apart((*findings, added)) else []
    return replace(phantom, findings=frozenset(findings), exposure=phantom.exposure + 1)


def drawn_phantom(number: int) -> Phantom:
    """The phantom of this number."""
    return random_phantom(number)


def drawn_prior(number: int) -> Phantom | None:
    """The earlier film of this number's phantom, where it has one."""
    if number % PRIOR_EVERY:
        return None
    return earlier_film(random_phantom(number), np.random.default_rng((number, 7)))


def nih_names(findings: frozenset[Finding]) -> frozenset[str]:
    """NIH's names of those findings that it has a label for."""
    return frozenset(_NIH_NAMES[finding.kind] for finding in findings if finding.kind in _NIH_NAMES)
