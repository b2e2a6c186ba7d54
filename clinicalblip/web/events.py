"""Which press on the page calls which handler, and what on the page then changes.

Only the draft goes through Gradio's queue, so that a full line for the model never keeps anybody from saving.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.web import handlers, panels, updates, wording
from clinicalblip.web.handlers import Desk, Judgement, Progress
from clinicalblip.web.layout import Parts
from clinicalblip.web.requests import receive_film, sentence_of, session_of
from clinicalblip.web.updates import Updates
from clinicalblip.web.visits import Slot

# What every event of the page itself has: no API client may call it, no spinner covers what it changes.
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_AT_ONCE: dict[str, Any] = {"queue": False, **_PRIVATE}


def join_films(desk: Desk, parts: Parts) -> None:
    """Uploads, removals, sample cases and the way back to an empty desk."""
    cleared = [parts.ai_draft, parts.use_draft, parts.restore, *parts.reports]
    outputs = [
        parts.message, parts.status, parts.viewer, parts.case, *parts.context, *cleared, *_compared_parts(parts),
        parts.reveal, parts.revealed, parts.overall, parts.verdict, parts.comment, parts.consent, parts.saved,
    ]  # fmt: skip

    @_told(parts, lambda: {parts.viewer: updates.no_film_changed()})
    def take_film(request: gr.Request, event: gr.EventData, findings: str, impression: str) -> Updates:
        visit = desk.visits.of(session_of(request))
        slot = Slot(event._data["slot"])
        film = handlers.load_film(desk, visit, slot, receive_film(desk, event._data["path"]))
        report = updates.after_new_film(visit, Report(findings, impression), parts) if slot is Slot.FRONTAL else {}
        return {parts.viewer: updates.films_changed({slot: film}), parts.case: None, **report}

    @_told(parts, lambda: {parts.viewer: updates.no_film_changed()})
    def remove_film(request: gr.Request, event: gr.EventData) -> Updates:
        slot = Slot(event._data["slot"])
        handlers.remove_film(desk.visits.of(session_of(request)), slot)
        return {parts.viewer: updates.films_changed({slot: None}), parts.case: None}

    @_told(parts)
    def choose_case(request: gr.Request, case_id: str | None, findings: str, impression: str) -> Updates:
        if case_id is None:
            return {}
        visit = desk.visits.of(session_of(request))
        case, films = handlers.load_case(desk, visit, case_id)
        report = updates.after_new_film(visit, Report(findings, impression), parts)
        if visit.shown is None:
            report |= {parts.reference_findings: case.reference.findings}
            report |= {parts.reference_impression: case.reference.impression}
        return {
            parts.viewer: updates.films_changed({slot: films.get(slot) for slot in Slot}),
            **report,
            **updates.context_boxes(parts, case.context),
        }

    @_told(parts)
    def start_again(request: gr.Request, findings: str, impression: str) -> Updates:
        visit = desk.visits.of(session_of(request))
        if not handlers.start_again(visit, Report(findings, impression)):
            return {parts.message: panels.message(wording.UNSAVED)}
        return {
            parts.viewer: updates.films_changed(dict.fromkeys(Slot)),
            parts.case: None,
            parts.status: panels.status(wording.CLEARED),
            **updates.context_boxes(parts, ClinicalContext()),
            **updates.empty_report(parts),
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
            parts.asked: str(updates.next_ticket()),
            parts.status: panels.status(updates.place_in_line(before), busy=True),
            parts.line: gr.Timer(active=True),
            **updates.draft_buttons(parts, busy=True),
        }

    def look_at_the_line(request: gr.Request) -> Updates:
        visit = desk.visits.of(session_of(request))
        if not visit.waiting or visit.stop.is_set():
            return {parts.line: gr.Timer(active=False)}
        return {parts.status: panels.status(updates.place_in_line(desk.visits.before(visit)), busy=True)}

    def write(request: gr.Request, findings: str, impression: str, *texts: str) -> Iterator[Updates]:
        visit = desk.visits.of(session_of(request))
        before = Report(findings, impression)
        progress: Progress | None = None
        try:
            for progress in handlers.write_draft(desk, visit, ClinicalContext(*texts), before):
                if progress.drafted is None:
                    first = progress.fill and not progress.words
                    yield updates.growing_draft(progress, parts) | (updates.locked_boxes(parts) if first else {})
            if progress is None:
                yield {parts.status: panels.status(wording.STOPPED_BEFORE), **updates.draft_buttons(parts, busy=False)}
            else:
                yield updates.finished_draft(progress, parts) | updates.draft_buttons(parts, busy=False)
        except Exception as error:
            yield {
                parts.message: panels.message(sentence_of(error)),
                parts.status: panels.status(wording.NOT_DRAFTED),
                parts.ai_draft: updates.last_draft(visit, progress.report if progress else Report()),
                **(updates.report_boxes(parts, before) if progress and progress.fill else {}),
                **updates.draft_buttons(parts, busy=False),
            }

    def stop(request: gr.Request) -> Updates:
        handlers.stop_draft(desk.visits.of(session_of(request)))
        return {parts.status: panels.status(wording.STOPPING, busy=True), parts.stop: gr.Button(interactive=False)}

    def lost(request: gr.Request) -> Updates:
        handlers.give_up(desk.visits.of(session_of(request)))
        return {
            parts.message: panels.message(wording.CONNECTION),
            parts.status: panels.status(wording.NOT_DRAFTED),
            **updates.draft_buttons(parts, busy=False),
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
        return {**updates.report_boxes(parts, report), parts.restore: gr.Button(visible=undo), **said}

    @_told(parts)
    def restore(request: gr.Request) -> Updates:
        report = handlers.restore_text(desk.visits.of(session_of(request)))
        if report is None:
            return {parts.restore: gr.Button(visible=False)}
        said: Updates = {parts.message: panels.message(wording.RESTORED, calm=True)}
        return {**updates.report_boxes(parts, report), parts.restore: gr.Button(visible=False), **said}

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
