"""Turns at a file that one can write at a time, with one wait for all who stand before it while it is locked."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class NoTurn(Exception):
    """The wait is over, and another still writes."""


class Turns:
    """Gives turns, and the seconds that each may still wait for a lock that another program holds.

    The wait is one for all: it begins with the first who has to wait, and after it nobody waits until somebody gets
    the lock, or as long again has passed. Without that, each of many would wait on its own behind the others.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._taken = False
        self._waiting_since: float | None = None

    @contextmanager
    def take(self, seconds: float) -> Iterator[float]:
        """Wait for a turn, and give what is left of the `seconds`. Raises NoTurn.

        Who has a turn says with `got_lock` that nothing is locked.
        """
        with self._condition:
            if not self._condition.wait_for(lambda: not self._taken or self._left(seconds) <= 0, self._left(seconds)):
                raise NoTurn
            if self._taken:
                raise NoTurn
            self._taken = True
            left = self._left(seconds)
        try:
            yield left
        finally:
            with self._condition:
                self._taken = False
                self._condition.notify_all()

    def got_lock(self) -> None:
        """End the wait: who has the turn got the lock."""
        with self._condition:
            self._waiting_since = None

    def _left(self, seconds: float) -> float:
        now = time.monotonic()
        if self._waiting_since is None or now - self._waiting_since > 2 * seconds:
            self._waiting_since = now
        return max(0.0, self._waiting_since + seconds - now)
