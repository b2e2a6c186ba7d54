"""New values of the page's components, made of what a session held while its page was away."""

import gradio as gr

from clinicalblip.web import wording
from clinicalblip.web.handlers import DraftProgress
from clinicalblip.web.session import Session
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.components import Components
from clinicalblip.web.view.updates import Updates


def form(components: Components, session: Session) -> Updates:
    """The reader's report, the reference and the review; a reference that the reader had revealed is shown."""
    kept = session.boxes.form
    typed = not kept.reference.empty  # a box that was never shown has not been kept
    given = kept.reference if typed else session.report.filled_reference
    return {
        **updates.report_boxes(components, kept.final),
        components.reference.findings: gr.Textbox(given.findings, visible=typed),
        components.reference.impression: gr.Textbox(given.impression, visible=typed),
        components.reference.revealed: typed,
        components.reference.reveal: wording.HIDE_REFERENCE if typed else wording.SHOW_REFERENCE,
        components.review.overall: kept.overall,
        components.review.verdict: kept.verdict.value if kept.verdict else None,
        components.review.comment: kept.comment,
        components.review.consent: kept.consent,
        components.review.reading_consent: kept.reading_consent,
        components.review.would_sign: None if kept.would_sign is None else "yes" if kept.would_sign else "no",
        components.review.correction: kept.correction,
    }


def draft(components: Components, session: Session) -> Updates:
    """The panel of the AI draft, and the line that says how it ended."""
    shown = session.report.shown
    if shown is None:
        return {**updates.no_draft(components), **updates.draft_buttons(components, busy=False)}
    said = updates.outcome(DraftProgress(shown.draft.report, shown.draft.seconds, False, shown))
    return {
        components.context.status: html.status(said),
        components.ai_draft.text: updates.shown_draft(shown),
        components.ai_draft.draft_id: shown.id,
        components.ai_draft.use: gr.Button(interactive=True),
        components.ai_draft.restore: gr.Button(visible=session.report.replaced is not None),
        **updates.draft_buttons(components, busy=False),
    }
