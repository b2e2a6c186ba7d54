"""Records to the rows of their tables, and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from clinicalblip.feedback.part_rows import Row, reading_from_row, reading_row
from clinicalblip.feedback.row_mapping import format_time
from clinicalblip.radiology.characters import replace_surrogates
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.records.records import (
    Answers,
    CaseReading,
    Choice,
    Enrolment,
    EventKind,
    PairwiseChoice,
    QuestionnaireAnswers,
    StudyEvent,
)

_READING = ("reader", "case", "arm", "period", "position", "repeat", "review", "draft", "first_seconds")
_CHOICE = ("reader", "position", "case", "left", "right", "seconds")
_ANSWERED = ("sentence_seconds", "error_seconds")

# What is read may be another program's: each of the functions below raises ValueError, KeyError or TypeError for a row
# that no record of this version has.


def enrolment_from_row(row: Row) -> Enrolment:
    """Of `enrolments`, with when the reader consented and left."""
    times = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in ("consented", "left")}
    return Enrolment(row["reader"], row["row"], datetime.fromisoformat(row["enrolled"]), **times)


def row_of_reading(reading: CaseReading) -> dict[str, Any]:
    """Of `readings`."""
    return {
        **{name: getattr(reading, name) for name in _READING},
        "opened": format_time(reading.opened),
        "saved": format_time(reading.saved),
        "final": _report_to_values(reading.final),
        "first": _report_to_values(reading.first) if reading.first else None,
        "reading": reading_to_values(reading.reading) if reading.reading else None,
        "answers": _storable(reading.answers),
    }


def reading_from_record_row(row: Row) -> CaseReading:
    """Of `readings`."""
    return CaseReading(
        **{name: row[name] for name in _READING},
        opened=datetime.fromisoformat(row["opened"]),
        saved=datetime.fromisoformat(row["saved"]),
        final=_report_from_values(row["final"]),
        first=_report_from_values(row["first"]) if row["first"] is not None else None,
        reading=reading_from_values(row["reading"]) if row["reading"] is not None else None,
        answers=_answers(row["answers"]),
    )


def row_of_choice(choice: PairwiseChoice) -> dict[str, Any]:
    """Of `choices`."""
    return {
        **{name: getattr(choice, name) for name in _CHOICE},
        "choice": str(choice.choice),
        "why": replace_surrogates(choice.why),
        "saved": format_time(choice.saved),
    }


def choice_from_row(row: Row) -> PairwiseChoice:
    """Of `choices`."""
    return PairwiseChoice(
        **{name: row[name] for name in _CHOICE},
        choice=Choice(row["choice"]),
        why=row["why"],
        saved=datetime.fromisoformat(row["saved"]),
    )


def row_of_answers(given: QuestionnaireAnswers) -> dict[str, Any]:
    """Of `answers`."""
    return {
        "reader": given.reader,
        "questionnaire": given.questionnaire,
        "answers": _storable(given.answers),
        "saved": format_time(given.saved),
    }


def answers_from_row(row: Row) -> QuestionnaireAnswers:
    """Of `answers`."""
    saved = datetime.fromisoformat(row["saved"])
    return QuestionnaireAnswers(row["reader"], row["questionnaire"], _answers(row["answers"]), saved)


def row_of_event(event: StudyEvent) -> dict[str, Any]:
    """Of `events`."""
    return {
        "kind": str(event.kind),
        "at": format_time(event.at),
        "reader": event.reader,
        "detail": replace_surrogates(event.detail),
    }


def event_from_row(row: Row) -> StudyEvent:
    """Of `events`."""
    return StudyEvent(EventKind(row["kind"]), datetime.fromisoformat(row["at"]), row["reader"], row["detail"])


def reading_to_values(reading: Reading) -> dict[str, Any]:
    """How a case was read, as plain JSON values."""
    return {**reading_row(reading), **{name: list(getattr(reading, name)) for name in _ANSWERED}}


def reading_from_values(values: Mapping[str, Any]) -> Reading:
    """What `reading_to_values` made values of."""
    return reading_from_row(values, *(values[name] for name in _ANSWERED))


def _report_to_values(report: Report) -> dict[str, str]:
    return {name: replace_surrogates(text) for name, text in vars(report).items()}


def _report_from_values(values: Mapping[str, Any]) -> Report:
    report = Report(values["findings"], values["impression"])
    if not all(isinstance(text, str) for text in vars(report).values()):
        raise TypeError("a report has texts")
    return report


def _storable(given: Answers) -> dict[str, int | str]:
    return {name: replace_surrogates(value) if isinstance(value, str) else value for name, value in given.items()}


def _answers(values: Any) -> dict[str, int | str]:
    if not isinstance(values, dict) or not all(isinstance(value, int | str) for value in values.values()):
        raise TypeError("answers are numbers or texts by name")
    return values
