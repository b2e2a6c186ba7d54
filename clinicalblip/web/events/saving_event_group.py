"""What groups of events have in common that save what stands at the review."""

from abc import abstractmethod
from typing import Any

import gradio as gr
from gradio.components import Component

from clinicalblip.web.events.comparison import ComparisonEvents
from clinicalblip.web.events.event_group import AT_ONCE, EventGroup, scroll_to
from clinicalblip.web.handler_threads import in_saving_threads
from clinicalblip.web.session import Session
from clinicalblip.web.view.updates import Updates


class SavingEventGroup(EventGroup):
    """Saves, once it is known what becomes of texts to be kept that may identify a person."""

    def bind_saving(
        self,
        comparison: ComparisonEvents,
        form: list[Component],
        changed: list[Component],
        masked: list[Component],
        *,
        with_reading: str,
    ) -> None:
        """Bind the handlers; masking changes the reports too, which are then compared again.

        `with_reading`: script that puts how it was read into the last input of the `form`.
        """
        panel = self.components.review
        for button, handler, outputs in (
            (panel.save, self.save, changed),
            (panel.phi_question.as_is, self.save_as_is, changed),
            (panel.phi_question.mask, self.save_masked, [*changed, *masked]),
        ):
            # What was said about the save before goes first, whatever becomes of this one.
            pressed = button.click(None, None, panel.saved, js="() => window.clinicalblip.saving()", **AT_ONCE)
            given = {"js": with_reading, **AT_ONCE}
            saving = self.bind_handler(pressed.then, in_saving_threads(handler), form, outputs, **given)
            saving.then(None, panel.saved, None, js="(said) => window.clinicalblip.saved(said)")
            saving.then(None, None, None, js=scroll_to("kept-phi"))
            if handler == self.save_masked:
                comparison.bind_after(saving)

    def on_error(self, session: Session) -> Updates:
        """Nothing is said to be saved."""
        return {self.components.review.saved: ""}

    @abstractmethod
    def save(self, request: gr.Request, draft_id: str, *boxes: Any) -> Updates:
        """Save, unless the texts may identify a person."""

    @abstractmethod
    def save_as_is(self, request: gr.Request, draft_id: str, *boxes: Any) -> Updates:
        """Save with the texts as they are, on the reader's word."""

    @abstractmethod
    def save_masked(self, request: gr.Request, draft_id: str, *boxes: Any) -> Updates:
        """Mask what may identify a person, in the boxes too, and save."""
