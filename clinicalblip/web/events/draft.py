"""Which press at the draft calls which handler, and what on the page then changes.

Only the draft itself goes through Gradio's queue, so that a full line for the model never keeps anybody from saving.
"""

from collections.abc import Iterator

import gradio as gr

from clinicalblip.errors import ClinicalBlipError, IdentifiableText
from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.screening import phi
from clinicalblip.screening.texts import check_context
from clinicalblip.web import handlers, wording
from clinicalblip.web.events.comparison import ComparisonEvents
from clinicalblip.web.events.error_boundary import error_boundary
from clinicalblip.web.events.event_group import AT_ONCE, PRIVATE, EventGroup, scroll_to
from clinicalblip.web.handlers import DraftProgress
from clinicalblip.web.request_info import error_sentence
from clinicalblip.web.session import Session
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.updates import Updates


class DraftEvents(EventGroup):
    """Asks for a draft, waits for the model, shows how it writes, and stops it.

    A press on the button takes a place in line and changes the hidden ticket; that change is what drafts.
    """

    def bind(self, comparison: ComparisonEvents, *, concurrency_id: str) -> None:
        """Bind the handlers; drafts of one `concurrency_id` take turns."""
        components, panel, trigger = self.components, self.components.context, self.components.trigger
        boxes, buttons = list(panel.boxes), [panel.draft, panel.stop]
        asking = [components.message, panel.status, trigger.ticket, trigger.timer, *panel.phi_question.all, *buttons]
        panel.draft.click(self.ask, boxes, asking, **AT_ONCE).then(None, None, None, js=scroll_to("phi"))
        panel.phi_question.mask.click(self.ask_masked, boxes, [*asking, *boxes], **AT_ONCE)
        panel.phi_question.as_is.click(self.ask_as_is, boxes, asking, **AT_ONCE)
        trigger.timer.tick(self.show_queue, None, [panel.status, trigger.timer], **AT_ONCE)
        drafting = trigger.ticket.change(
            self.write,
            components.report.boxes,
            [
                components.message,
                panel.status,
                components.ai_draft.text,
                components.ai_draft.use,
                components.ai_draft.restore,
                components.review.saved,
                *components.report.boxes,
                *buttons,
            ],
            concurrency_limit=1,
            concurrency_id=concurrency_id,
            trigger_mode="once",
            **PRIVATE,
        )
        comparison.bind_after(drafting)
        drafting.failure(self.lose_connection, None, [components.message, panel.status, *buttons], **AT_ONCE)
        stopping = panel.stop.click(self.stop, None, [panel.status, panel.stop], **AT_ONCE)
        stopping.then(self.show_outcome, None, panel.status, **AT_ONCE)

    @error_boundary
    def ask(self, request: gr.Request, *texts: str) -> Updates:
        """Ask for a draft with the texts as they stand in the boxes."""
        return self._take_place(self.session(request), ClinicalContext(*texts))

    @error_boundary
    def ask_masked(self, request: gr.Request, *texts: str) -> Updates:
        """Mask what may identify a person, in the boxes too, and ask for a draft."""
        context = ClinicalContext(*texts)
        check_context(context, self.app.settings.limits)
        context = phi.mask_context(context)
        masked = updates.context_boxes(self.components, context)
        try:
            return {**masked, **self._take_place(self.session(request), context)}
        except ClinicalBlipError as error:  # the texts are masked all the same, and the question is answered
            return {
                **masked,
                **updates.phi_question(self.components.context.phi_question, ()),
                self.components.message: html.message(str(error)),
            }

    @error_boundary
    def ask_as_is(self, request: gr.Request, *texts: str) -> Updates:
        """Ask for a draft with texts that may identify a person, on the reader's word."""
        session, context = self.session(request), ClinicalContext(*texts)
        handlers.use_as_is(self.app, session, context)
        return self._take_place(session, context)

    def _take_place(self, session: Session, context: ClinicalContext) -> Updates:
        components, panel = self.components, self.components.context
        try:
            ahead = handlers.request_draft(self.app, session, context)
        except IdentifiableText as error:
            matches = handlers.phi_in_context(self.app, session, context)
            return {
                components.message: html.message(str(error)),
                panel.status: html.status(wording.NOT_YET_DRAFTED),
                **updates.phi_question(panel.phi_question, matches, title=wording.PHI_BEFORE_DRAFT),
            }
        return {
            components.trigger.ticket: str(updates.next_number()),
            panel.status: html.status(updates.place_in_line(ahead), busy=True),
            components.trigger.timer: gr.Timer(active=True),
            **updates.phi_question(panel.phi_question, ()),
            **updates.draft_buttons(components, busy=True),
        }

    def show_queue(self, request: gr.Request) -> Updates:
        """Say every second how many readers are ahead, until the draft begins."""
        session = self.session(request)
        if not session.draft.waiting or session.draft.stop.is_set():
            return {self.components.trigger.timer: gr.Timer(active=False)}
        ahead = self.app.sessions.ahead_of(session)
        return {self.components.context.status: html.status(updates.place_in_line(ahead), busy=True)}

    def write(self, request: gr.Request, findings: str, impression: str) -> Iterator[Updates]:
        """Have the draft written, and show it as it grows."""
        components, session = self.components, self.session(request)
        before = Report(replace_surrogates(findings), replace_surrogates(impression))
        ready = updates.draft_buttons(components, busy=False)
        progress: DraftProgress | None = None
        try:
            for progress in handlers.stream_draft(self.app, session, session.draft.context, before):
                if progress.finished is None:
                    first = progress.fill and not progress.words
                    locked = updates.locked_boxes(components) if first else {}
                    yield updates.growing_draft(progress, components) | locked
            session.draft.outcome = updates.outcome(progress) if progress else wording.STOPPED_BEFORE
            if progress is None:
                yield {components.context.status: html.status(wording.STOPPED_BEFORE), **ready}
            else:
                yield updates.finished_draft(progress, session, components) | ready
        except Exception as error:
            session.draft.outcome = wording.NOT_DRAFTED
            yield {
                components.message: html.message(error_sentence(error)),
                components.context.status: html.status(wording.NOT_DRAFTED),
                components.ai_draft.text: updates.last_draft(session, progress.report if progress else Report()),
                **(updates.report_boxes(components, before) if progress and progress.fill else {}),
                **ready,
            }

    def stop(self, request: gr.Request) -> Updates:
        """Stop the draft, or leave the line for the model."""
        panel = self.components.context
        handlers.stop_draft(self.session(request))
        return {panel.status: html.status(wording.STOPPING, busy=True), panel.stop: gr.Button(interactive=False)}

    def show_outcome(self, request: gr.Request) -> Updates:
        """Say how the draft ended, in case it ended before `stop` wrote that it is stopping."""
        draft = self.session(request).draft
        return {self.components.context.status: html.status(draft.outcome)} if draft.outcome and not draft.busy else {}

    def lose_connection(self, request: gr.Request) -> Updates:
        """Give up a draft that never began, because Gradio's queue did not take it."""
        handlers.leave_queue(self.session(request))
        return {
            self.components.message: html.message(wording.CONNECTION),
            self.components.context.status: html.status(wording.NOT_DRAFTED),
            **updates.draft_buttons(self.components, busy=False),
        }
