"""ReviewStore: reviews on disk, in the order of saving, never changed; words and readings only with consent.

Kept of everybody: which model wrote, the digests of its films, tokens and seconds, the reader's verdict, what became of
each sentence by its place, errors by their place, checks, the numbers of edited words, and times. Kept of those who
consented: also the words, and how the study was read, each with a consent and tables of its own. No digest of a
reader's words stands outside them, salted or not: whoever has the file has the salt, and a short text is found by
trying. So the prompt is named by its version, an id is made from what is kept of everybody, and a prompt's digest
stands beside its text and is erased with it.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import RowMapping, Select, delete, func, insert, select, text
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback import connection as database
from clinicalblip.feedback.connection import execute_alone, reason_of
from clinicalblip.feedback.database_file import DatabaseFile
from clinicalblip.feedback.row_mapping import StoredReview, format_time, review_from_rows, review_row, rows_by_table
from clinicalblip.feedback.schema import (
    CONSENTED,
    checks,
    errors,
    reading_errors,
    reading_sentences,
    readings,
    reviews,
    sentences,
    texts,
    withdrawals,
)
from clinicalblip.feedback.write_queue import QueueTimeout, WriteQueue
from clinicalblip.radiology.review import Review

_PARTS = (sentences, errors, checks, readings, reading_sentences, reading_errors)
"""The tables that have parts of a review, beside its own row and its texts."""

_Rows = Sequence[dict[str, Any]]

_BATCH = 200
_TRIES = 3  # files that come and go while one review is saved
_NOT_SAVED = (
    "The review was not saved ({reason}); what you wrote is still here, so try again once there is room and the file "
    "can be written."
)
_NOT_READ = "The stored reviews cannot be read ({reason}); check the reviews file and its disk."
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
        went from its place, and when other words or another reading are stored under the same time and counts; the
        store stays usable.
        """
        row = review_row(review)
        parts = rows_by_table(review, row["id"])
        with self._turn(_NOT_SAVED) as wait:
            for _ in range(_TRIES):
                self._file.ensure_current()
                with self._writing(wait) as connection:
                    self._insert(connection, row, parts)
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
            with self._queue.take(database.BUSY_SECONDS) as wait:
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

    def _insert(self, connection: Connection, row: dict[str, Any], parts: Mapping[str, _Rows]) -> None:
        if self._known(connection, row["id"]):
            self._refuse_others(connection, row["id"], parts)
            return
        if row["replaces"] is not None and not self._known(connection, row["replaces"]):
            raise ReviewNotSaved(
                "The review was not saved: it corrects a review that is not in this store; save it as new."
            )
        # Values go beside the statement: one that holds them stays in the engine's cache of statements, texts and all.
        connection.execute(insert(reviews), row)
        for table in (*_PARTS, texts):
            if parts[table.name]:
                connection.execute(insert(table), parts[table.name])

    def forget(self, review_id: str) -> None:
        """Withdraw the consents to a review: its words and its reading are erased from every file, the rest stays.

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
                    for table in CONSENTED:
                        connection.execute(delete(table).where(table.c.review == version))
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
        query = _joined().order_by(reviews.c.number).limit(_BATCH)
        last = 0
        while True:
            if not self._file.is_current:
                with self._turn(_NOT_READ):
                    self._file.ensure_current()
            try:
                with self._file.engine.execution_options(reading=True).begin() as connection:
                    batch = connection.execute(query.where(reviews.c.number > last)).mappings().all()
                    read = _with_parts(connection, batch)
            except DBAPIError as error:
                raise ReviewNotSaved(_NOT_READ.format(reason=reason_of(error))) from error
            yield from read
            if len(batch) < _BATCH:
                return
            last = batch[-1]["number"]

    def find(self, review_id: str) -> StoredReview | None:
        """The review with this id, None where there is none. Raises ReviewNotSaved when the file cannot be read."""
        with self._turn(_NOT_READ) as wait:
            self._file.ensure_current()
            with self._file.engine.execution_options(wait=wait, reading=True).begin() as connection:
                rows = connection.execute(_joined().where(reviews.c.id == review_id)).mappings().all()
                return next(iter(_with_parts(connection, rows)), None)

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
    def _refuse_others(connection: Connection, review_id: str, parts: Mapping[str, _Rows]) -> None:
        """Raise where the review is stored with other words, or another reading, than these; erased ones are none."""
        for table in CONSENTED:
            query = select(table).where(table.c.review == review_id).order_by(*table.primary_key)
            stored = connection.execute(query).mappings().all()
            given = parts[table.name]
            if stored and given and [dict(row) for row in stored] != given:
                raise ReviewNotSaved(
                    "The review was not saved: another one with the same time and counts is stored; save it once more."
                )


def _joined() -> Select[Any]:
    """The rows of `reviews`, with the latest review that corrects each, its texts, and when they were withdrawn."""
    newer = reviews.alias()
    superseding = (
        select(newer.c.id)
        .where(newer.c.replaces == reviews.c.id)
        .order_by(newer.c.number.desc())
        .limit(1)
        .scalar_subquery()
    )
    kept = [column for column in texts.columns if column.name != "review"]
    return (
        select(reviews, withdrawals.c.withdrawn, superseding.label("superseded_by"), *kept)
        .outerjoin(withdrawals, withdrawals.c.review == reviews.c.id)
        .outerjoin(texts, texts.c.review == reviews.c.id)
    )


def _with_parts(connection: Connection, rows: Sequence[RowMapping]) -> list[StoredReview]:
    """The reviews of these rows, with their parts from the other tables."""
    ids = [row["id"] for row in rows]
    parts: dict[str, dict[str, list[RowMapping]]] = {table.name: defaultdict(list) for table in _PARTS}
    for table in _PARTS:
        query = select(table).where(table.c.review.in_(ids)).order_by(*table.primary_key)
        for part in connection.execute(query).mappings() if ids else ():
            parts[table.name][part["review"]].append(part)
    return [_read(row, {name: found[row["id"]] for name, found in parts.items()}) for row in rows]


def _read(row: RowMapping, parts: Mapping[str, Sequence[RowMapping]]) -> StoredReview:
    try:
        return review_from_rows(row, parts)
    except (TypeError, ValueError) as error:  # another program wrote it: the file holds more than a review can be
        raise ReviewNotSaved(
            _NOT_READ.format(reason=f"review {row['id']} has a value that no review of this version has")
        ) from error


_VERSIONS = text("""
WITH RECURSIVE versions(id) AS (
    VALUES (:id)
    UNION SELECT newer.id FROM reviews AS newer JOIN versions ON newer.replaces = versions.id
    UNION SELECT older.replaces FROM reviews AS older JOIN versions ON older.id = versions.id
        WHERE older.replaces IS NOT NULL
)
SELECT id FROM versions
""")
