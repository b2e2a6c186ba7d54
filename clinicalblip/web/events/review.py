"""Which press at the review calls which handler, and what on the page then changes."""

from typing import Any

import gradio as gr

from clinicalblip.errors import IdentifiableText
from clinicalblip.screening.phi import PhiAction
from clinicalblip.structured_report.origins import Origin
from clinicalblip.web import handlers, listed_studies, reviews, wording
from clinicalblip.web.events.comparison import ComparisonEvents
from clinicalblip.web.events.error_boundary import error_boundary
from clinicalblip.web.events.saving_event_group import SavingEventGroup
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.session import Session
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.updates import Updates
from clinicalblip.web.view.work_list import changed_rows

# The last input, empty in its box, is how the study was read; the one before it says whether that may be kept.
_WITH_READING = "async (...values) => [...values.slice(0, -1), await window.clinicalblipReading.said(values.at(-2))]"


class ReviewEvents(SavingEventGroup):
    """Saves a review, after asking about texts to be kept that may identify a person."""

    def bind(self, comparison: ComparisonEvents) -> None:
        """Bind the handlers; masking changes the reports, which are then compared again."""
        components, panel = self.components, self.components.review
        form = [components.ai_draft.draft_id, *components.form_boxes]
        changed = [components.message, components.work_list, panel.saved, *panel.phi_question.all]
        masked = [*components.report_boxes, panel.comment]
        self.bind_saving(comparison, form, changed, masked, with_reading=_WITH_READING)

    @error_boundary
    def save(self, request: gr.Request, draft_id: str, *boxes: Any) -> Updates:
        """Save the review, unless its texts may identify a person."""
        return self._save(self.session(request), draft_id, ReviewForm.from_boxes(*boxes), PhiAction.ASK)

    @error_boundary
    def save_as_is(self, request: gr.Request, draft_id: str, *boxes: Any) -> Updates:
        """Save the review with its texts as they are, on the reader's word."""
        return self._save(self.session(request), draft_id, ReviewForm.from_boxes(*boxes), PhiAction.KEEP)

    @error_boundary
    def save_masked(self, request: gr.Request, draft_id: str, *boxes: Any) -> Updates:
        """Mask what may identify a person, in the boxes too, and save the review."""
        form = ReviewForm.from_boxes(*boxes)
        reviews.check_reports(self.app, form.final, form.reference)
        masked = reviews.mask_form(form)
        session, report, reference = self.session(request), self.components.report, self.components.reference
        saved = self._save(session, draft_id, masked, PhiAction.MASK)
        with session.lock:
            session.boxes.fill(form.final, Origin.TYPED)
            session.boxes.fill(masked.final, Origin.FILLED_IN)
        return {
            **saved,
            report.findings: masked.final.findings,
            report.impression: masked.final.impression,
            reference.findings: masked.reference.findings,
            reference.impression: masked.reference.impression,
            self.components.review.comment: masked.comment,
        }

    def _save(self, session: Session, draft_id: str, form: ReviewForm, action: PhiAction) -> Updates:
        panel = self.components.review
        try:
            said = reviews.review_shown(self.app, session, draft_id, form, action)
        except IdentifiableText as error:
            matches = reviews.phi_in_review(self.app, handlers.draft_on_page(session, draft_id), form)
            return {
                self.components.message: html.message(str(error)),
                panel.saved: "",
                **updates.phi_question(panel.phi_question, matches, title=wording.PHI_BEFORE_SAVE),
            }
        listed_studies.note_saved(session)
        return {
            panel.saved: html.saved(said),
            self.components.work_list: changed_rows(self.app, session),
            **updates.phi_question(panel.phi_question, ()),
        }
