"""The page's events as a study has them: cases in their order, impressions, saving for good, and coming back."""

from collections.abc import Sequence
from typing import Any, Final

import gradio as gr

from clinicalblip.errors import ClinicalBlipError, IdentifiableText
from clinicalblip.radiology.report import Report
from clinicalblip.screening.phi import PhiAction
from clinicalblip.structured_report.origins import Origin
from clinicalblip.web import reviews
from clinicalblip.web import wording as page_wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.correction import CorrectedReport
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.events.comparison import BesideDraft, ComparisonEvents
from clinicalblip.web.events.error_boundary import error_boundary
from clinicalblip.web.events.event_group import AT_ONCE
from clinicalblip.web.events.report import COPY, ReportEvents
from clinicalblip.web.events.resume import ResumeEvents
from clinicalblip.web.events.saving_event_group import SavingEventGroup
from clinicalblip.web.events.work_list import WorkListEvents
from clinicalblip.web.handler_threads import in_film_threads
from clinicalblip.web.reading_study import cases, panel
from clinicalblip.web.served_study import wording
from clinicalblip.web.session import Session
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.components import Components
from clinicalblip.web.view.confidence import confidence_marks, confidence_offers
from clinicalblip.web.view.updates import Updates
from clinicalblip.web.view.work_list import changed_rows

# The last input, empty in its box, is how the case was read.
_WITH_READING: Final = "async (...values) => [...values.slice(0, -1), await window.clinicalblipReading.said(true)]"
_WITH_SECONDS: Final = "(...values) => [...values.slice(0, -1), window.clinicalblipReading.seconds()]"
_NOT_OPENING: Final = "() => window.clinicalblipWorkList.notOpening()"


def bind_study(app: AppContext, components: Components, page: gr.Blocks) -> None:
    """Bind the events of a page on which a study is read, and fit its parts to that."""
    panel.fit_layout(components)
    comparison = StudyComparisonEvents(app, components)
    comparison.bind()
    StudyListEvents(app, components).bind(page, comparison)
    StudyReportEvents(app, components).bind(comparison)
    StudyReviewEvents(app, components).bind(comparison)
    StudyResumeEvents(app, components).bind(page, comparison)


class StudyListEvents(WorkListEvents):
    """Opens the reader's cases in their order, and commits an impression."""

    def bind(self, page: gr.Blocks, comparison: ComparisonEvents) -> None:
        """Bind the handlers; no film of a study has to be screened."""
        components, outputs = self.components, self.components.of_study
        shown, form = components.work_list, components.form_boxes
        self.bind_handler(page.load, self.show, None, shown)
        opening = self.bind_handler(shown.select, in_film_threads(self.open), form, outputs)
        opening.then(None, None, None, js="() => window.clinicalblip.contextChanged()")
        comparison.bind_after(opening)
        opening.failure(None, None, shown, js=_NOT_OPENING, **AT_ONCE)
        self.bind_handler(opening.then, in_film_threads(self.prepare_next), None, components.message)
        components.trigger.go_on.click(None, None, components.message, js="() => ''", **AT_ONCE)
        assert components.case is not None  # noqa: S101 - it is there in a study
        given = [*components.report.boxes, components.review.reading]
        committing = components.case.commit.click
        committed = self.bind_handler(committing, self.commit, given, outputs, js=_WITH_SECONDS, **AT_ONCE)
        comparison.bind_after(committed)

    @error_boundary
    def open(self, request: gr.Request, event: gr.EventData, *boxes: Any) -> Updates:
        """Open the next case, or one that is done where the design allows it."""
        session, data = self.session(request), event._data
        before = session.study
        number = self._number(session, data)
        if session.case is None or session.case.number != number:
            self.may_change(session, boxes, discard=data.get("discard") is True)
        opened = cases.open_case(self.app, session, number)
        components = self.components
        if opened is None:
            return {
                components.message: html.message(wording.CASE_OPEN, calm=True),
                components.films.viewer: updates.session_films(session) | {"resumed": True},
                components.work_list: changed_rows(self.app, session, before),
            }
        said = opened.faults
        return {
            **updates.study_changed(session, opened.change, components),
            **panel.case_updates(components, session, opening=True),
            components.message: html.message(said),
            components.films.viewer: updates.session_films(session),
            components.work_list: changed_rows(self.app, session, before),
        }

    def _number(self, session: Session, data: dict[str, Any]) -> int:
        """Which case is asked for. Raises ClinicalBlipError where there is none."""
        study, at = cases.study_of(self.app), session.case.number if session.case else 0
        match data.get("action"):
            case "open":
                return int(data["number"])
            case "skip":
                raise ClinicalBlipError(wording.NO_SKIPPING)
            case "previous":
                if at <= 1 or not study.design.reading.read_again:
                    raise ClinicalBlipError(wording.FIRST_OF_LIST)
                return at - 1
        number = study.next_number(session.reader)
        if number is None:
            raise ClinicalBlipError(wording.ALL_CASES_READ)
        return number

    def prepare_next(self, request: gr.Request) -> Updates:
        """Read the films of the case that comes next."""
        self.after_screening(self.session(request))
        return {self.components.message: gr.skip()}

    @error_boundary
    def commit(self, request: gr.Request, findings: str, impression: str, seconds: Any) -> Updates:
        """Keep the reader's own impression, and show the draft where there is one."""
        session = self.session(request)
        cases.commit_first(self.app, session, Report(findings, impression), seconds)
        return panel.case_updates(self.components, session)


