"""Which press on the page calls which handler, and what on the page then changes.

Only the draft goes through Gradio's queue, so that a full line for the model never keeps anybody from saving.
"""

from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import wraps
from itertools import count
from typing import Any

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.web import handlers, panels, wording
from clinicalblip.web.handlers import Desk, Judgement, Progress
from clinicalblip.web.layout import Parts
from clinicalblip.web.requests import receive_film, sentence_of, session_of
from clinicalblip.web.viewer import film_for_page
from clinicalblip.web.visits import Slot, Visit

Updates = dict[Component, Any]
# What every event of the page itself has: no API client may call it, no spinner covers what it changes.
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_AT_ONCE: dict[str, Any] = {"queue": False, **_PRIVATE}
_tickets = count(1)


def join_films(desk: Desk, parts: Parts) -> None:
    """Uploads, removals, sample cases and the way back to an empty desk."""
    cleared = [parts.ai_draft, parts.use_draft, parts.restore, *parts.reports]
    outputs = [
        parts.message, parts.status, parts.viewer, parts.case, *parts.context, *cleared, *_compared_parts(parts),
        parts.reveal, parts.revealed, parts.overall, parts.verdict, parts.comment, parts.consent, parts.saved,
    ]  # fmt: skip

    @_told(parts, lambda: {parts.viewer: _no_news()})
    def take_film(request: gr.Request, event: gr.EventData, findings: str, impression: str) -> Updates:
        visit = desk.visits.of(session_of(request))
        slot = Slot(event._data["slot"])
        film = handlers.load_film(desk, visit, slot, receive_film(desk, event._data["path"]))
        updates = _after_new_film(visit, Report(findings, impression), parts) if slot is Slot.FRONTAL else {}
        return {parts.viewer: _films({slot: film}), parts.case: None, **updates}

    @_told(parts, lambda: {parts.viewer: _no_news()})
    def remove_film(request: gr.Request, event: gr.EventData) -> Updates:
        slot = Slot(event._data["slot"])
        handlers.remove_film(desk.visits.of(session_of(request)), slot)
        return {parts.viewer: _films({slot: None}), parts.case: None}

    @_told(parts)
    def choose_case(request: gr.Request, case_id: str | None, findings: str, impression: str) -> Updates:
        if case_id is None:
            return {}
        visit = desk.visits.of(session_of(request))
        case, films = handlers.load_case(desk, visit, case_id)
        updates = _after_new_film(visit, Report(findings, impression), parts)
        if visit.shown is None:
            updates |= {parts.reference_findings: case.reference.findings}
            updates |= {parts.reference_impression: case.reference.impression}
        return {
            parts.viewer: _films({slot: films.get(slot) for slot in Slot}),
            **updates,
            **_context_of(parts, case.context),
        }

    @_told(parts)
    def start_again(request: gr.Request, findings: str, impression: str) -> Updates:
        visit = desk.visits.of(session_of(request))
        if not handlers.start_again(visit, Report(findings, impression)):
            return {parts.message: panels.message(wording.UNSAVED)}
        return {
            parts.viewer: _films(dict.fromkeys(Slot)),
            parts.case: None,
            parts.status: panels.status(wording.CLEARED),
            **_context_of(parts, ClinicalContext()),
            **_empty_report(parts),
        }

    final: list[Component] = [parts.findings, parts.impression]
    parts.viewer.upload(take_film, final, outputs, **_AT_ONCE)
    parts.viewer.delete(remove_film, None, outputs, **_AT_ONCE)
    parts.case.input(choose_case, [parts.case, *final], outputs, **_AT_ONCE)
    parts.new_study.click(start_again, final, outputs, **_AT_ONCE).then(
        None, final, None, js="(findings, impression) => window.clinicalblip.emptied(findings, impression)"
    )


