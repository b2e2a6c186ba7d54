"""From IU X-RAY's MeSH tags to findings that can be drawn.

A tag is a path of a term and what is said of it (`Opacity/lung/base/left`). Some terms stand for something near: an
opacity, an infiltrate, airspace disease and a pneumonia are drawn as a consolidation, a streaky opacity as atelectasis,
hyperdistention, emphysema and COPD as hyperinflation. What a tag leaves open (side, zone, degree) is random,
the same for the same seed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from research.phantom.choosing import random_finding
from research.phantom.description import BOTH_SIDED, SIDED, ZONED, Finding, Kind
from research.phantom.projection.solids import part_rng

_TERMS: Final = {
    "cardiomegaly": Kind.CARDIOMEGALY,
    "pleural effusion": Kind.EFFUSION,
    "pneumothorax": Kind.PNEUMOTHORAX,
    "consolidation": Kind.CONSOLIDATION,
    "airspace disease": Kind.CONSOLIDATION,
    "infiltrate": Kind.CONSOLIDATION,
    "pneumonia": Kind.CONSOLIDATION,
    "opacity": Kind.CONSOLIDATION,
    "pulmonary atelectasis": Kind.ATELECTASIS,
    "nodule": Kind.NODULE,
    "mass": Kind.MASS,
    "pulmonary edema": Kind.EDEMA,
    "heart failure": Kind.EDEMA,
    "emphysema": Kind.HYPERINFLATION,
    "pulmonary emphysema": Kind.HYPERINFLATION,
    "pulmonary disease, chronic obstructive": Kind.HYPERINFLATION,
    "lung, hyperlucent": Kind.HYPERINFLATION,
    "scoliosis": Kind.SCOLIOSIS,
    "granuloma": Kind.GRANULOMA,
    "calcified granuloma": Kind.GRANULOMA,
    "catheters, indwelling": Kind.CENTRAL_LINE,
}
_PATHS: Final = {
    ("lung", "hyperdistention"): Kind.HYPERINFLATION,
    ("cardiac shadow", "enlarged"): Kind.CARDIOMEGALY,
    ("heart", "enlarged"): Kind.CARDIOMEGALY,
    ("fractures, bone", "ribs"): Kind.RIB_FRACTURE,
    ("tube, inserted", "trachea"): Kind.ENDOTRACHEAL_TUBE,
    ("tube, inserted", "trachea, carina"): Kind.ENDOTRACHEAL_TUBE,
    ("implanted medical device", "heart"): Kind.PACEMAKER,
    ("implanted medical device", "heart atria"): Kind.PACEMAKER,
    ("sutures", "sternum"): Kind.STERNOTOMY_WIRES,
}
# With these words the term is of another organ, or too vague to be drawn.
_ELSEWHERE: Final = frozenset(
    {
        "abdomen",
        "borderline",
        "breast",
        "clavicle",
        "diffuse",
        "humerus",
        "interstitial",
        "liver",
        "lumbar vertebrae",
        "lymph nodes",
        "mediastinum",
        "neck",
        "paratracheal",
        "scapula",
        "spleen",
        "thoracic vertebrae",
    }
)
_SPINE: Final = frozenset({"thoracic vertebrae"})
_ZONES: Final = {
    "apex": "upper",
    "upper lobe": "upper",
    "middle lobe": "middle",
    "lingula": "middle",
    "hilum": "middle",
    "lower lobe": "lower",
    "base": "lower",
    "retrocardiac": "lower",
    "costophrenic angle": "lower",
}
_DEGREES: Final = {"small": 0.2, "mild": 0.2, "moderate": 0.5, "large": 0.9, "severe": 0.9}

NORMAL: Final = "normal"
AUTOMATIC: Final = "automatic:"


@dataclass(frozen=True)
class DrawnTags:
    """The findings of a study's tags, and the tags that nothing is drawn for, in their order."""

    findings: frozenset[Finding] = frozenset()
    left_out: tuple[str, ...] = field(default=())


def findings_of(tags: Iterable[str], seed: int) -> DrawnTags:
    """Turn the tags of readers into findings, one of each kind; automatic tags are ignored.

    Two tags of one kind on two sides are drawn on both where the kind can be; otherwise the first is drawn.
    """
    found: dict[Kind, Finding] = {}
    left_out = []
    for tag in tags:
        if tag.startswith(AUTOMATIC) or tag.lower() == NORMAL:
            continue
        finding = _finding(tag, seed)
        if finding is None:
            left_out.append(tag)
        elif finding.kind not in found:
            found[finding.kind] = finding
        else:
            known = found[finding.kind]
            if finding.kind in BOTH_SIDED and finding.side != known.side:
                found[finding.kind] = replace(known, side="both")
            elif finding != known:
                left_out.append(tag)
    if Kind.MASS in found:  # a phantom shows one lesion of the lung
        nodule = found.pop(Kind.NODULE, None)
        left_out += [tag for tag in tags if nodule and tag.lower().startswith("nodule")]
    return DrawnTags(frozenset(found.values()), tuple(left_out))


def _finding(tag: str, seed: int) -> Finding | None:
    term, *said = (part.strip() for part in tag.lower().split("/"))
    words = set(said)
    kind = next((kind for (head, word), kind in _PATHS.items() if term == head and word in words), _TERMS.get(term))
    if kind is None:
        return None
    elsewhere = words & _ELSEWHERE
    if kind in (Kind.SCOLIOSIS, Kind.CENTRAL_LINE):
        elsewhere -= _SPINE
    if kind is Kind.EDEMA:
        elsewhere -= {"interstitial", "diffuse"}
    if elsewhere:
        return None
    if term == "opacity" and "streaky" in words:
        kind = Kind.ATELECTASIS
    chosen = random_finding(kind, part_rng(seed, f"tag {kind}"))
    sides = {"bilateral": "both" if kind in BOTH_SIDED else "", "middle lobe": "right", "lingula": "left"}
    sides |= {"left": "left", "right": "right"}
    side = next((side for word, side in reversed(sides.items()) if word in words), "")
    if side and kind in SIDED:
        chosen = replace(chosen, side=side)
    zone = next((zone for word, zone in _ZONES.items() if word in words), "")
    if zone and kind in ZONED:
        chosen = replace(chosen, zone=zone)
    degree = next((degree for word, degree in _DEGREES.items() if word in words), None)
    return chosen if degree is None else replace(chosen, severity=degree)
