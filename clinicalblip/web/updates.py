"""What on the page changes: from a film, a report or the progress of a draft to new values of its components."""

from dataclasses import fields
from itertools import count
from typing import Any

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.web import handlers, panels, wording
from clinicalblip.web.handlers import Progress
from clinicalblip.web.layout import Parts
from clinicalblip.web.viewer import film_for_page
from clinicalblip.web.visits import Slot, Visit

Updates = dict[Component, Any]
_tickets = count(1)


def next_ticket() -> int:
    """A number that was not there before: Gradio tells only of values that changed."""
    return next(_tickets)


def films_changed(films: dict[Slot, Radiograph | None]) -> dict[str, Any]:
    """A message to the viewer: the slots that changed. The number makes every message a new one."""
    news = {slot.value: film_for_page(film) if film else None for slot, film in films.items()}
    return {"films": news, "number": next_ticket()}


def no_film_changed() -> dict[str, Any]:
    """A message that changes no film: the viewer ends its waiting."""
    return films_changed({})


def after_new_film(visit: Visit, final: Report, parts: Parts) -> Updates:
    """An empty report for another film, unless the reader has work in it that is not saved."""
    if not visit.unsaved(final):
        handlers.clear_drafts(visit)
        return empty_report(parts)
    return {parts.message: panels.message(wording.FILM_CHANGED_EDITS, calm=True)} if visit.shown else {}


def context_boxes(parts: Parts, context: ClinicalContext) -> Updates:
    """What is known, in its boxes."""
    return {box: getattr(context, part.name) for box, part in zip(parts.context, fields(context), strict=True)}


def empty_report(parts: Parts) -> Updates:
    """Everything of the last draft, its report and its review taken off the page."""
    return {
        parts.ai_draft: panels.ai_draft(None),
        parts.use_draft: gr.Button(interactive=False),
        parts.restore: gr.Button(visible=False),
        parts.findings: gr.Textbox("", interactive=True),
        parts.impression: gr.Textbox("", interactive=True),
        parts.draft_to_final: panels.nothing(wording.NOTHING_TO_COMPARE),
        parts.reveal: wording.SHOW_REFERENCE,
        parts.revealed: False,
        parts.reference_findings: gr.Textbox("", visible=False),
        parts.reference_impression: gr.Textbox("", visible=False),
        parts.final_to_reference: panels.nothing(wording.REFERENCE_HIDDEN),
        parts.overall: None,
        parts.verdict: None,
        parts.comment: "",
        parts.consent: False,
        parts.saved: "",
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
        parts.status: panels.status(said, busy=True),
        parts.ai_draft: panels.ai_draft(progress.report, note=" ", writing=True),
    }
    if progress.fill:
        updates |= {parts.findings: progress.report.findings, parts.impression: progress.report.impression}
    return updates


def finished_draft(progress: Progress, parts: Parts) -> Updates:
    """A draft at its end, to be corrected."""
    drafted = progress.drafted
    stopped = drafted is not None and drafted.draft.stopped
    said = (wording.ENDED_EARLY if stopped else wording.WRITTEN).format(words=progress.words, seconds=progress.seconds)
    return {
        parts.status: panels.status(said),
        parts.ai_draft: panels.ai_draft(progress.report, note=wording.STOPPED if stopped else ""),
        parts.use_draft: gr.Button(interactive=True),
        parts.restore: gr.Button(visible=False),
        parts.saved: "",
        **(report_boxes(parts, progress.report) if progress.fill else {}),
        parts.message: panels.message("" if progress.fill else wording.EDITS_KEPT, calm=True),
    }


def last_draft(visit: Visit, unfinished: Report) -> str:
    """The panel after a draft that failed: what was written of it, or the draft before."""
    if not unfinished.empty:
        return panels.ai_draft(unfinished, note=wording.UNFINISHED)
    return panels.ai_draft(visit.shown.draft.report if visit.shown else None)