def join_draft(desk: Desk, parts: Parts, *, concurrency_id: str) -> None:
    """Ask, wait for the model, watch it write, stop it."""

    @_told(parts)
    def ask(request: gr.Request, *texts: str) -> Updates:
        visit = desk.visits.of(session_of(request))
        before = handlers.ask_for_draft(desk, visit, ClinicalContext(*texts))
        return {
            parts.asked: str(next(_tickets)),
            parts.status: panels.status(_place(before), busy=True),
            parts.line: gr.Timer(active=True),
            **_buttons(parts, busy=True),
        }

    def look_at_the_line(request: gr.Request) -> Updates:
        visit = desk.visits.of(session_of(request))
        if not visit.waiting or visit.stop.is_set():
            return {parts.line: gr.Timer(active=False)}
        return {parts.status: panels.status(_place(desk.visits.before(visit)), busy=True)}

    def write(request: gr.Request, findings: str, impression: str, *texts: str) -> Iterator[Updates]:
        visit = desk.visits.of(session_of(request))
        before = Report(findings, impression)
        progress: Progress | None = None
        try:
            for progress in handlers.write_draft(desk, visit, ClinicalContext(*texts), before):
                if progress.drafted is None:
                    first = progress.fill and not progress.words
                    yield _growing(progress, parts) | (_locked(parts) if first else {})
            if progress is None:
                yield {parts.status: panels.status(wording.STOPPED_BEFORE), **_buttons(parts, busy=False)}
            else:
                yield _finished(progress, parts) | _buttons(parts, busy=False)
        except Exception as error:
            yield {
                parts.message: panels.message(sentence_of(error)),
                parts.status: panels.status(wording.NOT_DRAFTED),
                parts.ai_draft: _last_draft(visit, progress.report if progress else Report()),
                **(_in_boxes(parts, before) if progress and progress.fill else {}),
                **_buttons(parts, busy=False),
            }

    def stop(request: gr.Request) -> Updates:
        handlers.stop_draft(desk.visits.of(session_of(request)))
        return {parts.status: panels.status(wording.STOPPING, busy=True), parts.stop: gr.Button(interactive=False)}

    def lost(request: gr.Request) -> Updates:
        handlers.give_up(desk.visits.of(session_of(request)))
        return {
            parts.message: panels.message(wording.CONNECTION),
            parts.status: panels.status(wording.NOT_DRAFTED),
            **_buttons(parts, busy=False),
        }

    context = list(parts.context)
    final: list[Component] = [parts.findings, parts.impression]
    buttons = [parts.draft, parts.stop]
    parts.draft.click(ask, context, [parts.message, parts.status, parts.asked, parts.line, *buttons], **_AT_ONCE)
    parts.line.tick(look_at_the_line, None, [parts.status, parts.line], **_AT_ONCE)
    written = parts.asked.change(
        write,
        [*final, *context],
        [parts.message, parts.status, parts.ai_draft, parts.use_draft, parts.restore, parts.saved, *final, *buttons],
        concurrency_limit=1,
        concurrency_id=concurrency_id,
        trigger_mode="once",
        **_PRIVATE,
    )
    written.then(_compare_all(desk, parts), [*parts.reports, parts.revealed], _compared_parts(parts), **_AT_ONCE)
    written.failure(lost, None, [parts.message, parts.status, *buttons], **_AT_ONCE)
    parts.stop.click(stop, None, [parts.status, parts.stop], **_AT_ONCE)


