"""How the server stands now: the model, the queue, memory, and where reviews are kept."""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.status import status_lines
from clinicalblip.heap import resident_bytes
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.loading import ModelState, model_state
from clinicalblip.web.review_pages import owner_wording as wording
from clinicalblip.web.sessions import SessionCounts

BUCKET_SECONDS: Final = 2.0
"""How long a page waits for the bucket."""


@dataclass(frozen=True)
class ServerState:
    """`memory` are the bytes of this process, None where the system does not say.

    `backlog`: reviews that wait for the bucket, None without one. `storage`: sentences on where reviews are.
    """

    model: ModelState
    sessions: SessionCounts
    memory: int | None
    writable: bool
    backlog: int | None
    storage: Sequence[str]
    is_ending: bool


class StorageLook:
    """Asks for the storage's status in a thread, so that nobody waits for a bucket that does not answer.

    While one look is still waiting there is no second one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: list[str] = []
        self._over = threading.Event()
        self._looking = False

    def lines(self, app: AppContext, seconds: float = BUCKET_SECONDS) -> list[str]:
        """What `feedback status` says, as far as it is known after so many seconds. Raises ReviewNotSaved."""
        if app.bucket is None or app.spool is None:
            return list(_status(app))
        with self._lock:
            if not self._looking:
                self._lines, self._over, self._looking = [], threading.Event(), True
                asked = (app, self._lines, self._over)
                threading.Thread(target=self._look, args=asked, name="storage-look", daemon=True).start()
            lines, over = self._lines, self._over
        if over.wait(seconds):
            return list(lines)
        return [*lines, wording.BUCKET_SILENT.format(seconds=f"{seconds:g}")]

    def _look(self, app: AppContext, lines: list[str], over: threading.Event) -> None:
        try:
            for line in _status(app):
                lines += [line]
        except Exception:  # of the bucket's library or of the database; that a thread has ended is noticed by nobody
            lines.append(wording.STATUS_FAILED)
        finally:
            with self._lock:
                self._looking = False
            over.set()


def look(app: AppContext, storage: StorageLook) -> ServerState:
    """The state now; takes `BUCKET_SECONDS` more at most than the database does."""
    writable = True
    try:
        app.store.check_writable()
        lines = storage.lines(app)
    except ReviewNotSaved as error:
        writable, lines = False, [str(error)]
    return ServerState(
        model_state(app.reporter),
        app.sessions.count(),
        resident_bytes(),
        writable,
        app.copies_waiting,
        lines,
        app.sessions.is_ending,
    )


def _status(app: AppContext) -> Iterator[str]:
    return status_lines(app.store, app.settings.storage, app.spool, app.bucket)
