"""How much memory the films of all sessions may take: room is set aside before a film is read, or it is refused."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from clinicalblip.errors import Overloaded
from clinicalblip.fair_queue import WAITING, FairQueue
from clinicalblip.web import wording

SMALLEST_ROOM = 2 * 10**6
"""Bytes of a film of one megapixel; with less room than that none is read."""

_READERS = 4  # rooms of the largest film that are set aside at once


@dataclass
class FilmRoom:
    """Room for the films of one upload, until a session holds them."""

    memory: "FilmMemory"
    owner: str
    kept: int = 0

    @contextmanager
    def reading(self, wanted: int) -> Iterator[int]:
        """Set bytes aside while a film is read, and give how many there are: fewer where memory is short.

        Raises Overloaded where there are too few for any film, and where too many wait.
        """
        with self.memory.turns.turn(self.owner):
            granted = self.memory.set_aside(wanted)
            try:
                yield granted
            finally:
                self.memory.give_back(reading=granted)

    def keep(self, count: int) -> None:
        """A film of so many bytes was read."""
        self.kept += count
        self.memory.keep(count)


@dataclass
class FilmMemory:
    """The bytes that films may take; for many threads.

    `most`: of all films together. `held`: what the sessions' films take. `free`: asked to let go of films that nobody
    works with, for so many bytes.
    """

    most: int
    held: Callable[[], int]
    free: Callable[[int], None]
    turns: FairQueue = field(default_factory=lambda: FairQueue(_READERS, **WAITING))
    _reading: int = 0  # of films that are being read
    _kept: int = 0  # of films that were read and that no session holds yet
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def room(self, owner: str) -> Iterator[FilmRoom]:
        """Room for the films of one upload. Within it they are read and given to their session."""
        room = FilmRoom(self, owner)
        try:
            yield room
        finally:
            self.give_back(kept=room.kept)

    def set_aside(self, wanted: int) -> int:
        """Set aside what is wanted or, if nothing else will be free soon, what there is. Raises Overloaded."""
        with self._changed:
            while self._left() < wanted and self._reading:  # whoever reads gives back most of their room soon
                self._changed.wait()
            if self._left() < wanted:
                self.free(wanted - self._left())
            granted = min(wanted, self._left())
            if granted < SMALLEST_ROOM:
                raise Overloaded(wording.NO_ROOM)
            self._reading += granted
            return granted

    def keep(self, count: int) -> None:
        """Count a film that was read until its session does."""
        with self._changed:
            self._kept += count

    def give_back(self, *, reading: int = 0, kept: int = 0) -> None:
        """What was set aside, or read, counts no longer here."""
        with self._changed:
            self._reading -= reading
            self._kept -= kept
            self._changed.notify_all()

    def _left(self) -> int:
        return self.most - self.held() - self._kept - self._reading
