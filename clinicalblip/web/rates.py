"""How much one reader, and one address where it is known whose it is, may ask for in a minute.

A reader is known by the key of `access/signed_in.py`. Whoever throws it away for another one is still held by the
address, where `middleware/admission.py` knows it; an address may be that of a clinic, so it has ten readers' minutes.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from clinicalblip.errors import OverLimit
from clinicalblip.settings import LimitSettings
from clinicalblip.web import wording
from clinicalblip.web.token_bucket import TokenBuckets

READERS_OF_ADDRESS: Final = 10
_MEBIBYTE: Final = 2**20


@dataclass(frozen=True)
class Visitor:
    """Who asks, as far as rates go: the reader's key and the address, "" where they are not known."""

    reader_key: str = ""
    address: str = ""


class _Limit:
    """One setting: buckets of readers, and of addresses; apart, so that made-up readers push no address out."""

    def __init__(self, name: str, most: float, sentence: str, clock: Callable[[], float]) -> None:
        self._name, self._sentence = name, sentence
        self._readers = TokenBuckets(most, clock=clock)
        self._addresses = TokenBuckets(most * READERS_OF_ADDRESS, clock=clock)

    def check(self, visitor: Visitor, count: float) -> None:
        seconds = max((buckets.wait(key, count) for buckets, key in self._of(visitor)), default=0)
        if seconds:
            raise OverLimit(self._sentence.format(seconds=seconds), self._name, seconds)

    def take(self, visitor: Visitor, count: float) -> None:
        for buckets, key in self._of(visitor):
            buckets.take(key, count)

    def _of(self, visitor: Visitor) -> Iterator[tuple[TokenBuckets, str]]:
        if visitor.reader_key:
            yield self._readers, visitor.reader_key
        if visitor.address:
            yield self._addresses, visitor.address


class Rates:
    """The limits of the settings that are counted by the minute; for many threads. Without settings there is none."""

    def __init__(self, limits: LimitSettings | None = None, *, clock: Callable[[], float] = time.monotonic) -> None:
        def limit(name: str, sentence: str) -> _Limit | None:
            most = getattr(limits, name, None)
            return None if most is None else _Limit(name, most, sentence, clock)

        self._lock = threading.Lock()
        self._drafts = limit("drafts_per_minute", wording.TOO_MANY_DRAFTS)
        self._uploads = limit("uploads_per_minute", wording.TOO_MANY_UPLOADS)
        self._mebibytes = limit("upload_mebibytes_per_minute", wording.TOO_MUCH_UPLOADED)

    def draft(self, visitor: Visitor) -> None:
        """Count a draft that is asked for. Raises OverLimit, and counts none, where it is one too many."""
        self._take((self._drafts, 1), visitor=visitor)

    @contextmanager
    def upload(self, visitor: Visitor, declared: int) -> Iterator[Callable[[int], None]]:
        """Count an upload of so many bytes; call what is given with those of each part, and the others are put back.

        Raises OverLimit, and counts nothing, where it is one too many, or too large for what is left of the minute.
        """
        self._take((self._uploads, 1), (self._mebibytes, declared / _MEBIBYTE), visitor=visitor)
        arrived = 0

        def count(size: int) -> None:
            nonlocal arrived
            arrived += size

        try:
            yield count
        finally:
            if self._mebibytes is not None and arrived < declared:
                with self._lock:
                    self._mebibytes.take(visitor, (arrived - declared) / _MEBIBYTE)

    def _take(self, *asked: tuple[_Limit | None, float], visitor: Visitor) -> None:
        counted = [(limit, count) for limit, count in asked if limit is not None]
        with self._lock:
            for limit, count in counted:
                limit.check(visitor, count)
            for limit, count in counted:
                limit.take(visitor, count)
