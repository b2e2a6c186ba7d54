"""ReviewStore: reviews on disk, in the order of saving, never changed, and words only with consent.

Kept of everybody: which model wrote, the digests of its films, tokens and seconds, the reader's verdict, the numbers of
edited words, and times. Kept of those who consented: also the words, in a table of their own. No digest of a reader's
words stands outside that table, salted or not: whoever has the file has the salt, and a short text is found by trying.
So the prompt is named by its version, an id is made from what is kept of everybody, and a prompt's digest stands beside
its text and is erased with it.
"""

import sqlite3
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.dialects.sqlite import insert as insert_or
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.row_mapping import StoredReview, format_time, review_from_row, review_row, text_row
from clinicalblip.feedback.schema import execute_alone, open_database, reason_of, reviews, texts, withdrawals
from clinicalblip.radiology.review import Review

_BATCH = 200


class ReviewStore:
    """The reviews in one SQLite file, created where it is missing; safe to use from several threads and processes.

    Raises SettingsError when the file cannot be written, is another program's or has a newer schema.
    """

    def __init__(self, path: Path) -> None:
        self._engine = open_database(path.absolute())
        self._writing = threading.Lock()

    def add(self, review: Review) -> str:
        """Save a review and return its id, which exists only once the data is on disk.

        The same review saved twice is one row: two reviews differ where anything differs that is kept without consent,
        their time to the microsecond included. Saving again does not renew a consent that was withdrawn.
        Raises ReviewNotSaved when the disk or the database refuses, when `replaces` names no review here, and when
        other words are stored under the same time and counts; the store stays usable.
        """
        row = review_row(review)
        words = text_row(review)
        try:
            with self._writing, self._engine.begin() as connection:
                if not self._known(connection, row["id"]):
                    if review.replaces is not None and not self._known(connection, review.replaces):
                        raise ReviewNotSaved(
                            "The review was not saved: it corrects a review that is not in this store; save it as new."
                        )
                    connection.execute(insert(reviews).values(row))
                    if words is not None:
                        connection.execute(insert(texts).values(review=row["id"], **words))
                elif words is not None:
                    self._refuse_other_words(connection, row["id"], words)
        except DBAPIError as error:
            raise ReviewNotSaved(
                f"The review was not saved ({reason_of(error)}); what you wrote is still here, so try again "
                "once there is room and the file can be written."
            ) from error
        return str(row["id"])

    def forget(self, review_id: str) -> None:
        """Withdraw the consent to a review: its words are erased from every file of the store, the rest stays.

        A review and its corrections are versions of one review with nearly the same words, so those of all versions
        are erased. The time is kept; a second withdrawal changes nothing. Earlier exports are not reached.
        Raises ReviewNotSaved for an unknown id, and when the disk or another program hinders the erasing.
        """
        now = format_time(datetime.now(UTC))
        try:
            with self._writing:
                with self._engine.begin() as connection:
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
                execute_alone(self._engine, "VACUUM")
                busy = execute_alone(self._engine, "PRAGMA wal_checkpoint(TRUNCATE)")[0]
        except (DBAPIError, sqlite3.Error) as error:
            raise ReviewNotSaved(
                f"The withdrawal was not completed ({reason_of(error)}); "
                "forget the review again once there is room and the file can be written."
            ) from error
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
            try:
                with self._engine.execution_options(reading=True).begin() as connection:
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
        self._engine.dispose()

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
