"""Which press at the report calls which handler: the draft into the boxes and back, pasted reports, copying."""

import gradio as gr

from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.report_texts import cut_report
from clinicalblip.web import handlers, wording
from clinicalblip.web.events.comparison import ComparisonEvents
from clinicalblip.web.events.error_boundary import error_boundary
from clinicalblip.web.events.event_group import EventGroup
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.updates import Updates

COPY = "(findings, impression) => window.clinicalblip.copy(findings, impression)"


class ReportEvents(EventGroup):
    """Moves texts between the AI draft and the reader's boxes, and shows or hides the reference."""

    def bind(self, comparison: ComparisonEvents) -> None:
        """Bind the handlers; the reports are compared after each."""
        components, ai_draft, reference = self.components, self.components.ai_draft, self.components.reference
        boxes = components.report.boxes
        changed = [components.message, ai_draft.restore, *boxes]
        shown = [components.message, reference.revealed, reference.reveal, *reference.boxes]
        for event in (
            self.bind_handler(ai_draft.use.click, self.use_draft, [ai_draft.draft_id, *boxes], changed),
            self.bind_handler(ai_draft.restore.click, self.restore, None, changed),
            self.bind_handler(reference.reveal.click, self.toggle_reference, reference.revealed, shown),
        ):
            comparison.bind_after(event)
        for box in reference.boxes:
            left = box.blur  # type: ignore[attr-defined]
            comparison.bind_after(self.bind_handler(left, self.cut_reference, reference.boxes, reference.boxes))
        prior = components.context.box("prior_report")
        self.bind_handler(prior.blur, self.cut_prior, prior, prior)
        components.report.copy.click(None, boxes, None, js=COPY)

    @error_boundary
    def use_draft(self, request: gr.Request, draft_id: str, findings: str, impression: str) -> Updates:
        """Put the AI draft into the reader's boxes."""
        session = self.session(request)
        report = handlers.use_draft(session, draft_id, Report(findings, impression))
        undo = session.report.replaced is not None
        return self._filled(report, wording.REPLACED if undo else "", undo=undo)

    @error_boundary
    def restore(self, request: gr.Request) -> Updates:
        """Bring back the text that the AI draft replaced."""
        report = handlers.restore_text(self.session(request))
        if report is None:
            return {self.components.ai_draft.restore: gr.Button(visible=False)}
        return self._filled(report, wording.RESTORED, undo=False)

    def _filled(self, report: Report, message: str, *, undo: bool) -> Updates:
        return {
            **updates.report_boxes(self.components, report),
            self.components.ai_draft.restore: gr.Button(visible=undo),
            self.components.message: html.message(message, calm=True),
        }

    def cut_reference(self, _request: gr.Request, findings: str, impression: str) -> Updates:
        """Put the sections of a whole report that was pasted into a box of the reference into both boxes."""
        whole, other = (findings, impression) if findings.strip() else (impression, findings)
        cut = None if other.strip() else self._cut(whole)
        reference = self.components.reference
        if cut is None:
            return {reference.findings: gr.skip()}  # Gradio takes an empty mapping for a value
        return {reference.findings: cut.findings, reference.impression: cut.impression}

    def cut_prior(self, _request: gr.Request, text: str) -> Updates:
        """Leave findings and impression of a whole report that was pasted as the prior one."""
        cut = self._cut(text)
        return {self.components.context.box("prior_report"): gr.skip() if cut is None else cut.text}

    def _cut(self, text: str) -> Report | None:
        """The sections of a text that is no longer than texts may be; longer ones are refused where they are used."""
        return cut_report(replace_surrogates(text)) if len(text) <= self.app.settings.limits.text_characters else None

    @error_boundary
    def toggle_reference(self, _request: gr.Request, revealed: bool) -> Updates:
        """Show the reference report, or hide it again."""
        reference = self.components.reference
        return {
            reference.revealed: not revealed,
            reference.reveal: wording.SHOW_REFERENCE if revealed else wording.HIDE_REFERENCE,
            reference.findings: gr.Textbox(visible=not revealed),
            reference.impression: gr.Textbox(visible=not revealed),
        }
