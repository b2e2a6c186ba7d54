"""A study: the films of one examination with what was known and what was written."""

from dataclasses import dataclass, field
from pathlib import Path

from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report

SPLITS = ("train", "validate", "test")


@dataclass(frozen=True)
class StudyImage:
    """The file of a film and its view; `prior`: it is of an earlier examination."""

    path: Path
    view: View = View.UNKNOWN
    prior: bool = False


@dataclass(frozen=True)
class Study:
    """One examination of one patient.

    `images` are all its films, those of today before prior ones. `reference` is the data set's report and never
    reaches a prompt. `tags` are labels that came with the study, in the data set's own words.
    """

    study_id: str
    patient_id: str
    split: str
    images: tuple[StudyImage, ...] = ()
    context: ClinicalContext = field(default_factory=ClinicalContext)
    reference: Report = field(default_factory=Report)
    tags: tuple[str, ...] = ()

    @property
    def shown(self) -> tuple[StudyImage, ...]:
        """The films that a model is shown, in its order: a frontal one, a lateral and a prior one where there are any.

        Of several of a kind it is the first. A study without a frontal film shows the first that it has.
        """
        today = [image for image in self.images if not image.prior] or list(self.images)
        lateral = [image for image in today if image.view is View.LATERAL]
        frontal = [image for image in today if image.view is not View.LATERAL] or lateral
        prior = [image for image in self.images if image.prior and image.view is not View.LATERAL]
        chosen = [*frontal[:1], *lateral[:1], *prior[:1]]
        return tuple(dict.fromkeys(chosen))

    def __post_init__(self) -> None:
        if not self.study_id:
            raise ValueError("a study needs a study_id")
        if self.split not in SPLITS:
            raise ValueError(f"the split of study {self.study_id} is {self.split!r}, not one of {', '.join(SPLITS)}")
        prior = _fold(self.context.prior_report)
        own = self.reference
        if prior and prior in {_fold(text) for text in (own.text, f"{own.findings} {own.impression}", own.findings)}:
            raise ValueError(f"the prior report of study {self.study_id} is its own report")


def _fold(text: str) -> str:
    return " ".join(text.lower().split())
