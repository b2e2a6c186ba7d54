"""The differences between the AI draft, the reader's report and the reference, shown after whatever changes one."""

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.report import Report
from clinicalblip.web import handlers, reviews, wording
from clinicalblip.web.events.event_group import AT_ONCE, EventGroup
from clinicalblip.web.handlers import WRITING
from clinicalblip.web.request_info import error_sentence
from clinicalblip.web.view import html
from clinicalblip.web.view.updates import Updates


class ComparisonEvents(EventGroup):
    """Compares the reports as their boxes hold them."""

    @property
    def inputs(self) -> list[Component]:
        """What `compare` reads: which draft is shown, four boxes, and whether the reference is revealed."""
        components = self.components
        return [components.ai_draft.draft_id, *components.report_boxes, components.reference.revealed]

    @property
    def _outputs(self) -> list[Component]:
        return self.components.differences.all

    def bind(self) -> None:
        """Compare as the reader types."""
        for box in self.components.report_boxes:
            typing = box.input  # type: ignore[attr-defined]
            self.bind_handler(typing, self.compare, self.inputs, self._outputs, trigger_mode="always_last", **AT_ONCE)

    def bind_after(self, event: gr.events.Dependency) -> None:
        """Compare once the handlers of another event are done."""
        self.bind_handler(event.then, self.compare, self.inputs, self._outputs)

    def compare(
        self,
        request: gr.Request,
        draft_id: str,
        findings: str,
        impression: str,
        reference_findings: str,
        reference_impression: str,
        revealed: bool,
    ) -> Updates:
        """Show both differences, or in their place why they cannot be shown."""
        texts = tuple(map(replace_surrogates, (findings, impression, reference_findings, reference_impression)))
        final, reference = Report(*texts[:2]), Report(*texts[2:])
        try:
            reviews.check_reports(self.app, final, reference)
            session = self.session(request)
            shown = handlers.draft_on_page(session, draft_id) if draft_id not in ("", WRITING) else None
            drafted = shown.draft.report if shown else Report()
            to_final = html.differences(drafted, final, absent=wording.NOTHING_TO_COMPARE)
            to_reference = html.nothing(wording.REFERENCE_HIDDEN)
            if revealed:
                to_reference = html.differences(final, reference, absent=wording.NO_REFERENCE)
        except Exception as error:
            to_final, to_reference = html.nothing(error_sentence(error)), html.nothing("")
        differences = self.components.differences
        return {differences.draft_to_final: to_final, differences.final_to_reference: to_reference}
