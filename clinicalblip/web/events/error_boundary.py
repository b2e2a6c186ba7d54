"""What the page's events have in common: how they are called, and what an error or a comparison makes of the page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import gradio as gr
from gradio.components import Component

from clinicalblip.radiology.report import Report
from clinicalblip.web import reviews, wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.request_info import error_sentence, session_key
from clinicalblip.web.view import html
from clinicalblip.web.view.layout import Components
from clinicalblip.web.view.updates import Updates

# What every event of the page itself has: no API client may call it, no spinner covers what it changes.
PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
AT_ONCE: dict[str, Any] = {"queue": False, **PRIVATE}
# Of the films, which are three: one that is still being read keeps no event of another from being heard.
EACH: dict[str, Any] = {"trigger_mode": "multiple", **AT_ONCE}


def error_boundary(
    components: Components, failed: Callable[[], Updates] = dict
) -> Callable[[Callable[..., Updates]], Callable[..., Updates]]:
    """Clear the last message, and turn an error into one; `failed` says what else then changes."""

    def decorate(handler: Callable[..., Updates]) -> Callable[..., Updates]:
        @wraps(handler)
        def handle(*arguments: Any) -> Updates:
            try:
                return {components.message: html.message(""), **handler(*arguments)}
            except Exception as error:
                return {components.message: html.message(error_sentence(error)), **failed()}

        return handle

    return decorate


def comparison_panels(components: Components) -> list[Component]:
    """Where differences are shown: draft to final, then final to reference."""
    return [components.draft_to_final, components.final_to_reference]


def report_comparison(app: AppContext, components: Components) -> Callable[..., Updates]:
    """What shows the differences between the reports as their boxes hold them."""

    def compare(
        request: gr.Request,
        findings: str,
        impression: str,
        reference_findings: str,
        reference_impression: str,
        revealed: bool,
    ) -> Updates:
        shown = app.sessions.of(session_key(request)).report.shown
        final, reference = Report(findings, impression), Report(reference_findings, reference_impression)
        try:
            reviews.check_reports(app, final, reference)
            between = (
                html.differences(shown.draft.report if shown else Report(), final, absent=wording.NOTHING_TO_COMPARE),
                html.differences(final, reference, absent=wording.NO_REFERENCE)
                if revealed
                else html.nothing(wording.REFERENCE_HIDDEN),
            )
        except Exception as error:
            between = (html.nothing(error_sentence(error)), html.nothing(""))
        return dict(zip(comparison_panels(components), between, strict=True))

    return compare


def bring_question(question: str) -> str:
    """Script that brings a question with its answers into sight, where there is one."""
    return f"() => window.clinicalblip.bring('{question}')"
