"""Which press at the review calls which handler, and what on the page then changes."""

from typing import Any

import gradio as gr
from gradio.components import Component

from clinicalblip.errors import IdentifiableText
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.screening.phi import PhiAction
from clinicalblip.web import reviews, wording
from clinicalblip.web.app_context import Desk
from clinicalblip.web.events.error_boundary import AT_ONCE, bring_question, compare_all, compared_parts, told
from clinicalblip.web.request_info import session_of
from clinicalblip.web.reviews import Judgement
from clinicalblip.web.session import Visit
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.layout import Parts
from clinicalblip.web.view.updates import Updates


def join_review(desk: Desk, parts: Parts) -> None:
    """Saving a review, and what is asked before its texts are kept."""

    def save(visit: Visit, judgement: Judgement, answer: PhiAction) -> Updates:
        try:
            said = reviews.review_shown(desk, visit, judgement, answer)
        except IdentifiableText as error:
            naming = reviews.naming_in_review(desk, visit.shown, judgement) if visit.shown else ()
            title, said = wording.NAMING_BEFORE_SAVE, html.message(str(error))
            return {parts.message: said, parts.saved: "", **updates.question(parts.kept_naming, naming, title=title)}
        return {parts.saved: html.saved(said), **updates.question(parts.kept_naming, ())}

    @told(parts, lambda: {parts.saved: ""})
    def save_asking(request: gr.Request, *boxes: Any) -> Updates:
        return save(desk.visits.of(session_of(request)), _judgement(*boxes), PhiAction.ASK)

    @told(parts, lambda: {parts.saved: ""})
    def save_as_is(request: gr.Request, *boxes: Any) -> Updates:
        return save(desk.visits.of(session_of(request)), _judgement(*boxes), PhiAction.KEEP)

    @told(parts, lambda: {parts.saved: ""})
    def save_masked(request: gr.Request, *boxes: Any) -> Updates:
        judgement = _judgement(*boxes)
        reviews.check_reports(desk, judgement.final, judgement.reference)
        masked = reviews.masked_judgement(judgement)
        return {
            **save(desk.visits.of(session_of(request)), masked, PhiAction.MASK),
            parts.findings: masked.final.findings,
            parts.impression: masked.final.impression,
            parts.reference_findings: masked.reference.findings,
            parts.reference_impression: masked.reference.impression,
            parts.comment: masked.comment,
        }

    inputs: list[Component] = [*parts.reports, parts.overall, parts.verdict, parts.comment, parts.consent]
    changed = [parts.message, parts.saved, *parts.kept_naming.parts]
    masked_boxes = [*changed, *parts.reports, parts.comment]
    compare, compared = compare_all(desk, parts), [*parts.reports, parts.revealed]
    for saving in (
        parts.save.click(save_asking, inputs, changed, **AT_ONCE),
        parts.kept_naming.leave.click(save_as_is, inputs, changed, **AT_ONCE),
        parts.kept_naming.mask.click(save_masked, inputs, masked_boxes, **AT_ONCE),
    ):
        saving.success(None, None, None, js="() => window.clinicalblip.saved()")
        saving.then(None, None, None, js=bring_question("kept-naming"))
    saving.then(compare, compared, compared_parts(parts), **AT_ONCE)


def _judgement(
    findings: str,
    impression: str,
    reference_findings: str,
    reference_impression: str,
    overall: int | None,
    verdict: str | None,
    comment: str,
    consent: bool,
) -> Judgement:
    return Judgement(
        final=Report(findings, impression),
        overall=overall,
        verdict=Verdict(verdict) if verdict else None,
        comment=comment,
        reference=Report(reference_findings, reference_impression),
        consent=consent,
    )
