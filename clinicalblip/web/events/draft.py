"""Which press at the draft and the report calls which handler, and what on the page then changes.

Only the draft goes through Gradio's queue, so that a full line for the model never keeps anybody from saving.
"""

from collections.abc import Iterator

import gradio as gr
from gradio.components import Component

from clinicalblip.errors import ClinicalBlipError, IdentifiableText
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.screening import phi
from clinicalblip.web import handlers, wording
from clinicalblip.web.app_context import Desk
from clinicalblip.web.events.error_boundary import AT_ONCE, PRIVATE, bring_question, compare_all, compared_parts, told
from clinicalblip.web.handlers import Progress
from clinicalblip.web.request_info import sentence_of, session_of
from clinicalblip.web.session import Visit
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.layout import Parts
from clinicalblip.web.view.updates import Updates


def join_draft(desk: Desk, parts: Parts, *, concurrency_id: str) -> None:
    """Ask, wait for the model, watch it write, stop it."""

    def take_place(visit: Visit, context: ClinicalContext) -> Updates:
        """Ask for a draft; where a text may name somebody, ask about it first."""
        try:
            before = handlers.ask_for_draft(desk, visit, context)
        except IdentifiableText as error:
            naming = handlers.naming_in_context(desk, visit, context)
            return {
                parts.message: html.message(str(error)),
                parts.status: html.status(wording.NOT_YET_DRAFTED),
                **updates.question(parts.naming, naming, title=wording.NAMING_BEFORE_DRAFT),
            }
        return {
            parts.asked: str(updates.next_ticket()),
            parts.status: html.status(updates.place_in_line(before), busy=True),
            parts.line: gr.Timer(active=True),
            **updates.question(parts.naming, ()),
            **updates.draft_buttons(parts, busy=True),
        }

    @told(parts)
    def ask(request: gr.Request, *texts: str) -> Updates:
        return take_place(desk.visits.of(session_of(request)), ClinicalContext(*texts))

    @told(parts)
    def ask_masked(request: gr.Request, *texts: str) -> Updates:
        context = ClinicalContext(*texts)
        handlers.check_context(desk, context)
        context = phi.mask_context(context)
        try:
            return {**updates.context_boxes(parts, context), **take_place(desk.visits.of(session_of(request)), context)}
        except ClinicalBlipError as error:  # the texts are masked all the same, and what was asked about is settled
            return {
                **updates.context_boxes(parts, context),
                **updates.question(parts.naming, ()),
                parts.message: html.message(str(error)),
            }

    @told(parts)
    def ask_as_is(request: gr.Request, *texts: str) -> Updates:
        visit, context = desk.visits.of(session_of(request)), ClinicalContext(*texts)
        handlers.use_as_is(desk, visit, context)
        return take_place(visit, context)

    def look_at_the_line(request: gr.Request) -> Updates:
        visit = desk.visits.of(session_of(request))
        if not visit.waiting or visit.stop.is_set():
            return {parts.line: gr.Timer(active=False)}
        return {parts.status: html.status(updates.place_in_line(desk.visits.before(visit)), busy=True)}

    def write(request: gr.Request, findings: str, impression: str) -> Iterator[Updates]:
        visit = desk.visits.of(session_of(request))
        before = Report(findings, impression)
        progress: Progress | None = None
        try:
            for progress in handlers.write_draft(desk, visit, visit.context, before):
                if progress.drafted is None:
                    first = progress.fill and not progress.words
                    yield updates.growing_draft(progress, parts) | (updates.locked_boxes(parts) if first else {})
            visit.ended = updates.ending(progress) if progress else wording.STOPPED_BEFORE
            if progress is None:
                yield {parts.status: html.status(wording.STOPPED_BEFORE), **updates.draft_buttons(parts, busy=False)}
            else:
                yield updates.finished_draft(progress, visit, parts) | updates.draft_buttons(parts, busy=False)
        except Exception as error:
            visit.ended = wording.NOT_DRAFTED
            yield {
                parts.message: html.message(sentence_of(error)),
                parts.status: html.status(wording.NOT_DRAFTED),
                parts.ai_draft: updates.last_draft(visit, progress.report if progress else Report()),
                **(updates.report_boxes(parts, before) if progress and progress.fill else {}),
                **updates.draft_buttons(parts, busy=False),
            }

    def stop(request: gr.Request) -> Updates:
        handlers.stop_draft(desk.visits.of(session_of(request)))
        return {parts.status: html.status(wording.STOPPING, busy=True), parts.stop: gr.Button(interactive=False)}

    def stopped(request: gr.Request) -> Updates:
        """Say how the draft ended, where its end came before what Stop said of it."""
        visit = desk.visits.of(session_of(request))
        return {parts.status: html.status(visit.ended)} if visit.ended and not visit.busy else {}

    def lost(request: gr.Request) -> Updates:
        handlers.give_up(desk.visits.of(session_of(request)))
        return {
            parts.message: html.message(wording.CONNECTION),
            parts.status: html.status(wording.NOT_DRAFTED),
            **updates.draft_buttons(parts, busy=False),
        }

    context = list(parts.context)
    final: list[Component] = [parts.findings, parts.impression]
    buttons = [parts.draft, parts.stop]
    asking = [parts.message, parts.status, parts.asked, parts.line, *parts.naming.parts, *buttons]
    parts.draft.click(ask, context, asking, **AT_ONCE).then(None, None, None, js=bring_question("naming"))
    parts.naming.mask.click(ask_masked, context, [*asking, *context], **AT_ONCE)
    parts.naming.leave.click(ask_as_is, context, asking, **AT_ONCE)
    parts.line.tick(look_at_the_line, None, [parts.status, parts.line], **AT_ONCE)
    written = parts.asked.change(
        write,
        final,
        [parts.message, parts.status, parts.ai_draft, parts.use_draft, parts.restore, parts.saved, *final, *buttons],
        concurrency_limit=1,
        concurrency_id=concurrency_id,
        trigger_mode="once",
        **PRIVATE,
    )
    written.then(compare_all(desk, parts), [*parts.reports, parts.revealed], compared_parts(parts), **AT_ONCE)
    written.failure(lost, None, [parts.message, parts.status, *buttons], **AT_ONCE)
    stopping = parts.stop.click(stop, None, [parts.status, parts.stop], **AT_ONCE)
    stopping.then(stopped, None, parts.status, **AT_ONCE)