class StudyReviewEvents(SavingEventGroup):
    """Saves a case, after asking about words of the reader's own that may identify a person."""

    def bind(self, comparison: ComparisonEvents) -> None:
        """Bind the handlers; masking changes the report, which is then compared again."""
        components, review = self.components, self.components.review
        form = [components.ai_draft.draft_id, *review.questions, *components.form_boxes]
        assert components.case is not None  # noqa: S101 - it is there in a study
        changed = [components.message, components.work_list, review.saved, review.save, components.case.text]
        changed += [components.ai_draft.use, *review.phi_question.all]
        self.bind_saving(comparison, form, changed, components.report.boxes, with_reading=_WITH_READING)

    @error_boundary
    def save(self, request: gr.Request, draft_id: str, *boxes: Any) -> Updates:
        """Save the case, unless its report may identify a person."""
        return self._save(self.session(request), draft_id, boxes, PhiAction.ASK)

    @error_boundary
    def save_as_is(self, request: gr.Request, draft_id: str, *boxes: Any) -> Updates:
        """Save the case with its report as it is, on the reader's word."""
        return self._save(self.session(request), draft_id, boxes, PhiAction.KEEP)

    @error_boundary
    def save_masked(self, request: gr.Request, draft_id: str, *boxes: Any) -> Updates:
        """Mask what may identify a person, in the boxes too, and save the case."""
        session = self.session(request)
        final = reviews.mask_form(self._form(boxes)).final
        saved = self._save(session, draft_id, boxes, PhiAction.MASK)
        with session.lock:
            session.boxes.fill(final, Origin.FILLED_IN)
        report = self.components.report
        return {**saved, report.findings: final.findings, report.impression: final.impression}

    def _form(self, boxes: Sequence[Any]) -> Any:
        return panel.form_of(tuple(boxes[len(self.components.review.questions) :]))

    def _save(self, session: Session, draft_id: str, boxes: Sequence[Any], action: PhiAction) -> Updates:
        components, review = self.components, self.components.review
        asked = cases.study_of(self.app).design.questions.case
        answers = {question.name: given for question, given in zip(asked, boxes, strict=False) if given is not None}
        form = self._form(boxes)
        masked = reviews.mask_form(form) if action is PhiAction.MASK else form
        try:
            said = cases.save_case(
                self.app,
                session,
                draft_id,
                form,
                answers,
                action,
                origins=reviews.origins_of(session, masked, action),
            )
        except IdentifiableText as error:
            return {
                components.message: html.message(str(error)),
                review.saved: "",
                **updates.phi_question(
                    review.phi_question, cases.phi_in_final(self.app, form), title=wording.PHI_IN_REPORT
                ),
            }
        changed = panel.case_updates(components, session)
        shown = (review.save, components.ai_draft.use, *([components.case.text] if components.case else []))
        return {
            **{component: changed[component] for component in shown},
            review.saved: html.saved(said),
            components.work_list: changed_rows(self.app, session),
            **updates.phi_question(review.phi_question, ()),
        }


class StudyReportEvents(ReportEvents):
    """Moves texts between the draft and the reader's boxes; there is no reference."""

    def bind(self, comparison: ComparisonEvents) -> None:
        """Bind the handlers; the reports are compared after each."""
        components, ai_draft, boxes = self.components, self.components.ai_draft, self.components.report.boxes
        changed = [components.message, ai_draft.restore, *boxes]
        for event in (
            self.bind_handler(ai_draft.use.click, self.use_draft, [ai_draft.draft_id, *boxes], changed),
            self.bind_handler(ai_draft.restore.click, self.restore, None, changed),
        ):
            comparison.bind_after(event)
        components.report.copy.click(None, boxes, None, js=COPY)


class StudyComparisonEvents(ComparisonEvents):
    """Shows beside a draft what its arm shows, and nothing else."""

    def beside_draft(self, session: Session, shown: FinishedDraft, final: Report) -> BesideDraft:
        """Marks and what is not mentioned, each where the arm shows it."""
        case = session.case
        if case is None:
            return BesideDraft({}, "")
        limits, display = self.app.settings.scores, case.display
        marks = confidence_marks(shown, limits) if display.confidence else {}
        named = (*(["unmentioned"] if display.not_mentioned else []), *(["doubted"] if display.confidence else []))
        return BesideDraft(marks, confidence_offers(shown, final, limits, named), panel.draft_note(case))

    def verdict_label(self, corrected: CorrectedReport) -> str:
        """The question for the verdict alone: what a reader decides is measured, so that nothing is suggested."""
        return page_wording.VERDICT


class StudyResumeEvents(ResumeEvents):
    """Brings the case that is open back as it was left."""

    def resume(self, request: gr.Request) -> Updates:
        """Show everything that the session holds on a page that was just loaded."""
        shown = super().resume(request)
        return {**shown, **self._case(self.session(request))}

    def rejoin(self, request: gr.Request, draft_id: str, mark: str) -> Updates:
        """Show what became of the session; what stands in the boxes is newer, and the case is the same one."""
        session = self.session(request)
        gone = mark != "" and not mark.startswith(f"{session.id}:")
        shown = super().rejoin(request, draft_id, mark)
        return {**shown, **self._case(session)} if gone else shown

    def _case(self, session: Session) -> Updates:
        with session.lock:
            return panel.case_updates(self.components, session)

    def _draft(self, session: Session) -> Updates:
        """The draft of the case; nothing is written while a study is read."""
        return self._case(session)
