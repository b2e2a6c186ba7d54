"""Where everything stands on the page: the work list, the film, and beside it what is known, report and review."""

from collections.abc import Sequence

import gradio as gr

from clinicalblip.radiology.report import SLOTS
from clinicalblip.reader_study.design.design import QuestionPart
from clinicalblip.screening.wording import CONTEXT_LABELS
from clinicalblip.web import wording
from clinicalblip.web.access.access import READER_STUDY_PATH
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.loading import LoadingReporter
from clinicalblip.web.served_study import wording as study_wording
from clinicalblip.web.served_study.questions import label, options
from clinicalblip.web.view import html
from clinicalblip.web.view.components import (
    AiDraftPanel,
    CasePanel,
    Components,
    ContextPanel,
    DifferencePanel,
    DraftTrigger,
    FilmPanel,
    PhiQuestion,
    ReferencePanel,
    ReportPanel,
    ReviewPanel,
    StripPanel,
)
from clinicalblip.web.view.ticks import ticks_place, view_switch
from clinicalblip.web.view.viewer import viewer_script, viewer_template
from clinicalblip.web.view.work_list import list_script, list_template

_LINES = {"indication": 2, "history": 2, "technique": 1, "comparison": 1, "prior_report": 3, "hints": 1}
_EXAMPLES = {"indication": wording.INDICATION_EXAMPLE, "hints": wording.HINTS_EXAMPLE}


def build_layout(app: AppContext, storage_notice: str) -> Components:
    """Build the page's components, in the order in which the Tab key walks through them.

    `storage_notice` is shown on top where reviews will not last.
    """
    strip = gr.HTML(model_strip(app, storage_notice), apply_default_css=False, elem_id="strip")
    message = gr.HTML("", apply_default_css=False, elem_id="message")
    with gr.Row(elem_id="workspace", equal_height=False):
        with gr.Column(scale=0, min_width=0, elem_id="list-column"):
            work_list = _work_list()
        with gr.Column(scale=48, min_width=380, elem_id="film-column"):
            films = _film_panel(app)
        gr.HTML(html.separator(wording.FILM_WIDTH), apply_default_css=False, elem_id="film-width")
        with gr.Column(scale=52, min_width=520, elem_id="report-column"):
            case = _case_panel() if app.study is not None else None
            context = _context_panel()
            with gr.Row(elem_id="reports", equal_height=True):
                with gr.Column(scale=2, min_width=200, elem_id="machine"):
                    ai_draft = _ai_draft_panel()
                with gr.Column(scale=3, min_width=300, elem_id="final"):
                    report = _report_panel()
            with gr.Row(elem_id="differences", equal_height=True):
                with gr.Column(min_width=250):
                    draft_to_final = _draft_to_final()
                with gr.Column(min_width=250):
                    reference = _reference_panel()
                    final_to_reference = _difference("final-to-reference", wording.REFERENCE_HIDDEN)
            review = _review_panel(app.study.design.questions.case if app.study is not None else ())
    return Components(
        strip=StripPanel(strip, gr.Timer(1.0, active=_is_loading(app)), storage_notice),
        message=message,
        work_list=work_list,
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
            rejoin=gr.Button(visible="hidden", elem_id="rejoin"),
            compare=gr.Button(visible="hidden", elem_id="compare"),
            go_on=gr.Button(visible="hidden", elem_id="go-on"),
        ),
        case=case,
    )


def model_strip(app: AppContext, storage_notice: str) -> str:
    """The strip on top, as far as the model is loaded."""
    wording = app.settings.wording
    if app.study is not None:  # which model wrote a draft is no reader's to know
        links = ((READER_STUDY_PATH.lstrip("/"), study_wording.HOME),)
        return html.study_strip(app.study.design.title, notice=wording.notice, links=links)
    return html.strip(
        None if _is_loading(app) else app.reporter.identity,
        title=wording.title,
        notice=wording.notice,
        storage_notice=storage_notice,
        has_sign_in=app.access.has_sign_in,
    )


def _is_loading(app: AppContext) -> bool:
    return isinstance(app.reporter, LoadingReporter) and not app.reporter.is_ready


def _work_list() -> gr.HTML:
    return gr.HTML(
        None,
        html_template=list_template(),
        js_on_load=list_script(),
        apply_default_css=False,
        elem_id="work-list",
    )


def _film_panel(app: AppContext) -> FilmPanel:
    viewer = gr.HTML(
        None,
        html_template=viewer_template(),
        js_on_load=viewer_script(app.settings.limits.file_mebibytes),
        apply_default_css=False,
        elem_id="viewer",
    )
    return FilmPanel(
        viewer,
        mark=gr.Textbox("", visible="hidden", container=False, elem_id="films-mark"),
        discard=gr.Checkbox(False, visible="hidden", container=False, elem_id="discard"),
    )


