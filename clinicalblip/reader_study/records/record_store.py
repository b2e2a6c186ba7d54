"""RecordStore: who reads a study, and what was read, chosen and answered, in a database that only grows."""

import hashlib
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from sqlalchemy import ColumnElement, Select, Table, func, insert, select
from sqlalchemy.engine import Connection

from clinicalblip.errors import ReaderStudyError
from clinicalblip.feedback.databases.refusals import refusals
from clinicalblip.feedback.databases.sqlite import SqliteDatabase
from clinicalblip.feedback.part_rows import Row
from clinicalblip.feedback.row_mapping import format_time
from clinicalblip.reader_study.records import record_rows
from clinicalblip.reader_study.records.records import (
    CaseReading,
    Enrolment,
    EventKind,
    PairwiseChoice,
    QuestionnaireAnswers,
    StudyEvent,
)
from clinicalblip.reader_study.records.schema import (
    RECORDS,
    answers,
    choices,
    consents,
    enrolments,
    events,
    leavings,
    link_uses,
    links,
    readings,
)

Record = TypeVar("Record")

_TOKEN_BYTES = 32  # 43 characters
_NOT_SAVED = "Nothing was saved ({reason}); what you wrote is still here, so try again once {writable}."
_NOT_READ = "The study's records cannot be read ({reason}); check {place}."
_UNKNOWN_READER = "Nobody is enrolled in this study as {reader}; check the reader's pseudonym."


