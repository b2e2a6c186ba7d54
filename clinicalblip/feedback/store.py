"""ReviewStore: reviews on disk, in the order of saving, never changed, and words only with consent.

Kept of everybody: which model wrote, the digests of its films, tokens and seconds, the reader's verdict, the numbers of
edited words, and times. Kept of those who consented: also the words, in a table of their own. No digest of a reader's
words stands outside that table, salted or not: whoever has the file has the salt, and a short text is found by trying.
So the prompt is named by its version, an id is made from what is kept of everybody, and a prompt's digest stands beside
its text and is erased with it.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback import schema
from clinicalblip.feedback.database_file import DatabaseFile
from clinicalblip.feedback.row_mapping import StoredReview, format_time, review_from_row, review_row, text_row
from clinicalblip.feedback.schema import execute_alone, reason_of, reviews, texts, withdrawals
from clinicalblip.feedback.write_queue import QueueTimeout, WriteQueue
from clinicalblip.radiology.review import Review

_BATCH = 200
_TRIES = 3  # files that come and go while one review is saved
_NOT_SAVED = (
    "The review was not saved ({reason}); what you wrote is still here, so try again once there is room and the file "
    "can be written."
)
_NOT_WITHDRAWN = (
    "The withdrawal was not completed ({reason}); forget the review again once there is room and the file can be "
    "written."
)


class ReviewStore:
    """The reviews in one SQLite file, created where it is missing; safe to use from several threads and processes.

    The file may be removed, replaced or unmounted while the store is open: what is said to be saved is in the file at
    the path. All who save while it is locked wait together, five seconds in all. Raises SettingsError when the file
    cannot be written, is another program's or has a newer schema.
    """

    def __init__(self, path: Path) -> None:
        self._file = DatabaseFile(path.absolute())
        self._queue = WriteQueue()

    def add(self, review: Review) -> str:
        """Save a review and return its id, which exists only once the data is on disk, in the file at the path.

        The same review saved twice is one row: two reviews differ where anything differs that is kept without consent,
        their time to the microsecond included. Saving again does not renew a consent that was withdrawn.
        Raises ReviewNotSaved when the disk or the database refuses, when `replaces` names no review here, when the file
        went from its place, and when other words are stored under the same time and counts; the store stays usable.
        """
        row = review_row(review)
        words = text_row(review)
        with self._turn(_NOT_SAVED) as wait:
            for _ in range(_TRIES):
                self._file.ensure_current()
                with self._writing(wait) as connection:
                    self._insert(connection, row, words)
                if self._file.is_current:
                    return str(row["id"])
        raise ReviewNotSaved(
            "The review was not saved: the reviews file is being moved; what you wrote is still here, so try again."
        )

    def has(self, review_id: str) -> bool:
        """Whether a review with this id is in the file at the path. Raises ReviewNotSaved where that cannot be read."""
        with self._turn(_NOT_SAVED) as wait:
            self._file.ensure_current()
            with self._file.engine.execution_options(wait=wait, reading=True).begin() as connection:
                return self._known(connection, review_id)

    @contextmanager
    def _turn(self, sentence: str) -> Iterator[float]:
        """Write alone; what hinders it becomes ReviewNotSaved with the `sentence` and its reason."""
        try:
            with self._queue.take(schema.BUSY_SECONDS) as wait:
                yield wait
        except QueueTimeout as error:
            raise ReviewNotSaved(sentence.format(reason="others are writing to it")) from error
        except (DBAPIError, sqlite3.Error) as error:
            raise ReviewNotSaved(sentence.format(reason=reason_of(error))) from error

    @contextmanager
    def _writing(self, wait: float) -> Iterator[Connection]:
        """A transaction that has the file's lock."""
        with self._file.engine.execution_options(wait=wait).begin() as connection:
            self._queue.got_lock()
            yield connection

    def _insert(self, connection: Connection, row: dict[str, Any], words: dict[str, Any] | None) -> None:
        if self._known(connection, row["id"]):
            if words is not None:
                self._refuse_other_words(connection, row["id"], words)
            return
        if row["replaces"] is not None and not self._known(connection, row["replaces"]):
            raise ReviewNotSaved(
                "The review was not saved: it corrects a review that is not in this store; save it as new."
            )
        connection.execute(insert(reviews).values(row))
        if words is not None:
            connection.execute(insert(texts).values(review=row["id"], **words))

    def forget(self, review_id: str) -> None:
        """Withdraw the consent to a review: its words are erased from every file of the store, the rest stays.

        A review and its corrections are versions of one review with nearly the same words, so those of all versions
        are erased. The time is kept; a second withdrawal changes nothing. Earlier exports are not reached.
        Raises ReviewNotSaved for an unknown id, and when the disk or another program hinders the erasing.
        """
        now = format_time(datetime.now(UTC))
        with self._turn(_NOT_WITHDRAWN) as wait:
            self._file.ensure_current()
            with self._writing(wait) as connection:
                if not self._known(connection, review_id):
                    raise ReviewNotSaved(
                        "Nothing was withdrawn: no review with this id is in this store; check the id."
                    )
                for version in connection.execute(_VERSIONS, {"id": review_id}).scalars().all():
                    mark = insert_or(withdrawals).values(review=version, withdrawn=now)
                    connection.execute(mark.on_conflict_do_nothing())
                    connection.execute(delete(texts).where(texts.c.review == version))
            # secure_delete has zeroed the rows; rewriting the file also clears what moving rows left in page
            # gaps, and the emptied log the older copies of those pages.
            execute_alone(self._file.engine, "VACUUM")
            busy = execute_alone(self._file.engine, "PRAGMA wal_checkpoint(TRUNCATE)")[0]
        if busy:
            raise ReviewNotSaved(
                "The texts are withdrawn, but another program is reading the reviews file and the erased words may "
                "still be in its log; forget the review again when that program is done."
            )

    def reviews(self) -> Iterator[StoredReview]:
        """Yield the reviews in the order of saving.

        They are read in batches, so that a slow consumer holds no lock that would keep words from being erased.
        Raises ReviewNotSaved when the file cannot be read.
        """
        newer = reviews.alias()
        superseding = (
            select(newer.c.id)
            .where(newer.c.replaces == reviews.c.id)
            .order_by(newer.c.number.desc())
            .limit(1)
            .scalar_subquery()
        )
        kept = [column for column in texts.columns if column.name != "review"]
        query = (
            select(reviews, withdrawals.c.withdrawn, superseding.label("superseded_by"), *kept)
            .outerjoin(withdrawals, withdrawals.c.review == reviews.c.id)
            .outerjoin(texts, texts.c.review == reviews.c.id)
            .order_by(reviews.c.number)
            .limit(_BATCH)
        )
        last = 0
        while True:
            if not self._file.is_current:
                with self._turn("The stored reviews cannot be read ({reason}); check the reviews file and its disk."):
                    self._file.ensure_current()
            try:
                with self._file.engine.execution_options(reading=True).begin() as connection:
                    batch = connection.execute(query.where(reviews.c.number > last)).mappings().all()
            except DBAPIError as error:
                raise ReviewNotSaved(
                    f"The stored reviews cannot be read ({reason_of(error)}); check the reviews file and its disk."
                ) from error
            for row in batch:
                yield review_from_row(row)
            if len(batch) < _BATCH:
                return
            last = batch[-1]["number"]

    def close(self) -> None:
        """Close the file's connections; the last one to close it folds the log into the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @staticmethod
    def _known(connection: Connection, review_id: str) -> bool:
        query = select(func.count()).select_from(reviews).where(reviews.c.id == review_id)
        return bool(connection.execute(query).scalar_one())

    @staticmethod
    def _refuse_other_words(connection: Connection, review_id: str, words: dict[str, Any]) -> None:
        stored = connection.execute(select(texts).where(texts.c.review == review_id)).mappings().one_or_none()
        if stored is not None and any(stored[name] != value for name, value in words.items()):
            raise ReviewNotSaved(
                "The review was not saved: another one with the same time and counts is stored; save it once more."
            )


_VERSIONS = text("""
WITH RECURSIVE versions(id) AS (
    VALUES (:id)
    UNION SELECT newer.id FROM reviews AS newer JOIN versions ON newer.replaces = versions.id
    UNION SELECT older.replaces FROM reviews AS older JOIN versions ON older.id = versions.id
        WHERE older.replaces IS NOT NULL
)
SELECT id FROM versions
""")
