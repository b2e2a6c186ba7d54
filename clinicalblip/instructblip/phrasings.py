"""How a report affirms and how it denies each of CheXpert's observations: short sentences of our own wording.

Each says that one thing and nothing else, without side, zone, size or degree, as `labeler.observations` reads it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from clinicalblip.radiology.observation import Observation

O = Observation  # noqa: E741 - one letter keeps the table below a table


@dataclass(frozen=True)
class Phrasings:
    """Sentences that say that an observation is there, and others that say it is not."""

    affirming: tuple[str, ...]
    denying: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.affirming or not self.denying or set(self.affirming) & set(self.denying):
            raise ValueError("an observation needs sentences that affirm it and other ones that deny it")


_FOUND: Final = {
    O.ENLARGED_CARDIOMEDIASTINUM: Phrasings(
        ("The mediastinum is widened.", "There is mediastinal widening.", "The mediastinum is enlarged."),
        ("The mediastinum is not widened.", "There is no mediastinal widening.", "The mediastinum is normal."),
    ),
    O.CARDIOMEGALY: Phrasings(
        ("The heart is enlarged.", "There is cardiomegaly.", "Cardiomegaly is present."),
        ("The heart is not enlarged.", "There is no cardiomegaly.", "The heart is normal in size."),
    ),
    O.LUNG_OPACITY: Phrasings(
        ("There is an airspace opacity.", "There is an opacity.", "Airspace opacity is present."),
        ("There is no airspace opacity.", "There is no opacity.", "No airspace opacity."),
    ),
    O.LUNG_LESION: Phrasings(
        ("There is a nodule.", "There is a pulmonary nodule.", "There is a mass."),
        ("There is no nodule.", "There is no pulmonary nodule.", "There is no mass."),
    ),
    O.EDEMA: Phrasings(
        ("There is pulmonary edema.", "Pulmonary edema is present.", "There is edema."),
        ("There is no pulmonary edema.", "No pulmonary edema is seen.", "There is no edema."),
    ),
    O.CONSOLIDATION: Phrasings(
        ("There is consolidation.", "There is a consolidation.", "Consolidation is present."),
        ("There is no consolidation.", "There is no airspace consolidation.", "No consolidation is seen."),
    ),
    O.PNEUMONIA: Phrasings(
        ("There is pneumonia.", "There is a pneumonia.", "Pneumonia is present."),
        ("There is no pneumonia.", "There is no evidence of pneumonia.", "No pneumonia is seen."),
    ),
    O.ATELECTASIS: Phrasings(
        ("There is atelectasis.", "Atelectasis is present.", "Atelectasis is seen."),
        ("There is no atelectasis.", "There is no evidence of atelectasis.", "No atelectasis is seen."),
    ),
    O.PNEUMOTHORAX: Phrasings(
        ("There is a pneumothorax.", "Pneumothorax is present.", "A pneumothorax is seen."),
        ("There is no pneumothorax.", "There is no evidence of pneumothorax.", "No pneumothorax is seen."),
    ),
    O.PLEURAL_EFFUSION: Phrasings(
        ("There is a pleural effusion.", "Pleural effusion is present.", "There is an effusion."),
        ("There is no pleural effusion.", "No pleural effusion is seen.", "There is no effusion."),
    ),
    O.PLEURAL_OTHER: Phrasings(
        ("There is pleural thickening.", "Pleural thickening is present.", "Pleural thickening is seen."),
        ("There is no pleural thickening.", "No pleural thickening is present.", "No pleural thickening is seen."),
    ),
    O.FRACTURE: Phrasings(
        ("There is a rib fracture.", "There is a fracture.", "A fracture is seen."),
        ("There is no rib fracture.", "There is no fracture.", "No fracture is seen."),
    ),
    O.SUPPORT_DEVICES: Phrasings(
        ("There is a catheter.", "A pacemaker is present.", "A tube is present."),
        ("There is no catheter.", "No pacemaker is present.", "No tube is present."),
    ),
}

PHRASINGS: Final[Mapping[Observation, Phrasings]] = MappingProxyType(
    {
        # Any finding denies a normal chest; a device is no finding.
        O.NO_FINDING: Phrasings(
            ("The chest is normal.", "No acute cardiopulmonary abnormality.", "There is no acute disease."),
            tuple(text for what, each in _FOUND.items() if what is not O.SUPPORT_DEVICES for text in each.affirming),
        ),
        **_FOUND,
    }
)
