"""Hints as readers might write them: of what a film has, of what it has not, and of what is no finding at all.

They are in many words because people's are; `clinicalblip.instructblip.hints` reads them, and the report says what it
has read. So a hint that it misreads never teaches a report that says something else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from clinicalblip.radiology.observation import Observation
from research.phantom.description import SIDES, ZONES, Finding, Kind

O = Observation  # noqa: E741 - one letter keeps the tables below tables

_NAMES: Final = {
    O.CARDIOMEGALY: ("cardiomegaly", "large heart", "big heart", "enlarged heart", "heart enlarged"),
    O.EDEMA: ("edema", "pulmonary edema", "wet", "overload", "wet lungs", "lung oedema"),
    O.CONSOLIDATION: ("consolidation", "airspace consolidation"),
    O.PNEUMONIA: ("pneumonia", "pna", "chest infection"),
    O.INFILTRATION: ("infiltrate", "infiltration"),
    O.ATELECTASIS: ("atelectasis", "plate atelectasis", "collapse"),
    O.LUNG_LESION: ("nodule", "mass", "lung nodule", "lung mass", "nodules", "coin lesion"),
    O.LUNG_OPACITY: ("opacity", "opacities", "shadow"),
    O.EMPHYSEMA: ("emphysema", "copd"),
    O.FIBROSIS: ("fibrosis", "scarring"),
    O.PLEURAL_EFFUSION: ("effusion", "pleural effusion", "effusions", "fluid", "pleural eff"),
    O.PLEURAL_OTHER: ("pleural thickening",),
    O.PNEUMOTHORAX: ("pneumothorax", "ptx", "pnx"),
    O.HERNIA: ("hiatal hernia", "hernia"),
    O.FRACTURE: ("rib fracture", "fracture", "rib #", "broken rib"),
    O.ENLARGED_CARDIOMEDIASTINUM: ("wide mediastinum", "mediastinal widening", "widened mediastinum"),
    O.SUPPORT_DEVICES: (
        "pacemaker",
        "central line",
        "ett",
        "picc",
        "chest drain",
        "ng tube",
        "port",
        "sternotomy wires",
    ),
}
_DRAWN_NAMES: Final = {
    Kind.CARDIOMEGALY: _NAMES[O.CARDIOMEGALY],
    Kind.EFFUSION: _NAMES[O.PLEURAL_EFFUSION],
    Kind.PNEUMOTHORAX: _NAMES[O.PNEUMOTHORAX],
    Kind.CONSOLIDATION: _NAMES[O.CONSOLIDATION],
    Kind.ATELECTASIS: _NAMES[O.ATELECTASIS],
    Kind.NODULE: ("nodule", "lung nodule"),
    Kind.MASS: ("mass", "lung mass"),
    Kind.EDEMA: _NAMES[O.EDEMA],
    Kind.HYPERINFLATION: ("hyperinflation", "hyperinflated lungs"),
    Kind.SCOLIOSIS: ("scoliosis",),
    Kind.GRANULOMA: ("granuloma", "calcified granuloma"),
    Kind.RIB_FRACTURE: ("rib fracture", "rib #"),
    Kind.PACEMAKER: ("pacemaker", "pacer"),
    Kind.CENTRAL_LINE: ("central line", "cvc"),
    Kind.ENDOTRACHEAL_TUBE: ("ett", "endotracheal tube"),
    Kind.STERNOTOMY_WIRES: ("sternotomy wires",),
}
_SIZED: Final = (O.PLEURAL_EFFUSION, O.PNEUMOTHORAX, O.LUNG_LESION, O.HERNIA)
_SIZES: Final = ("small", "moderate", "large")
_GRADES: Final = ("mild", "moderate", "severe")
_NO_PLACE: Final = (O.CARDIOMEGALY, O.ENLARGED_CARDIOMEDIASTINUM)
_NO_ZONE: Final = (O.PLEURAL_EFFUSION, O.PLEURAL_OTHER, O.HERNIA, O.FRACTURE, O.SUPPORT_DEVICES)
_GRADED_KINDS: Final = (Kind.CARDIOMEGALY, Kind.EFFUSION, Kind.PNEUMOTHORAX, Kind.EDEMA)
_LETTERS: Final = {"left": "L", "right": "R"}
_NO_FINDING: Final = (
    *("since Monday", "cough for three weeks", "SOB", "smoker", "please check", "day 2 after operation", "fever"),
    *("Mrs Smith", "dolor toracico", "toux", "as discussed", "see request", "urgent", "is this ok", "😀", "chest pain"),
    *("normal?", "for Dr Brown", "ward 7", "preoperative", "immigration", "no history", "compare", "kein Befund"),
)
_UNLABELLED: Final = (
    *(
        "scoliosis",
        "kyphosis",
        "tortuous aorta",
        "hyperinflation",
        "elevated right hemidiaphragm",
        "granuloma left apex",
    ),
    *(
        "elevated left hemidiaphragm",
        "hilar adenopathy",
        "degenerative changes",
        "bronchiectasis",
        "calcified granuloma",
    ),
)
_SEPARATORS: Final = (", ", ", ", "; ", " and ", "\n")


def hint_of(finding: Finding, rng: np.random.Generator) -> str:
    """A drawn finding as a hint, sometimes with its degree: "small effusion left", "LUL nodule"."""
    degree = _SIZES[finding.degree] if finding.kind in _GRADED_KINDS and rng.random() < 0.6 else ""
    if finding.kind in (Kind.CARDIOMEGALY, Kind.EDEMA) and degree:
        degree = _GRADES[finding.degree]
    return _written(_one(_DRAWN_NAMES[finding.kind], rng), finding.side, finding.zone, degree, rng)


def hint_of_observation(what: Observation, rng: np.random.Generator) -> str:
    """An observation as a hint, often with a side, a zone and a degree that no label gives."""
    side = _one(SIDES, rng) if what not in _NO_PLACE and rng.random() < 0.6 else ""
    zone = _one((*ZONES, "base", "apex"), rng) if side and what not in _NO_ZONE and rng.random() < 0.5 else ""
    degree = ""
    if rng.random() < 0.35:
        degree = _one(_SIZES if what in _SIZED else _GRADES, rng)
    return _written(_one(_NAMES[what], rng), side, zone, degree, rng)


def other_hint(rng: np.random.Generator) -> str:
    """A hint of something that no observation stands for."""
    return _one(_UNLABELLED, rng)


def false_hint(absent: Sequence[Observation], rng: np.random.Generator) -> str:
    """A hint of one of these observations, which the film has not."""
    return hint_of_observation(absent[int(rng.integers(len(absent)))], rng)


def join_hints(hints: Sequence[str], rng: np.random.Generator) -> str:
    """Hints as one text; some are asked or denied, and some texts hold what is no finding."""
    written = []
    for hint in hints:
        lot = rng.random()
        written.append(f"{hint}?" if lot < 0.07 else f"?{hint}" if lot < 0.1 else f"no {hint}" if lot < 0.16 else hint)
    if rng.random() < 0.15:
        written.insert(int(rng.integers(len(written) + 1)), _one(_NO_FINDING, rng))
    text = _one(_SEPARATORS, rng).join(written)
    return text.upper() if rng.random() < 0.03 else text


def chatter(rng: np.random.Generator) -> str:
    """A text for the slot of hints that names no finding."""
    return ", ".join(_one(_NO_FINDING, rng) for _ in range(int(rng.integers(1, 4))))


def _written(name: str, side: str, zone: str, degree: str, rng: np.random.Generator) -> str:
    """Name, place and degree in one of the orders in which people write them."""
    if side and zone in ZONES and rng.random() < 0.4 and side != "both":
        lobe = {"upper": "U", "middle": "M", "lower": "L"}[zone]
        place = f"{_LETTERS[side]}{lobe}L" if (side, zone) != ("left", "middle") else "left mid zone"
    elif side and zone:
        at = {"base": "base", "apex": "apex", "middle": "mid zone"}.get(zone, f"{zone} {_one(('zone', 'lobe'), rng)}")
        several = "apices" if at == "apex" else f"{at}s"
        place = f"both {several}" if side == "both" else f"{side} {at}"
    elif side == "both":
        place = "bilateral"
    else:
        place = _one((side, side, side, _LETTERS[side]), rng) if side else ""
    if place in ("L", "R") or (place and rng.random() < 0.4 and place != "bilateral"):
        words = (degree, name, place) if rng.random() < 0.7 else (name, place, degree)
    else:
        words = (degree, place, name)
    return " ".join(filter(None, words))


def _one(pool: Sequence[str], rng: np.random.Generator) -> str:
    return pool[int(rng.integers(len(pool)))]
