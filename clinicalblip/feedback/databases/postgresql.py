"""Reviews in a PostgreSQL database, whose connection may break at any moment."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.databases.postgresql_connection import WRITING_LOCK, open_database
from clinicalblip.feedback.databases.refusals import DatabaseRefused, reason_of, sqlstate_of
from clinicalblip.feedback.databases.review_database import Result, Work
from clinicalblip.feedback.databases.write_queue import WriteQueue
from clinicalblip.feedback.schema import CONSENTED

BUSY_SECONDS = 5.0
_PAUSES: Final = (0.2, 1.0)  # before a connection that broke is tried again
_RETRY_SECONDS: Final = 15.0  # after so long the reader is told instead
_BROKEN_STATES: Final = ("08", "57P")
_SNAPSHOT: Final = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresqlDatabase:
    """The database at an address, made ready where it is empty; several processes and machines may use it.

    One writes at a time, under a lock of the server's that goes with its transaction; who waits does so for five
    seconds. Raises SettingsError when it cannot be reached, is another program's or has a newer schema.
    """

    writable = "the database can be reached and takes it"
    place = "the database that storage.url names"
    unreached = (
        "PostgreSQL's own log, its replicas and its backups keep older copies until the server takes their space "
        "again; whoever runs the server has to see to those."
    )

    def __init__(self, url: SecretStr) -> None:
        self._engine = open_database(url)
        self._queue = WriteQueue()

    def write(self, work: Work[Result]) -> Result:
        """Do the work under the lock; where the connection breaks, again.

        A transaction whose end nobody heard of is over before the next one has the lock, so that the work finds what
        it did itself.
        """
        with self._queue.take(BUSY_SECONDS) as wait:
            return self._try_again(lambda: self._write_once(work, wait))

    def read(self, work: Work[Result]) -> Result:
        """Do work that only reads, in one state of the database; where the connection breaks, again."""

        def read_once() -> Result:
            with self._engine.begin() as connection:
                connection.exec_driver_sql(_SNAPSHOT)
                return work(connection)

        return self._try_again(read_once)

    def erase(self, work: Work[Result]) -> Result:
        """Write, then make the tables anew without the rows that are gone."""
        result = self.write(work)
        try:
            with _plain_refusals(), self._engine.connect() as connection:
                driver: Any = connection.connection.driver_connection
                driver.rollback()  # the question whether the connection still answers began a transaction
                alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                alone.exec_driver_sql(f"SET lock_timeout = {round(1000 * BUSY_SECONDS)}")
                for table in CONSENTED:
                    alone.exec_driver_sql(f"VACUUM (FULL) {table.name}")
                alone.exec_driver_sql("RESET lock_timeout")
        except DatabaseRefused as error:
            raise ReviewNotSaved(
                f"The texts are withdrawn, but the space where they stood was not cleared ({error}); forget the review "
                "again."
            ) from error
        return result

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _write_once(self, work: Work[Result], wait: float) -> Result:
        with self._engine.begin() as connection:
            # 0 would be to wait for ever.
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, round(1000 * wait))}")
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITING_LOCK})")
            self._queue.got_lock()
            return work(connection)

    def _try_again(self, attempt: Callable[[], Result]) -> Result:
        until = time.monotonic() + _RETRY_SECONDS
        for pause in _PAUSES:
            try:
                return attempt()
            except (DBAPIError, OSError) as error:
                if not _is_broken(error) or time.monotonic() > until:
                    raise DatabaseRefused(reason_of(error)) from None
                self._engine.dispose()
            time.sleep(pause)
        with _plain_refusals():
            return attempt()


@contextmanager
def _plain_refusals() -> Iterator[None]:
    """Leave out what the server says: it names the row that it refuses, with the reader's words."""
    try:
        yield
    except (DBAPIError, OSError) as error:
        raise DatabaseRefused(reason_of(error)) from None


def _is_broken(error: DBAPIError | OSError) -> bool:
    """Whether the connection is at fault, and another one may do."""
    if isinstance(error, OSError):
        return True
    return (
        error.connection_invalidated
        or sqlstate_of(error.orig).startswith(_BROKEN_STATES)
        or (reason_of(error) == "the connection to the database broke")
    )
