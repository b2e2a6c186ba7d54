"""A study: the films of one examination with what was known and what was written."""

from dataclasses import dataclass, field
from pathlib import Path

from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report

SPLITS = ("train", "validate", "test")


@dataclass(frozen=True)
class StudyImage:
    """Where a film lies and from which side it was taken."""

    path: Path
    view: View = View.UNKNOWN


@dataclass(frozen=True)
class Study:
    """One examination of one patient.

    `images` are in the model's order: frontal, lateral, prior. `reference` is the data set's report and never
    reaches a prompt. `tags` are labels that came with the study, in the data set's own words.
    """

    study_id: str
    patient_id: str
    split: str
    images: tuple[StudyImage, ...] = ()
    context: ClinicalContext = field(default_factory=ClinicalContext)
    reference: Report = field(default_factory=Report)
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.study_id:
            raise ValueError("a study needs a study_id")
        if self.split not in SPLITS:
            raise ValueError(f"the split of study {self.study_id} is {self.split!r}, not one of {', '.join(SPLITS)}")
        prior = _folded(self.context.prior_report)
        own = self.reference
        if prior and prior in {_folded(text) for text in (own.text, f"{own.findings} {own.impression}", own.findings)}:
            raise ValueError(f"the prior report of study {self.study_id} is its own report")


def _folded(text: str) -> str:
    return " ".join(text.lower().split())
