"""A reader's judgement of one draft."""

import math
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clinicalblip.radiology.draft import Draft
from clinicalblip.radiology.report import ClinicalContext, Report


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

    `overall` is 1 (useless) to 5 (as I would have written it). `words_added` and `words_removed` count draft to
    final. `texts` is None without consent. `replaces` is the id of the review that this one corrects. Times are
    UTC; `editing_seconds` is from the draft's end to saving.
    """

    draft: Draft
    verdict: Verdict
    overall: int
    created: datetime
    words_added: int
    words_removed: int
    editing_seconds: float
    texts: ReviewTexts | None = None
    replaces: str | None = None

    def __post_init__(self) -> None:
        if isinstance(self.overall, bool) or not isinstance(self.overall, int) or not 1 <= self.overall <= 5:
            raise ValueError(f"the overall rating is a whole number from 1 to 5, not {self.overall!r}")
        if self.created.tzinfo is None:
            raise ValueError("the time of a review needs a time zone")
        if min(self.words_added, self.words_removed) < 0 or not 0 <= self.editing_seconds < math.inf:
            raise ValueError("edit counts and times are finite and not negative")
