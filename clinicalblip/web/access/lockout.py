"""How many wrong passwords somebody may try: ten, then none for a minute.

Counted for each address where it is known, so that a stranger locks out nobody but those who share theirs; else for all
together, which is the only way left to slow down guessing. Seconds are the monotonic clock's: no change of the
machine's clock ends a lock or makes one.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

MOST_FAILURES: Final = 10
LOCKED_SECONDS: Final = 60.0
_FORGOTTEN_SECONDS: Final = 900.0
_MOST_ADDRESSES: Final = 10_000


class Locked(Exception):
    """No password may be tried now; `seconds` until the next may, 0 where ten are being checked."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


@dataclass
class _Attempts:
    failed: list[float] = field(default_factory=list)
    pending: int = 0
    locked_until: float = 0.0


class Attempt:
    """One password that is being checked; `is_right` is set where it is the one."""

    def __init__(self) -> None:
        self.is_right = False


class Lockout:
    """Counts attempts by address; "" is that of all whose address is not known. Safe to use from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of: OrderedDict[str, _Attempts] = OrderedDict()
        self._lock = threading.Lock()

    @contextmanager
    def attempt(self, address: str) -> Iterator[Attempt]:
        """Check one password within; it counts as wrong unless `is_right` is set. Raises Locked.

        Those that are still being checked count as well, so that many at once are no more than ten either.
        """
        attempt = Attempt()
        with self._lock:
            self._begin(address)
        try:
            yield attempt
        finally:
            with self._lock:
                self._end(address, is_right=attempt.is_right)

    def _begin(self, address: str) -> None:
        now = self._clock()
        of = self._of.setdefault(address, _Attempts())
        self._of.move_to_end(address)
        if of.locked_until > now:
            raise Locked(of.locked_until - now)
        of.failed = [at for at in of.failed if now - at < _FORGOTTEN_SECONDS]
        if len(of.failed) + of.pending >= MOST_FAILURES:
            raise Locked(0.0)
        of.pending += 1
        while len(self._of) > _MOST_ADDRESSES:
            self._of.popitem(last=False)

    def _end(self, address: str, *, is_right: bool) -> None:
        of = self._of.get(address)
        if of is None:
            return
        of.pending -= 1
        if not is_right:
            of.failed.append(self._clock())
            if len(of.failed) >= MOST_FAILURES:
                of.failed, of.locked_until = [], self._clock() + LOCKED_SECONDS
        elif address:  # that of all is not forgiven by the one who knows the password
            of.failed = []
