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
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.events.error_boundary import (
    AT_ONCE,
    PRIVATE,
    bring_question,
    comparison_panels,
    error_boundary,
    report_comparison,
)
from clinicalblip.web.handlers import DraftProgress
from clinicalblip.web.request_info import error_sentence, session_key
from clinicalblip.web.session import Session
from clinicalblip.web.view import html, updates
from clinicalblip.web.view.layout import Components
from clinicalblip.web.view.updates import Updates


def bind_draft(app: AppContext, components: Components, *, concurrency_id: str) -> None:
    """Ask, wait for the model, watch it write, stop it."""

    def take_place(session: Session, context: ClinicalContext) -> Updates:
        """Ask for a draft; where a text may name somebody, ask about it first."""
        try:
            before = handlers.request_draft(app, session, context)
        except IdentifiableText as error:
            naming = handlers.phi_in_context(app, session, context)
            return {
                components.message: html.message(str(error)),
                components.status: html.status(wording.NOT_YET_DRAFTED),
                **updates.question(components.phi_question, naming, title=wording.PHI_BEFORE_DRAFT),
            }
        return {
            components.asked: str(updates.next_ticket()),
            components.status: html.status(updates.place_in_line(before), busy=True),
            components.line: gr.Timer(active=True),
            **updates.question(components.phi_question, ()),
            **updates.draft_buttons(components, busy=True),
        }

    @error_boundary(components)
    def ask(request: gr.Request, *texts: str) -> Updates:
        return take_place(app.sessions.of(session_key(request)), ClinicalContext(*texts))

    @error_boundary(components)
    def ask_masked(request: gr.Request, *texts: str) -> Updates:
        context = ClinicalContext(*texts)
        handlers.check_context(app, context)
        context = phi.mask_context(context)
        try:
            return {
                **updates.context_boxes(components, context),
                **take_place(app.sessions.of(session_key(request)), context),
            }
        except ClinicalBlipError as error:  # the texts are masked all the same, and what was asked about is settled
            return {
                **updates.context_boxes(components, context),
                **updates.question(components.phi_question, ()),
                components.message: html.message(str(error)),
            }

    @error_boundary(components)
    def ask_as_is(request: gr.Request, *texts: str) -> Updates:
        session, context = app.sessions.of(session_key(request)), ClinicalContext(*texts)
        handlers.use_as_is(app, session, context)
        return take_place(session, context)

    def look_at_the_line(request: gr.Request) -> Updates:
        session = app.sessions.of(session_key(request))
        if not session.draft.waiting or session.draft.stop.is_set():
            return {components.line: gr.Timer(active=False)}
        return {components.status: html.status(updates.place_in_line(app.sessions.ahead_of(session)), busy=True)}

    def write(request: gr.Request, findings: str, impression: str) -> Iterator[Updates]:
        session = app.sessions.of(session_key(request))
        before = Report(findings, impression)
        progress: DraftProgress | None = None
        try:
            for progress in handlers.stream_draft(app, session, session.draft.context, before):
                if progress.finished is None:
                    first = progress.fill and not progress.words
                    yield updates.growing_draft(progress, components) | (
                        updates.locked_boxes(components) if first else {}
                    )
            session.draft.outcome = updates.ending(progress) if progress else wording.STOPPED_BEFORE
            if progress is None:
                yield {
                    components.status: html.status(wording.STOPPED_BEFORE),
                    **updates.draft_buttons(components, busy=False),
                }
            else:
                yield updates.finished_draft(progress, session, components) | updates.draft_buttons(
                    components, busy=False
                )
        except Exception as error:
            session.draft.outcome = wording.NOT_DRAFTED
            yield {
                components.message: html.message(error_sentence(error)),
                components.status: html.status(wording.NOT_DRAFTED),
                components.ai_draft: updates.last_draft(session, progress.report if progress else Report()),
                **(updates.report_boxes(components, before) if progress and progress.fill else {}),
                **updates.draft_buttons(components, busy=False),
            }

    def stop(request: gr.Request) -> Updates:
        handlers.stop_draft(app.sessions.of(session_key(request)))
        return {
            components.status: html.status(wording.STOPPING, busy=True),
            components.stop: gr.Button(interactive=False),
        }

    def stopped(request: gr.Request) -> Updates:
        """Say how the draft ended, where its end came before what Stop said of it."""
        session = app.sessions.of(session_key(request))
        return (
            {components.status: html.status(session.draft.outcome)}
            if session.draft.outcome and not session.draft.busy
            else {}
        )

    def lost(request: gr.Request) -> Updates:
        handlers.leave_queue(app.sessions.of(session_key(request)))
        return {
            components.message: html.message(wording.CONNECTION),
            components.status: html.status(wording.NOT_DRAFTED),
            **updates.draft_buttons(components, busy=False),
        }

    context = list(components.context)
    final: list[Component] = [components.findings, components.impression]
    buttons = [components.draft, components.stop]
    asking = [
        components.message,
        components.status,
        components.asked,
        components.line,
        *components.phi_question.components,
        *buttons,
    ]
    components.draft.click(ask, context, asking, **AT_ONCE).then(None, None, None, js=bring_question("phi"))
    components.phi_question.mask.click(ask_masked, context, [*asking, *context], **AT_ONCE)
    components.phi_question.leave.click(ask_as_is, context, asking, **AT_ONCE)
    components.line.tick(look_at_the_line, None, [components.status, components.line], **AT_ONCE)
    written = components.asked.change(
        write,
        final,
        [
            components.message,
            components.status,
            components.ai_draft,
            components.use_draft,
            components.restore,
            components.saved,
            *final,
            *buttons,
        ],
        concurrency_limit=1,
        concurrency_id=concurrency_id,
        trigger_mode="once",
        **PRIVATE,
    )
    written.then(
        report_comparison(app, components),
        [*components.reports, components.revealed],
        comparison_panels(components),
        **AT_ONCE,
    )
    written.failure(lost, None, [components.message, components.status, *buttons], **AT_ONCE)
    stopping = components.stop.click(stop, None, [components.status, components.stop], **AT_ONCE)
    stopping.then(stopped, None, components.status, **AT_ONCE)


