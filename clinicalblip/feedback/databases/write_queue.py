"""A queue for a file that one thread writes at a time, with one deadline for all who wait while it is locked."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class QueueTimeout(Exception):
    """The deadline has passed, and another thread still writes."""


class WriteQueue:
    """Lets one thread write at a time, and tells it how long it may wait for a lock that another program holds.

    The deadline is one for all: it counts from the first thread that waits, and once it has passed no thread waits
    until one gets the lock, or as long again has passed. Otherwise each of many would wait behind the others.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._taken = False
        self._waiting_since: float | None = None

    @contextmanager
    def take(self, seconds: float) -> Iterator[float]:
        """Wait to be the one that writes; yields what is left of the `seconds`. Raises QueueTimeout.

        The one that writes calls `got_lock` once the file is not locked.
        """
        with self._condition:
            while self._taken:
                left = self._left(seconds)
                if left <= 0:
                    raise QueueTimeout
                self._condition.wait(left)  # those who write meanwhile put the deadline off
            self._taken = True
            left = self._left(seconds)
        try:
            yield left
        finally:
            with self._condition:
                self._taken = False
                self._condition.notify_all()

    def got_lock(self) -> None:
        """The thread that writes got the lock: the deadline no longer counts."""
        with self._condition:
            self._waiting_since = None

    def _left(self, seconds: float) -> float:
        now = time.monotonic()
        if self._waiting_since is None or now - self._waiting_since > 2 * seconds:
            self._waiting_since = now
        return max(0.0, self._waiting_since + seconds - now)