def join_report(desk: Desk, parts: Parts) -> None:
    """Editing: differences as the reader types, the draft into the boxes and back, copying, the reference."""
    final: list[Component] = [parts.findings, parts.impression]
    compare, inputs, compared = _compare_all(desk, parts), [*parts.reports, parts.revealed], _compared_parts(parts)
    for box in parts.reports:
        box.input(compare, inputs, compared, trigger_mode="always_last", **_AT_ONCE)  # type: ignore[attr-defined]

    @_told(parts)
    def use_draft(request: gr.Request, findings: str, impression: str) -> Updates:
        visit = desk.visits.of(session_of(request))
        report = handlers.use_draft(visit, Report(findings, impression))
        undo = visit.set_aside is not None
        said: Updates = {parts.message: panels.message(wording.REPLACED, calm=True)} if undo else {}
        return {**_in_boxes(parts, report), parts.restore: gr.Button(visible=undo), **said}

    @_told(parts)
    def restore(request: gr.Request) -> Updates:
        report = handlers.restore_text(desk.visits.of(session_of(request)))
        if report is None:
            return {parts.restore: gr.Button(visible=False)}
        said: Updates = {parts.message: panels.message(wording.RESTORED, calm=True)}
        return {**_in_boxes(parts, report), parts.restore: gr.Button(visible=False), **said}

    def reveal(revealed: bool) -> Updates:
        return {
            parts.revealed: not revealed,
            parts.reveal: wording.SHOW_REFERENCE if revealed else wording.HIDE_REFERENCE,
            parts.reference_findings: gr.Textbox(visible=not revealed),
            parts.reference_impression: gr.Textbox(visible=not revealed),
        }

    changed = [parts.message, parts.restore, *final]
    parts.use_draft.click(use_draft, final, changed, **_AT_ONCE).then(compare, inputs, compared, **_AT_ONCE)
    parts.restore.click(restore, None, changed, **_AT_ONCE).then(compare, inputs, compared, **_AT_ONCE)
    shown: list[Component] = [parts.revealed, parts.reveal, parts.reference_findings, parts.reference_impression]
    parts.reveal.click(reveal, parts.revealed, shown, **_AT_ONCE).then(compare, inputs, compared, **_AT_ONCE)
    parts.copy.click(None, final, None, js="(findings, impression) => window.clinicalblip.copy(findings, impression)")


def join_review(desk: Desk, parts: Parts) -> None:
    """Saving a review."""

    @_told(parts, lambda: {parts.saved: ""})
    def save(
        request: gr.Request,
        findings: str,
        impression: str,
        reference_findings: str,
        reference_impression: str,
        overall: int | None,
        verdict: str | None,
        comment: str,
        consent: bool,
    ) -> Updates:
        visit = desk.visits.of(session_of(request))
        final = Report(findings, impression)
        judgement = Judgement(
            final=final,
            overall=overall,
            verdict=Verdict(verdict) if verdict else None,
            comment=comment,
            reference=Report(reference_findings, reference_impression),
            consent=consent,
        )
        return {parts.saved: panels.saved(handlers.review_shown(desk, visit, judgement))}

    inputs: list[Component] = [*parts.reports, parts.overall, parts.verdict, parts.comment, parts.consent]
    parts.save.click(save, inputs, [parts.message, parts.saved], **_AT_ONCE).success(
        None, None, None, js="() => window.clinicalblip.saved()"
    )


def _told(
    parts: Parts, failed: Callable[[], Updates] = dict
) -> Callable[[Callable[..., Updates]], Callable[..., Updates]]:
    """Clear the last message, and turn an error into one; `failed` says what else then changes."""

    def decorate(handler: Callable[..., Updates]) -> Callable[..., Updates]:
        @wraps(handler)
        def handle(*arguments: Any) -> Updates:
            try:
                return {parts.message: panels.message(""), **handler(*arguments)}
            except Exception as error:
                return {parts.message: panels.message(sentence_of(error)), **failed()}

        return handle

    return decorate


def _compared_parts(parts: Parts) -> list[Component]:
    return [parts.draft_to_final, parts.final_to_reference]


