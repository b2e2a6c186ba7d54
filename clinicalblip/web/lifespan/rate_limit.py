"""The same line over and over is said a few times a minute, and then counted."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

_Sample = TypeVar("_Sample")


@dataclass
class _Counted(Generic[_Sample]):
    sample: _Sample
    since: float
    said: int = 0
    left_out: int = 0


class RateLimit(Generic[_Sample]):
    """Admits each key `most` times in `seconds`, and counts the others.

    Of each key one sample is kept, to say the count with. Of more than `keys` keys those that were seen first are
    given up with their count, so that a stranger who makes ever new ones fills no memory.
    """

    def __init__(
        self, most: int = 5, seconds: float = 60.0, *, keys: int = 500, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._seconds, self._keys, self._clock = most, seconds, keys, clock
        self._counted: OrderedDict[Hashable, _Counted[_Sample]] = OrderedDict()
        self._lock = Lock()

    def admits(self, key: Hashable, sample: _Sample) -> bool:
        """Whether this one is said; otherwise it is counted."""
        with self._lock:
            counted = self._counted.get(key)
            if counted is None:
                counted = self._counted[key] = _Counted(sample, self._clock())
                if len(self._counted) > self._keys:
                    self._counted.popitem(last=False)
            if counted.said < self._most:
                counted.said += 1
                return True
            counted.left_out += 1
            return False

    def take_counts(self, *, all_of_them: bool = False) -> list[tuple[_Sample, int]]:
        """What was left out, and how often, of every key whose time is over; they are admitted anew after it."""
        with self._lock:
            oldest = self._clock() - self._seconds
            over = [key for key, counted in self._counted.items() if all_of_them or counted.since <= oldest]
            taken = [self._counted.pop(key) for key in over]
        return [(counted.sample, counted.left_out) for counted in taken if counted.left_out]
