"""Which press at the films calls which handler, and what on the page then changes."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.web import films, handlers, wording
from clinicalblip.web.events.error_boundary import error_boundary
from clinicalblip.web.events.event_group import AT_ONCE, EventGroup
from clinicalblip.web.request_info import error_sentence, receive_upload
from clinicalblip.web.review_form import ReviewForm
from clinicalblip.web.session import Session, StudyChange
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.updates import Updates

# There are three films: while one is still being read, an event of another has to be heard.
_PARALLEL: dict[str, Any] = {"trigger_mode": "multiple", **AT_ONCE}
# The last input says whether work that is not saved may go: the page asks, and the answer takes its place.
_MAY_DISCARD = "async (...values) => [...values.slice(0, -1), await window.clinicalblip.mayDiscard()]"
_NOT_READING = "() => window.clinicalblip.noFilmChanged()"


class FilmEvents(EventGroup):
    """Uploads, removals, and answers to what is asked about a film. The viewer sends them with a film's role."""

    def bind(self) -> None:
        """Bind the handlers; a film that came or changed is screened in a second step, which takes seconds."""
        viewer, form = self.components.films.viewer, self.components.form_boxes
        seen, outputs = [self.components.message, viewer], self.components.of_study
        for event in (
            self.bind_handler(viewer.upload, self.upload, form, outputs, **_PARALLEL),
            self.bind_handler(viewer.delete, self.remove, form, outputs, **_PARALLEL),
            self.bind_handler(viewer.select, self.answer, form, outputs, **_PARALLEL),
        ):
            event.failure(None, None, viewer, js=_NOT_READING, **AT_ONCE)
            self.bind_handler(event.then, self.screen, None, seen, **_PARALLEL)

    def on_error(self, session: Session) -> Updates:
        """The viewer stops waiting for the film."""
        return {self.components.films.viewer: updates.no_film_changed()}

    @error_boundary
    def upload(self, request: gr.Request, event: gr.EventData, *boxes: Any) -> Updates:
        """Read an uploaded film."""
        session, role = self.session(request), FilmRole(event._data["role"])
        data = receive_upload(self.app, event._data["path"])
        self._may_change(session, role, event, boxes)
        return self._changed(session, films.load_film(self.app, session, role, data), role)

    @error_boundary
    def remove(self, request: gr.Request, event: gr.EventData, *boxes: Any) -> Updates:
        """Remove a film."""
        session, role = self.session(request), FilmRole(event._data["role"])
        self._may_change(session, role, event, boxes)
        return self._changed(session, films.remove_film(session, role), role)

    def _may_change(self, session: Session, role: FilmRole, event: gr.EventData, boxes: Sequence[Any]) -> None:
        if event._data.get("discard") is not True:
            handlers.refuse_to_discard(session, ReviewForm.from_boxes(*boxes), role)

    def _changed(self, session: Session, change: StudyChange, role: FilmRole) -> Updates:
        news = updates.films_changed({role: session.films.get(role)})
        return {self.components.films.viewer: news, **updates.study_changed(session, change, self.components)}

    def screen(self, request: gr.Request) -> Updates:
        """Screen the films that were not yet, and show what was found in them."""
        session = self.session(request)
        message: Updates = {}
        try:
            films.screen_films(self.app, session)
        except Exception as error:
            message = {self.components.message: html.message(error_sentence(error))}
        return {self.components.films.viewer: updates.films_screened(session), **message}

    @error_boundary
    def answer(self, request: gr.Request, event: gr.EventData, *boxes: Any) -> Updates:
        """Take the reader's answer to a question about a film."""
        session, data, viewer = self.session(request), event._data, self.components.films.viewer
        role, film_id, answer = FilmRole(data["role"]), str(data["id"]), data.get("answer", "")
        match data["question"]:
            case "mask":
                self._may_change(session, role, event, boxes)
                return self._changed(session, films.mask_text(self.app, session, role, film_id), role)
            case "accept":
                films.accept_text(self.app, session, role, film_id)
            case "overrule":
                films.overrule_doubts(session, role, film_id)
            case "view":
                films.choose_view(self.app, session, role, film_id, View(answer))
            case "window":
                films.choose_window(session, role, film_id, str(answer))
        return {viewer: updates.films_screened(session)}


class StudyEvents(EventGroup):
    """Sample cases and the way back to an empty page."""

    def on_error(self, session: Session) -> Updates:
        """The list of cases says again whose films are shown."""
        return {self.components.films.case: session.case_id}

    def bind(self) -> None:
        """Bind the handlers."""
        panel, outputs = self.components.films, self.components.of_study
        form = [*self.components.form_boxes, panel.discard]
        asking = {"js": _MAY_DISCARD, **AT_ONCE}
        self.bind_handler(panel.case.input, self.choose_case, [panel.case, *form], outputs, **asking)
        self.bind_handler(panel.new_study.click, self.start_new_study, form, outputs, **asking)

    @error_boundary
    def choose_case(self, request: gr.Request, case_id: str | None, *form: Any) -> Updates:
        """Load a sample case's films, context and reference."""
        if case_id is None:
            return {}
        components, session = self.components, self.session(request)
        self._may_change(session, form)
        case, change = films.load_case(self.app, session, case_id)
        return {
            **updates.study_changed(session, change, components),
            components.films.viewer: updates.films_changed({role: session.films.get(role) for role in FilmRole}),
            components.reference.findings: gr.Textbox(case.reference.findings, visible=False),
            components.reference.impression: gr.Textbox(case.reference.impression, visible=False),
            **updates.context_boxes(components, case.context),
            **updates.phi_question(components.context.phi_question, ()),
        }

    @error_boundary
    def start_new_study(self, request: gr.Request, *form: Any) -> Updates:
        """Empty the page, unless it holds work that is not saved and may not go."""
        components, session = self.components, self.session(request)
        self._may_change(session, form)
        change = handlers.start_new_study(session)
        return {
            components.context.status: html.status(wording.CLEARED),
            **updates.study_changed(session, change, components),
            components.films.viewer: updates.films_changed(dict.fromkeys(FilmRole)),
            **updates.context_boxes(components, ClinicalContext()),
            **updates.phi_question(components.context.phi_question, ()),
        }

    @staticmethod
    def _may_change(session: Session, form: Sequence[Any]) -> None:
        *boxes, discard = form
        if discard is not True:
            handlers.refuse_to_discard(session, ReviewForm.from_boxes(*boxes))
