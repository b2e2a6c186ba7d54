"""A lent call that its reader can leave at any time, while it waits for a GPU too."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import Any

from clinicalblip.instructblip.zerogpu.lending import Message
from clinicalblip.instructblip.zerogpu.refusals import as_refusal


class LentCall:
    """A lent call in a thread of its own, in the caller's context: by it the hub knows whose seconds it counts.

    `begin` gives its messages, a generator. Once given up, it ends with the next of them, and nobody waits for that.
    """

    def __init__(self, begin: Callable[[], Iterator[Message]]) -> None:
        self._begin = begin
        self._given_up = threading.Event()
        self._messages: SimpleQueue[Message | Exception | None] = SimpleQueue()
        threading.Thread(target=copy_context().run, args=(self._run,), name="lent-call", daemon=True).start()

    def next(self, timeout: float) -> Message | None:
        """The next message, an empty one after the last; None where none came within `timeout` seconds.

        Raises ClinicalBlipError for what the call raised.
        """
        try:
            message = self._messages.get(timeout=timeout)
        except Empty:
            return None
        if isinstance(message, Exception):
            raise message
        return message or ()

    def give_up(self) -> None:
        """Read no more of it."""
        self._given_up.set()

    def _run(self) -> None:
        try:
            messages: Any = self._begin()
            with closing(messages):
                for message in messages:
                    if self._given_up.is_set():
                        return
                    self._messages.put(message)
        except Exception as error:
            self._messages.put(as_refusal(error))
        else:
            self._messages.put(None)