class RecordStore:
    """The records of a study in an SQLite file; safe to use from several threads and processes.

    `rows`: for how many readers the assignment is made; without it any number can be enrolled. What a call has written
    is on disk when it returns. Raises ReaderStudyError where the file cannot be written, is another program's or has a
    newer schema, and in each call where the disk or the database refuses; the store stays usable then.
    """

    def __init__(self, path: Path, rows: int | None = None) -> None:
        self._database, self._rows = SqliteDatabase(path, RECORDS), rows

    def offer(self, rows: int) -> None:
        """The assignment has become longer: so many rows can be given from now on."""
        self._rows = rows

    def enrolments(self) -> tuple[Enrolment, ...]:
        """Everybody who reads or read, by row."""
        return self._read(lambda connection: _all_enrolled(connection))

    def enrol(self, row: int | None = None) -> Enrolment:
        """Enrol the reader of a row, of the next free one where none is named.

        A row that somebody had is not given again, also once they have left. Raises ReaderStudyError where the row is
        taken or not in the assignment, and where none is free.
        """
        return self._write(partial(self._enrol, row=row))

    def _enrol(self, connection: Connection, row: int | None) -> Enrolment:
        taken = set(connection.execute(select(enrolments.c.row)).scalars())
        if row is None:
            row = next(free for free in range(1, len(taken) + 2) if free not in taken)
        if self._rows is not None and row > self._rows:
            raise ReaderStudyError(
                f"The assignment is made for {self._rows} readers, and row {row} is not in it; add a reader first."
            )
        if row < 1 or row in taken:
            raise ReaderStudyError(f"Row {row} of the assignment is no row, or taken; name a free one.")
        made = Enrolment(f"R{row:02d}", row, datetime.now(UTC))
        values = {"reader": made.reader, "row": row, "enrolled": format_time(made.enrolled)}
        connection.execute(insert(enrolments), values)
        return made

    def consent(self, reader: str) -> None:
        """The reader consents; the first time counts. Raises ReaderStudyError where nobody is enrolled as such."""
        self._write(partial(_mark, table=consents, column="consented", reader=reader))

    def leave(self, reader: str) -> None:
        """The reader leaves the study for good; what they read stays. Raises ReaderStudyError as `consent` does."""
        self._write(partial(_mark, table=leavings, column="left", reader=reader))

    def make_link(self, reader: str) -> str:
        """A token that lets whoever has it read as this reader, once; those made before it are void from now on.

        Its SHA-256 alone is kept. Raises ReaderStudyError as `consent` does, and for a reader who has left.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)

        def keep(connection: Connection) -> None:
            if _find(connection, reader).left is not None:
                raise ReaderStudyError(f"{reader} has left the study; no link was made.")
            now = format_time(datetime.now(UTC))
            connection.execute(insert(links), {"reader": reader, "digest": _digest(token), "made": now})

        self._write(keep)
        return token

    def use_link(self, token: str) -> str | None:
        """The reader of a link, which does not work again; None where it is unknown, used, or not the newest."""
        digest = _digest(token)

        def use(connection: Connection) -> str | None:
            reader = connection.execute(select(links.c.reader).where(links.c.digest == digest)).scalar_one_or_none()
            if reader is None or _find(connection, reader).left is not None:
                return None
            newest = select(links.c.digest).where(links.c.reader == reader).order_by(links.c.number.desc()).limit(1)
            if connection.execute(newest).scalar_one() != digest or _has(connection, link_uses.c.digest == digest):
                return None
            connection.execute(insert(link_uses), {"digest": digest, "used": format_time(datetime.now(UTC))})
            return str(reader)

        return self._write(use)

    def add_reading(self, reading: CaseReading) -> bool:
        """Save a reading; False where this reader's of the case in the period is there, which stays as it is.

        Raises ReaderStudyError where nobody is enrolled under its pseudonym, and once the study has ended.
        """
        same = (
            (readings.c.reader == reading.reader)
            & (readings.c.period == reading.period)
            & (readings.c.case == reading.case)
            & (readings.c.repeat == reading.repeat)
        )
        row = record_rows.row_of_reading(reading)
        return self._write(partial(_insert_once, table=readings, row=row, same=same))

    def readings(self) -> tuple[CaseReading, ...]:
        """All readings, in the order of saving."""
        return self._all(readings, record_rows.reading_from_record_row)

    def add_choice(self, choice: PairwiseChoice) -> bool:
        """Save a choice between two drafts; False where this reader's at the position is there. Raises as above."""
        same = (choices.c.reader == choice.reader) & (choices.c.position == choice.position)
        row = record_rows.row_of_choice(choice)
        return self._write(partial(_insert_once, table=choices, row=row, same=same))

    def choices(self) -> tuple[PairwiseChoice, ...]:
        """All choices, in the order of saving."""
        return self._all(choices, record_rows.choice_from_row)

    def add_answers(self, given: QuestionnaireAnswers) -> bool:
        """Save a reader's answers to a questionnaire; False where there are some. Raises as `add_reading` does."""
        same = (answers.c.reader == given.reader) & (answers.c.questionnaire == given.questionnaire)
        row = record_rows.row_of_answers(given)
        return self._write(partial(_insert_once, table=answers, row=row, same=same))

    def answers(self) -> tuple[QuestionnaireAnswers, ...]:
        """All answers, in the order of saving."""
        return self._all(answers, record_rows.answers_from_row)

    def add_event(self, event: StudyEvent) -> None:
        """Save that something happened."""
        row = record_rows.row_of_event(event)
        self._write(lambda connection: connection.execute(insert(events), row))

    def events(self) -> tuple[StudyEvent, ...]:
        """All that happened, in the order of saving."""
        return self._all(events, record_rows.event_from_row)

    @property
    def has_ended(self) -> bool:
        """Whether the study was ended, and not extended since."""
        return self._read(_has_ended)

    def close(self) -> None:
        """Close the file's connections."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, work: Callable[[Connection], Record]) -> Record:
        with refusals(_NOT_SAVED, ReaderStudyError, writable=self._database.writable):
            return self._database.write(work)

    def _read(self, work: Callable[[Connection], Record]) -> Record:
        with refusals(_NOT_READ, ReaderStudyError, place=self._database.place):
            return self._database.read(work)

    def _all(self, table: Table, parse: Callable[[Row], Record]) -> tuple[Record, ...]:
        def read(connection: Connection) -> tuple[Record, ...]:
            rows = connection.execute(select(table).order_by(table.c.number)).mappings()
            return tuple(_parsed(row, parse, table) for row in rows)

        return self._read(read)


def _parsed(row: Row, parse: Callable[[Row], Record], table: Table) -> Record:
    with suppress(TypeError, ValueError, KeyError):
        return parse(row)
    raise ReaderStudyError(
        f"The study's records have a row of {table.name} that no record of this version has; put back the file as it "
        "was."
    )


def _joined() -> Select[Any]:
    return (
        select(enrolments, consents.c.consented, leavings.c.left)
        .outerjoin(consents, consents.c.reader == enrolments.c.reader)
        .outerjoin(leavings, leavings.c.reader == enrolments.c.reader)
        .order_by(enrolments.c.row)
    )


def _all_enrolled(connection: Connection) -> tuple[Enrolment, ...]:
    rows = connection.execute(_joined()).mappings()
    return tuple(_parsed(row, record_rows.enrolment_from_row, enrolments) for row in rows)


def _find(connection: Connection, reader: str) -> Enrolment:
    row = connection.execute(_joined().where(enrolments.c.reader == reader)).mappings().one_or_none()
    if row is None:
        raise ReaderStudyError(_UNKNOWN_READER.format(reader=_named(reader)))
    return _parsed(row, record_rows.enrolment_from_row, enrolments)


def _named(reader: str) -> str:
    """A pseudonym as it may stand in a sentence; whatever else was typed does not."""
    return reader if len(reader) <= 8 and reader.isalnum() else "such a reader"


def _mark(connection: Connection, table: Table, column: str, reader: str) -> None:
    _find(connection, reader)
    if not _has(connection, table.c.reader == reader):
        connection.execute(insert(table), {"reader": reader, column: format_time(datetime.now(UTC))})


def _insert_once(connection: Connection, table: Table, row: dict[str, Any], same: ColumnElement[bool]) -> bool:
    _find(connection, row["reader"])
    if _has(connection, same):
        return False
    if _has_ended(connection):
        raise ReaderStudyError("The study has ended, and nothing more is saved; ask its owner to extend it.")
    connection.execute(insert(table), row)
    return True


def _has(connection: Connection, condition: ColumnElement[bool]) -> bool:
    return connection.execute(select(func.count()).where(condition)).scalar_one() > 0


def _has_ended(connection: Connection) -> bool:
    kinds = (str(EventKind.ENDED), str(EventKind.EXTENDED))
    query = select(events.c.kind).where(events.c.kind.in_(kinds)).order_by(events.c.number.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none() == EventKind.ENDED


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
