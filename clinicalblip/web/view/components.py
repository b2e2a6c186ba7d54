"""The components that events read and write, grouped as they stand on the page."""

from dataclasses import dataclass

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.report import SLOTS


@dataclass(frozen=True)
class PhiQuestion:
    """What may identify a person, shown with two answers; hidden until there is something to ask."""

    matches: gr.HTML
    mask: gr.Button
    as_is: gr.Button

    @property
    def all(self) -> list[Component]:
        """All three, in the order in which they stand."""
        return [self.matches, self.mask, self.as_is]


@dataclass(frozen=True)
class StripPanel:
    """The strip on top, and the clock by which it learns that the model is loaded.

    `storage_notice` is shown where reviews will not last.
    """

    text: gr.HTML
    timer: gr.Timer
    storage_notice: str


@dataclass(frozen=True)
class FilmPanel:
    """The film viewer.

    Two components without looks: `mark` says which films the page shows, `discard` that the reader was asked about
    work that is not saved and wants it gone.
    """

    viewer: gr.HTML
    mark: gr.Textbox
    discard: gr.Checkbox


@dataclass(frozen=True)
class ContextPanel:
    """What is known of the patient, one box a field of ClinicalContext, and what drafts, stops and begins anew."""

    boxes: tuple[gr.Textbox, ...]
    draft: gr.Button
    stop: gr.Button
    status: gr.HTML
    new_study: gr.Button
    phi_question: PhiQuestion

    def box(self, slot: str) -> gr.Textbox:
        """The box of a field of ClinicalContext."""
        return self.boxes[SLOTS.index(slot)]


@dataclass(frozen=True)
class AiDraftPanel:
    """The draft as the model wrote it, and the buttons that put it into the reader's boxes or bring theirs back.

    `draft_id`, without looks, says which draft the page shows.
    """

    text: gr.HTML
    draft_id: gr.Textbox
    use: gr.Button
    restore: gr.Button

    @property
    def all(self) -> list[Component]:
        """All four."""
        return [self.text, self.draft_id, self.use, self.restore]


@dataclass(frozen=True)
class ReportPanel:
    """The boxes in which the reader corrects the report, and what is worth another look in them."""

    findings: gr.Textbox
    impression: gr.Textbox
    copy: gr.Button
    remarks: gr.HTML

    @property
    def boxes(self) -> list[Component]:
        """Findings and impression."""
        return [self.findings, self.impression]


@dataclass(frozen=True)
class ReferencePanel:
    """The reference report, hidden until the reader reveals it."""

    reveal: gr.Button
    revealed: gr.State
    findings: gr.Textbox
    impression: gr.Textbox

    @property
    def boxes(self) -> list[Component]:
        """Findings and impression."""
        return [self.findings, self.impression]


@dataclass(frozen=True)
class DifferencePanel:
    """The differences from the AI draft to the reader's report, and from that to the reference."""

    draft_to_final: gr.HTML
    final_to_reference: gr.HTML

    @property
    def all(self) -> list[Component]:
        """Both, in this order."""
        return [self.draft_to_final, self.final_to_reference]


@dataclass(frozen=True)
class ReviewPanel:
    """What the reader says about the AI draft.

    Two without looks: `correction` has what was done with its sentences and with proposed errors (web/correction.py),
    `reading` stays empty; a save with `reading_consent` sends how it was read in its place (web/reading.py).
    `questions` are those of a reader study.
    """

    overall: gr.Radio
    verdict: gr.Radio
    would_sign: gr.Radio
    comment: gr.Textbox
    consent: gr.Checkbox
    reading_consent: gr.Checkbox
    correction: gr.Textbox
    reading: gr.Textbox
    phi_question: PhiQuestion
    save: gr.Button
    saved: gr.HTML
    questions: tuple[gr.Radio, ...] = ()

    @property
    def boxes(self) -> list[Component]:
        """The fields of the review."""
        said = [self.overall, self.verdict, self.comment, self.consent, self.would_sign, self.correction]
        return [*said, self.reading_consent, self.reading]


@dataclass(frozen=True)
class CasePanel:
    """In a reader study: which case is read and what is to be done, and the button that commits a first impression."""

    text: gr.HTML
    commit: gr.Button

    @property
    def all(self) -> list[Component]:
        """Both."""
        return [self.text, self.commit]


@dataclass(frozen=True)
class DraftTrigger:
    """Components without looks: `ticket` changes once a draft is asked for, `timer` ticks while it is in line.

    The page's script presses `rejoin` when the connection is back, `compare` when a report has changed, and `go_on`
    when a reader goes on after the page refused something.
    """

    ticket: gr.Textbox
    timer: gr.Timer
    rejoin: gr.Button
    compare: gr.Button
    go_on: gr.Button


@dataclass(frozen=True)
class Components:
    """Everything on the page that events read and write."""

    strip: StripPanel
    message: gr.HTML
    work_list: gr.HTML
    films: FilmPanel
    context: ContextPanel
    ai_draft: AiDraftPanel
    report: ReportPanel
    reference: ReferencePanel
    differences: DifferencePanel
    review: ReviewPanel
    trigger: DraftTrigger
    case: CasePanel | None = None

    @property
    def report_boxes(self) -> list[Component]:
        """The boxes of the reader's report, then those of the reference."""
        return [*self.report.boxes, *self.reference.boxes]

    @property
    def of_study(self) -> list[Component]:
        """Everything that another film or another study can change."""
        return [
            self.message,
            self.films.viewer,
            self.work_list,
            self.films.mark,
            *self.context.boxes,
            self.context.draft,
            self.context.stop,
            self.context.status,
            *self.context.phi_question.all,
            *self.ai_draft.all,
            *self.report_boxes,
            self.report.remarks,
            self.reference.reveal,
            self.reference.revealed,
            *self.differences.all,
            *self.review.boxes,
            *self.review.phi_question.all,
            self.review.saved,
            *self.review.questions,
            *([*self.case.all, self.review.save] if self.case else ()),
        ]

    @property
    def form_boxes(self) -> list[Component]:
        """Everything that the reader says about a draft, in the order of `ReviewForm.from_boxes`."""
        return [*self.report_boxes, *self.review.boxes]
