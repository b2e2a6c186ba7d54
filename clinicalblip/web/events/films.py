"""Which press at the films calls which handler, and what on the page then changes."""

from typing import Any

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.web import films, handlers, wording
from clinicalblip.web.events.error_boundary import error_boundary
from clinicalblip.web.events.event_group import AT_ONCE, EventGroup
from clinicalblip.web.request_info import error_sentence, receive_upload
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.components import Components
from clinicalblip.web.view.updates import Updates

# There are three films: while one is still being read, an event of another has to be heard.
_PARALLEL: dict[str, Any] = {"trigger_mode": "multiple", **AT_ONCE}
_CLEARED = "(findings, impression) => window.clinicalblip.cleared(findings, impression)"


def _study_components(components: Components) -> list[Component]:
    """Everything that another film or another study can change."""
    return [
        components.message,
        components.films.viewer,
        components.films.case,
        *components.context.boxes,
        components.context.status,
        *components.context.phi_question.all,
        components.ai_draft.text,
        components.ai_draft.use,
        components.ai_draft.restore,
        *components.report.boxes,
        components.reference.reveal,
        components.reference.revealed,
        *components.reference.boxes,
        *components.differences.all,
        *components.review.boxes,
        *components.review.phi_question.all,
        components.review.saved,
    ]


class FilmEvents(EventGroup):
    """Uploads, removals, and answers to what is asked about a film. The viewer sends them with a film's role."""

    def bind(self) -> None:
        """Bind the handlers; a film that came or changed is screened in a second step, which takes seconds."""
        viewer, boxes = self.components.films.viewer, self.components.report.boxes
        seen, outputs = [self.components.message, viewer], _study_components(self.components)
        uploading = viewer.upload(self.upload, boxes, outputs, **_PARALLEL)
        uploading.then(self.screen, None, seen, **_PARALLEL)
        viewer.delete(self.remove, None, outputs, **_PARALLEL)
        viewer.select(self.answer, None, seen, **_PARALLEL).then(self.screen, None, seen, **_PARALLEL)

    def on_error(self) -> Updates:
        """The viewer stops waiting for the film."""
        return {self.components.films.viewer: updates.no_film_changed()}

    @error_boundary
    def upload(self, request: gr.Request, event: gr.EventData, findings: str, impression: str) -> Updates:
        """Read an uploaded film."""
        session, role = self.session(request), FilmRole(event._data["role"])
        films.load_film(self.app, session, role, receive_upload(self.app, event._data["path"]))
        report: Updates = {}
        if role is FilmRole.FRONTAL:
            report = updates.after_new_film(session, Report(findings, impression), self.components)
        changed = updates.films_changed({role: session.films.get(role)})
        return {self.components.films.viewer: changed, self.components.films.case: None, **report}

    @error_boundary
    def remove(self, request: gr.Request, event: gr.EventData) -> Updates:
        """Remove a film."""
        role = FilmRole(event._data["role"])
        films.remove_film(self.session(request), role)
        return {self.components.films.viewer: updates.films_changed({role: None}), self.components.films.case: None}

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
    def answer(self, request: gr.Request, event: gr.EventData) -> Updates:
        """Take the reader's answer to a question about a film."""
        session, data, viewer = self.session(request), event._data, self.components.films.viewer
        role, film_id, answer = FilmRole(data["role"]), str(data["id"]), data.get("answer", "")
        match data["question"]:
            case "mask":
                films.mask_text(self.app, session, role, film_id)
                return {viewer: updates.films_changed({role: session.films.get(role)})}
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

    def bind(self) -> None:
        """Bind the handlers."""
        panel, boxes = self.components.films, self.components.report.boxes
        outputs = _study_components(self.components)
        panel.case.input(self.choose_case, [panel.case, *boxes], outputs, **AT_ONCE)
        panel.new_study.click(self.start_new_study, boxes, outputs, **AT_ONCE).then(None, boxes, None, js=_CLEARED)

    @error_boundary
    def choose_case(self, request: gr.Request, case_id: str | None, findings: str, impression: str) -> Updates:
        """Load a sample case's films, context and reference."""
        if case_id is None:
            return {}
        components, session = self.components, self.session(request)
        case = films.load_case(self.app, session, case_id)
        report = updates.after_new_film(session, Report(findings, impression), components)
        if session.report.shown is None:
            report |= {components.reference.findings: case.reference.findings}
            report |= {components.reference.impression: case.reference.impression}
        return {
            components.films.viewer: updates.films_changed({role: session.films.get(role) for role in FilmRole}),
            **report,
            **updates.context_boxes(components, case.context),
            **updates.phi_question(components.context.phi_question, ()),
        }

    @error_boundary
    def start_new_study(self, request: gr.Request, findings: str, impression: str) -> Updates:
        """Empty the page; where the report is not saved, say so the first time."""
        components = self.components
        if not handlers.start_new_study(self.session(request), Report(findings, impression)):
            return {components.message: html.message(wording.UNSAVED)}
        return {
            components.films.viewer: updates.films_changed(dict.fromkeys(FilmRole)),
            components.films.case: None,
            components.context.status: html.status(wording.CLEARED),
            **updates.context_boxes(components, ClinicalContext()),
            **updates.phi_question(components.context.phi_question, ()),
            **updates.empty_report(components),
        }