def _context_panel() -> ContextPanel:
    """What is known before, in a drawer that the page closes to a line once a draft is written, and what drafts."""
    with gr.Column(elem_id="context"):
        gr.HTML(html.drawer(wording.CONTEXT), apply_default_css=False, elem_id="context-drawer")
        with gr.Row(elem_id="context-boxes"):
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
        with gr.Row(elem_classes="cb-tight", elem_id="draft-bar"):
            draft = gr.Button(wording.DRAFT, variant="primary", scale=0, min_width=140, elem_id="draft")
            stop = gr.Button(wording.STOP, variant="stop", scale=0, min_width=80, interactive=False, elem_id="stop")
            status = gr.HTML(html.status(wording.KEYS), apply_default_css=False, elem_id="status")
            new_study = gr.Button(wording.NEW_STUDY, size="sm", scale=0, min_width=96, elem_id="new-study")
        return ContextPanel(boxes, draft, stop, status, new_study, _phi_question("phi", wording.USE_AS_IS))


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
    with gr.Row(elem_classes="cb-tight cb-between"):
        gr.HTML(html.heading(wording.FINAL), apply_default_css=False)
        gr.HTML(view_switch(), apply_default_css=False, elem_id="report-view")
        gr.HTML('<p class="cb-kept" role="status"></p>', apply_default_css=False, elem_id="kept")
        copy = gr.Button(wording.COPY, size="sm", scale=0, min_width=100, elem_id="copy")
    gr.HTML(ticks_place(), apply_default_css=False, elem_id="ticks")
    findings = gr.Textbox(
        label=wording.FINDINGS,
        placeholder=wording.FINDINGS_PLACEHOLDER,
        lines=4,
        max_lines=14,
        elem_id="findings",
        elem_classes="cb-field",
    )
    impression = gr.Textbox(
        label=wording.IMPRESSION, lines=2, max_lines=5, elem_id="impression", elem_classes="cb-field"
    )
    remarks = gr.HTML("", apply_default_css=False, elem_id="remarks")
    return ReportPanel(findings, impression, copy, remarks)


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


def _case_panel() -> CasePanel:
    text = gr.HTML("", apply_default_css=False, elem_id="case")
    return CasePanel(text, gr.Button(study_wording.COMMIT, variant="primary", visible=False, elem_id="commit"))


def _review_panel(asked: Sequence[QuestionPart]) -> ReviewPanel:
    with gr.Column(elem_id="review"):
        questions = tuple(
            gr.Radio(options(question), label=label(question), elem_id=f"question-{number}", elem_classes="cb-field")
            for number, question in enumerate(asked, start=1)
        )
        with gr.Row(elem_classes="cb-tight", elem_id="deciding"):
            verdict = gr.Radio(
                [(label, value) for value, label in wording.VERDICT_CHOICES.items()],
                label=wording.VERDICT,
                scale=8,
                min_width=350,
                elem_id="verdict",
                elem_classes="cb-field",
            )
            save = gr.Button(wording.SAVE, variant="secondary", scale=0, min_width=120, elem_id="save")
        with gr.Row(elem_classes="cb-tight"):
            overall = gr.Radio(
                [1, 2, 3, 4, 5],
                label=wording.OVERALL,
                scale=4,
                min_width=180,
                elem_id="overall",
                elem_classes="cb-field",
            )
            would_sign = gr.Radio(
                [(label, value) for value, label in wording.WOULD_SIGN_CHOICES.items()],
                label=wording.WOULD_SIGN,
                scale=2,
                min_width=90,
                elem_id="would-sign",
                elem_classes="cb-field",
            )
            comment = gr.Textbox(
                label=wording.COMMENT,
                placeholder=wording.COMMENT_PLACEHOLDER,
                lines=1,
                max_lines=3,
                min_width=150,
                scale=5,
                elem_id="comment",
                elem_classes="cb-field",
            )
        with gr.Row(elem_classes="cb-tight", elem_id="consents"):
            consent = gr.Checkbox(
                label=wording.CONSENT, scale=3, min_width=260, elem_id="consent", elem_classes="cb-field"
            )
            reading_consent = gr.Checkbox(
                label=wording.READING_CONSENT,
                scale=2,
                min_width=180,
                elem_id="reading-consent",
                elem_classes="cb-field",
            )
        correction = gr.Textbox("", visible="hidden", container=False, elem_id="correction")
        reading = gr.Textbox("", visible="hidden", container=False, elem_id="reading")
        phi_question = _phi_question("kept-phi", wording.KEEP_AS_IS)
        saved = gr.HTML("", apply_default_css=False, elem_id="saved")
    return ReviewPanel(
        overall,
        verdict,
        would_sign,
        comment,
        consent,
        reading_consent,
        correction,
        reading,
        phi_question,
        save,
        saved,
        questions,
    )