def bind_report(app: AppContext, components: Components) -> None:
    """Editing: differences as the reader types, the draft into the boxes and back, copying, the reference."""
    final: list[Component] = [components.findings, components.impression]
    compare, inputs, compared = (
        report_comparison(app, components),
        [*components.reports, components.revealed],
        comparison_panels(components),
    )
    for box in components.reports:
        box.input(compare, inputs, compared, trigger_mode="always_last", **AT_ONCE)  # type: ignore[attr-defined]

    @error_boundary(components)
    def use_draft(request: gr.Request, findings: str, impression: str) -> Updates:
        session = app.sessions.of(session_key(request))
        report = handlers.use_draft(session, Report(findings, impression))
        undo = session.report.replaced is not None
        said: Updates = {components.message: html.message(wording.REPLACED, calm=True)} if undo else {}
        return {**updates.report_boxes(components, report), components.restore: gr.Button(visible=undo), **said}

    @error_boundary(components)
    def restore(request: gr.Request) -> Updates:
        report = handlers.restore_text(app.sessions.of(session_key(request)))
        if report is None:
            return {components.restore: gr.Button(visible=False)}
        said: Updates = {components.message: html.message(wording.RESTORED, calm=True)}
        return {**updates.report_boxes(components, report), components.restore: gr.Button(visible=False), **said}

    def reveal(revealed: bool) -> Updates:
        return {
            components.revealed: not revealed,
            components.reveal: wording.SHOW_REFERENCE if revealed else wording.HIDE_REFERENCE,
            components.reference_findings: gr.Textbox(visible=not revealed),
            components.reference_impression: gr.Textbox(visible=not revealed),
        }

    changed = [components.message, components.restore, *final]
    components.use_draft.click(use_draft, final, changed, **AT_ONCE).then(compare, inputs, compared, **AT_ONCE)
    components.restore.click(restore, None, changed, **AT_ONCE).then(compare, inputs, compared, **AT_ONCE)
    shown: list[Component] = [
        components.revealed,
        components.reveal,
        components.reference_findings,
        components.reference_impression,
    ]
    components.reveal.click(reveal, components.revealed, shown, **AT_ONCE).then(compare, inputs, compared, **AT_ONCE)
    components.copy.click(
        None, final, None, js="(findings, impression) => window.clinicalblip.copy(findings, impression)"
    )
