"""Which press on the page calls which handler, and what on the page then changes.

Only the draft goes through Gradio's queue, so that a full line for the model never keeps anybody from saving.
"""

from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import gradio as gr
from gradio.components import Component

from clinicalblip.errors import ClinicalBlipError, IdentifiableText
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.review import Verdict
from clinicalblip.web import films, handlers, identities, panels, reviews, updates, wording
from clinicalblip.web.desk import Desk
from clinicalblip.web.handlers import Progress
from clinicalblip.web.identities import Answer
from clinicalblip.web.layout import Parts
from clinicalblip.web.requests import receive_film, sentence_of, session_of
from clinicalblip.web.reviews import Judgement
from clinicalblip.web.updates import Updates
from clinicalblip.web.visits import Slot, Visit

# What every event of the page itself has: no API client may call it, no spinner covers what it changes.
_PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
_AT_ONCE: dict[str, Any] = {"queue": False, **_PRIVATE}
# Of the films, which are three: one that is still being read keeps no event of another from being heard.
_EACH: dict[str, Any] = {"trigger_mode": "multiple", **_AT_ONCE}


def join_films(desk: Desk, parts: Parts) -> None:
    """Uploads, removals, sample cases and the way back to an empty desk."""
    cleared = [parts.ai_draft, parts.use_draft, parts.restore, *parts.reports]
    outputs = [
        parts.message, parts.status, parts.viewer, parts.case, *parts.context, *parts.naming.parts, *cleared,
        *_compared_parts(parts), parts.reveal, parts.revealed, parts.overall, parts.verdict, parts.comment,
        parts.consent, *parts.kept_naming.parts, parts.saved,
    ]  # fmt: skip

    @_told(parts, lambda: {parts.viewer: updates.no_film_changed()})
    def take_film(request: gr.Request, event: gr.EventData, findings: str, impression: str) -> Updates:
        visit = desk.visits.of(session_of(request))
        slot = Slot(event._data["slot"])
        films.load_film(desk, visit, slot, receive_film(desk, event._data["path"]))
        report = updates.after_new_film(visit, Report(findings, impression), parts) if slot is Slot.FRONTAL else {}
        return {parts.viewer: updates.films_changed({slot: visit.films.get(slot)}), parts.case: None, **report}

    @_told(parts, lambda: {parts.viewer: updates.no_film_changed()})
    def remove_film(request: gr.Request, event: gr.EventData) -> Updates:
        slot = Slot(event._data["slot"])
        films.remove_film(desk.visits.of(session_of(request)), slot)
        return {parts.viewer: updates.films_changed({slot: None}), parts.case: None}

    @_told(parts)
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
            return {parts.viewer: updates.films_seen(visit), parts.message: panels.message(sentence_of(error))}
        return {parts.viewer: updates.films_seen(visit)}

    @_told(parts, lambda: {parts.viewer: updates.no_film_changed()})
    def answer(request: gr.Request, event: gr.EventData) -> Updates:
        visit = desk.visits.of(session_of(request))
        slot, film_id, answered = Slot(event._data["slot"]), str(event._data["id"]), event._data["answer"]
        match event._data["question"]:
            case "mask":
                films.mask_text(desk, visit, slot, film_id)
                return {parts.viewer: updates.films_changed({slot: visit.films.get(slot)})}
            case "leave":
                films.let_text_be(desk, visit, slot, film_id)
            case "overrule":
                films.overrule(visit, slot, film_id)
            case "view":
                films.choose_view(visit, slot, film_id, View(answered))
            case "window":
                films.choose_window(visit, slot, film_id, str(answered))
        return {parts.viewer: updates.films_seen(visit)}

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
            **updates.question(parts.naming, ()),
            **updates.empty_report(parts),
        }

    final: list[Component] = [parts.findings, parts.impression]
    seen: list[Component] = [parts.message, parts.viewer]
    parts.viewer.upload(take_film, final, outputs, **_EACH).then(look_through, None, seen, **_EACH)
    parts.viewer.delete(remove_film, None, outputs, **_EACH)
    parts.viewer.select(answer, None, seen, **_EACH).then(look_through, None, seen, **_EACH)
    parts.case.input(choose_case, [parts.case, *final], outputs, **_AT_ONCE)
    parts.new_study.click(start_again, final, outputs, **_AT_ONCE).then(
        None, final, None, js="(findings, impression) => window.clinicalblip.emptied(findings, impression)"
    )


