"""Which press at the films calls which handler, and what on the page then changes."""

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.web import films, handlers, wording
from clinicalblip.web.app_context import Desk
from clinicalblip.web.events.error_boundary import AT_ONCE, EACH, compared_parts, told
from clinicalblip.web.request_info import receive_film, sentence_of, session_of
from clinicalblip.web.session import Slot
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.layout import Parts
from clinicalblip.web.view.updates import Updates


def join_films(desk: Desk, parts: Parts) -> None:
    """Uploads, removals, sample cases and the way back to an empty desk."""
    cleared = [parts.ai_draft, parts.use_draft, parts.restore, *parts.reports]
    outputs = [
        parts.message, parts.status, parts.viewer, parts.case, *parts.context, *parts.naming.parts, *cleared,
        *compared_parts(parts), parts.reveal, parts.revealed, parts.overall, parts.verdict, parts.comment,
        parts.consent, *parts.kept_naming.parts, parts.saved,
    ]  # fmt: skip

    @told(parts, lambda: {parts.viewer: updates.no_film_changed()})
    def take_film(request: gr.Request, event: gr.EventData, findings: str, impression: str) -> Updates:
        visit = desk.visits.of(session_of(request))
        slot = Slot(event._data["slot"])
        films.load_film(desk, visit, slot, receive_film(desk, event._data["path"]))
        report = updates.after_new_film(visit, Report(findings, impression), parts) if slot is Slot.FRONTAL else {}
        return {parts.viewer: updates.films_changed({slot: visit.films.get(slot)}), parts.case: None, **report}

    @told(parts, lambda: {parts.viewer: updates.no_film_changed()})
    def remove_film(request: gr.Request, event: gr.EventData) -> Updates:
        slot = Slot(event._data["slot"])
        films.remove_film(desk.visits.of(session_of(request)), slot)
        return {parts.viewer: updates.films_changed({slot: None}), parts.case: None}

    @told(parts)
    def choose_case(request: gr.Request, case_id: str | None, findings: str, impression: str) -> Updates:
        if case_id is None:
            return {}
        visit = desk.visits.of(session_of(request))
        case = films.load_case(desk, visit, case_id)
        report = updates.after_new_film(visit, Report(findings, impression), parts)
        if visit.shown is None:
            report |= {parts.reference_findings: case.reference.findings}
            report |= {parts.reference_impression: case.reference.impression}
        return {
            parts.viewer: updates.films_changed({slot: visit.films.get(slot) for slot in Slot}),
            **report,
            **updates.context_boxes(parts, case.context),
            **updates.question(parts.naming, ()),
        }

    def look_through(request: gr.Request) -> Updates:
        visit = desk.visits.of(session_of(request))
        try:
            films.look_through(desk, visit)
        except Exception as error:
            return {parts.viewer: updates.films_seen(visit), parts.message: html.message(sentence_of(error))}
        return {parts.viewer: updates.films_seen(visit)}

    @told(parts, lambda: {parts.viewer: updates.no_film_changed()})
    def answer(request: gr.Request, event: gr.EventData) -> Updates:
        visit = desk.visits.of(session_of(request))
        slot, film_id, answered = Slot(event._data["slot"]), str(event._data["id"]), event._data.get("answer", "")
        match event._data["question"]:
            case "mask":
                films.mask_text(desk, visit, slot, film_id)
                return {parts.viewer: updates.films_changed({slot: visit.films.get(slot)})}
            case "leave":
                films.let_text_be(desk, visit, slot, film_id)
            case "overrule":
                films.overrule(visit, slot, film_id)
            case "view":
                films.choose_view(desk, visit, slot, film_id, View(answered))
            case "window":
                films.choose_window(visit, slot, film_id, str(answered))
        return {parts.viewer: updates.films_seen(visit)}

    @told(parts)
    def start_again(request: gr.Request, findings: str, impression: str) -> Updates:
        visit = desk.visits.of(session_of(request))
        if not handlers.start_again(visit, Report(findings, impression)):
            return {parts.message: html.message(wording.UNSAVED)}
        return {
            parts.viewer: updates.films_changed(dict.fromkeys(Slot)),
            parts.case: None,
            parts.status: html.status(wording.CLEARED),
            **updates.context_boxes(parts, ClinicalContext()),
            **updates.question(parts.naming, ()),
            **updates.empty_report(parts),
        }

    final: list[Component] = [parts.findings, parts.impression]
    seen: list[Component] = [parts.message, parts.viewer]
    parts.viewer.upload(take_film, final, outputs, **EACH).then(look_through, None, seen, **EACH)
    parts.viewer.delete(remove_film, None, outputs, **EACH)
    parts.viewer.select(answer, None, seen, **EACH).then(look_through, None, seen, **EACH)
    parts.case.input(choose_case, [parts.case, *final], outputs, **AT_ONCE)
    parts.new_study.click(start_again, final, outputs, **AT_ONCE).then(
        None, final, None, js="(findings, impression) => window.clinicalblip.emptied(findings, impression)"
    )
