"""New values of the page's components, made of films, a report or the progress of a draft."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import count
from types import MappingProxyType
from typing import Any

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.sentence_review import SentenceReview
from clinicalblip.screening.phi import PhiMatch
from clinicalblip.web import wording
from clinicalblip.web.drafts import FinishedDraft
from clinicalblip.web.handlers import WRITING, DraftProgress
from clinicalblip.web.session import LoadedFilm, Session, StudyChange
from clinicalblip.web.view import html
from clinicalblip.web.view.components import Components, PhiQuestion
from clinicalblip.web.view.viewer import film_for_page, unplaced_for_page

Updates = dict[Component, Any]
_numbers = count(1)


def next_number() -> int:
    """A number that was not there before: Gradio sends an event only for a value that changed."""
    return next(_numbers)


def films_changed(films: dict[FilmRole, LoadedFilm | None], *, arrived: bool = True) -> dict[str, Any]:
    """A message to the viewer: the films that changed, None for one that was removed.

    Without `arrived` the films are those that it has, and something else is known of them. The number makes every
    message a new one.
    """
    changed = {role.value: film_for_page(loaded, arrived=arrived) if loaded else None for role, loaded in films.items()}
    return {"films": changed, "number": next_number()}


def session_films(session: Session, roles: Iterable[FilmRole] = FilmRole, *, arrived: bool = True) -> dict[str, Any]:
    """A message to the viewer: the films in these roles, and those of which the reader is asked which they are."""
    with session.lock:  # so that a message with a higher number never knows less
        films, unplaced = {role: session.films.get(role) for role in roles}, session.unplaced.values()
        asked = [unplaced_for_page(film, session.films) for film in unplaced]
        return films_changed(films, arrived=arrived) | {"unplaced": asked}


def films_screened(session: Session) -> dict[str, Any]:
    """A message to the viewer: what was found in the films and answered about them."""
    return session_films(session, list(session.films), arrived=False)


def no_film_changed() -> dict[str, Any]:
    """A message that changes no film: the viewer stops waiting for one."""
    return films_changed({})


def phi_question(question: PhiQuestion, matches: Sequence[PhiMatch], *, title: str = "") -> Updates:
    """What may identify a person with its two answers, or neither where nothing does."""
    return {
        question.matches: html.phi_panel(matches, title=title),
        question.mask: gr.Button(visible=bool(matches)),
        question.as_is: gr.Button(visible=bool(matches)),
    }


def study_changed(session: Session, change: StudyChange, components: Components) -> Updates:
    """What the page shows of films that changed: which they are, and what became of draft and report."""
    updates: Updates = {components.films.mark: session.films_mark}
    if change.emptied:
        updates |= empty_report(components)
    elif change.dropped:
        updates |= no_draft(components)
    if change.filling:
        # Whoever writes into the boxes has locked them and unlocks them, which may reach the page before this does.
        updates |= {components.report.findings: "", components.report.impression: ""}
        for locked in (components.ai_draft.draft_id, components.ai_draft.use):
            updates.pop(locked, None)
    if change.dropped:
        updates[components.message] = html.message(change.dropped, calm=True)
        updates[components.context.status] = html.status(wording.NOT_DRAFTED)
        updates |= draft_buttons(components, busy=False)
    return updates


def new_study(session: Session, change: StudyChange, components: Components) -> Updates:
    """The page emptied for another study, but for its films and the work list."""
    return {
        components.context.status: html.status(wording.CLEARED),
        **study_changed(session, change, components),
        **context_boxes(components, ClinicalContext()),
        **phi_question(components.context.phi_question, ()),
    }


def context_boxes(components: Components, context: ClinicalContext) -> Updates:
    """A clinical context in its boxes."""
    return {
        box: getattr(context, part.name) for box, part in zip(components.context.boxes, fields(context), strict=True)
    }


def empty_report(components: Components) -> Updates:
    """Take the last draft, its report and its review off the page."""
    return {
        **no_draft(components),
        components.report.findings: gr.Textbox("", interactive=True),
        components.report.impression: gr.Textbox("", interactive=True),
        components.differences.draft_to_final: html.nothing(wording.NOTHING_TO_COMPARE),
        components.reference.reveal: wording.SHOW_REFERENCE,
        components.reference.revealed: False,
        components.reference.findings: gr.Textbox("", visible=False),
        components.reference.impression: gr.Textbox("", visible=False),
        components.differences.final_to_reference: html.nothing(wording.REFERENCE_HIDDEN),
        components.review.overall: None,
        components.review.comment: "",
        components.review.consent: False,
        components.review.reading_consent: False,
        components.review.would_sign: None,
        components.review.correction: "",
        components.review.verdict: gr.Radio(value=None, label=wording.VERDICT),
        components.report.remarks: "",
        components.review.saved: "",
        **dict.fromkeys(components.review.questions),
        **phi_question(components.review.phi_question, ()),
    }


def no_draft(components: Components) -> Updates:
    """The panel of the AI draft without one."""
    return {
        components.ai_draft.text: html.ai_draft(None),
        components.ai_draft.draft_id: "",
        components.ai_draft.use: gr.Button(interactive=False),
        components.ai_draft.restore: gr.Button(visible=False),
    }


def report_boxes(components: Components, report: Report) -> Updates:
    """A report in the reader's boxes, which can be edited."""
    return {
        components.report.findings: gr.Textbox(report.findings, interactive=True),
        components.report.impression: gr.Textbox(report.impression, interactive=True),
    }


