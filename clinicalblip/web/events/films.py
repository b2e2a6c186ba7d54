"""Which press at the films calls which handler, and what on the page then changes."""

from typing import Any

import gradio as gr

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import View
from clinicalblip.web import dropped_films, films
from clinicalblip.web.dropped_films import Dropped
from clinicalblip.web.events.error_boundary import error_boundary
from clinicalblip.web.events.event_group import AT_ONCE
from clinicalblip.web.events.study_event_group import StudyEventGroup
from clinicalblip.web.handler_threads import in_film_threads
from clinicalblip.web.request_info import receive_upload, receive_uploads
from clinicalblip.web.session import Session, StudyChange
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.updates import Updates
from clinicalblip.web.view.work_list import changed_rows

# There are three films: while one is still being read, an event of another has to be heard.
_PARALLEL: dict[str, Any] = {"trigger_mode": "multiple", **AT_ONCE}
_NOT_READING = "() => window.clinicalblip.noFilmChanged()"


class FilmEvents(StudyEventGroup):
    """Uploads, removals, and answers to what is asked about a film. The viewer sends them with a film's role."""

    def bind(self) -> None:
        """Bind the handlers; a film that came or changed is screened in a second step, which takes seconds."""
        viewer, form = self.components.films.viewer, self.components.form_boxes
        seen, outputs = [self.components.message, viewer], self.components.of_study
        for event in (
            self.bind_handler(viewer.upload, in_film_threads(self.upload), form, outputs, **_PARALLEL),
            self.bind_handler(viewer.delete, self.remove, form, outputs, **_PARALLEL),
            self.bind_handler(viewer.select, in_film_threads(self.answer), form, outputs, **_PARALLEL),
            self.bind_handler(viewer.submit, in_film_threads(self.drop), form, outputs, **_PARALLEL),
            self.bind_handler(viewer.input, self.place, form, outputs, **_PARALLEL),
        ):
            event.failure(None, None, viewer, js=_NOT_READING, **AT_ONCE)
            self.bind_handler(event.then, in_film_threads(self.screen), None, seen, **_PARALLEL)

    def on_error(self, session: Session) -> Updates:
        """The viewer stops waiting for the film."""
        return {self.components.films.viewer: updates.no_film_changed()}

    @error_boundary
    def upload(self, request: gr.Request, event: gr.EventData, *boxes: Any) -> Updates:
        """Read an uploaded film."""
        session, role = self.session(request), FilmRole(event._data["role"])
        data = receive_upload(self.app, event._data["file"])
        self.may_change(session, boxes, discard=event._data.get("discard") is True, role=role)
        return self._changed(session, films.load_film(self.app, session, role, data), role)

    @error_boundary
    def remove(self, request: gr.Request, event: gr.EventData, *boxes: Any) -> Updates:
        """Remove a film."""
        session, role = self.session(request), FilmRole(event._data["role"])
        self.may_change(session, boxes, discard=event._data.get("discard") is True, role=role)
        return self._changed(session, films.remove_film(session, role), role)

    def _changed(self, session: Session, change: StudyChange, role: FilmRole) -> Updates:
        return {
            self.components.films.viewer: updates.session_films(session, [role]),
            self.components.work_list: changed_rows(self.app, session),
            **updates.study_changed(session, change, self.components),
        }

    @error_boundary
    def drop(self, request: gr.Request, event: gr.EventData, *boxes: Any) -> Updates:
        """Read films that came at once, and put each where its file says, or ask."""
        session, discard = self.session(request), event._data.get("discard") is True
        data = receive_uploads(self.app, event._data["files"], most=dropped_films.MOST_AT_ONCE)

        def may_change(role: FilmRole) -> None:
            self.may_change(session, boxes, discard=discard, role=role)

        return self._dropped(session, dropped_films.drop_films_in(self.app, session, data, may_change))

    @error_boundary
    def place(self, request: gr.Request, event: gr.EventData, *boxes: Any) -> Updates:
        """Take the reader's answer which film a dropped one is."""
        session, answer = self.session(request), event._data["answer"]
        discard, film_id = event._data.get("discard") is True, str(event._data["id"])
        if answer == "study":
            self.may_change(session, boxes, discard=discard)
            before, dropped = session.study, dropped_films.begin_study_with(session, film_id)
            rows = {self.components.work_list: changed_rows(self.app, session, before)}
            return self._dropped(session, dropped) | updates.new_study(session, dropped.change, self.components) | rows
        role = FilmRole(answer) if answer else None
        if role:
            self.may_change(session, boxes, discard=discard, role=role)
        return self._dropped(session, dropped_films.place_film(session, film_id, role))

    def _dropped(self, session: Session, dropped: Dropped) -> Updates:
        said: Updates = {self.components.message: html.message(dropped.said)} if dropped.said else {}
        return {
            self.components.films.viewer: updates.session_films(session, dropped.roles) | {"dropped": True},
            self.components.work_list: changed_rows(self.app, session),
            **updates.study_changed(session, dropped.change, self.components),
            **said,
        }

    @error_boundary
    def answer(self, request: gr.Request, event: gr.EventData, *boxes: Any) -> Updates:
        """Take the reader's answer to a question about a film."""
        session, data, viewer = self.session(request), event._data, self.components.films.viewer
        role, film_id, answer = FilmRole(data["role"]), str(data["id"]), data.get("answer", "")
        match data["question"]:
            case "mask":
                self.may_change(session, boxes, discard=event._data.get("discard") is True, role=role)
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
