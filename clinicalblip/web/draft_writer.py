"""A draft is written in a thread of its own, so that it goes on while its page is reloaded and nobody follows it."""

import threading
from collections.abc import Iterator
from contextvars import copy_context
from typing import Final, Generic, TypeVar

_Step = TypeVar("_Step")

_SHOWN_EVERY: Final = 0.1
"""Seconds between two steps that a follower is given: eyes follow no faster, and each costs more than its token did."""


class DraftWriter(Generic[_Step]):
    """Takes every step of what writes a draft, and keeps the last one for those who follow.

    `error`: what the writing ended with, None as long as it goes on and where it ended well.
    """

    def __init__(self, steps: Iterator[_Step]) -> None:
        self._changed = threading.Condition()
        self._steps: list[_Step] = []
        self._count = 0
        self._done = False
        self.error: Exception | None = None
        threading.Thread(target=copy_context().run, args=(self._write, steps), name="draft", daemon=True).start()

    def follow(self) -> Iterator[_Step]:
        """The last step there is, then the newer ones until the end; raises what the writing raised.

        Ten a second at most, the first and the last at once; who is slower than the writing misses steps, too.
        """
        seen = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._count > seen or self._done)  # noqa: B023 - called before it changes
                news, seen, done = self._steps[-1:] if self._count > seen else [], self._count, self._done
            yield from news
            if done and self._count == seen:
                if self.error is not None:
                    raise self.error
                return
            with self._changed:
                self._changed.wait_for(lambda: self._done, timeout=_SHOWN_EVERY)

    def _write(self, steps: Iterator[_Step]) -> None:
        try:
            for step in steps:
                with self._changed:
                    self._steps[:] = [step]
                    self._count += 1
                    self._changed.notify_all()
        except Exception as error:
            self.error = error
        finally:
            with self._changed:
                self._done = True
                self._changed.notify_all()