def join_draft(desk: Desk, parts: Parts, *, concurrency_id: str) -> None:
    """Ask, wait for the model, watch it write, stop it."""

    def take_place(visit: Visit, context: ClinicalContext) -> Updates:
        """Ask for a draft; where a text may name somebody, ask about it first."""
        try:
            before = handlers.ask_for_draft(desk, visit, context)
        except IdentifiableText:
            naming = handlers.naming_in_context(desk, visit, context)
            return {
                parts.status: panels.status(wording.NOT_YET_DRAFTED),
                **updates.question(parts.naming, naming, title=wording.NAMING_BEFORE_DRAFT),
            }
        return {
            parts.asked: str(updates.next_ticket()),
            parts.status: panels.status(updates.place_in_line(before), busy=True),
            parts.line: gr.Timer(active=True),
            **updates.question(parts.naming, ()),
            **updates.draft_buttons(parts, busy=True),
        }

    @_told(parts)
    def ask(request: gr.Request, *texts: str) -> Updates:
        return take_place(desk.visits.of(session_of(request)), ClinicalContext(*texts))

    @_told(parts)
    def ask_masked(request: gr.Request, *texts: str) -> Updates:
        context = ClinicalContext(*texts)
        handlers.check_context(desk, context)
        context = identities.masked_context(context)
        try:
            return {**updates.context_boxes(parts, context), **take_place(desk.visits.of(session_of(request)), context)}
        except ClinicalBlipError as error:  # the texts are masked all the same, and what was asked about is settled
            return {
                **updates.context_boxes(parts, context),
                **updates.question(parts.naming, ()),
                parts.message: panels.message(str(error)),
            }

    @_told(parts)
    def ask_as_is(request: gr.Request, *texts: str) -> Updates:
        visit, context = desk.visits.of(session_of(request)), ClinicalContext(*texts)
        handlers.use_as_is(desk, visit, context)
        return take_place(visit, context)

    def look_at_the_line(request: gr.Request) -> Updates:
        visit = desk.visits.of(session_of(request))
        if not visit.waiting or visit.stop.is_set():
            return {parts.line: gr.Timer(active=False)}
        return {parts.status: panels.status(updates.place_in_line(desk.visits.before(visit)), busy=True)}

    def write(request: gr.Request, findings: str, impression: str) -> Iterator[Updates]:
        visit = desk.visits.of(session_of(request))
        before = Report(findings, impression)
        progress: Progress | None = None
        try:
            for progress in handlers.write_draft(desk, visit, visit.context, before):
                if progress.drafted is None:
                    first = progress.fill and not progress.words
                    yield updates.growing_draft(progress, parts) | (updates.locked_boxes(parts) if first else {})
            if progress is None:
                yield {parts.status: panels.status(wording.STOPPED_BEFORE), **updates.draft_buttons(parts, busy=False)}
            else:
                yield updates.finished_draft(progress, visit, parts) | updates.draft_buttons(parts, busy=False)
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
    asking = [parts.message, parts.status, parts.asked, parts.line, *parts.naming.parts, *buttons]
    parts.draft.click(ask, context, asking, **_AT_ONCE)
    parts.naming.mask.click(ask_masked, context, [*asking, *context], **_AT_ONCE)
    parts.naming.leave.click(ask_as_is, context, asking, **_AT_ONCE)
    parts.line.tick(look_at_the_line, None, [parts.status, parts.line], **_AT_ONCE)
    written = parts.asked.change(
        write,
        final,
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
    """Saving a review, and what is asked before its texts are kept."""

    def save(visit: Visit, judgement: Judgement, answer: Answer) -> Updates:
        try:
            said = reviews.review_shown(desk, visit, judgement, answer)
        except IdentifiableText:
            naming = reviews.naming_in_review(desk, visit.shown, judgement) if visit.shown else ()
            title = wording.NAMING_BEFORE_SAVE
            return {parts.saved: "", **updates.question(parts.kept_naming, naming, title=title)}
        return {parts.saved: panels.saved(said), **updates.question(parts.kept_naming, ())}

    @_told(parts, lambda: {parts.saved: ""})
    def save_asking(request: gr.Request, *boxes: Any) -> Updates:
        return save(desk.visits.of(session_of(request)), _judgement(*boxes), Answer.ASK)

    @_told(parts, lambda: {parts.saved: ""})
    def save_as_is(request: gr.Request, *boxes: Any) -> Updates:
        return save(desk.visits.of(session_of(request)), _judgement(*boxes), Answer.KEEP)

    @_told(parts, lambda: {parts.saved: ""})
    def save_masked(request: gr.Request, *boxes: Any) -> Updates:
        judgement = _judgement(*boxes)
        reviews.check_reports(desk, judgement.final, judgement.reference)
        masked = reviews.masked_judgement(judgement)
        return {
            **save(desk.visits.of(session_of(request)), masked, Answer.MASK),
            parts.findings: masked.final.findings,
            parts.impression: masked.final.impression,
            parts.reference_findings: masked.reference.findings,
            parts.reference_impression: masked.reference.impression,
            parts.comment: masked.comment,
        }

    inputs: list[Component] = [*parts.reports, parts.overall, parts.verdict, parts.comment, parts.consent]
    changed = [parts.message, parts.saved, *parts.kept_naming.parts]
    masked_boxes = [*changed, *parts.reports, parts.comment]
    compare, compared = _compare_all(desk, parts), [*parts.reports, parts.revealed]
    for saving in (
        parts.save.click(save_asking, inputs, changed, **_AT_ONCE),
        parts.kept_naming.leave.click(save_as_is, inputs, changed, **_AT_ONCE),
        parts.kept_naming.mask.click(save_masked, inputs, masked_boxes, **_AT_ONCE),
    ):
        saving.success(None, None, None, js="() => window.clinicalblip.saved()")
    saving.then(compare, compared, _compared_parts(parts), **_AT_ONCE)


def _judgement(
    findings: str,
    impression: str,
    reference_findings: str,
    reference_impression: str,
    overall: int | None,
    verdict: str | None,
    comment: str,
    consent: bool,
) -> Judgement:
    return Judgement(
        final=Report(findings, impression),
        overall=overall,
        verdict=Verdict(verdict) if verdict else None,
        comment=comment,
        reference=Report(reference_findings, reference_impression),
        consent=consent,
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
            reviews.check_reports(desk, final, reference)
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
