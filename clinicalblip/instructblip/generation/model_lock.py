"""The lock around the one model: first come, first served."""

import threading
from collections import deque
from collections.abc import Callable


class ModelLock:
    """A fair lock whose waiting readers may give up; threading.Lock is neither fair nor asks."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()

    def acquire(self, give_up: Callable[[], bool] = lambda: False) -> bool:
        """Wait for the model; False where `give_up`, asked ten times a second, became true first."""
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                while self._queue[0] is not ticket:
                    if give_up():
                        self._leave(ticket)
                        return False
                    self._changed.wait(0.1)
            except BaseException:
                self._leave(ticket)
                raise
        return True

    def release(self) -> None:
        """Free the model for the next reader in the queue."""
        with self._changed:
            self._leave(self._queue[0])

    def _leave(self, ticket: object) -> None:
        self._queue.remove(ticket)
        self._changed.notify_all()
