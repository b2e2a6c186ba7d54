"""Where everything stands on the page: three columns that fit on one screen of 1440 by 900."""

import gradio as gr

from clinicalblip.radiology.report import SLOTS
from clinicalblip.screening.wording import CONTEXT_LABELS
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.view import html
from clinicalblip.web.view.components import (
    AiDraftPanel,
    Components,
    ContextPanel,
    DifferencePanel,
    DraftTrigger,
    FilmPanel,
    PhiQuestion,
    ReferencePanel,
    ReportPanel,
    ReviewPanel,
)
from clinicalblip.web.view.viewer import viewer_script, viewer_template

_LINES = {"indication": 2, "history": 3, "technique": 1, "comparison": 1, "prior_report": 5, "hints": 1}
_EXAMPLES = {"indication": wording.INDICATION_EXAMPLE, "hints": wording.HINTS_EXAMPLE}


def build_layout(app: AppContext, storage_notice: str) -> Components:
    """Build the page's components, in the order in which the Tab key walks through them.

    `storage_notice` is shown on top where reviews will not last.
    """
    settings = app.settings
    gr.HTML(
        html.strip(
            app.reporter.identity,
            title=settings.wording.title,
            notice=settings.wording.notice,
            storage_notice=storage_notice,
        ),
        apply_default_css=False,
        elem_id="strip",
    )
    message = gr.HTML("", apply_default_css=False, elem_id="message")
    with gr.Row(elem_id="workspace", equal_height=False):
        with gr.Column(scale=36, min_width=380, elem_id="film-column"):
            films = _film_panel(app)
        with gr.Column(scale=18, min_width=230, elem_id="context-column"):
            context = _context_panel()
        with gr.Column(scale=46, min_width=520, elem_id="report-column"):
            with gr.Row(elem_id="reports", equal_height=True):
                with gr.Column(min_width=250):
                    ai_draft = _ai_draft_panel()
                with gr.Column(min_width=250, elem_id="final"):
                    report = _report_panel()
            with gr.Row(elem_id="differences", equal_height=True):
                with gr.Column(min_width=250):
                    draft_to_final = _draft_to_final()
                with gr.Column(min_width=250):
                    reference = _reference_panel()
                    final_to_reference = _difference("final-to-reference", wording.REFERENCE_HIDDEN)
            review = _review_panel()
    return Components(
        message=message,
        films=films,
        context=context,
        ai_draft=ai_draft,
        report=report,
        reference=reference,
        differences=DifferencePanel(draft_to_final, final_to_reference),
        review=review,
        trigger=DraftTrigger(
            ticket=gr.Textbox("", visible="hidden", container=False, elem_id="ticket"),
            timer=gr.Timer(1.0, active=False),
        ),
    )


def _film_panel(app: AppContext) -> FilmPanel:
    with gr.Row(elem_classes="cb-tight"):
        case = gr.Dropdown(
            [(case.title, case.id) for case in app.cases.values()],
            value=None,
            label=wording.CASE,
            filterable=False,
            scale=5,
            min_width=200,
            elem_id="case",
            visible=bool(app.cases),
        )
        new_study = gr.Button(wording.NEW_STUDY, size="sm", scale=1, min_width=96, elem_id="new-study")
    viewer = gr.HTML(
        None,
        html_template=viewer_template(),
        js_on_load=viewer_script(app.settings.limits.file_mebibytes),
        apply_default_css=False,
        elem_id="viewer",
    )
    return FilmPanel(
        case,
        new_study,
        viewer,
        mark=gr.Textbox("", visible="hidden", container=False, elem_id="films-mark"),
        discard=gr.Checkbox(False, visible="hidden", container=False, elem_id="discard"),
    )


def _context_panel() -> ContextPanel:
    gr.HTML(html.heading(wording.CONTEXT), apply_default_css=False)
    boxes = tuple(
        gr.Textbox(
            label=CONTEXT_LABELS[slot],
            placeholder=_EXAMPLES.get(slot),
            lines=_LINES[slot],
            max_lines=_LINES[slot] + 2,
            elem_id=f"context-{slot.replace('_', '-')}",
            elem_classes="cb-field",
        )
        for slot in SLOTS
    )
    with gr.Row(elem_classes="cb-tight"):
        draft = gr.Button(wording.DRAFT, variant="primary", scale=3, min_width=120, elem_id="draft")
        stop = gr.Button(wording.STOP, variant="stop", scale=1, min_width=70, interactive=False, elem_id="stop")
    status = gr.HTML(html.status(wording.KEYS), apply_default_css=False, elem_id="status")
    return ContextPanel(boxes, draft, stop, status, _phi_question("phi", wording.USE_AS_IS))


