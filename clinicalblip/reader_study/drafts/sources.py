"""Where an arm's drafts come from, before any errors are put into them: a model, a predictions file, the reference."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from clinicalblip.errors import ClinicalBlipError, ReaderStudyError
from clinicalblip.evaluation.predictions import Predictions, read_predictions
from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.draft import Draft, Examination, GenerationOptions, ModelIdentity, Reporter
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import SLOTS, ClinicalContext, Report
from clinicalblip.radiology.study import Study
from clinicalblip.reader_study.design.design import ArmPart, DraftSource, ReaderStudyDesign
from clinicalblip.reader_study.drafts.prepared_draft import SentenceEvidence
from clinicalblip.reader_study.drafts.study_films import read_films
from clinicalblip.settings import LimitSettings

Scores = Mapping[Observation, float] | None
SentenceEvidences = tuple[SentenceEvidence, ...] | None
LoadReporter = Callable[[ArmPart], Reporter]
"""Loads the model of an arm. Raises ClinicalBlipError."""

REFERENCE: Final = "reference"

_NO_MODEL: Final = "none"  # of what only a model has


class Source(Protocol):
    """What gives drafts of studies."""

    def fingerprint(self) -> dict[str, Any]:
        """What the drafts depend on beside the studies, as plain values."""

    def draft(self, study: Study, films: tuple[str, ...], arm: ArmPart) -> Draft:
        """The draft of a study, whose films have these digests, as `arm` shows it. Raises ClinicalBlipError."""

    def score(self, study: Study, arm: ArmPart) -> Scores:
        """How likely each observation is, None where no model says so. Raises ClinicalBlipError."""

    def evidence(self, study: Study, arm: ArmPart, report: Report) -> SentenceEvidences:
        """Where each sentence of a report came from, None where no model says so. Raises ClinicalBlipError."""


@dataclass(frozen=True)
class WrittenSource:
    """Reports that are there already, by study id; `name` and `digest` are those of the file that they are from."""

    reports: Mapping[str, Report]
    name: str
    digest: str

    def fingerprint(self) -> dict[str, Any]:
        """Name and digest."""
        return {"name": self.name, "digest": self.digest}

    def score(self, study: Study, arm: ArmPart) -> Scores:
        """None."""
        return None

    def evidence(self, study: Study, arm: ArmPart, report: Report) -> SentenceEvidences:
        """None."""
        return None

    def draft(self, study: Study, films: tuple[str, ...], arm: ArmPart) -> Draft:
        """The report in a Draft whose model is named after the file."""
        report = self.reports[study.study_id]
        model = ModelIdentity(
            base=self.name,
            base_digest=self.digest,
            adapter=None,
            adapter_digest=None,
            precision=_NO_MODEL,
            reason="no model wrote it here",
            device=_NO_MODEL,
            prompt_version=_NO_MODEL,
        )
        return Draft(
            report=storable(report),
            prompt="",
            radiographs=films,
            model=model,
            generation=GenerationOptions(max_new_tokens=1),
            seed=0,
            tokens=0,
            seconds=0.0,
        )


@dataclass(frozen=True)
class ModelSource:
    """The model of an arm, which is told what the arm shows."""

    arm: ArmPart
    reporter: Reporter
    seed: int
    limits: LimitSettings

    def fingerprint(self) -> dict[str, Any]:
        """The model by its digests, and how it chooses words."""
        model = {
            name: value for name, value in asdict(self.reporter.identity).items() if name not in ("reason", "device")
        }
        return {"model": model, "generation": asdict(self.reporter.generation)}

    def draft(self, study: Study, films: tuple[str, ...], arm: ArmPart) -> Draft:
        """What the model writes of what is shown."""
        (draft,) = self.reporter.draft_many([self._examination(study, arm)], seed=self.seed)
        return replace(draft, report=storable(draft.report))

    def score(self, study: Study, arm: ArmPart) -> Scores:
        """What the model scores, with what is shown: the observations that the page would say something of."""
        said = self.reporter.calibrated - {Observation.NO_FINDING}
        found = self.reporter.score(*self._examination(study, arm)) if said else {}
        return {observation: float(score) for observation, score in found.items() if observation in said}

    def evidence(self, study: Study, arm: ArmPart, report: Report) -> SentenceEvidences:
        """What the model drew on for each sentence, with what is shown."""
        if report.empty:
            return ()
        found = self.reporter.evidence(*self._examination(study, arm), report)
        return tuple(
            SentenceEvidence(each.sentence, tuple(tuple(map(tuple, drop.round(3).tolist())) for drop in each.drops))
            for each in found
        )

    def _examination(self, study: Study, arm: ArmPart) -> Examination:
        context = shown_context(self.arm, study.context, prior_report=arm.show.prior_report)
        return read_films(study, self.limits), context


def shown_context(arm: ArmPart, context: ClinicalContext, *, prior_report: bool) -> ClinicalContext:
    """What an arm's model is told of what is known: the slots of the arm, and no prior report that is not shown."""
    hidden = set() if arm.slots is None else set(SLOTS) - set(arm.slots)
    if not prior_report:
        hidden.add("prior_report")
    return replace(context, **dict.fromkeys(hidden, ""))


def storable(report: Report) -> Report:
    """The report as a file can hold it."""
    return Report(**{name: replace_surrogates(text) for name, text in vars(report).items()})


def find_sources(
    design: ReaderStudyDesign,
    studies: Mapping[int, Study],
    load: LoadReporter,
    *,
    folder: Path,
    studies_digest: str,
    limits: LimitSettings,
) -> dict[str, Source]:
    """The source of each arm whose drafts are from one, and REFERENCE; all models are loaded, after all files are read.

    `folder`: the design's, at which paths begin. Raises ReaderStudyError, which names the arm.
    """
    reports = {study.study_id: study.reference for study in studies.values()}
    reference = WrittenSource(reports, REFERENCE, studies_digest)
    sources: dict[str, Source] = {REFERENCE: reference}
    of_model = [arm for arm in design.arms if arm.draft is DraftSource.MODEL]
    for arm in design.arms:
        if arm.draft is DraftSource.REFERENCE:
            sources[arm.name] = reference
        if arm.draft is DraftSource.PREDICTIONS and arm.file is not None:
            sources[arm.name] = _read_predictions(arm.name, folder / arm.file, studies)
    for arm in of_model:
        try:
            reporter = load(arm)
        except ClinicalBlipError as error:
            raise ReaderStudyError(f"The model of arm {arm.name} does not load: {error}") from error
        sources[arm.name] = ModelSource(arm, reporter, design.seed, limits)
    return sources


def _read_predictions(arm: str, path: Path, studies: Mapping[int, Study]) -> WrittenSource:
    try:
        predictions = read_predictions(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except ClinicalBlipError as error:
        raise ReaderStudyError(f"The predictions of arm {arm} cannot be used: {error}") from error
    if lacking := [case for case, study in studies.items() if study.study_id not in predictions.drafts]:
        raise ReaderStudyError(
            f"The predictions of arm {arm} lack {len(lacking)} of {len(studies)} cases, the first is case "
            f"{lacking[0]}; draft the whole studies file, or name another file."
        )
    return WrittenSource(predictions.drafts, _name(predictions), digest)


def _name(predictions: Predictions) -> str:
    model = predictions.provenance.model
    return f"predictions of {model}" if model else "predictions"
