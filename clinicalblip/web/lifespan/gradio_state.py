"""What Gradio keeps of a session, and how it goes when the session does; the one place that knows Gradio's inside.

Gradio keeps for every session key the values that its components last showed, for an hour after the page was closed
and longer where nobody said that it was; the answers of a call until somebody fetches them; the values of the last call
until there is another one; and the names of its files for good. Its own bound on sessions drops the one that
was silent longest, whosever it is, so that two hundred made-up keys drop every reader's.

Here the session decides: what is kept under its key goes with it, and only keys without a session are bounded.
"""

import asyncio
import threading
from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from gradio.queueing import Event
from gradio.routes import App
from gradio.state_holder import SessionState, StateHolder

from clinicalblip.radiology.headings import forget_headings
from clinicalblip.web.identity import sessions_of_page
from clinicalblip.web.sessions import Sessions


class SessionStates(StateHolder):
    """Gradio's holder of components' values, in which a session is never dropped for a key that has none.

    Keys without a session come from calls that no handler ever saw: too few values, an event that there is not. The
    `most_strangers` last ones are kept; `drop` is called with each of the others.
    """

    def __init__(self, page: gr.Blocks, sessions: Sessions, drop: Callable[[str], None], *, most_strangers: int = 50):
        super().__init__()  # type: ignore[no-untyped-call]
        self._sessions, self._drop, self._most = sessions, drop, most_strangers
        self.set_blocks(page)

    def __getitem__(self, session_id: str) -> SessionState:
        """The values under this key, made when the key is first seen."""
        with self.lock:
            state = self.session_data.get(session_id)
            if state is None:
                state = self.session_data[session_id] = SessionState(self.blocks)
            self.session_data.move_to_end(session_id)
            self.time_last_used[session_id] = datetime.now()
        strangers = self.strangers()
        for key in strangers[: max(0, len(strangers) - self._most)]:
            self._drop(key)
        return state

    def strangers(self) -> list[str]:
        """The keys without a session, the one that was silent longest first."""
        with self.lock:
            keys = list(self.session_data)
        return [key for key in keys if key not in self._sessions]

    def pop(self, key: str) -> None:
        """Let go of the values under this key."""
        with self.lock:
            self.session_data.pop(key, None)
            self.time_last_used.pop(key, None)


class GradioState:
    """What Gradio keeps under the keys of sessions, in a server that runs; made in its event loop.

    A key that never had a session is let go of after `stranger_seconds` without a call.
    """

    def __init__(self, app: App, *, stranger_seconds: float) -> None:
        self._app, self._page = app, app.get_blocks()
        self._queue = self._page._queue
        self._sessions = sessions_of_page(self._page)
        self._stranger_seconds = stranger_seconds
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._states = SessionStates(self._page, self._sessions, self._drop_stranger)
        app.state_holder = self._states
        self._process_events = self._queue.process_events
        self._queue.process_events = self._process_and_forget  # type: ignore[method-assign, assignment]
        self._sessions.on_forget = self._forget_soon

    def close(self) -> None:
        """Leave the sessions to themselves: the server ends."""
        self._sessions.on_forget = _nothing

    async def sweep(self, seconds: float) -> None:
        """Every so many seconds let go of what nobody asks for any more, also when nobody comes."""
        while True:
            await asyncio.sleep(seconds)
            self._sweep_once()  # of its own, for this one never ends and would keep the last key

    def _sweep_once(self) -> None:
        self._sessions.drop_idle()
        oldest = datetime.now() - timedelta(seconds=self._stranger_seconds)
        for key in self._states.strangers():
            if self._states.time_last_used.get(key, oldest) <= oldest:
                self._drop_stranger(key)
        self._forget_file_names()

    def forget(self, key: str) -> None:
        """Let go of everything under a session's key; called in the event loop."""
        self._states.pop(key)
        queue = self._queue
        queue.pending_messages_per_session.pop(key, None)
        for event_id in queue.pending_event_ids_session.pop(key, set()):
            queue.event_ids_to_events.pop(event_id, None)
            self._app.iterators.pop(event_id, None)
            self._app.iterators_to_reset.discard(event_id)
        for event_id, event in list(queue.event_analytics.items()):
            if event.get("session_hash") == key:
                del queue.event_analytics[event_id]
        self._page.pending_streams.pop(key, None)
        self._page.pending_diff_streams.pop(key, None)
        forget_headings()
        self._forget_file_names()

    def _forget_soon(self, key: str) -> None:
        if threading.get_ident() == self._thread:
            self.forget(key)
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.forget, key)  # Gradio changes these in its event loop alone

    def _drop_stranger(self, key: str) -> None:
        ids = self._queue.pending_event_ids_session.get(key, set())
        if not any(event_id in self._queue.event_ids_to_events for event_id in ids):  # it waits, or runs
            self._forget_soon(key)

    def _forget_file_names(self) -> None:
        """Gradio lists the files that it would delete some day, and does not notice that one is gone already."""
        for files in self._page.temp_file_sets:
            files.difference_update({file for file in list(files) if not Path(file).exists()})

    async def _process_and_forget(self, events: list[Event], *rest: Any) -> None:
        """Run events, then empty them: the loop that runs them keeps the last ones, and their task."""
        try:
            await self._process_events(events, *rest)
        finally:
            for variable in vars(LocalContext).values():
                if isinstance(variable, ContextVar):
                    variable.set(None)  # of this task, which is over
            for event in events:
                event.data = event.progress = None
                event.request = None  # type: ignore[assignment]


def _nothing(key: str) -> None:
    pass
