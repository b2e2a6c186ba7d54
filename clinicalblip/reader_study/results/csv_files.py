"""The tidy CSV files of a study: one row a reading, an error, a choice, an answer."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from clinicalblip.feedback.exports.spreadsheet import SpreadsheetWriter
from clinicalblip.reader_study.results.columns import READING_COLUMNS, Column
from clinicalblip.reader_study.results.part_columns import (
    ANSWER_COLUMNS,
    CHOICE_COLUMNS,
    ERROR_COLUMNS,
    AnswerRow,
    ErrorRow,
)
from clinicalblip.reader_study.results.study_data import StudyData


@dataclass(frozen=True)
class CsvFile:
    """A file: what one of its rows is, and its columns."""

    name: str
    row: str
    columns: Sequence[Column[Any]]


FILES: Final = (
    CsvFile("readings.csv", "a reading of a case by a reader", READING_COLUMNS),
    CsvFile(
        "errors.csv", "an error of a reading's draft, named by the reader or put in before the study", ERROR_COLUMNS
    ),
    CsvFile("choices.csv", "a choice between two drafts of a case", CHOICE_COLUMNS),
    CsvFile("answers.csv", "an answer to a question after a case or at the end", ANSWER_COLUMNS),
)


def write_csv(data: StudyData) -> Mapping[str, bytes]:
    """All files by name, in UTF-8 with a byte order mark; a yes is 1 and a no 0, what is not known is empty.

    A cell that a spreadsheet would run as a formula has an apostrophe before it.
    """
    rows: tuple[Iterable[Any], ...] = (data.rows, error_rows(data), data.choices, answer_rows(data))
    return {file.name: _encoded(file.columns, own) for file, own in zip(FILES, rows, strict=True)}


def error_rows(data: StudyData) -> Iterator[ErrorRow]:
    """The errors of all readings: those that the reader named, then those that had been put in."""
    for row in data.rows:
        yield from (ErrorRow(row, named=error) for error in row.named or ())
        yield from (ErrorRow(row, injected=outcome) for outcome in row.injected or ())


def answer_rows(data: StudyData) -> Iterator[AnswerRow]:
    """The answers after cases, then those at the end."""
    for row in data.rows:
        for question, answer in row.answers.items():
            yield AnswerRow(row.reader, "after a case", question, answer, row)
    for each in data.answers:
        for question, answer in each.answers.items():
            yield AnswerRow(each.reader, each.questionnaire, question, answer)


def _encoded(columns: Sequence[Column[Any]], rows: Iterable[Any]) -> bytes:
    text = io.StringIO(newline="")
    writer = SpreadsheetWriter(text, [column.name for column in columns])
    writer.write({column.name: _plain(column.value(row)) for column in columns} for row in rows)
    return text.getvalue().encode()


def _plain(value: object) -> object:
    return int(value) if isinstance(value, bool) else value