def _compare_all(desk: Desk, parts: Parts) -> Callable[..., Updates]:
    def compare(
        request: gr.Request,
        findings: str,
        impression: str,
        reference_findings: str,
        reference_impression: str,
        revealed: bool,
    ) -> Updates:
        shown = desk.visits.of(session_of(request)).shown
        final, reference = Report(findings, impression), Report(reference_findings, reference_impression)
        try:
            handlers.check_reports(desk, final, reference)
            between = (
                panels.differences(shown.draft.report if shown else Report(), final, absent=wording.NOTHING_TO_COMPARE),
                panels.differences(final, reference, absent=wording.NO_REFERENCE)
                if revealed
                else panels.nothing(wording.REFERENCE_HIDDEN),
            )
        except Exception as error:
            between = (panels.nothing(sentence_of(error)), panels.nothing(""))
        return dict(zip(_compared_parts(parts), between, strict=True))

    return compare


def _films(films: dict[Slot, Radiograph | None]) -> dict[str, Any]:
    """A message to the viewer: the slots that changed. The number makes every message a new one."""
    news = {slot.value: film_for_page(film) if film else None for slot, film in films.items()}
    return {"films": news, "number": next(_tickets)}


def _no_news() -> dict[str, Any]:
    return _films({})


def _after_new_film(visit: Visit, final: Report, parts: Parts) -> Updates:
    if not visit.unsaved(final):
        handlers.clear_drafts(visit)
        return _empty_report(parts)
    return {parts.message: panels.message(wording.FILM_CHANGED_EDITS, calm=True)} if visit.shown else {}


def _context_of(parts: Parts, context: ClinicalContext) -> Updates:
    return {box: getattr(context, part.name) for box, part in zip(parts.context, fields(context), strict=True)}


def _empty_report(parts: Parts) -> Updates:
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


def _in_boxes(parts: Parts, report: Report) -> Updates:
    return {
        parts.findings: gr.Textbox(report.findings, interactive=True),
        parts.impression: gr.Textbox(report.impression, interactive=True),
    }


def _place(before: int) -> str:
    if before == 0:
        return wording.NEXT
    readers = wording.BEFORE_ONE if before == 1 else wording.BEFORE_MANY.format(count=before)
    return wording.WAITING.format(before=readers)


def _buttons(parts: Parts, *, busy: bool) -> Updates:
    # Made while an event is answered: a component made while the page is built would stand on the page.
    return {parts.draft: gr.Button(interactive=not busy), parts.stop: gr.Button(interactive=busy)}


def _locked(parts: Parts) -> Updates:
    return {parts.findings: gr.Textbox("", interactive=False), parts.impression: gr.Textbox("", interactive=False)}


def _growing(progress: Progress, parts: Parts) -> Updates:
    words = progress.words
    said = wording.WRITING.format(words=words, seconds=progress.seconds) if words else wording.LOOKING
    updates: Updates = {
        parts.status: panels.status(said, busy=True),
        parts.ai_draft: panels.ai_draft(progress.report, note=" ", writing=True),
    }
    if progress.fill:
        updates |= {parts.findings: progress.report.findings, parts.impression: progress.report.impression}
    return updates


def _finished(progress: Progress, parts: Parts) -> Updates:
    drafted = progress.drafted
    stopped = drafted is not None and drafted.draft.stopped
    said = (wording.ENDED_EARLY if stopped else wording.WRITTEN).format(words=progress.words, seconds=progress.seconds)
    return {
        parts.status: panels.status(said),
        parts.ai_draft: panels.ai_draft(progress.report, note=wording.STOPPED if stopped else ""),
        parts.use_draft: gr.Button(interactive=True),
        parts.restore: gr.Button(visible=False),
        parts.saved: "",
        **(_in_boxes(parts, progress.report) if progress.fill else {}),
        parts.message: panels.message("" if progress.fill else wording.EDITS_KEPT, calm=True),
    }


def _last_draft(visit: Visit, unfinished: Report) -> str:
    if not unfinished.empty:
        return panels.ai_draft(unfinished, note=wording.UNFINISHED)
    return panels.ai_draft(visit.shown.draft.report if visit.shown else None)