def _phi_question(name: str, as_is: str) -> PhiQuestion:
    matches = gr.HTML("", apply_default_css=False, elem_id=name)
    with gr.Row(elem_classes="cb-tight"):
        return PhiQuestion(
            matches,
            gr.Button(wording.MASK_PHI, size="sm", min_width=80, visible=False, elem_id=f"{name}-mask"),
            gr.Button(as_is, size="sm", min_width=120, visible=False, elem_id=f"{name}-as-is"),
        )


def _ai_draft_panel() -> AiDraftPanel:
    text = gr.HTML(html.ai_draft(None), apply_default_css=False, elem_id="ai-draft")
    draft_id = gr.Textbox("", visible="hidden", container=False, elem_id="draft-id")
    with gr.Row(elem_classes="cb-tight cb-tools"):
        use = gr.Button(wording.USE_DRAFT, size="sm", min_width=110, interactive=False, elem_id="use-draft")
        restore = gr.Button(wording.RESTORE, size="sm", min_width=110, visible=False, elem_id="restore")
    return AiDraftPanel(text, draft_id, use, restore)


def _report_panel() -> ReportPanel:
    gr.HTML(html.heading(wording.FINAL), apply_default_css=False)
    findings = gr.Textbox(
        label=wording.FINDINGS,
        placeholder=wording.FINDINGS_PLACEHOLDER,
        lines=5,
        max_lines=8,
        elem_id="findings",
        elem_classes="cb-field",
    )
    impression = gr.Textbox(
        label=wording.IMPRESSION, lines=2, max_lines=4, elem_id="impression", elem_classes="cb-field"
    )
    with gr.Row(elem_classes="cb-tight cb-tools"):
        copy = gr.Button(wording.COPY, size="sm", min_width=110, elem_id="copy")
    return ReportPanel(findings, impression, copy)


def _draft_to_final() -> gr.HTML:
    gr.HTML(html.heading(wording.DRAFT_TO_FINAL), apply_default_css=False)
    return _difference("draft-to-final", wording.NOTHING_TO_COMPARE)


def _difference(name: str, absent: str) -> gr.HTML:
    return gr.HTML(html.nothing(absent), apply_default_css=False, elem_id=name)


def _reference_panel() -> ReferencePanel:
    with gr.Row(elem_classes="cb-tight cb-between"):
        gr.HTML(html.heading(wording.FINAL_TO_REFERENCE), apply_default_css=False)
        reveal = gr.Button(wording.SHOW_REFERENCE, size="sm", scale=0, min_width=76, elem_id="reveal")
    findings = _reference_box("findings", wording.REFERENCE_FINDINGS, 2)
    impression = _reference_box("impression", wording.REFERENCE_IMPRESSION, 1)
    return ReferencePanel(reveal, gr.State(False), findings, impression)


def _reference_box(name: str, label: str, lines: int) -> gr.Textbox:
    return gr.Textbox(
        "",  # a box that was never visible has no text at all otherwise
        label=label,
        lines=lines,
        max_lines=lines,
        visible=False,
        elem_id=f"reference-{name}",
        elem_classes="cb-field",
    )


def _review_panel() -> ReviewPanel:
    with gr.Column(elem_id="review"):
        gr.HTML(html.heading(wording.REVIEW), apply_default_css=False)
        with gr.Row(elem_classes="cb-tight"):
            with gr.Column(min_width=250):
                overall = gr.Radio([1, 2, 3, 4, 5], label=wording.OVERALL, elem_id="overall", elem_classes="cb-field")
                verdict = gr.Radio(
                    [(label, value) for value, label in wording.VERDICT_CHOICES.items()],
                    label=wording.VERDICT,
                    elem_id="verdict",
                    elem_classes="cb-field",
                )
            with gr.Column(min_width=250):
                comment = gr.Textbox(
                    label=wording.COMMENT,
                    placeholder=wording.COMMENT_PLACEHOLDER,
                    lines=2,
                    max_lines=3,
                    elem_id="comment",
                    elem_classes="cb-field",
                )
                consent = gr.Checkbox(label=wording.CONSENT, value=False, elem_id="consent", elem_classes="cb-field")
        phi_question = _phi_question("kept-phi", wording.KEEP_AS_IS)
        with gr.Row(elem_classes="cb-tight cb-between"):
            saved = gr.HTML("", apply_default_css=False, elem_id="saved")
            save = gr.Button(wording.SAVE, variant="secondary", scale=0, min_width=150, elem_id="save")
    return ReviewPanel(overall, verdict, comment, consent, phi_question, save, saved)