def join_report(desk: Desk, parts: Parts) -> None:
    """Editing: differences as the reader types, the draft into the boxes and back, copying, the reference."""
    final: list[Component] = [parts.findings, parts.impression]
    compare, inputs, compared = compare_all(desk, parts), [*parts.reports, parts.revealed], compared_parts(parts)
    for box in parts.reports:
        box.input(compare, inputs, compared, trigger_mode="always_last", **AT_ONCE)  # type: ignore[attr-defined]

    @told(parts)
    def use_draft(request: gr.Request, findings: str, impression: str) -> Updates:
        visit = desk.visits.of(session_of(request))
        report = handlers.use_draft(visit, Report(findings, impression))
        undo = visit.set_aside is not None
        said: Updates = {parts.message: html.message(wording.REPLACED, calm=True)} if undo else {}
        return {**updates.report_boxes(parts, report), parts.restore: gr.Button(visible=undo), **said}

    @told(parts)
    def restore(request: gr.Request) -> Updates:
        report = handlers.restore_text(desk.visits.of(session_of(request)))
        if report is None:
            return {parts.restore: gr.Button(visible=False)}
        said: Updates = {parts.message: html.message(wording.RESTORED, calm=True)}
        return {**updates.report_boxes(parts, report), parts.restore: gr.Button(visible=False), **said}

    def reveal(revealed: bool) -> Updates:
        return {
            parts.revealed: not revealed,
            parts.reveal: wording.SHOW_REFERENCE if revealed else wording.HIDE_REFERENCE,
            parts.reference_findings: gr.Textbox(visible=not revealed),
            parts.reference_impression: gr.Textbox(visible=not revealed),
        }

    changed = [parts.message, parts.restore, *final]
    parts.use_draft.click(use_draft, final, changed, **AT_ONCE).then(compare, inputs, compared, **AT_ONCE)
    parts.restore.click(restore, None, changed, **AT_ONCE).then(compare, inputs, compared, **AT_ONCE)
    shown: list[Component] = [parts.revealed, parts.reveal, parts.reference_findings, parts.reference_impression]
    parts.reveal.click(reveal, parts.revealed, shown, **AT_ONCE).then(compare, inputs, compared, **AT_ONCE)
    parts.copy.click(None, final, None, js="(findings, impression) => window.clinicalblip.copy(findings, impression)")
