"""Which press at the work list calls which handler, and what on the page then changes."""

from typing import Any

import gradio as gr

from clinicalblip.web import handlers, listed_studies, wording
from clinicalblip.web.events.comparison import ComparisonEvents
from clinicalblip.web.events.error_boundary import error_boundary
from clinicalblip.web.events.event_group import AT_ONCE
from clinicalblip.web.events.study_event_group import StudyEventGroup
from clinicalblip.web.handler_threads import in_film_threads
from clinicalblip.web.listed_studies import OpenedStudy
from clinicalblip.web.session import Session
from clinicalblip.web.study_ahead import prepare_next
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.updates import Updates
from clinicalblip.web.view.work_list import changed_rows, whole_list
from clinicalblip.worklist.reading_progress import SkipReason

# The last input says whether work that is not saved may go: the page asks, and the answer takes its place.
_MAY_DISCARD = "async (...values) => [...values.slice(0, -1), await window.clinicalblip.mayDiscard()]"
_NOT_OPENING = "() => window.clinicalblipWorkList.notOpening()"


class WorkListEvents(StudyEventGroup):
    """Studies of the list, the reader's pseudonym, and the way to an empty page."""

    def bind(self, page: gr.Blocks, comparison: ComparisonEvents) -> None:
        """Bind the handlers; a study's films are screened in a second step, which takes seconds."""
        components, outputs = self.components, self.components.of_study
        shown, form = components.work_list, components.form_boxes
        self.bind_handler(page.load, self.show, None, shown)
        self.bind_handler(shown.submit, self.choose_pseudonym, None, [components.message, shown])
        opening = self.bind_handler(shown.select, in_film_threads(self.open), form, outputs)
        opening.then(None, None, None, js="() => window.clinicalblip.contextChanged()")
        comparison.bind_after(opening)
        opening.failure(None, None, shown, js=_NOT_OPENING, **AT_ONCE)
        self.bind_handler(
            opening.then, in_film_threads(self.screen), None, [components.message, components.films.viewer]
        )
        new_study = components.context.new_study.click
        asking = {"js": _MAY_DISCARD, **AT_ONCE}
        self.bind_handler(new_study, self.start_new_study, [*form, components.films.discard], outputs, **asking)
        # What these two refused is said until the reader goes on; calls of the server clear the message themselves.
        components.trigger.go_on.click(None, None, components.message, js="() => ''", **AT_ONCE)

    def on_error(self, session: Session) -> Updates:
        """The list says again which study is shown."""
        return {self.components.work_list: changed_rows(self.app, session)}

    def show(self, request: gr.Request) -> Updates:
        """Show the list to a page that was just opened."""
        return {self.components.work_list: whole_list(self.app, self.session(request))}

    @error_boundary
    def choose_pseudonym(self, request: gr.Request, event: gr.EventData) -> Updates:
        """Go on as the reader of this pseudonym."""
        session = self.session(request)
        listed_studies.choose_pseudonym(self.app, session, str(event._data["pseudonym"]))
        return {self.components.work_list: whole_list(self.app, session)}

    @error_boundary
    def open(self, request: gr.Request, event: gr.EventData, *boxes: Any) -> Updates:
        """Open a study of the list, the next or the one before, or skip the one that is shown and open the next."""
        session, data = self.session(request), event._data
        before = session.study
        self.may_change(session, boxes, discard=data.get("discard") is True)
        match data.get("action"):
            case "open":
                number = data["number"]
            case "previous":
                number = listed_studies.neighbour(self.app, session, -1).number
            case "skip":
                listed_studies.skip_study(session, SkipReason(data["reason"]))
                number = listed_studies.neighbour(self.app, session, 1).number
            case _:
                number = listed_studies.neighbour(self.app, session, 1).number
        opened = listed_studies.open_study(self.app, session, number)
        return {
            **self._opened(session, opened),
            self.components.work_list: changed_rows(self.app, session, before),
        }

    def _opened(self, session: Session, opened: OpenedStudy) -> Updates:
        components, study = self.components, opened.study
        said = opened.faults or opened.change.dropped
        return {
            components.context.status: html.status(wording.KEYS),
            **updates.study_changed(session, opened.change, components),
            **updates.draft_ahead(session.report.shown, components),
            components.message: html.message(said, calm=not opened.faults),
            components.films.viewer: updates.session_films(session),
            components.reference.findings: gr.Textbox(study.reference.findings, visible=False),
            components.reference.impression: gr.Textbox(study.reference.impression, visible=False),
            **updates.context_boxes(components, study.context),
            **updates.phi_question(components.context.phi_question, ()),
        }

    def after_screening(self, session: Session) -> None:
        """Prepare the study that comes next."""
        prepare_next(self.app, session)

    @error_boundary
    def start_new_study(self, request: gr.Request, *form: Any) -> Updates:
        """Empty the page, unless it holds work that is not saved and may not go."""
        components, session = self.components, self.session(request)
        *boxes, discard = form
        self.may_change(session, boxes, discard=discard is True)
        before = session.study
        change = handlers.start_new_study(session)
        return {
            components.films.viewer: updates.session_films(session),
            components.work_list: changed_rows(self.app, session, before),
            **updates.new_study(session, change, components),
        }
