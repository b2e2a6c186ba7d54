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
from clinicalblip.web.handlers import Progress
from clinicalblip.web.session import Drafted, Held, Slot, Visit
from clinicalblip.web.view import html
from clinicalblip.web.view.layout import Parts, Question
from clinicalblip.web.view.viewer import film_for_page

Updates = dict[Component, Any]
_tickets = count(1)


def next_ticket() -> int:
    """A number that was not there before: Gradio tells only of values that changed."""
    return next(_tickets)


def films_changed(films: dict[Slot, Held | None], *, values: bool = True) -> dict[str, Any]:
    """A message to the viewer: the slots that changed, without `values` all but their pixels. The number makes every
    message a new one."""
    news = {slot.value: film_for_page(held, values=values) if held else None for slot, held in films.items()}
    return {"films": news, "number": next_ticket()}


def films_seen(visit: Visit) -> dict[str, Any]:
    """A message to the viewer: what was seen in the films and answered about them, whose pixels it has."""
    return films_changed(dict(visit.films), values=False)


def question(asked: Question, found: Sequence[PhiMatch], *, title: str = "") -> Updates:
    """What may name somebody with its two answers, or neither where nothing does."""
    return {
        asked.shown: html.naming(found, title=title),
        asked.mask: gr.Button(visible=bool(found)),
        asked.leave: gr.Button(visible=bool(found)),
    }


def no_film_changed() -> dict[str, Any]:
    """A message that changes no film: the viewer ends its waiting."""
    return films_changed({})


def after_new_film(visit: Visit, final: Report, parts: Parts) -> Updates:
    """An empty report for another film, unless the reader has work in it that is not saved."""
    if not visit.unsaved(final):
        handlers.clear_drafts(visit)
        return empty_report(parts)
    return {parts.message: html.message(wording.FILM_CHANGED_EDITS, calm=True)} if visit.shown else {}


def context_boxes(parts: Parts, context: ClinicalContext) -> Updates:
    """What is known, in its boxes."""
    return {box: getattr(context, part.name) for box, part in zip(parts.context, fields(context), strict=True)}


def empty_report(parts: Parts) -> Updates:
    """Everything of the last draft, its report and its review taken off the page."""
    return {
        parts.ai_draft: html.ai_draft(None),
        parts.use_draft: gr.Button(interactive=False),
        parts.restore: gr.Button(visible=False),
        parts.findings: gr.Textbox("", interactive=True),
        parts.impression: gr.Textbox("", interactive=True),
        parts.draft_to_final: html.nothing(wording.NOTHING_TO_COMPARE),
        parts.reveal: wording.SHOW_REFERENCE,
        parts.revealed: False,
        parts.reference_findings: gr.Textbox("", visible=False),
        parts.reference_impression: gr.Textbox("", visible=False),
        parts.final_to_reference: html.nothing(wording.REFERENCE_HIDDEN),
        parts.overall: None,
        parts.verdict: None,
        parts.comment: "",
        parts.consent: False,
        parts.saved: "",
        **question(parts.kept_naming, ()),
    }


def report_boxes(parts: Parts, report: Report) -> Updates:
    """A report in the reader's boxes, which can be edited."""
    return {
        parts.findings: gr.Textbox(report.findings, interactive=True),
        parts.impression: gr.Textbox(report.impression, interactive=True),
    }


def place_in_line(before: int) -> str:
    """The sentence that says how many readers are before this one."""
    if before == 0:
        return wording.NEXT
    readers = wording.BEFORE_ONE if before == 1 else wording.BEFORE_MANY.format(count=before)
    return wording.WAITING.format(before=readers)


def draft_buttons(parts: Parts, *, busy: bool) -> Updates:
    """Draft or Stop, whichever makes sense now."""
    # Made while an event is answered: a component made while the page is built would stand on the page.
    return {parts.draft: gr.Button(interactive=not busy), parts.stop: gr.Button(interactive=busy)}


def locked_boxes(parts: Parts) -> Updates:
    """The reader's boxes while a draft is written into them."""
    return {parts.findings: gr.Textbox("", interactive=False), parts.impression: gr.Textbox("", interactive=False)}


def growing_draft(progress: Progress, parts: Parts) -> Updates:
    """A draft as far as it is written."""
    words = progress.words
    said = wording.WRITING.format(words=words, seconds=progress.seconds) if words else wording.LOOKING
    updates: Updates = {
        parts.status: html.status(said, busy=True),
        parts.ai_draft: html.ai_draft(progress.report, note=" ", writing=True),
    }
    if progress.fill:
        updates |= {parts.findings: progress.report.findings, parts.impression: progress.report.impression}
    return updates


def shown_draft(visit: Visit, drafted: Drafted) -> str:
    """The panel of a finished draft. What the films warn of by themselves is said under the films."""
    said = {warning for film in visit.radiographs() for warning in film.warnings}
    warnings = [warning for warning in drafted.draft.warnings if warning not in said]
    note = wording.STOPPED if drafted.draft.stopped else ""
    return html.ai_draft(drafted.draft.report, note=note, warnings=warnings)


def ending(progress: Progress) -> str:
    """What is said at the end of a draft."""
    stopped = progress.drafted is not None and progress.drafted.draft.stopped
    said = wording.ENDED_EARLY if stopped else wording.WRITTEN
    return said.format(words=progress.words, seconds=progress.seconds)


def finished_draft(progress: Progress, visit: Visit, parts: Parts) -> Updates:
    """A draft at its end, to be corrected."""
    drafted = progress.drafted
    return {
        parts.status: html.status(ending(progress)),
        parts.ai_draft: shown_draft(visit, drafted) if drafted else html.ai_draft(progress.report),
        parts.use_draft: gr.Button(interactive=True),
        parts.restore: gr.Button(visible=False),
        parts.saved: "",
        **(report_boxes(parts, progress.report) if progress.fill else {}),
        parts.message: html.message("" if progress.fill else wording.EDITS_KEPT, calm=True),
    }


def last_draft(visit: Visit, unfinished: Report) -> str:
    """The panel after a draft that failed: what was written of it, or the draft before."""
    if not unfinished.empty:
        return html.ai_draft(unfinished, note=wording.UNFINISHED)
    return shown_draft(visit, visit.shown) if visit.shown else html.ai_draft(None)
