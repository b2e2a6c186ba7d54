"""A reader's judgement of one draft."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from clinicalblip.radiology.check_outcome import CheckOutcome
from clinicalblip.radiology.counts import is_count
from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.report_error import ReportError
from clinicalblip.radiology.sentence_review import SentenceReview
from clinicalblip.radiology.text_span import check_inside


class Verdict(StrEnum):
    """What the draft needed before a radiologist would sign it."""

    ACCEPTED = "accepted"
    MINOR_EDITS = "minor edits"
    MAJOR_EDITS = "major edits"
    REJECTED = "rejected"


@dataclass(frozen=True)
class ReviewTexts:
    """What is kept only with the reader's consent."""

    context: ClinicalContext
    draft: Report
    final: Report
    reference: Report
    comment: str = ""


@dataclass(frozen=True)
class Review:
    """A reader's judgement, with or without the texts it is about.

    The `verdict` is the reader's decision. `overall`, from 1 (useless) to 5 (as I would have written it), is None
    where it was not asked for; `would_sign` is None where nobody said it. `words_added` and `words_removed` count
    draft to final, `style_edits` and `content_edits` how many edits changed the wording alone, or what is said. Times
    are UTC; `editing_seconds` is from the draft's end to saving.

    Places of `sentences` and `errors` are in the report of `draft`, which is masked where the review is, and in the
    final report of `texts`. A passage may have several errors, each of another category. `reading` is kept with a
    consent of its own, and `texts` with theirs; None without. `replaces` is the id of the review that this one
    corrects. `reader` is a pseudonym, `study` a digest that names a study of a work list. `reader_key` says whose it
    is: the same one for all reviews of a sign-in, or of an account, and nothing about who that is.
    """

    draft: Draft
    verdict: Verdict
    created: datetime
    words_added: int
    words_removed: int
    editing_seconds: float
    overall: int | None = None
    texts: ReviewTexts | None = None
    replaces: str | None = None
    reader: str | None = None
    study: str | None = None
    would_sign: bool | None = None
    style_edits: int = 0
    content_edits: int = 0
    sentences: tuple[SentenceReview, ...] = ()
    errors: tuple[ReportError, ...] = ()
    checks: tuple[CheckOutcome, ...] = ()
    reading: Reading | None = None
    reader_key: str | None = None

    def __post_init__(self) -> None:
        if self.overall is not None and (type(self.overall) is not int or not 1 <= self.overall <= 5):
            raise ValueError(f"the overall rating is a whole number from 1 to 5, or None, not {self.overall!r}")
        if self.created.tzinfo is None:
            raise ValueError("the time of a review needs a time zone")
        counts = (self.words_added, self.words_removed, self.style_edits, self.content_edits)
        if not all(map(is_count, counts)) or not 0 <= self.editing_seconds < math.inf:
            raise ValueError("edit counts and times are finite and not negative")
        self._check_sentences()
        self._check_errors()
        self._check_reading()
        if len({outcome.check for outcome in self.checks}) < len(self.checks):
            raise ValueError("a check has one outcome in a review")

    def _check_sentences(self) -> None:
        places: list[tuple[Section, int, int]] = []
        for sentence in self.sentences:
            if sentence.start is not None and sentence.end is not None:
                check_inside(self.draft.report, sentence.section, sentence.end, what="draft")
                places.append((sentence.section, sentence.start, sentence.end))
            if self.texts is not None and sentence.final_end is not None:
                check_inside(self.texts.final, sentence.section, sentence.final_end, what="final report")
        places.sort()
        if any(one[0] == two[0] and two[1] < one[2] for one, two in pairwise(places)):
            raise ValueError("two sentences of a draft do not overlap")

    def _check_reading(self) -> None:
        if self.reading is None:
            return
        for what, parts, seconds in (
            ("sentences", self.sentences, self.reading.sentence_seconds),
            ("errors", self.errors, self.reading.error_seconds),
        ):
            if len(seconds) not in (0, len(parts)):
                raise ValueError(
                    f"a reading has a time for each of the {len(parts)} {what}, or none, not {len(seconds)}"
                )

    def _check_errors(self) -> None:
        seen = set()
        for error in self.errors:
            if error.section is None or error.end is None:
                continue
            check_inside(self.draft.report, error.section, error.end, what="draft")
            place = (error.section, error.start, error.end, error.category)
            if place in seen:
                raise ValueError(f"a passage has one error of the category {error.category}, not two")
            seen.add(place)
