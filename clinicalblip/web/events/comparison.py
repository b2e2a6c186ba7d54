"""The differences between the AI draft, the reader's report and the reference, shown after whatever changes one."""

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.report import Report
from clinicalblip.web import reviews, wording
from clinicalblip.web.events.event_group import AT_ONCE, EventGroup
from clinicalblip.web.request_info import error_sentence
from clinicalblip.web.view import html
from clinicalblip.web.view.updates import Updates


class ComparisonEvents(EventGroup):
    """Compares the reports as their boxes hold them."""

    @property
    def inputs(self) -> list[Component]:
        """What `compare` reads: four boxes, and whether the reference is revealed."""
        return [*self.components.report_boxes, self.components.reference.revealed]

    def bind(self) -> None:
        """Compare as the reader types."""
        for box in self.components.report_boxes:
            box.input(  # type: ignore[attr-defined]
                self.compare, self.inputs, self.components.differences.all, trigger_mode="always_last", **AT_ONCE
            )

    def bind_after(self, event: gr.events.Dependency) -> None:
        """Compare once the handlers of another event are done."""
        event.then(self.compare, self.inputs, self.components.differences.all, **AT_ONCE)

    def compare(
        self,
        request: gr.Request,
        findings: str,
        impression: str,
        reference_findings: str,
        reference_impression: str,
        revealed: bool,
    ) -> Updates:
        """Show both differences, or in their place why they cannot be shown."""
        shown = self.session(request).report.shown
        texts = tuple(map(replace_surrogates, (findings, impression, reference_findings, reference_impression)))
        final, reference = Report(*texts[:2]), Report(*texts[2:])
        try:
            reviews.check_reports(self.app, final, reference)
            drafted = shown.draft.report if shown else Report()
            to_final = html.differences(drafted, final, absent=wording.NOTHING_TO_COMPARE)
            to_reference = html.nothing(wording.REFERENCE_HIDDEN)
            if revealed:
                to_reference = html.differences(final, reference, absent=wording.NO_REFERENCE)
        except Exception as error:
            to_final, to_reference = html.nothing(error_sentence(error)), html.nothing("")
        differences = self.components.differences
        return {differences.draft_to_final: to_final, differences.final_to_reference: to_reference}
