"""The parts of a review to the rows of their tables, and back; as JSON they have the same names and values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Any, Final, Protocol

from clinicalblip.radiology.check_outcome import Check, CheckOutcome
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report_error import ErrorCategory, ErrorOrigin, ErrorState, ReportError, Significance
from clinicalblip.radiology.sentence_review import DecidedBy, SentenceFate, SentenceReview

Row = Mapping[Any, Any]  # of a table, or a JSON object

_WORDS: Final[Mapping[str, type[StrEnum]]] = {
    "section": Section,
    "fate": SentenceFate,
    "decided_by": DecidedBy,
    "category": ErrorCategory,
    "significance": Significance,
    "observation": Observation,
    "origin": ErrorOrigin,
    "state": ErrorState,
    "check": Check,
}
"""The columns that hold one of a list of words, and the list."""

ANSWERS: Final[Mapping[str, str]] = {"reading_sentences": "sentence_seconds", "reading_errors": "error_seconds"}
"""The tables that have when each sentence and each error was answered, and what a reading calls that."""

_READING: Final = tuple(field.name for field in fields(Reading) if field.name not in ANSWERS.values())


class HasParts(Protocol):
    """What has the parts of a review: one that is made, or one that is stored."""

    @property
    def sentences(self) -> Sequence[SentenceReview]:
        """What became of each sentence."""

    @property
    def errors(self) -> Sequence[ReportError]:
        """What is wrong with the draft."""

    @property
    def checks(self) -> Sequence[CheckOutcome]:
        """What became of each check."""

    @property
    def reading(self) -> Reading | None:
        """How the study was read."""


def rows_of_parts(parts: HasParts, review_id: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of a review's parts by their table, in order; lists are numbered from 0."""
    reading = parts.reading
    listed: dict[str, list[dict[str, Any]]] = {
        "sentences": [part_row(sentence) for sentence in parts.sentences],
        "errors": [part_row(error) for error in parts.errors],
        "checks": [part_row(outcome) for outcome in parts.checks],
        **{
            table: [{"seconds": seconds} for seconds in getattr(reading, name)] if reading else []
            for table, name in ANSWERS.items()
        },
    }
    return {
        **{
            name: [{"review": review_id, "number": number, **row} for number, row in enumerate(rows)]
            for name, rows in listed.items()
        },
        "readings": [{"review": review_id, **reading_row(reading)}] if reading else [],
    }


def part_row(part: SentenceReview | ReportError | CheckOutcome) -> dict[str, Any]:
    """One sentence, error or check as plain values under its own names."""
    return {field.name: _plain(getattr(part, field.name)) for field in fields(part)}


def reading_row(reading: Reading) -> dict[str, Any]:
    """A reading as plain values, without the times of its sentences and errors."""
    return {name: getattr(reading, name) for name in _READING}


def sentences_from_rows(rows: Iterable[Row]) -> tuple[SentenceReview, ...]:
    """The sentences of a review, in the order of their rows."""
    return tuple(SentenceReview(**_values(row, SentenceReview)) for row in rows)


def errors_from_rows(rows: Iterable[Row]) -> tuple[ReportError, ...]:
    """The errors of a review, in the order of their rows."""
    return tuple(ReportError(**_values(row, ReportError)) for row in rows)


def checks_from_rows(rows: Iterable[Row]) -> tuple[CheckOutcome, ...]:
    """The checks of a review, in the order of their rows."""
    return tuple(CheckOutcome(**_values(row, CheckOutcome)) for row in rows)


def reading_from_row(
    row: Row, sentence_seconds: Iterable[float | None], error_seconds: Iterable[float | None]
) -> Reading:
    """A reading, with the times of its sentences and of its errors in their order."""
    return Reading(
        **{name: row[name] for name in _READING},
        sentence_seconds=tuple(sentence_seconds),
        error_seconds=tuple(error_seconds),
    )


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, StrEnum) else value


def _values(row: Row, part: type[Any]) -> dict[str, Any]:
    values = {field.name: row[field.name] for field in fields(part)}
    return {
        name: _WORDS[name](value) if name in _WORDS and value is not None else value for name, value in values.items()
    }
