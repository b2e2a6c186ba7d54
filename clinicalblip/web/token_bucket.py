"""Token buckets: how much of something each key may have in a minute, and how long to wait where it is more."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

SECONDS: Final = 60.0
"""In which an empty bucket is full again, whatever it holds."""


@dataclass
class _Bucket:
    tokens: float
    at: float


class TokenBuckets:
    """A bucket for each key, with `most` tokens, which fill it in a minute; not locked, see rates.py.

    A bucket that nobody took from for a minute is full, and is not kept. Of more than `keys` those that were taken from
    least recently are given up, so that a stranger who makes ever new keys fills no memory. `clock`: seconds, of a
    clock that nobody sets.
    """

    def __init__(self, most: float, *, keys: int = 10_000, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._keys, self._clock = most, keys, clock
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()  # taken from least recently first

    def __len__(self) -> int:
        """How many buckets are kept."""
        return len(self._buckets)

    def wait(self, key: str, count: float) -> int:
        """The whole seconds until a key may have so many tokens; 0 where it may now.

        More than a bucket holds may be had from a full one.
        """
        missing = min(count, self._most) - self._filled(key, self._clock())
        return math.ceil(missing * SECONDS / self._most) if missing > 1e-9 else 0

    def take(self, key: str, count: float) -> None:
        """Take tokens from a key's bucket; a negative count puts them back."""
        now = self._clock()
        tokens = min(self._most, self._filled(key, now) - count)
        self._buckets[key] = _Bucket(tokens, now)
        self._buckets.move_to_end(key)
        self._forget(now)

    def _filled(self, key: str, now: float) -> float:
        bucket = self._buckets.get(key)
        if bucket is None:
            return self._most
        return min(self._most, bucket.tokens + max(0.0, now - bucket.at) * self._most / SECONDS)

    def _forget(self, now: float) -> None:
        while self._buckets:
            oldest = next(iter(self._buckets))
            if len(self._buckets) <= self._keys and self._filled(oldest, now) < self._most:
                return
            del self._buckets[oldest]
