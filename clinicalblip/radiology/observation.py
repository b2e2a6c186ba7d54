"""The observations that a chest radiograph is read for, and the one table that brings every label set to them."""

from collections.abc import Mapping
from enum import StrEnum
from itertools import groupby
from operator import itemgetter
from types import MappingProxyType
from typing import Final


class Observation(StrEnum):
    """CheXpert's fourteen, in CheXpert's order, then the four of NIH that have no counterpart there."""

    NO_FINDING = "No Finding"
    ENLARGED_CARDIOMEDIASTINUM = "Enlarged Cardiomediastinum"
    CARDIOMEGALY = "Cardiomegaly"
    LUNG_OPACITY = "Lung Opacity"
    LUNG_LESION = "Lung Lesion"
    EDEMA = "Edema"
    CONSOLIDATION = "Consolidation"
    PNEUMONIA = "Pneumonia"
    ATELECTASIS = "Atelectasis"
    PNEUMOTHORAX = "Pneumothorax"
    PLEURAL_EFFUSION = "Pleural Effusion"
    PLEURAL_OTHER = "Pleural Other"
    FRACTURE = "Fracture"
    SUPPORT_DEVICES = "Support Devices"
    INFILTRATION = "Infiltration"
    EMPHYSEMA = "Emphysema"
    FIBROSIS = "Fibrosis"
    HERNIA = "Hernia"


class Certainty(StrEnum):
    """What a text says of an observation."""

    PRESENT = "present"
    ABSENT = "absent"
    UNCERTAIN = "uncertain"


class LabelSet(StrEnum):
    """Whose labels: NIH ChestX-ray14, CheXpert (and MIMIC-CXR's), IU X-RAY's MeSH and automatic tags."""

    NIH = "nih"
    CHEXPERT = "chexpert"
    IU = "iu"


O = Observation  # noqa: E741 - one letter keeps the table below a table

CHEXPERT: Final = tuple(list(Observation)[:14])

NAMED_BY: Final[Mapping[Observation, frozenset[Observation]]] = {
    O.PNEUMONIA: frozenset({O.CONSOLIDATION, O.LUNG_OPACITY, O.INFILTRATION}),
    O.EDEMA: frozenset({O.LUNG_OPACITY, O.CARDIOMEGALY, O.PLEURAL_EFFUSION, O.INFILTRATION}),
    O.CONSOLIDATION: frozenset({O.LUNG_OPACITY, O.PNEUMONIA, O.INFILTRATION}),
    O.INFILTRATION: frozenset({O.LUNG_OPACITY, O.CONSOLIDATION, O.PNEUMONIA}),
    O.LUNG_OPACITY: frozenset(
        {O.CONSOLIDATION, O.PNEUMONIA, O.INFILTRATION, O.EDEMA, O.ATELECTASIS, O.LUNG_LESION, O.FIBROSIS}
    ),
    O.ATELECTASIS: frozenset({O.LUNG_OPACITY, O.CONSOLIDATION}),
    O.LUNG_LESION: frozenset({O.LUNG_OPACITY}),
    O.FIBROSIS: frozenset({O.LUNG_OPACITY}),
    O.CARDIOMEGALY: frozenset({O.ENLARGED_CARDIOMEDIASTINUM}),
    O.ENLARGED_CARDIOMEDIASTINUM: frozenset({O.CARDIOMEGALY}),
    O.PLEURAL_OTHER: frozenset({O.PLEURAL_EFFUSION}),
}
"""What a finding may be called elsewhere in a report: a pneumonia of the impression a consolidation."""

