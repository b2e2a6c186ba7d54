"""Which press at the films calls which handler, and what on the page then changes."""

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.web import films, handlers, wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.events.error_boundary import AT_ONCE, EACH, comparison_panels, error_boundary
from clinicalblip.web.request_info import error_sentence, receive_upload, session_key
from clinicalblip.web.session import FilmRole
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.layout import Components
from clinicalblip.web.view.updates import Updates


def bind_films(app: AppContext, components: Components) -> None:
    """Uploads, removals, sample cases and the way back to an empty page."""
    cleared = [components.ai_draft, components.use_draft, components.restore, *components.reports]
    outputs = [
        components.message,
        components.status,
        components.viewer,
        components.case,
        *components.context,
        *components.phi_question.components,
        *cleared,
        *comparison_panels(components),
        components.reveal,
        components.revealed,
        components.overall,
        components.verdict,
        components.comment,
        components.consent,
        *components.kept_phi_question.components,
        components.saved,
    ]

    @error_boundary(components, lambda: {components.viewer: updates.no_film_changed()})
    def take_film(request: gr.Request, event: gr.EventData, findings: str, impression: str) -> Updates:
        session = app.sessions.of(session_key(request))
        role = FilmRole(event._data["role"])
        films.load_film(app, session, role, receive_upload(app, event._data["path"]))
        report = (
            updates.after_new_film(session, Report(findings, impression), components)
            if role is FilmRole.FRONTAL
            else {}
        )
        return {
            components.viewer: updates.films_changed({role: session.films.get(role)}),
            components.case: None,
            **report,
        }

    @error_boundary(components, lambda: {components.viewer: updates.no_film_changed()})
    def remove_film(request: gr.Request, event: gr.EventData) -> Updates:
        role = FilmRole(event._data["role"])
        films.remove_film(app.sessions.of(session_key(request)), role)
        return {components.viewer: updates.films_changed({role: None}), components.case: None}

    @error_boundary(components)
    def choose_case(request: gr.Request, case_id: str | None, findings: str, impression: str) -> Updates:
        if case_id is None:
            return {}
        session = app.sessions.of(session_key(request))
        case = films.load_case(app, session, case_id)
        report = updates.after_new_film(session, Report(findings, impression), components)
        if session.report.shown is None:
            report |= {components.reference_findings: case.reference.findings}
            report |= {components.reference_impression: case.reference.impression}
        return {
            components.viewer: updates.films_changed({role: session.films.get(role) for role in FilmRole}),
            **report,
            **updates.context_boxes(components, case.context),
            **updates.question(components.phi_question, ()),
        }

    def screen_films(request: gr.Request) -> Updates:
        session = app.sessions.of(session_key(request))
        try:
            films.screen_films(app, session)
        except Exception as error:
            return {
                components.viewer: updates.films_seen(session),
                components.message: html.message(error_sentence(error)),
            }
        return {components.viewer: updates.films_seen(session)}

    @error_boundary(components, lambda: {components.viewer: updates.no_film_changed()})
    def answer(request: gr.Request, event: gr.EventData) -> Updates:
        session = app.sessions.of(session_key(request))
        role, film_id, answered = FilmRole(event._data["role"]), str(event._data["id"]), event._data.get("answer", "")
        match event._data["question"]:
            case "mask":
                films.mask_text(app, session, role, film_id)
                return {components.viewer: updates.films_changed({role: session.films.get(role)})}
            case "leave":
                films.accept_text(app, session, role, film_id)
            case "overrule":
                films.overrule_doubts(session, role, film_id)
            case "view":
                films.choose_view(app, session, role, film_id, View(answered))
            case "window":
                films.choose_window(session, role, film_id, str(answered))
        return {components.viewer: updates.films_seen(session)}

    @error_boundary(components)
    def start_new_study(request: gr.Request, findings: str, impression: str) -> Updates:
        session = app.sessions.of(session_key(request))
        if not handlers.start_new_study(session, Report(findings, impression)):
            return {components.message: html.message(wording.UNSAVED)}
        return {
            components.viewer: updates.films_changed(dict.fromkeys(FilmRole)),
            components.case: None,
            components.status: html.status(wording.CLEARED),
            **updates.context_boxes(components, ClinicalContext()),
            **updates.question(components.phi_question, ()),
            **updates.empty_report(components),
        }

    final: list[Component] = [components.findings, components.impression]
    seen: list[Component] = [components.message, components.viewer]
    components.viewer.upload(take_film, final, outputs, **EACH).then(screen_films, None, seen, **EACH)
    components.viewer.delete(remove_film, None, outputs, **EACH)
    components.viewer.select(answer, None, seen, **EACH).then(screen_films, None, seen, **EACH)
    components.case.input(choose_case, [components.case, *final], outputs, **AT_ONCE)
    components.new_study.click(start_new_study, final, outputs, **AT_ONCE).then(
        None, final, None, js="(findings, impression) => window.clinicalblip.emptied(findings, impression)"
    )
