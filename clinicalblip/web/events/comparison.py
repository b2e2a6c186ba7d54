"""The differences between the AI draft, the reader's report and the reference, shown after whatever changes one."""

from collections.abc import Mapping
from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.report import Report
from clinicalblip.web import handlers, reviews, wording
from clinicalblip.web.correction import CorrectedReport, Correction, correct, given_with, suggested_verdict
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.events.event_group import AT_ONCE, EventGroup
from clinicalblip.web.handlers import WRITING
from clinicalblip.web.request_info import error_sentence
from clinicalblip.web.session import Session
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.confidence import confidence_marks, confidence_offers
from clinicalblip.web.view.correction import errors_of, finding_changes, remarks
from clinicalblip.web.view.updates import Updates


@dataclass(frozen=True)
class BesideDraft:
    """Markup beside a draft: `marks` behind its sentences, `offers` under it; `note` beside its heading, if any."""

    marks: Mapping[str, str]
    offers: str
    note: str | None = None


class ComparisonEvents(EventGroup):
    """Compares the reports as their boxes hold them."""

    @property
    def inputs(self) -> list[Component]:
        """What `compare` reads: which draft is shown, four boxes, whether the reference is revealed, the correction."""
        components = self.components
        shown = [components.ai_draft.draft_id, *components.report_boxes, components.reference.revealed]
        return [*shown, components.review.correction]

    @property
    def _outputs(self) -> list[Component]:
        components = self.components
        panels = [components.ai_draft.text, components.report.remarks, components.review.verdict]
        return [*components.differences.all, *panels]

    def bind(self) -> None:
        """Compare as the reader's boxes change: the page's script presses, because Gradio hears of keys alone.

        A text that was pasted, cut, deleted or brought back by undo fires no `input` of its text box.
        """
        pressed = self.components.trigger.compare.click
        self.bind_handler(pressed, self.compare, self.inputs, self._outputs, trigger_mode="always_last", **AT_ONCE)

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
        correction: str,
    ) -> Updates:
        """Show what became of the draft and both differences, or in their place why they cannot be shown."""
        texts = tuple(map(replace_surrogates, (findings, impression, reference_findings, reference_impression)))
        final, reference = Report(*texts[:2]), Report(*texts[2:])
        try:
            reviews.check_reports(self.app, final, reference)
            session = self.session(request)
            shown = handlers.draft_on_page(session, draft_id) if draft_id not in ("", WRITING) else None
            to_final, panels = self._corrected(session, shown, final, reference, correction)
            to_reference = html.nothing(wording.REFERENCE_HIDDEN)
            if revealed:
                to_reference = html.differences(final, reference, absent=wording.NO_REFERENCE)
        except Exception as error:
            to_final, to_reference, panels = html.nothing(error_sentence(error)), html.nothing(""), {}
        differences = self.components.differences
        return {differences.draft_to_final: to_final, differences.final_to_reference: to_reference, **panels}

    def _corrected(
        self, session: Session, shown: FinishedDraft | None, final: Report, reference: Report, correction: str
    ) -> tuple[str, Updates]:
        """What stands between draft and report, and the panels that say what became of the draft's sentences."""
        components = self.components
        if shown is None or final.empty:
            drafted = shown.draft.report if shown else Report()
            panels: Updates = {components.report.remarks: ""}
            return html.differences(drafted, final, absent=wording.NOTHING_TO_COMPARE), panels
        drafted = shown.draft.report
        read = Correction.read(correction, shown.id, drafted)
        corrected = correct(drafted, final, given_with(shown, reference), read)
        beside = self.beside_draft(session, shown, final)
        below = beside.offers + errors_of(corrected, drafted)
        panel = updates.shown_draft(shown, corrected.sentences, marks=beside.marks, below=below, note=beside.note)
        return html.differences(drafted, final, above=finding_changes(corrected.changes)), {
            components.ai_draft.text: panel,
            components.report.remarks: remarks(corrected.remarks, final, read.dismissed),
            components.review.verdict: gr.Radio(label=self.verdict_label(corrected)),
        }

    def beside_draft(self, session: Session, shown: FinishedDraft, final: Report) -> BesideDraft:
        """What the model's scores say of the draft."""
        limits = self.app.settings.scores
        return BesideDraft(confidence_marks(shown, limits), confidence_offers(shown, final, limits))

    def verdict_label(self, corrected: CorrectedReport) -> str:
        """The question for the verdict, with the one that the edits come to."""
        verdict = suggested_verdict(corrected)
        return wording.VERDICT_SUGGESTED.format(verdict=wording.VERDICT_CHOICES[verdict].lower())
