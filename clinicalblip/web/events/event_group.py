"""What the page's groups of events have in common: what they work with, and how Gradio calls them."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from clinicalblip.web.app_context import AppContext
from clinicalblip.web.identity import session_of
from clinicalblip.web.session import Session
from clinicalblip.web.view.components import Components
from clinicalblip.web.view.updates import Updates

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""Of every event of the page itself: no API client may call it, and no spinner covers what it changes."""

AT_ONCE: dict[str, Any] = {"queue": False, **PRIVATE}
"""Of events that never wait in Gradio's queue."""

Listener = Callable[..., gr.events.Dependency]
"""What binds a handler: `button.click`, or `then` of an event before."""


class EventGroup:
    """Handlers for one part of the page, each a method from a request and values to updates of components."""

    def __init__(self, app: AppContext, components: Components) -> None:
        self.app, self.components = app, components

    def session(self, request: gr.Request) -> Session:
        """The session of the page that asks."""
        return session_of(self.app.sessions, request)

    def on_error(self, session: Session) -> Updates:
        """What changes on the page, beside the message, when a handler of this group fails."""
        return {}

    def bind_handler(
        self, listener: Listener, handler: Callable[..., Any], inputs: Any, outputs: Any, **options: Any
    ) -> gr.events.Dependency:
        """Bind a handler, and what the page says where the server refuses the call before any handler has it."""
        event = listener(handler, inputs, outputs, **(options or AT_ONCE))
        event.failure(None, None, self.components.message, js="() => window.clinicalblip.failed()", **AT_ONCE)
        return event


def scroll_to(question: str) -> str:
    """Script that scrolls a question with its answers into sight, where there is one."""
    return f"() => window.clinicalblip.scrollTo('{question}')"
