"""Which studies a stage learns from and is validated on."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from clinicalblip.datasets.files.studies import digest_study
from clinicalblip.errors import ModelUnavailable, StageError
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.radiology.report import ClinicalContext, Target
from clinicalblip.radiology.study import Study
from clinicalblip.training.data.prompts import build_training_prompt, select_sections

VALIDATION_STUDIES = 100
"""At most so many studies are validated on."""

UNREADABLE = "with a film that cannot be read"
"""Why a study is left out whose films were decoded."""


@dataclass(frozen=True)
class StageStudies:
    """The studies that a stage learns from and is validated on, and how many were left out for which reason."""

    training: tuple[Study, ...]
    validation: tuple[Study, ...]
    left_out: Mapping[str, int]


def select_studies(studies: Sequence[Study], target: Target, base: Base) -> StageStudies:
    """The studies of the train split that a stage can learn from, and a few of the validate split.

    Those of the validate split are the same ones every time, whatever the order. Raises StageError where none is left
    to learn from, or two have one id.
    """
    if twice := [name for name, count in Counter(study.study_id for study in studies).items() if count > 1]:
        raise StageError(f"{len(twice)} study ids come more than once, the first is {twice[0]}; ids must differ.")
    chosen, left_out = [], Counter[str]()
    for study in studies:
        reason = _reason_to_leave_out(study, target, base, "train")
        if reason:
            left_out[reason] += 1
        else:
            chosen.append(study)
    if not chosen:
        counts = ", ".join(f"{count} {reason}" for reason, count in left_out.items()) or "there are no studies"
        raise StageError(f"No study is left to train on: {counts}.")
    validation = [study for study in studies if _reason_to_leave_out(study, target, base, "validate") is None]
    return StageStudies(tuple(chosen), tuple(sorted(validation, key=digest_study)[:VALIDATION_STUDIES]), dict(left_out))


def exclude_unreadable(selected: StageStudies, unreadable: Collection[str]) -> StageStudies:
    """The same without the studies of these ids, whose films cannot be read. Raises StageError where none is left."""
    training, validation = (
        tuple(study for study in studies if study.study_id not in unreadable)
        for studies in (selected.training, selected.validation)
    )
    count = len(selected.training) - len(training)
    if not training:
        raise StageError(f"No study is left to train on: {count} {UNREADABLE}.")
    return StageStudies(training, validation, {**selected.left_out, **({UNREADABLE: count} if count else {})})


def _reason_to_leave_out(study: Study, target: Target, base: Base, split: str) -> str | None:
    if study.split != split:
        return f"not of the {split} split"
    if not study.shown:
        return "without a film"
    text = target_text(select_sections(study.reference, target))
    if not text:
        return f"without a text for the target {target}"
    try:
        build_training_prompt(study, ClinicalContext(), text, base)
    except ModelUnavailable:
        return "with a report longer than the base has room for"
    return None
