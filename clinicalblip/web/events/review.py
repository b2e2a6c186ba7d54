"""Which press at the review calls which handler, and what on the page then changes."""

from typing import Any

import gradio as gr

from clinicalblip.errors import IdentifiableText
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.screening.phi import PhiAction
from clinicalblip.web import reviews, wording
from clinicalblip.web.events.comparison import ComparisonEvents
from clinicalblip.web.events.error_boundary import error_boundary
from clinicalblip.web.events.event_group import AT_ONCE, EventGroup, scroll_to
from clinicalblip.web.reviews import ReviewForm
from clinicalblip.web.saving_threads import in_saving_threads
from clinicalblip.web.session import Session
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.updates import Updates


class ReviewEvents(EventGroup):
    """Saves a review, after asking about texts to be kept that may identify a person."""

    def bind(self, comparison: ComparisonEvents) -> None:
        """Bind the handlers; masking changes the reports, which are then compared again."""
        components, panel = self.components, self.components.review
        boxes = [*components.report_boxes, *panel.boxes]
        changed = [components.message, panel.saved, *panel.phi_question.all]
        masking = panel.phi_question.mask.click(
            in_saving_threads(self.save_masked), boxes, [*changed, *components.report_boxes, panel.comment], **AT_ONCE
        )
        for saving in (
            panel.save.click(in_saving_threads(self.save), boxes, changed, **AT_ONCE),
            panel.phi_question.as_is.click(in_saving_threads(self.save_as_is), boxes, changed, **AT_ONCE),
            masking,
        ):
            saving.success(None, None, None, js="() => window.clinicalblip.saved()")
            saving.then(None, None, None, js=scroll_to("kept-phi"))
        comparison.bind_after(masking)

    def on_error(self) -> Updates:
        """Nothing is said to be saved."""
        return {self.components.review.saved: ""}

    @error_boundary
    def save(self, request: gr.Request, *boxes: Any) -> Updates:
        """Save the review, unless its texts may identify a person."""
        return self._save(self.session(request), _review_form(*boxes), PhiAction.ASK)

    @error_boundary
    def save_as_is(self, request: gr.Request, *boxes: Any) -> Updates:
        """Save the review with its texts as they are, on the reader's word."""
        return self._save(self.session(request), _review_form(*boxes), PhiAction.KEEP)

    @error_boundary
    def save_masked(self, request: gr.Request, *boxes: Any) -> Updates:
        """Mask what may identify a person, in the boxes too, and save the review."""
        form = _review_form(*boxes)
        reviews.check_reports(self.app, form.final, form.reference)
        masked = reviews.mask_form(form)
        report, reference = self.components.report, self.components.reference
        return {
            **self._save(self.session(request), masked, PhiAction.MASK),
            report.findings: masked.final.findings,
            report.impression: masked.final.impression,
            reference.findings: masked.reference.findings,
            reference.impression: masked.reference.impression,
            self.components.review.comment: masked.comment,
        }

    def _save(self, session: Session, form: ReviewForm, action: PhiAction) -> Updates:
        panel = self.components.review
        try:
            said = reviews.review_shown(self.app, session, form, action)
        except IdentifiableText as error:
            matches = reviews.phi_in_review(self.app, session.report.shown, form) if session.report.shown else ()
            return {
                self.components.message: html.message(str(error)),
                panel.saved: "",
                **updates.phi_question(panel.phi_question, matches, title=wording.PHI_BEFORE_SAVE),
            }
        return {panel.saved: html.saved(said), **updates.phi_question(panel.phi_question, ())}


def _review_form(
    findings: str,
    impression: str,
    reference_findings: str,
    reference_impression: str,
    overall: int | None,
    verdict: str | None,
    comment: str,
    consent: bool,
) -> ReviewForm:
    return ReviewForm(
        final=Report(findings, impression),
        overall=overall,
        verdict=Verdict(verdict) if verdict else None,
        comment=comment,
        reference=Report(reference_findings, reference_impression),
        consent=consent,
    )
