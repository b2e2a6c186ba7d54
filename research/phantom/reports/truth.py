"""What is true of a phantom in terms of the label sets: CheXpert's fourteen observations and NIH's fourteen."""

from __future__ import annotations

from typing import Final

from clinicalblip.radiology.observation import CHEXPERT, Observation
from research.phantom.description import Kind, Phantom

# CheXpert's "Lung Opacity" stands above these.
_OPACITIES: Final = frozenset({Kind.CONSOLIDATION, Kind.ATELECTASIS, Kind.NODULE, Kind.MASS, Kind.EDEMA})
_NIH: Final = {
    "Atelectasis": Kind.ATELECTASIS,
    "Cardiomegaly": Kind.CARDIOMEGALY,
    "Consolidation": Kind.CONSOLIDATION,
    "Edema": Kind.EDEMA,
    "Effusion": Kind.EFFUSION,
    "Mass": Kind.MASS,
    "Nodule": Kind.NODULE,
    "Pneumothorax": Kind.PNEUMOTHORAX,
}
# What a reader could not distinguish on a drawn film: an infection or infiltrate from a consolidation, emphysema from
# hyperinflation, a calcified granuloma from a nodule.
_UNDECIDED: Final = {
    "Emphysema": (Kind.HYPERINFLATION,),
    "Infiltration": (Kind.CONSOLIDATION, Kind.EDEMA, Kind.ATELECTASIS),
    "Nodule": (Kind.GRANULOMA,),
    "Pneumonia": (Kind.CONSOLIDATION,),
}


def observations_of(phantom: Phantom) -> dict[Observation, bool | None]:
    """Whether each of CheXpert's fourteen observations holds, None where the drawing does not decide it.

    "No Finding" does not hold for a chest with any finding but devices. Pneumonia is undecided beside a consolidation,
    and a large heart leaves the width of the mediastinum undecided.
    """
    kinds = {finding.kind for finding in phantom.findings}
    drawn = {finding.observation for finding in phantom.findings}
    truth: dict[Observation, bool | None] = {name: name in drawn for name in CHEXPERT}
    truth[Observation.LUNG_OPACITY] = bool(kinds & _OPACITIES)
    truth[Observation.NO_FINDING] = not any(
        finding.observation is not Observation.SUPPORT_DEVICES for finding in phantom.findings
    )
    if Kind.CONSOLIDATION in kinds:
        truth[Observation.PNEUMONIA] = None
    if Kind.CARDIOMEGALY in kinds:
        truth[Observation.ENLARGED_CARDIOMEDIASTINUM] = None
    return truth


def nih_label(phantom: Phantom, name: str) -> bool | None:
    """Whether one of NIH's fourteen labels holds, None where the drawing does not decide it."""
    if _NIH.get(name) in {finding.kind for finding in phantom.findings}:
        return True
    if any(phantom.finding(kind) for kind in _UNDECIDED.get(name, ())):
        return None
    return False
