"""What is recorded of a reader study, one dataclass a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import Report

Answers = Mapping[str, int | str]
"""Answers by the names of their questions."""


@dataclass(frozen=True)
class Enrolment:
    """That somebody reads the study: under a pseudonym, `R01` for the first row of the assignment."""

    reader: str
    row: int
    enrolled: datetime
    consented: datetime | None = None
    left: datetime | None = None


@dataclass(frozen=True)
class CaseReading:
    """One case, read to its end by one reader.

    `review`: its review's id in the study's reviews file, which has draft, sentences, errors and verdict; None under
    an arm without a draft. `final`: the report as it was saved; `first`: the impression that was committed before a
    draft appeared, after `first_seconds`. `reading`: how it was read; times are of the page's own clock.
    `opened` and `saved` are UTC and may jump with the server's clock: nothing is computed from their difference.
    """

    reader: str
    case: int
    arm: str
    period: int
    position: int
    repeat: bool
    opened: datetime
    saved: datetime
    final: Report
    reading: Reading | None
    review: str | None = None
    draft: str | None = None  # the PreparedDraft's id
    first: Report | None = None
    first_seconds: float | None = None
    answers: Answers = field(default_factory=dict)


class Choice(StrEnum):
    """Which of two drafts a reader would rather start from."""

    LEFT = "left"
    RIGHT = "right"
    TIE = "tie"
    NEITHER = "neither"  # both unusable


@dataclass(frozen=True)
class PairwiseChoice:
    """A reader's choice between two drafts of one case, and why; `seconds` of the page's clock."""

    reader: str
    position: int
    case: int
    left: str
    right: str
    choice: Choice
    why: str
    seconds: float
    saved: datetime


@dataclass(frozen=True)
class QuestionnaireAnswers:
    """What a reader answered at the end, by the questionnaire's or the question's name."""

    reader: str
    questionnaire: str
    answers: Answers
    saved: datetime


class EventKind(StrEnum):
    """What happens to a study beside readings."""

    BEGUN = "begun"
    LINK_MADE = "link made"
    READER_ADDED = "reader added"
    READER_LEFT = "reader left"
    PAUSED = "paused"
    TOOK_OVER = "took over"  # the same reader came with another browser
    CLOCK_BACK = "clock set back"  # the reader has readings that are dated later than now
    EXTENDED = "extended"
    ENDED = "ended"
    UNBLINDED = "unblinded"
    REPORTED = "reported"


@dataclass(frozen=True)
class StudyEvent:
    """Something that happened; `reader` is a pseudonym, where it is about one."""

    kind: EventKind
    at: datetime
    reader: str | None = None
    detail: str = ""
