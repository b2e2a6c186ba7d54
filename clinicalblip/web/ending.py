"""The end of a server that is told to end: nothing that a reader has is lost, and nobody waits long."""

from __future__ import annotations

import time
from typing import Final

import gradio as gr

from clinicalblip.web.app_context import AppContext, app_of

_LONGEST: Final = 6.0  # seconds; what sends the signal mostly kills after ten
_LOOKS_AGAIN: Final = 0.05


def end_work(app: AppContext, longest: float = _LONGEST) -> None:
    """Take no more drafts, let those that are written end at their next word, and put what is unsaved on the disk.

    A draft that takes longer than `longest` seconds for its next word is left; its texts are kept as they are.
    """
    sessions = app.sessions.end_drafts()
    until = time.monotonic() + longest
    while any(session.draft.running for session in sessions) and time.monotonic() < until:
        time.sleep(_LOOKS_AGAIN)
    for session in sessions:
        app.sessions.keep(session)


def end_page(page: gr.Blocks) -> None:
    """End the work of a page that is served, and then its server."""
    end_work(app_of(page))
    page.close(verbose=False)
