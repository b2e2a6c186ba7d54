"""ReviewStore: reviews in a database, in the order of saving, never changed; words and readings only with consent.

Kept of everybody: which model wrote, the digests of its films, tokens and seconds, the reader's verdict, what became of
each sentence by its place, errors by their place, checks, the numbers of edited words, and times. Kept of those who
consented: also the words, and how the study was read, each with a consent and tables of its own. No digest of a
reader's words stands outside them, salted or not: whoever has the file has the salt, and a short text is found by
trying. So the prompt is named by its version, an id is made from what is kept of everybody, and a prompt's digest
stands beside its text and is erased with it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import RowMapping, Select, delete, func, insert, select, text
from sqlalchemy.engine import Connection

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.databases.refusals import refusals
from clinicalblip.feedback.databases.review_database import ReviewDatabase
from clinicalblip.feedback.databases.sqlite import SqliteDatabase
from clinicalblip.feedback.row_mapping import (
    StoredReview,
    format_time,
    review_from_rows,
    review_row,
    row_of_stored,
    rows_by_table,
    rows_of_stored,
)
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
from clinicalblip.radiology.review import Review

_PARTS = (sentences, errors, checks, readings, reading_sentences, reading_errors)
"""The tables that have parts of a review, beside its own row and its texts."""

_Rows = Sequence[dict[str, Any]]

_BATCH = 200
_NOT_SAVED = "The review was not saved ({reason}); what you wrote is still here, so try again once {writable}."
_NOT_READ = "The stored reviews cannot be read ({reason}); check {place}."
_NOT_WITHDRAWN = "The withdrawal was not completed ({reason}); forget the review again once {writable}."


class ReviewStore:
    """The reviews in a database, given as such or as the path of an SQLite file; safe to use from several threads.

    `changed` is called with the ids of reviews that were added or withdrawn, once that is on disk; it raises nothing.
    Raises SettingsError when the file cannot be written, is another program's or has a newer schema.
    """

    def __init__(
        self, database: ReviewDatabase | Path, changed: Callable[[Sequence[str]], None] = lambda ids: None
    ) -> None:
        self._database = SqliteDatabase(database) if isinstance(database, Path) else database
        self._changed = changed

    def add(self, review: Review) -> str:
        """Save a review and return its id, which exists only once the data is on disk, where the database is found.

        The same review saved twice is one row: two reviews differ where anything differs that is kept without consent,
        their time to the microsecond included. Saving again does not renew a consent that was withdrawn.
        Raises ReviewNotSaved when the disk or the database refuses, when `replaces` names no review here, when the file
        went from its place, and when other words or another reading are stored under the same time and counts; the
        store stays usable.
        """
        row = review_row(review)
        parts = rows_by_table(review, row["id"])
        with refusals(_NOT_SAVED, writable=self._database.writable):
            self._database.write(lambda connection: self._insert(connection, row, parts))
        self._changed([row["id"]])
        return str(row["id"])

    def put_back(self, stored: StoredReview) -> bool:
        """Add a review that was stored before, at the end of the order, and return whether it was not here.

        One that is here stays as it is, but for a consent that was withdrawn meanwhile, which is withdrawn here too.
        Raises ReviewNotSaved when the disk or the database refuses, or what it corrects is not here.
        """
        here = self.find(stored.id)
        if here is not None:
            if stored.withdrawn is not None and here.withdrawn is None:
                self.forget(stored.id)
            return False
        row, parts = row_of_stored(stored), rows_of_stored(stored)

        def insert_once(connection: Connection) -> bool:
            if self._known(connection, stored.id):
                return False
            self._insert(connection, row, parts)
            if stored.withdrawn is not None:
                mark = {"review": stored.id, "withdrawn": format_time(stored.withdrawn)}
                connection.execute(insert(withdrawals), mark)
            return True

        with refusals(_NOT_SAVED, writable=self._database.writable):
            added = self._database.write(insert_once)
        self._changed([stored.id])
        return added

    def has(self, review_id: str) -> bool:
        """Whether a review with this id is here. Raises ReviewNotSaved where that cannot be read."""
        with refusals(_NOT_SAVED, writable=self._database.writable):
            return self._database.read(lambda connection: self._known(connection, review_id))

    def check_writable(self) -> None:
        """Take the lock of the database, and give it back. Raises ReviewNotSaved where nothing can be saved."""
        with refusals(_NOT_SAVED, writable=self._database.writable):
            self._database.write(lambda connection: None)

    def _insert(self, connection: Connection, row: dict[str, Any], parts: Mapping[str, _Rows]) -> None:
        if self._known(connection, row["id"]):
            self._refuse_others(connection, row["id"], parts)
            return
        if row["replaces"] is not None and not self._known(connection, row["replaces"]):
            raise ReviewNotSaved(
                "The review was not saved: it corrects a review that is not in this store; save it as new."
            )
        last = connection.execute(select(func.max(reviews.c.number))).scalar_one()
        # Values go beside the statement: one that holds them stays in the engine's cache of statements, texts and all.
        connection.execute(insert(reviews), {"number": (last or 0) + 1, **row})
        for table in (*_PARTS, texts):
            if parts[table.name]:
                connection.execute(insert(table), parts[table.name])

    def forget(self, review_id: str) -> str:
        """Withdraw the consents to a review: its words and its reading are erased from the database, the rest stays.

        A review and its corrections are versions of one review with nearly the same words, so those of all versions
        are erased. The time is kept; a second withdrawal changes nothing. Returns a sentence on the copies that this
        does not reach, earlier exports and backups aside; empty where there are none.
        Raises ReviewNotSaved for an unknown id, and when the disk or another program hinders the erasing.
        """
        now = format_time(datetime.now(UTC))
        with refusals(_NOT_WITHDRAWN, writable=self._database.writable):
            versions = self._database.erase(partial(self._withdraw, review_id=review_id, now=now))
        self._changed(versions)
        return self._database.unreached

    def _withdraw(self, connection: Connection, review_id: str, now: str) -> list[str]:
        if not self._known(connection, review_id):
            raise ReviewNotSaved("Nothing was withdrawn: no review with this id is in this store; check the id.")
        versions = set(connection.execute(_VERSIONS, {"id": review_id}).scalars())
        known = set(
            connection.execute(select(withdrawals.c.review).where(withdrawals.c.review.in_(versions))).scalars()
        )
        for version in sorted(versions):
            if version not in known:
                connection.execute(insert(withdrawals), {"review": version, "withdrawn": now})
            for table in CONSENTED:
                connection.execute(delete(table).where(table.c.review == version))
        return sorted(versions)

    def consents(self) -> dict[str, bool]:
        """Each review's id, in the order of saving, and whether its consents were withdrawn. Raises ReviewNotSaved."""
        query = (
            select(reviews.c.id, withdrawals.c.withdrawn)
            .outerjoin(withdrawals, withdrawals.c.review == reviews.c.id)
            .order_by(reviews.c.number)
        )
        with refusals(_NOT_READ, place=self._database.place):
            rows = self._database.read(lambda connection: connection.execute(query).all())
        return {row.id: row.withdrawn is not None for row in rows}

    def reviews(self, *, reader_key: str | None = None) -> Iterator[StoredReview]:
        """Yield the reviews in the order of saving; with `reader_key` only those of this reader.

        They are read in batches, so that a slow consumer holds no lock that would keep words from being erased.
        Raises ReviewNotSaved when the database cannot be read.
        """
        last = 0
        while True:
            with refusals(_NOT_READ, place=self._database.place):
                batch, read = self._database.read(partial(self._batch, after=last, reader_key=reader_key))
            yield from read
            if len(batch) < _BATCH:
                return
            last = batch[-1]["number"]

    def newest(self, count: int, *, before: int | None = None, reader_key: str | None = None) -> list[StoredReview]:
        """The reviews that were saved last, the latest first, at most as many as asked for.

        `before`: those alone whose `number` is lower; `reader_key`: those of this reader. Raises ReviewNotSaved when
        the database cannot be read.
        """
        query = _joined().order_by(reviews.c.number.desc()).limit(count)
        if before is not None:
            query = query.where(reviews.c.number < before)
        if reader_key is not None:
            query = query.where(reviews.c.reader_key == reader_key)

        def read(connection: Connection) -> list[StoredReview]:
            return self._with_parts(connection, connection.execute(query).mappings().all())

        with refusals(_NOT_READ, place=self._database.place):
            return self._database.read(read)

    def _batch(
        self, connection: Connection, after: int, reader_key: str | None
    ) -> tuple[Sequence[RowMapping], list[StoredReview]]:
        query = _joined().where(reviews.c.number > after)
        if reader_key is not None:
            query = query.where(reviews.c.reader_key == reader_key)
        rows = connection.execute(query.order_by(reviews.c.number).limit(_BATCH)).mappings().all()
        return rows, self._with_parts(connection, rows)

    def find(self, review_id: str) -> StoredReview | None:
        """The review with this id, None where there is none. Raises ReviewNotSaved when the database cannot be read."""

        def find_row(connection: Connection) -> StoredReview | None:
            rows = connection.execute(_joined().where(reviews.c.id == review_id)).mappings().all()
            return next(iter(self._with_parts(connection, rows)), None)

        with refusals(_NOT_READ, place=self._database.place):
            return self._database.read(find_row)

    def close(self) -> None:
        """Close the database's connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _with_parts(self, connection: Connection, rows: Sequence[RowMapping]) -> list[StoredReview]:
        """The reviews of these rows, with their parts from the other tables."""
        ids = [row["id"] for row in rows]
        parts: dict[str, dict[str, list[RowMapping]]] = {table.name: defaultdict(list) for table in _PARTS}
        for table in _PARTS:
            query = select(table).where(table.c.review.in_(ids)).order_by(*table.primary_key)
            for part in connection.execute(query).mappings() if ids else ():
                parts[table.name][part["review"]].append(part)
        return [self._read(row, {name: found[row["id"]] for name, found in parts.items()}) for row in rows]

    def _read(self, row: RowMapping, parts: Mapping[str, Sequence[RowMapping]]) -> StoredReview:
        try:
            return review_from_rows(row, parts)
        except (TypeError, ValueError) as error:  # another program wrote it: it holds more than a review can be
            reason = f"review {row['id']} has a value that no review of this version has"
            raise ReviewNotSaved(_NOT_READ.format(reason=reason, place=self._database.place)) from error

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


_VERSIONS = text("""
WITH RECURSIVE
    links(id, other) AS (
        SELECT id, replaces FROM reviews WHERE replaces IS NOT NULL
        UNION ALL SELECT replaces, id FROM reviews WHERE replaces IS NOT NULL
    ),
    versions(id) AS (
        SELECT id FROM reviews WHERE id = :id
        UNION SELECT links.other FROM links JOIN versions ON links.id = versions.id
    )
SELECT id FROM versions
""")
