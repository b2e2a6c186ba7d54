"""A page that is loaded, or whose connection is back, shows its session as it is."""

import gradio as gr

from clinicalblip.web import listed_studies, wording
from clinicalblip.web.events.comparison import ComparisonEvents
from clinicalblip.web.events.event_group import EventGroup
from clinicalblip.web.handler_threads import in_film_threads
from clinicalblip.web.handlers import WRITING
from clinicalblip.web.session import Session
from clinicalblip.web.view import html, resumed, updates
from clinicalblip.web.view.updates import Updates
from clinicalblip.web.view.work_list import changed_rows, whole_list

_BEGIN = "() => window.clinicalblipKeeping?.begin()"


class ResumeEvents(EventGroup):
    """Brings films, texts, draft, edits and ratings back."""

    def bind(self, page: gr.Blocks, comparison: ComparisonEvents) -> None:
        """Bind the handlers: `resume` when the page is loaded, `rejoin` when its connection was broken."""
        components = self.components
        shown = [*components.of_study, components.trigger.ticket, components.trigger.timer]
        loading = self.bind_handler(page.load, in_film_threads(self.resume), None, shown)
        loading.then(None, None, None, js=_BEGIN)
        comparison.bind_after(loading)
        asked = [components.ai_draft.draft_id, components.films.mark]
        back = self.bind_handler(components.trigger.rejoin.click, in_film_threads(self.rejoin), asked, shown)
        comparison.bind_after(back)

    def resume(self, request: gr.Request) -> Updates:
        """Show everything that the session holds on a page that was just loaded."""
        components, session = self.components, self.session(request)
        listed_studies.reopen_films(self.app, session)
        with session.lock:
            if session.journal_fault:
                session.journal_fault = False
                return {components.message: html.message(wording.JOURNAL_FAULT)}
            if session.holds_nothing and not session.lost_films_sentence:
                return {components.message: gr.skip()}
            said = session.lost_films_sentence or wording.RESUMED
            return {
                components.message: html.message(said, calm=True),
                components.films.viewer: updates.session_films(session) | {"resumed": True},
                components.films.mark: session.films_mark,
                **updates.context_boxes(components, session.boxes.context),
                **resumed.form(components, session),
                **self._draft(session),
            }

    def rejoin(self, request: gr.Request, draft_id: str, mark: str) -> Updates:
        """Show what became of the session while the page could not be reached; what stands in the boxes is newer.

        `mark`: of the films that the page shows, see `Session`.
        """
        components, session = self.components, self.session(request)
        reopened = listed_studies.reopen_films(self.app, session)
        with session.lock:
            session.journal_fault = False  # what it would have brought back stands on this page
            updated: Updates = {components.message: gr.skip()}
            gone = mark != "" and not mark.startswith(f"{session.id}:")
            if gone:
                updated = self._begin_anew(session)
            elif session.lost_films_sentence and not session.films:
                updated = {components.message: html.message(session.lost_films_sentence, calm=True)}
            elif reopened:
                updated = {components.work_list: changed_rows(self.app, session)}
            if gone or reopened or (session.films_mark and not session.films):
                updated[components.films.viewer] = updates.session_films(session) | {"resumed": True}
            if session.draft.busy or draft_id == WRITING:
                updated |= self._draft(session)
            if draft_id == WRITING and not session.draft.filling:
                updated |= updates.report_boxes(components, session.boxes.report)
            return updated

    def _begin_anew(self, session: Session) -> Updates:
        """A page of a session that the server no longer has: nothing can be done with its films and draft."""
        components = self.components
        return {
            components.message: html.message(wording.BEGUN_ANEW),
            components.films.mark: session.films_mark,
            components.work_list: whole_list(self.app, session),
            components.context.status: html.status(wording.KEYS),
            **updates.no_draft(components),
            **updates.draft_buttons(components, busy=False),
        }

    def _draft(self, session: Session) -> Updates:
        """The draft that is there, or goes on: the page follows it as it would have without the break."""
        components = self.components
        if not session.draft.busy:
            return resumed.draft(components, session)
        following = {
            components.trigger.ticket: str(updates.next_number()),
            components.trigger.timer: gr.Timer(active=True),
        }
        locked = updates.locked_boxes(components, session.boxes.form.final) if session.draft.filling else {}
        return {
            **(resumed.draft(components, session) if not session.draft.filling else {}),
            components.context.status: html.status(wording.NEXT, busy=True),
            **following,
            **locked,
            **updates.draft_buttons(components, busy=True),
        }
