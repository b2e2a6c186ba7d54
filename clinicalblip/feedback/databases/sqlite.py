"""What is saved in one SQLite file, which may go from its place and come back while it is open."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import Connection

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.databases import sqlite_connection
from clinicalblip.feedback.databases.file_schema import REVIEWS, FileSchema
from clinicalblip.feedback.databases.review_database import Result, Work
from clinicalblip.feedback.databases.sqlite_connection import execute_alone
from clinicalblip.feedback.databases.sqlite_file import DatabaseFile
from clinicalblip.feedback.databases.write_queue import WriteQueue

_TRIES = 3  # files that come and go while one review is saved


class SqliteDatabase:
    """The database in one SQLite file, created where it is missing; several processes may have it open.

    The file may be removed, replaced or unmounted while it is open: what is said to be written is in the file at the
    path. All who write while it is locked wait together, five seconds in all. Raises the schema's `unusable` when the
    file cannot be written, is another program's or has a newer schema.
    """

    writable = "there is room and the file can be written"
    unreached = ""

    def __init__(self, path: Path, schema: FileSchema = REVIEWS) -> None:
        self._schema, self.place = schema, f"the {schema.name} and its disk"
        self._file = DatabaseFile(path.absolute(), schema)
        self._queue = WriteQueue()

    def write(self, work: Work[Result]) -> Result:
        """Do the work under the file's lock, again where the file went from its place meanwhile."""
        with self._turn() as wait:
            for _ in range(_TRIES):
                self._file.ensure_current()
                with self._writing(wait) as connection:
                    result = work(connection)
                if self._file.is_current:
                    return result
        raise self._schema.not_saved(
            f"Nothing was saved: the {self._schema.name} is being moved; what you wrote is still here, so try again."
        )

    def read(self, work: Work[Result]) -> Result:
        """Do work that only reads, in the file at the path."""
        if not self._file.is_current:
            with self._turn():
                self._file.ensure_current()
        with self._file.engine.execution_options(reading=True).begin() as connection:
            return work(connection)

    def erase(self, work: Work[Result]) -> Result:
        """Write, then clear the file's free pages and its log."""
        with self._turn() as wait:
            self._file.ensure_current()
            with self._writing(wait) as connection:
                result = work(connection)
            # secure_delete has zeroed the rows; rewriting the file also clears what moving rows left in page
            # gaps, and the emptied log the older copies of those pages.
            execute_alone(self._file.engine, "VACUUM")
            busy = execute_alone(self._file.engine, "PRAGMA wal_checkpoint(TRUNCATE)")[0]
        if busy:
            raise ReviewNotSaved(
                "The texts are withdrawn, but another program is reading the reviews file and the erased words may "
                "still be in its log; forget the review again when that program is done."
            )
        return result

    def close(self) -> None:
        """Close the file's connections; the last one to close it folds the log into the file."""
        self._file.close()

    @contextmanager
    def _turn(self) -> Iterator[float]:
        with self._queue.take(sqlite_connection.BUSY_SECONDS) as wait:
            yield wait

    @contextmanager
    def _writing(self, wait: float) -> Iterator[Connection]:
        """A transaction that has the file's lock."""
        with self._file.engine.execution_options(wait=wait).begin() as connection:
            self._queue.got_lock()
            yield connection
