"""What on the page changes: from a film, a report or the progress of a draft to new values of its components."""

from collections.abc import Sequence
from dataclasses import fields
from itertools import count
from typing import Any

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.screening.phi import PhiMatch
from clinicalblip.web import handlers, wording
from clinicalblip.web.handlers import DraftProgress
from clinicalblip.web.session import FilmRole, FinishedDraft, LoadedFilm, Session
from clinicalblip.web.view import html
from clinicalblip.web.view.layout import Components, Question
from clinicalblip.web.view.viewer import film_for_page

Updates = dict[Component, Any]
_tickets = count(1)


def next_ticket() -> int:
    """A number that was not there before: Gradio tells only of values that changed."""
    return next(_tickets)


def films_changed(films: dict[FilmRole, LoadedFilm | None], *, values: bool = True) -> dict[str, Any]:
    """A message to the viewer: the roles that changed, without `values` all but their pixels. The number makes every
    message a new one."""
    news = {role.value: film_for_page(loaded, values=values) if loaded else None for role, loaded in films.items()}
    return {"films": news, "number": next_ticket()}


def films_seen(session: Session) -> dict[str, Any]:
    """A message to the viewer: what was seen in the films and answered about them, whose pixels it has."""
    return films_changed(dict(session.films), values=False)


def question(asked: Question, found: Sequence[PhiMatch], *, title: str = "") -> Updates:
    """What may name somebody with its two answers, or neither where nothing does."""
    return {
        asked.shown: html.phi_panel(found, title=title),
        asked.mask: gr.Button(visible=bool(found)),
        asked.leave: gr.Button(visible=bool(found)),
    }


def no_film_changed() -> dict[str, Any]:
    """A message that changes no film: the viewer ends its waiting."""
    return films_changed({})


def after_new_film(session: Session, final: Report, components: Components) -> Updates:
    """An empty report for another film, unless the reader has work in it that is not saved."""
    if not session.report.unsaved(final):
        handlers.clear_drafts(session)
        return empty_report(components)
    return {components.message: html.message(wording.FILM_CHANGED_EDITS, calm=True)} if session.report.shown else {}


def context_boxes(components: Components, context: ClinicalContext) -> Updates:
    """What is known, in its boxes."""
    return {box: getattr(context, part.name) for box, part in zip(components.context, fields(context), strict=True)}


def empty_report(components: Components) -> Updates:
    """Everything of the last draft, its report and its review taken off the page."""
    return {
        components.ai_draft: html.ai_draft(None),
        components.use_draft: gr.Button(interactive=False),
        components.restore: gr.Button(visible=False),
        components.findings: gr.Textbox("", interactive=True),
        components.impression: gr.Textbox("", interactive=True),
        components.draft_to_final: html.nothing(wording.NOTHING_TO_COMPARE),
        components.reveal: wording.SHOW_REFERENCE,
        components.revealed: False,
        components.reference_findings: gr.Textbox("", visible=False),
        components.reference_impression: gr.Textbox("", visible=False),
        components.final_to_reference: html.nothing(wording.REFERENCE_HIDDEN),
        components.overall: None,
        components.verdict: None,
        components.comment: "",
        components.consent: False,
        components.saved: "",
        **question(components.kept_phi_question, ()),
    }


def report_boxes(components: Components, report: Report) -> Updates:
    """A report in the reader's boxes, which can be edited."""
    return {
        components.findings: gr.Textbox(report.findings, interactive=True),
        components.impression: gr.Textbox(report.impression, interactive=True),
    }


def place_in_line(before: int) -> str:
    """The sentence that says how many readers are before this one."""
    if before == 0:
        return wording.NEXT
    readers = wording.BEFORE_ONE if before == 1 else wording.BEFORE_MANY.format(count=before)
    return wording.WAITING.format(before=readers)


def draft_buttons(components: Components, *, busy: bool) -> Updates:
    """Draft or Stop, whichever makes sense now."""
    # Made while an event is answered: a component made while the page is built would stand on the page.
    return {components.draft: gr.Button(interactive=not busy), components.stop: gr.Button(interactive=busy)}


def locked_boxes(components: Components) -> Updates:
    """The reader's boxes while a draft is written into them."""
    return {
        components.findings: gr.Textbox("", interactive=False),
        components.impression: gr.Textbox("", interactive=False),
    }


def growing_draft(progress: DraftProgress, components: Components) -> Updates:
    """A draft as far as it is written."""
    words = progress.words
    said = wording.WRITING.format(words=words, seconds=progress.seconds) if words else wording.LOOKING
    updates: Updates = {
        components.status: html.status(said, busy=True),
        components.ai_draft: html.ai_draft(progress.report, note=" ", writing=True),
    }
    if progress.fill:
        updates |= {components.findings: progress.report.findings, components.impression: progress.report.impression}
    return updates


def shown_draft(session: Session, finished: FinishedDraft) -> str:
    """The panel of a finished draft. What the films warn of by themselves is said under the films."""
    said = {warning for film in session.radiographs() for warning in film.warnings}
    warnings = [warning for warning in finished.draft.warnings if warning not in said]
    note = wording.STOPPED if finished.draft.stopped else ""
    return html.ai_draft(finished.draft.report, note=note, warnings=warnings)


def ending(progress: DraftProgress) -> str:
    """What is said at the end of a draft."""
    stopped = progress.finished is not None and progress.finished.draft.stopped
    said = wording.ENDED_EARLY if stopped else wording.WRITTEN
    return said.format(words=progress.words, seconds=progress.seconds)


def finished_draft(progress: DraftProgress, session: Session, components: Components) -> Updates:
    """A draft at its end, to be corrected."""
    finished = progress.finished
    return {
        components.status: html.status(ending(progress)),
        components.ai_draft: shown_draft(session, finished) if finished else html.ai_draft(progress.report),
        components.use_draft: gr.Button(interactive=True),
        components.restore: gr.Button(visible=False),
        components.saved: "",
        **(report_boxes(components, progress.report) if progress.fill else {}),
        components.message: html.message("" if progress.fill else wording.EDITS_KEPT, calm=True),
    }


def last_draft(session: Session, unfinished: Report) -> str:
    """The panel after a draft that failed: what was written of it, or the draft before."""
    if not unfinished.empty:
        return html.ai_draft(unfinished, note=wording.UNFINISHED)
    return shown_draft(session, session.report.shown) if session.report.shown else html.ai_draft(None)
