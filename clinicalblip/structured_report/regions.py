"""The regions of a chest radiograph, in the order of a report, and what is looked for in each."""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from clinicalblip.radiology.observation import Observation

O = Observation  # noqa: E741 - one letter keeps the table below a table


class Region(StrEnum):
    """A part of the chest, as the rows of a report are grouped."""

    LUNGS = "lungs"
    PLEURA = "pleura"
    HEART_AND_MEDIASTINUM = "heart and mediastinum"
    BONES = "bones"
    DEVICES = "devices"


OBSERVATIONS: Final[Mapping[Region, tuple[Observation, ...]]] = MappingProxyType(
    {
        Region.LUNGS: (
            O.LUNG_OPACITY,
            O.CONSOLIDATION,
            O.PNEUMONIA,
            O.INFILTRATION,
            O.ATELECTASIS,
            O.EDEMA,
            O.LUNG_LESION,
            O.EMPHYSEMA,
            O.FIBROSIS,
        ),
        Region.PLEURA: (O.PNEUMOTHORAX, O.PLEURAL_EFFUSION, O.PLEURAL_OTHER),
        Region.HEART_AND_MEDIASTINUM: (O.CARDIOMEGALY, O.ENLARGED_CARDIOMEDIASTINUM, O.HERNIA),
        Region.BONES: (O.FRACTURE,),
        Region.DEVICES: (O.SUPPORT_DEVICES,),
    }
)
"""Every observation but `No Finding`, which is said of a text and not of a place."""

REGION_OF: Final[Mapping[Observation, Region]] = MappingProxyType(
    {name: region for region, names in OBSERVATIONS.items() for name in names}
)
ORDER: Final[tuple[Observation, ...]] = tuple(REGION_OF)
"""The observations as they follow each other in a table."""

_WORDS: Final = {
    Region.LUNGS: r"lungs?|pulmonary|parenchym\w+|lobes?|bas(?:es?|ilar)|apex|apices|airspaces?|interstiti\w+",
    Region.PLEURA: r"pleura\w*|costophrenic|effusions?|fissures?",
    Region.HEART_AND_MEDIASTINUM: r"hearts?|cardi\w+|mediastin\w+|aort\w+|hil(?:ar|um|a)",
    Region.BONES: r"bon(?:es?|y)|osseous|skelet\w+|ribs?|spin(?:e|al)|vertebra\w*|clavic\w+|humer\w+|scapul\w+",
}


def regions_named(sentence: str) -> frozenset[Region]:
    """The regions that a sentence speaks of by any word of theirs, whatever it says; devices have no such words."""
    return frozenset(
        region for region, words in _WORDS.items() if re.search(rf"(?<!\w)(?:{words})(?!\w)", sentence.lower())
    )
