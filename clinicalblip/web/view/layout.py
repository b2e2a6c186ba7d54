"""Where everything stands on the page: three columns that fit on one screen of 1440 by 900."""

from collections.abc import Sequence
from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.report import SLOTS
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.handlers import CONTEXT_LABELS
from clinicalblip.web.view import html
from clinicalblip.web.view.viewer import viewer_script, viewer_template

_LINES = {"indication": 2, "history": 3, "technique": 1, "comparison": 1, "prior_report": 5, "hints": 1}
_EXAMPLES = {"indication": wording.INDICATION_EXAMPLE, "hints": wording.HINTS_EXAMPLE}


@dataclass(frozen=True)
class Question:
    """What may name somebody, shown with two answers; hidden until there is something to ask."""

    shown: gr.HTML
    mask: gr.Button
    leave: gr.Button

    @property
    def components(self) -> list[Component]:
        """All three, in the order in which they stand."""
        return [self.shown, self.mask, self.leave]


@dataclass(frozen=True)
class Components:
    """The components that events read and write."""

    message: gr.HTML
    case: gr.Dropdown
    new_study: gr.Button
    viewer: gr.HTML
    context: tuple[gr.Textbox, ...]
    draft: gr.Button
    stop: gr.Button
    status: gr.HTML
    phi_question: Question
    asked: gr.Textbox
    line: gr.Timer
    ai_draft: gr.HTML
    use_draft: gr.Button
    restore: gr.Button
    copy: gr.Button
    findings: gr.Textbox
    impression: gr.Textbox
    draft_to_final: gr.HTML
    reveal: gr.Button
    revealed: gr.State
    reference_findings: gr.Textbox
    reference_impression: gr.Textbox
    final_to_reference: gr.HTML
    overall: gr.Radio
    verdict: gr.Radio
    comment: gr.Textbox
    consent: gr.Checkbox
    kept_phi_question: Question
    save: gr.Button
    saved: gr.HTML

    @property
    def reports(self) -> list[Component]:
        """The boxes of the final report, then those of the reference."""
        return [self.findings, self.impression, self.reference_findings, self.reference_impression]


def build_layout(app: AppContext, storage_notice: str) -> Components:
    """Build the page's components, in the order in which the Tab key walks through them."""
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
            case, new_study, viewer = _film_column(app)
        with gr.Column(scale=18, min_width=230, elem_id="context-column"):
            context, draft, stop, status, phi_question = _context_column()
        with gr.Column(scale=46, min_width=520, elem_id="report-column"):
            with gr.Row(elem_id="reports", equal_height=True):
                with gr.Column(min_width=250):
                    ai_draft, use_draft, restore = _ai_draft()
                with gr.Column(min_width=250, elem_id="final"):
                    findings, impression, copy = _final()
            with gr.Row(elem_id="differences", equal_height=True):
                with gr.Column(min_width=250):
                    draft_to_final = _draft_to_final()
                with gr.Column(min_width=250):
                    reveal, reference_findings, reference_impression, final_to_reference = _reference()
            review = _review()
    return Components(
        message=message,
        case=case,
        new_study=new_study,
        viewer=viewer,
        context=context,
        draft=draft,
        stop=stop,
        status=status,
        phi_question=phi_question,
        asked=gr.Textbox("", visible="hidden", container=False, elem_id="asked"),
        line=gr.Timer(1.0, active=False),
        ai_draft=ai_draft,
        use_draft=use_draft,
        restore=restore,
        copy=copy,
        findings=findings,
        impression=impression,
        draft_to_final=draft_to_final,
        reveal=reveal,
        revealed=gr.State(False),
        reference_findings=reference_findings,
        reference_impression=reference_impression,
        final_to_reference=final_to_reference,
        overall=review[0],
        verdict=review[1],
        comment=review[2],
        consent=review[3],
        kept_phi_question=review[4],
        save=review[5],
        saved=review[6],
    )


def _film_column(app: AppContext) -> tuple[gr.Dropdown, gr.Button, gr.HTML]:
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
    return case, new_study, viewer


def _context_column() -> tuple[tuple[gr.Textbox, ...], gr.Button, gr.Button, gr.HTML, Question]:
    gr.HTML(html.heading(wording.CONTEXT), apply_default_css=False)
    context = tuple(
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
    return context, draft, stop, status, _question("phi", wording.USE_AS_IS)


def _question(name: str, leave: str) -> Question:
    shown = gr.HTML("", apply_default_css=False, elem_id=name)
    with gr.Row(elem_classes="cb-tight"):
        return Question(
            shown,
            gr.Button(wording.MASK_PHI, size="sm", min_width=80, visible=False, elem_id=f"{name}-mask"),
            gr.Button(leave, size="sm", min_width=120, visible=False, elem_id=f"{name}-leave"),
        )


def _ai_draft() -> tuple[gr.HTML, gr.Button, gr.Button]:
    ai_draft = gr.HTML(html.ai_draft(None), apply_default_css=False, elem_id="ai-draft")
    with gr.Row(elem_classes="cb-tight cb-tools"):
        use = gr.Button(wording.USE_DRAFT, size="sm", min_width=110, interactive=False, elem_id="use-draft")
        restore = gr.Button(wording.RESTORE, size="sm", min_width=110, visible=False, elem_id="restore")
    return ai_draft, use, restore


def _final() -> tuple[gr.Textbox, gr.Textbox, gr.Button]:
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
    return findings, impression, copy


def _draft_to_final() -> gr.HTML:
    gr.HTML(html.heading(wording.DRAFT_TO_FINAL), apply_default_css=False)
    return gr.HTML(html.nothing(wording.NOTHING_TO_COMPARE), apply_default_css=False, elem_id="draft-to-final")


def _reference() -> tuple[gr.Button, gr.Textbox, gr.Textbox, gr.HTML]:
    with gr.Row(elem_classes="cb-tight cb-between"):
        gr.HTML(html.heading(wording.FINAL_TO_REFERENCE), apply_default_css=False)
        reveal = gr.Button(wording.SHOW_REFERENCE, size="sm", scale=0, min_width=76, elem_id="reveal")
    boxes: Sequence[gr.Textbox] = [
        gr.Textbox(
            label=label,
            lines=lines,
            max_lines=lines,
            visible=False,
            elem_id=f"reference-{name}",
            elem_classes="cb-field",
        )
        for name, label, lines in (
            ("findings", wording.REFERENCE_FINDINGS, 2),
            ("impression", wording.REFERENCE_IMPRESSION, 1),
        )
    ]
    compared = gr.HTML(html.nothing(wording.REFERENCE_HIDDEN), apply_default_css=False, elem_id="final-to-reference")
    return reveal, boxes[0], boxes[1], compared


def _review() -> tuple[gr.Radio, gr.Radio, gr.Textbox, gr.Checkbox, Question, gr.Button, gr.HTML]:
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
        kept_phi_question = _question("kept-phi", wording.KEEP_AS_IS)
        with gr.Row(elem_classes="cb-tight cb-between"):
            saved = gr.HTML("", apply_default_css=False, elem_id="saved")
            save = gr.Button(wording.SAVE, variant="secondary", scale=0, min_width=150, elem_id="save")
    return overall, verdict, comment, consent, kept_phi_question, save, saved
