"""What is not in the bucket yet: the ids of reviews, each an empty file in a folder beside the reviews.

No word of anybody is in it: what goes to the bucket is read from the database when it goes, as it is then.
"""

import logging
import os
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from clinicalblip.feedback.databases.refusals import reason_of

_log = logging.getLogger(__name__)
_WRITER: Final = "writer"
_LOCK: Final = "uploading.lock"


class Spool:
    """The ids that wait; safe to use from several threads and processes.

    Nothing that a disk does to it hinders a save: an id that could not be written waits in memory, and `reconcile`
    finds what a restart lost.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._in_memory: set[str] = set()
        self._news = threading.Event()

    def add(self, ids: Iterable[str]) -> None:
        """Have these reviews wait; raises nothing."""
        for review_id in ids:
            try:
                self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                os.close(os.open(self._folder / review_id, os.O_CREAT | os.O_WRONLY, 0o600))
            except OSError as error:
                _log.warning("A review's place in the spool was not written: %s.", reason_of(error))
                with self._lock:
                    self._in_memory.add(review_id)
        self._news.set()

    def waiting(self) -> list[str]:
        """The ids that wait."""
        names: set[str] = set()
        with suppress(OSError):  # there is none yet, or its disk is gone, which `add` has said
            names = {entry.name for entry in os.scandir(self._folder)} - {_WRITER, _LOCK}
        with self._lock:
            return sorted(names | self._in_memory)

    def done(self, review_id: str) -> None:
        """This review waits no longer. Raises OSError."""
        (self._folder / review_id).unlink(missing_ok=True)
        with self._lock:
            self._in_memory.discard(review_id)

    def wait(self, seconds: float) -> None:
        """Wait for news from this process; what other processes add is seen after the seconds."""
        self._news.wait(seconds)
        self._news.clear()

    def wake(self) -> None:
        """End a wait."""
        self._news.set()

    @property
    def writer(self) -> str:
        """Who this is in a bucket, drawn once for this folder. Raises OSError."""
        path = self._folder / _WRITER
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError), open(path, "x", encoding="ascii") as file:
            file.write(secrets.token_hex(8))
        return path.read_text(encoding="ascii")

    @contextmanager
    def uploading(self) -> Iterator[bool]:
        """Be the one process that uploads, as long as the block; False where another one is."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(self._folder / _LOCK, mode=0o600)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()
