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
from clinicalblip.web.events.event_group import PRIVATE, EventGroup, scroll_to
from clinicalblip.web.handler_threads import in_film_threads
from clinicalblip.web.handlers import WRITING, DraftDropped, DraftProgress
from clinicalblip.web.request_info import error_sentence
from clinicalblip.web.session import Session
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.updates import Updates


class DraftEvents(EventGroup):
    """Asks for a draft, waits for the model, shows how it writes, and stops it.

    A press on the button takes a place in line and changes the hidden ticket; that change is what drafts.
    """

    def bind(self, comparison: ComparisonEvents, *, concurrency_id: str) -> None:
        """Bind the handlers; of drafts of one `concurrency_id` the model writes a few together."""
        components, panel, trigger = self.components, self.components.context, self.components.trigger
        mark, buttons, draft_id = components.films.mark, [panel.draft, panel.stop], components.ai_draft.draft_id
        asked = [*panel.boxes, mark]
        queue = [components.message, panel.status, trigger.timer, *buttons]
        asking = [components.message, panel.status, mark, trigger.ticket, trigger.timer]
        asking += [*panel.phi_question.all, *buttons]
        pressed = self.bind_handler(panel.draft.click, in_film_threads(self.ask), asked, asking)
        pressed.then(None, None, None, js=scroll_to("phi"))
        self.bind_handler(
            panel.phi_question.mask.click, in_film_threads(self.ask_masked), asked, [*asking, *panel.boxes]
        )
        self.bind_handler(panel.phi_question.as_is.click, in_film_threads(self.ask_as_is), asked, asking)
        self.bind_handler(trigger.timer.tick, self.show_queue, None, queue)
        written = [components.message, panel.status, *components.ai_draft.all, components.review.saved]
        written += [*components.report.boxes, *buttons]
        drafting = self.bind_handler(
            trigger.ticket.change,
            self.write,
            components.report.boxes,
            written,
            concurrency_limit=self.app.settings.generation.batch_size,
            concurrency_id=concurrency_id,
            trigger_mode="always_last",  # a request that came while the last draft was ending is not lost
            **PRIVATE,
        )
        self.bind_handler(drafting.failure, self.give_up, draft_id, written)
        self.bind_handler(drafting.then, self.settle, draft_id, components.of_study)
        comparison.bind_after(drafting)
        stopping = self.bind_handler(panel.stop.click, self.stop, None, [panel.status, panel.stop])
        self.bind_handler(stopping.then, self.show_outcome, None, [panel.status, *buttons])

    def on_error(self, session: Session) -> Updates:
        """The page knows which films it shows, so that the next press is about them."""
        return {self.components.films.mark: session.films_mark}

    @error_boundary
    def ask(self, request: gr.Request, *asked: str) -> Updates:
        """Ask for a draft with the texts as they stand in the boxes, of the films that the page shows."""
        *texts, mark = asked
        return self._take_place(self.session(request), ClinicalContext(*texts), mark)

    @error_boundary
    def ask_masked(self, request: gr.Request, *asked: str) -> Updates:
        """Mask what may identify a person, in the boxes too, and ask for a draft."""
        *texts, mark = asked
        context = ClinicalContext(*texts)
        check_context(context, self.app.settings.limits)
        context = phi.mask_context(context)
        masked = updates.context_boxes(self.components, context)
        try:
            return {**masked, **self._take_place(self.session(request), context, mark)}
        except ClinicalBlipError as error:  # the texts are masked all the same, and the question is answered
            return {
                **masked,
                **updates.phi_question(self.components.context.phi_question, ()),
                self.components.message: html.message(str(error)),
            }

    @error_boundary
    def ask_as_is(self, request: gr.Request, *asked: str) -> Updates:
        """Ask for a draft with texts that may identify a person, on the reader's word."""
        *texts, mark = asked
        session, context = self.session(request), ClinicalContext(*texts)
        handlers.use_as_is(self.app, session, context)
        return self._take_place(session, context, mark)

    def _take_place(self, session: Session, context: ClinicalContext, mark: str) -> Updates:
        components, panel = self.components, self.components.context
        try:
            ahead = handlers.request_draft(self.app, session, context, mark=mark)
        except IdentifiableText as error:
            matches = handlers.phi_in_context(self.app, session, context)
            return {
                components.message: html.message(str(error)),
                panel.status: html.status(wording.NOT_YET_DRAFTED),
                **updates.phi_question(panel.phi_question, matches, title=wording.PHI_BEFORE_DRAFT),
            }
        return {
            components.trigger.ticket: str(updates.next_number()),
            panel.status: self._place_in_line(ahead),
            components.trigger.timer: gr.Timer(active=True),
            **updates.phi_question(panel.phi_question, ()),
            **updates.draft_buttons(components, busy=True),
        }

    def show_queue(self, request: gr.Request) -> Updates:
        """Say every second how many readers are ahead, until the draft begins; that keeps the place in line."""
        components, session = self.components, self.session(request)
        if handlers.lost_place(session):
            session.draft.outcome = wording.NOT_DRAFTED
            return {
                components.message: html.message(wording.PLACE_LOST),
                components.context.status: html.status(wording.NOT_DRAFTED),
                components.trigger.timer: gr.Timer(active=False),
                **updates.draft_buttons(components, busy=False),
            }
        if not session.draft.waiting or session.draft.stop.is_set():
            return {components.trigger.timer: gr.Timer(active=False)}
        session.draft.keep_place()
        ahead = handlers.ahead_in_line(self.app, session)
        return {components.context.status: self._place_in_line(ahead)}

    def _place_in_line(self, ahead: int) -> str:
        return html.status(updates.place_in_line(ahead, self.app.settings.generation.batch_size), busy=True)

    def write(self, request: gr.Request, findings: str, impression: str) -> Iterator[Updates]:
        """Have the draft written, and show it as it grows."""
        components, session = self.components, self.session(request)
        before = Report(replace_surrogates(findings), replace_surrogates(impression))
        ready = updates.draft_buttons(components, busy=False)
        progress: DraftProgress | None = None
        is_locked = False
        try:
            for progress in handlers.stream_draft(self.app, session, before):
                if progress.finished is None:
                    locked = (
                        updates.locked_boxes(components, progress.report) if progress.fill and not is_locked else {}
                    )
                    is_locked, before = True, session.draft.before
                    yield updates.growing_draft(progress, components) | locked
            if progress is None or progress.finished is None:
                yield {components.context.status: gr.skip()}  # nothing was in line any more, and that is said already
            else:
                session.draft.outcome = updates.outcome(progress)
                yield updates.finished_draft(progress, progress.finished, components) | ready
        except DraftDropped as dropped:
            session.draft.outcome = wording.NOT_DRAFTED
            gone = updates.dropped_draft(components, fill=progress is not None and progress.fill)
            yield {components.message: html.message(str(dropped), calm=True), **gone, **ready}
        except Exception as error:
            session.draft.outcome = wording.NOT_DRAFTED
            failed = updates.failed_draft(session, progress, before, components)
            yield {components.message: html.message(error_sentence(error)), **failed, **ready}

    def settle(self, request: gr.Request, draft_id: str) -> Updates:
        """Take a draft away whose films changed while its last words were on their way to the page."""
        components, session = self.components, self.session(request)
        with session.lock:
            films, session.draft.ended = session.draft.ended, None
            known, shown = session.report.drafts.get(draft_id), session.report.shown
            same_films = films is None or films == session.film_digests()
        if same_films and (known is None or known is shown):
            return {components.message: gr.skip()}
        return {
            components.message: html.message(wording.DRAFT_DROPPED, calm=True),
            components.context.status: html.status(wording.NOT_DRAFTED),
            **updates.empty_report(components),
        }

    def stop(self, request: gr.Request) -> Updates:
        """Stop the draft, or leave the line for the model."""
        panel = self.components.context
        handlers.stop_draft(self.session(request))
        return {panel.status: html.status(wording.STOPPING, busy=True), panel.stop: gr.Button(interactive=False)}

    def show_outcome(self, request: gr.Request) -> Updates:
        """Say how the draft ended, in case it ended before `stop` wrote that it is stopping."""
        draft, status = self.session(request).draft, self.components.context.status
        if draft.busy or not draft.outcome:
            return {status: gr.skip()}
        # A draft that began enables the buttons together with its last words, which may still be on their way.
        stopped_in_line = draft.outcome == wording.STOPPED_BEFORE
        ready = updates.draft_buttons(self.components, busy=False) if stopped_in_line else {}
        return {status: html.status(draft.outcome), **ready}

    def give_up(self, request: gr.Request, draft_id: str) -> Updates:
        """Give up a draft that Gradio's queue did not take, or that ended in its hands."""
        session = self.session(request)
        handlers.leave_queue(session)
        mine = updates.report_boxes(self.components, session.draft.before) if draft_id == WRITING else {}
        failed = updates.failed_draft(session, None, Report(), self.components)
        return {**failed, **mine, **updates.draft_buttons(self.components, busy=False)}
