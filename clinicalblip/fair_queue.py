"""A queue for what is heavy: a few turns at once, shared fairly between those who wait.

Owners take turns in a circle: whoever asks for forty turns does not stand before somebody who asks for one. The owner
is the session that `queued_as` names, so that code far below the page need not be told; work without an owner is the
program's own, as in a command, and is never refused.
"""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from clinicalblip.errors import Overloaded

OVERLOADED = "The server is busy with other films just now, and nothing was lost; try again in a minute."

WAITING: Final[Mapping[str, int]] = {"max_wait": 120, "max_waiting": 100, "max_waiting_each": 8}
"""The usual bounds: a session has three films, and nobody looks at a page that does nothing for minutes."""

_owner: ContextVar[str] = ContextVar("_owner", default="")


@contextmanager
def queued_as(owner: str) -> Iterator[None]:
    """Within it, every turn is asked for as this owner, in this thread and in what copies its context."""
    token = _owner.set(owner)
    try:
        yield
    finally:
        _owner.reset(token)


class FairQueue:
    """At most `size` turns at once; for many threads. A thread that has a turn must not ask for another one.

    `max_wait`: seconds after which an owner waits no longer. `max_waiting` and `max_waiting_each`: so many may wait,
    of all owners and of one.
    """

    def __init__(
        self,
        size: int,
        *,
        max_wait: float | None = None,
        max_waiting: int | None = None,
        max_waiting_each: int | None = None,
    ) -> None:
        if size < 1:
            raise ValueError(f"a queue has at least one turn, not {size}")
        self._free = size
        self._max_wait, self._max_waiting, self._max_waiting_each = max_wait, max_waiting, max_waiting_each
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, deque[threading.Event]] = OrderedDict()  # the next owner first

    @property
    def waiting(self) -> int:
        """How many wait for a turn."""
        with self._lock:
            return sum(map(len, self._waiting.values()))

    @contextmanager
    def turn(self, owner: str | None = None) -> Iterator[None]:
        """Wait for a turn, and give it back at the end. `owner`: by default the one that `queued_as` names.

        Raises Overloaded for an owner who would wait too long, or with too many others.
        """
        self._take(_owner.get() if owner is None else owner)
        try:
            yield
        finally:
            with self._lock:
                self._pass_on()

    def _take(self, owner: str) -> None:
        with self._lock:
            if self._free and not self._waiting:
                self._free -= 1
                return
            if owner:
                self._refuse_too_many(owner)
            mine = threading.Event()
            self._waiting.setdefault(owner, deque()).append(mine)
        deadline = None if self._max_wait is None or not owner else time.monotonic() + self._max_wait
        try:
            has_turn = mine.wait(None if deadline is None else max(0.0, deadline - time.monotonic()))
        except BaseException:  # Ctrl-C while waiting
            self._give_up(owner, mine)
            raise
        if not has_turn:
            self._give_up(owner, mine)
            raise Overloaded(OVERLOADED)

    def _refuse_too_many(self, owner: str) -> None:
        everybody = sum(map(len, self._waiting.values()))
        own = len(self._waiting.get(owner, ()))
        for number, most in ((everybody, self._max_waiting), (own, self._max_waiting_each)):
            if most is not None and number >= most:
                raise Overloaded(OVERLOADED)

    def _give_up(self, owner: str, mine: threading.Event) -> None:
        with self._lock:
            if mine.is_set():  # the turn came at the last moment: it is the next one's
                self._pass_on()
                return
            others = self._waiting[owner]
            others.remove(mine)
            if not others:
                del self._waiting[owner]

    def _pass_on(self) -> None:
        """Give a turn to whoever waited longest of the next owner, who then stands last."""
        if not self._waiting:
            self._free += 1
            return
        owner, events = self._waiting.popitem(last=False)
        events.popleft().set()
        if events:
            self._waiting[owner] = events
