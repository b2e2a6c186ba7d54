"""Every draft that readers will be shown is made before the first of them reads; what was made survives a kill."""

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from clinicalblip.errors import ReaderStudyError
from clinicalblip.progress import Log, progress_bar
from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study
from clinicalblip.reader_study.assignment.assignment import CaseKind, StudyCase
from clinicalblip.reader_study.design.design import ArmPart, DraftSource, ErrorsPart, ReaderStudyDesign
from clinicalblip.reader_study.drafts.made_drafts import MadeDraft, MadeDrafts, name_of
from clinicalblip.reader_study.drafts.prepared_draft import PreparedDraft
from clinicalblip.reader_study.drafts.sources import REFERENCE, Scores, Source
from clinicalblip.reader_study.injection.injected_error import InjectedReport

logger = logging.getLogger(__name__)

Inject = Callable[[Report, ErrorsPart, int], InjectedReport]
"""Puts errors into a report with a seed. Raises ReaderStudyError where none of the kinds fits."""

_WITH_ERRORS: Final = ", with errors put in"


@dataclass(frozen=True)
class DraftMaker:
    """Makes the drafts of a study: `sources` by arm, and REFERENCE; `films` the digests of each case's films."""

    design: ReaderStudyDesign
    studies: Mapping[int, Study]
    films: Mapping[int, tuple[str, ...]]
    sources: Mapping[str, Source]
    inject: Inject

    def fingerprint(self) -> dict[str, Any]:
        """What the drafts depend on beside design and studies, as plain values."""
        return {arm: source.fingerprint() for arm, source in self.sources.items()}

    def make(self, cases: Sequence[StudyCase], made: MadeDrafts, *, log: Log = logger.info) -> list[MadeDraft]:
        """Make a draft of each case under each arm that shows one; those that `made` has are taken from there.

        A model that writes nothing is named to `log`, and its draft is empty. Raises ReaderStudyError where no error of
        the design's kinds fits some reports, once all others are made; ModelError, and OSError where the disk is full.
        """
        made.repair(0)
        done = made.completed()
        arms = sorted(self._arms(), key=lambda arm: arm.draft is DraftSource.INJECTED)  # after those they are made of
        wanted = [(case, arm) for case in cases for arm in arms]
        misfits: list[tuple[int, str]] = []
        with progress_bar(made.kind, total=len(wanted), done=len(done), unit="draft") as bar:
            for case, arm in wanted:
                name = name_of(case.number, arm.name)
                if name in done:
                    continue
                try:
                    draft = self._draft(case, arm, done)
                except _NothingFits:
                    misfits.append((case.number, arm.name))
                    continue
                if draft.clean.empty:
                    log(f"Of case {case.number} the model of arm {arm.name} wrote nothing; its draft is empty.")
                made.keep(draft)
                done[name] = draft
                bar.update()
        if misfits:
            number, arm_name = misfits[0]
            raise ReaderStudyError(
                f"No error of the kinds that the design names fits {len(misfits)} of the reports, the first is case "
                f"{number} under arm {arm_name}; name more kinds of errors, or begin with other reports."
            )
        return [done[name_of(case.number, arm.name)] for case, arm in wanted]

    def _arms(self) -> Iterator[ArmPart]:
        for arm in self.design.arms:
            if arm.draft is DraftSource.NONE:
                continue
            if arm.draft is DraftSource.INJECTED and (arm.of or REFERENCE) not in self.sources:
                raise ReaderStudyError(
                    f"Arm {arm.name} is made of arm {arm.of}, which has no drafts of its own; name one that has."
                )
            yield arm

    def _draft(self, case: StudyCase, arm: ArmPart, done: Mapping[str, MadeDraft]) -> MadeDraft:
        draft, scores = self._clean(case, arm, done)
        clean = draft.report
        errors = self.design.gold.errors if case.kind is CaseKind.GOLD else None
        if arm.draft is DraftSource.INJECTED:
            errors = errors or arm.errors
        injected = None
        if errors is not None:
            try:
                injected = self.inject(clean, errors, self._seed(case))
            except ReaderStudyError as error:
                raise _NothingFits from error
            model = replace(draft.model, base=f"{draft.model.base}{_WITH_ERRORS}")
            draft = replace(draft, report=injected.report, model=model)
        evidence = None
        if arm.show.evidence:  # of the report as it is shown, with its errors
            evidence = self.sources[self._origin(arm)].evidence(self.studies[case.number], arm, draft.report)
        # The id is a lot that no seed gives: whoever knows the design could find out its arm otherwise.
        prepared = PreparedDraft(secrets.token_hex(16), case.number, arm.name, draft, scores, evidence)
        return MadeDraft(prepared, injected.errors if injected else (), clean)

    def _clean(self, case: StudyCase, arm: ArmPart, done: Mapping[str, MadeDraft]) -> tuple[Draft, Scores]:
        """The draft without errors: of the arm's own source, or that of the arm whose reports it is made of."""
        study, films = self.studies[case.number], self.films[case.number]
        of = self._origin(arm)
        source, before = self.sources[of], done.get(name_of(case.number, of))
        is_scored = arm.show.confidence or arm.show.not_mentioned
        if before is None or self.design.arm(of).show.prior_report != arm.show.prior_report:
            return source.draft(study, films, arm), source.score(study, arm) if is_scored else None
        draft = before.prepared.draft
        model = replace(draft.model, base=draft.model.base.removesuffix(_WITH_ERRORS))
        scores = before.prepared.scores or source.score(study, arm) if is_scored else None
        return replace(draft, report=before.clean, model=model), scores

    @staticmethod
    def _origin(arm: ArmPart) -> str:
        """The arm whose reports an arm's are made of: mostly itself."""
        return (arm.of or REFERENCE) if arm.draft is DraftSource.INJECTED else arm.name

    def _seed(self, case: StudyCase) -> int:
        """One for all arms of a case, so that the same report gets the same errors in each."""
        return (self.design.seed + case.number) % 2**32


class _NothingFits(Exception):
    """None of the kinds of errors fits a report."""