LABELS: Final[Mapping[LabelSet, Mapping[str, Observation]]] = MappingProxyType(
    {
        LabelSet.CHEXPERT: {observation.value.lower(): observation for observation in CHEXPERT},
        LabelSet.NIH: {
            "no finding": O.NO_FINDING,
            "atelectasis": O.ATELECTASIS,
            "cardiomegaly": O.CARDIOMEGALY,
            "consolidation": O.CONSOLIDATION,
            "edema": O.EDEMA,
            "effusion": O.PLEURAL_EFFUSION,
            "emphysema": O.EMPHYSEMA,
            "fibrosis": O.FIBROSIS,
            "hernia": O.HERNIA,
            "infiltration": O.INFILTRATION,
            "mass": O.LUNG_LESION,
            "nodule": O.LUNG_LESION,
            "pleural thickening": O.PLEURAL_OTHER,
            "pneumonia": O.PNEUMONIA,
            "pneumothorax": O.PNEUMOTHORAX,
        },
        # A tag is a path (`Opacity/lung/base/left`), whose qualifiers come in any order: of the lines with its first
        # word, the longest that has nothing that the tag lacks decides. Tags without a line (granulomas, scoliosis,
        # `Lung/hypoinflation`, ...) say nothing about any observation.
        LabelSet.IU: {
            "normal": O.NO_FINDING,
            "mediastinum/prominent": O.ENLARGED_CARDIOMEDIASTINUM,
            "mediastinum/enlarged": O.ENLARGED_CARDIOMEDIASTINUM,
            "cardiomegaly": O.CARDIOMEGALY,
            "cardiac shadow/enlarged": O.CARDIOMEGALY,
            "heart/enlarged": O.CARDIOMEGALY,
            "opacity": O.LUNG_OPACITY,
            "opacities": O.LUNG_OPACITY,
            "density": O.LUNG_OPACITY,
            "airspace disease": O.LUNG_OPACITY,
            "airspace diseases": O.LUNG_OPACITY,
            "lung diseases, interstitial": O.LUNG_OPACITY,
            "markings/lung/interstitial": O.LUNG_OPACITY,
            "lung/interstitial": O.LUNG_OPACITY,
            "nodule": O.LUNG_LESION,
            "nodules": O.LUNG_LESION,
            "mass": O.LUNG_LESION,
            "masses": O.LUNG_LESION,
            "mass lesion": O.LUNG_LESION,
            "pulmonary edema": O.EDEMA,
            "edema": O.EDEMA,
            "edemas": O.EDEMA,
            "heart failure": O.EDEMA,
            "consolidation": O.CONSOLIDATION,
            "consolidations": O.CONSOLIDATION,
            "pneumonia": O.PNEUMONIA,
            "pneumonias": O.PNEUMONIA,
            "pulmonary atelectasis": O.ATELECTASIS,
            "atelectasis": O.ATELECTASIS,
            "atelectases": O.ATELECTASIS,
            "pneumothorax": O.PNEUMOTHORAX,
            "hydropneumothorax": O.PNEUMOTHORAX,
            "hemopneumothorax": O.PNEUMOTHORAX,
            "pleural effusion": O.PLEURAL_EFFUSION,
            "pleural effusions": O.PLEURAL_EFFUSION,
            "bilateral pleural effusion": O.PLEURAL_EFFUSION,
            "effusion": O.PLEURAL_EFFUSION,
            "hemothorax": O.PLEURAL_EFFUSION,
            "thickening/pleura": O.PLEURAL_OTHER,
            "pleural thickening": O.PLEURAL_OTHER,
            "cicatrix/pleura": O.PLEURAL_OTHER,
            "fractures, bone": O.FRACTURE,
            "fracture": O.FRACTURE,
            "rib fracture": O.FRACTURE,
            "rib fractures": O.FRACTURE,
            "catheters, indwelling": O.SUPPORT_DEVICES,
            "catheterization, central venous": O.SUPPORT_DEVICES,
            "central venous catheters": O.SUPPORT_DEVICES,
            "tube, inserted": O.SUPPORT_DEVICES,
            "stents": O.SUPPORT_DEVICES,
            "medical device": O.SUPPORT_DEVICES,
            "implanted medical device": O.SUPPORT_DEVICES,
            "infiltrate": O.INFILTRATION,
            "infiltrates": O.INFILTRATION,
            "infiltration": O.INFILTRATION,
            "emphysema": O.EMPHYSEMA,
            "emphysemas": O.EMPHYSEMA,
            "pulmonary emphysema": O.EMPHYSEMA,
            "fibrosis": O.FIBROSIS,
            "pulmonary fibrosis": O.FIBROSIS,
            "hernia, hiatal": O.HERNIA,
            "hernia, diaphragmatic": O.HERNIA,
            "hiatal hernia": O.HERNIA,
        },
    }
)


def observation_of(label: str, label_set: LabelSet | str) -> Observation | None:
    """The observation of one label of a set, None for a label that is no observation.

    Case, outer white space and NIH's underscores do not matter. Raises ValueError for a set that is not in `LabelSet`
    and for a label that NIH or CheXpert do not have: their sets are closed, IU's tags are not.
    """
    table = LABELS[LabelSet(label_set)]
    key = " ".join(label.replace("_", " ").lower().split())
    if label_set == LabelSet.IU:
        return _of_path(key)
    if key not in table:
        raise ValueError(f"{label!r} is no label of the set {label_set}")
    return table[key]


def _of_path(tag: str) -> Observation | None:
    head, *qualifiers = tag.split("/")
    fitting = [line for line in _IU_LINES.get(head, ()) if set(line[1:]) <= set(qualifiers)]
    longest = max(fitting, key=lambda line: len(line), default=None)
    return None if longest is None else LABELS[LabelSet.IU]["/".join(longest)]


_IU_LINES: Final[Mapping[str, list[list[str]]]] = {
    head: list(lines) for head, lines in groupby(sorted(key.split("/") for key in LABELS[LabelSet.IU]), itemgetter(0))
}