def place_in_line(ahead: int, together: int) -> str:
    """The sentence that says how many readers are ahead of this one, of whom the model writes for some together."""
    if ahead == 0:
        return wording.NEXT
    readers = wording.AHEAD_ONE if ahead == 1 else wording.AHEAD_MANY.format(count=ahead)
    return wording.WAITING.format(readers=readers, together=together)


def draft_buttons(components: Components, *, busy: bool) -> Updates:
    """Enable Draft, or while one is busy Stop."""
    # Made while an event is answered: a component made while the page is built would stand on the page.
    return {
        components.context.draft: gr.Button(interactive=not busy),
        components.context.stop: gr.Button(interactive=busy),
    }


def locked_boxes(components: Components, written: Report) -> Updates:
    """The reader's boxes while a draft is written into them, of which none can be reviewed then."""
    return {
        components.ai_draft.draft_id: WRITING,
        components.ai_draft.use: gr.Button(interactive=False),
        components.report.findings: gr.Textbox(written.findings, interactive=False),
        components.report.impression: gr.Textbox(written.impression, interactive=False),
    }


def growing_draft(progress: DraftProgress, components: Components) -> Updates:
    """A draft as far as it is written."""
    words = progress.words
    said = wording.WRITING.format(words=words, seconds=progress.seconds) if words else wording.LOOKING
    updates: Updates = {
        components.context.status: html.status(said, busy=True),
        components.ai_draft.text: html.ai_draft(progress.report, note=" ", writing=True),
    }
    if progress.fill:
        updates |= {
            components.report.findings: progress.report.findings,
            components.report.impression: progress.report.impression,
        }
    return updates


def shown_draft(
    finished: FinishedDraft,
    sentences: Sequence[SentenceReview] = (),
    *,
    marks: Mapping[str, str] = MappingProxyType({}),
    below: str = "",
    note: str | None = None,
) -> str:
    """The panel of a finished draft, without the warnings that stand under the films already.

    `sentences` say what became of each of the draft's; `marks` is markup behind some of them, by their keys, `below`
    markup under the draft; `note` stands beside the heading in the place of what the draft itself says.
    """
    warnings = [warning for warning in finished.draft.warnings if warning not in finished.film_warnings]
    if note is None:
        note = wording.STOPPED if finished.draft.stopped else ""
    report = finished.draft.report
    return html.ai_draft(report, note=note, warnings=warnings, sentences=sentences, marks=marks, below=below)


def outcome(progress: DraftProgress) -> str:
    """The sentence about the end of a draft."""
    stopped = progress.finished is not None and progress.finished.draft.stopped
    said = wording.ENDED_EARLY if stopped else wording.WRITTEN
    return said.format(words=progress.words, seconds=progress.seconds)


def finished_draft(progress: DraftProgress, finished: FinishedDraft, components: Components) -> Updates:
    """A draft at its end, to be corrected."""
    return {
        components.context.status: html.status(outcome(progress)),
        components.ai_draft.text: shown_draft(finished),
        components.ai_draft.draft_id: finished.id,
        components.ai_draft.use: gr.Button(interactive=True),
        components.ai_draft.restore: gr.Button(visible=False),
        components.review.saved: "",
        **(report_boxes(components, progress.report) if progress.fill else {}),
        components.message: html.message("" if progress.fill else wording.EDITS_KEPT, calm=True),
    }


def draft_ahead(finished: FinishedDraft | None, components: Components) -> Updates:
    """A draft that was written before its study was opened, to be corrected; nothing where there is none."""
    if finished is None:
        return {}
    report = finished.draft.report
    words = len(report.findings.split()) + len(report.impression.split())
    return {
        components.context.status: html.status(wording.DRAFTED_AHEAD.format(words=words)),
        components.ai_draft.text: shown_draft(finished),
        components.ai_draft.draft_id: finished.id,
        components.ai_draft.use: gr.Button(interactive=True),
        **report_boxes(components, report),
    }


def failed_draft(session: Session, progress: DraftProgress | None, before: Report, components: Components) -> Updates:
    """The page after a draft that failed: what was written of it, or the draft before, and the reader's own report."""
    shown, unfinished = session.report.shown, progress.report if progress else Report()
    panel = html.ai_draft(unfinished, note=wording.UNFINISHED)
    if unfinished.empty:
        panel = shown_draft(shown) if shown else html.ai_draft(None)
    return {
        components.context.status: html.status(wording.NOT_DRAFTED),
        components.ai_draft.text: panel,
        components.ai_draft.draft_id: shown.id if shown else "",
        components.ai_draft.use: gr.Button(interactive=shown is not None),
        **(report_boxes(components, before) if progress and progress.fill else {}),
    }


def dropped_draft(components: Components, *, fill: bool) -> Updates:
    """The page once a draft has ended that was of other films than those shown."""
    return {
        components.context.status: html.status(wording.NOT_DRAFTED),
        **no_draft(components),
        **(report_boxes(components, Report()) if fill else {}),
    }
