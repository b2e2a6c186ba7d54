"""Which press at the review calls which handler, and what on the page then changes."""

from typing import Any

import gradio as gr
from gradio.components import Component

from clinicalblip.errors import IdentifiableText
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.screening.phi import PhiAction
from clinicalblip.web import reviews, wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.events.error_boundary import (
    AT_ONCE,
    bring_question,
    comparison_panels,
    error_boundary,
    report_comparison,
)
from clinicalblip.web.request_info import session_key
from clinicalblip.web.reviews import ReviewForm
from clinicalblip.web.session import Session
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.layout import Components
from clinicalblip.web.view.updates import Updates


def bind_review(app: AppContext, components: Components) -> None:
    """Saving a review, and what is asked before its texts are kept."""

    def save(session: Session, form: ReviewForm, answer: PhiAction) -> Updates:
        try:
            said = reviews.review_shown(app, session, form, answer)
        except IdentifiableText as error:
            naming = reviews.phi_in_review(app, session.report.shown, form) if session.report.shown else ()
            title, said = wording.PHI_BEFORE_SAVE, html.message(str(error))
            return {
                components.message: said,
                components.saved: "",
                **updates.question(components.kept_phi_question, naming, title=title),
            }
        return {components.saved: html.saved(said), **updates.question(components.kept_phi_question, ())}

    @error_boundary(components, lambda: {components.saved: ""})
    def save_asking(request: gr.Request, *boxes: Any) -> Updates:
        return save(app.sessions.of(session_key(request)), _review_form(*boxes), PhiAction.ASK)

    @error_boundary(components, lambda: {components.saved: ""})
    def save_as_is(request: gr.Request, *boxes: Any) -> Updates:
        return save(app.sessions.of(session_key(request)), _review_form(*boxes), PhiAction.KEEP)

    @error_boundary(components, lambda: {components.saved: ""})
    def save_masked(request: gr.Request, *boxes: Any) -> Updates:
        form = _review_form(*boxes)
        reviews.check_reports(app, form.final, form.reference)
        masked = reviews.mask_form(form)
        return {
            **save(app.sessions.of(session_key(request)), masked, PhiAction.MASK),
            components.findings: masked.final.findings,
            components.impression: masked.final.impression,
            components.reference_findings: masked.reference.findings,
            components.reference_impression: masked.reference.impression,
            components.comment: masked.comment,
        }

    inputs: list[Component] = [
        *components.reports,
        components.overall,
        components.verdict,
        components.comment,
        components.consent,
    ]
    changed = [components.message, components.saved, *components.kept_phi_question.components]
    masked_boxes = [*changed, *components.reports, components.comment]
    compare, compared = report_comparison(app, components), [*components.reports, components.revealed]
    for saving in (
        components.save.click(save_asking, inputs, changed, **AT_ONCE),
        components.kept_phi_question.leave.click(save_as_is, inputs, changed, **AT_ONCE),
        components.kept_phi_question.mask.click(save_masked, inputs, masked_boxes, **AT_ONCE),
    ):
        saving.success(None, None, None, js="() => window.clinicalblip.saved()")
        saving.then(None, None, None, js=bring_question("kept-phi"))
    saving.then(compare, compared, comparison_panels(components), **AT_ONCE)


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
