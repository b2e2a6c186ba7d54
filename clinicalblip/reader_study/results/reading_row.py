"""ReadingRow: one reading with all that is counted of it, in plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report_error import ErrorCategory, ErrorOrigin, ErrorState, Significance
from clinicalblip.radiology.review import Verdict
from clinicalblip.reader_study.assignment.assignment import CaseKind
from clinicalblip.reader_study.injection.fates import ErrorFate
from clinicalblip.reader_study.injection.injected_error import InjectedError

DECISIONS = tuple(Verdict)
"""The decisions in the order of their ranks, from 0: what a draft needed before the reader would sign it."""


class Flag(StrEnum):
    """Why a reading may say little; it is counted all the same."""

    FASTER_THAN_READABLE = "accepted faster than readable"
    ALL_AT_ONCE = "accepted all at once"
    MOSTLY_IDLE = "mostly idle"
    VERY_FAST = "very fast"
    INTERRUPTED = "interrupted"


class ReviewState(StrEnum):
    """What is known of the review that a reading names."""

    NO_DRAFT = "no draft"
    KEPT = "kept"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    MISSING = "missing"


@dataclass(frozen=True)
class NamedError:
    """An error of a draft that the reader confirmed or named."""

    category: ErrorCategory
    significance: Significance | None
    observation: Observation | None
    origin: ErrorOrigin
    state: ErrorState


@dataclass(frozen=True)
class InjectedOutcome:
    """An error that had been put into a draft, and its fate in the reader's report."""

    error: InjectedError
    fate: ErrorFate


@dataclass(frozen=True)
class ReadingRow:
    """One reading; None is what is not known, or cannot be of its arm.

    Seconds are the page's. `edit_distance`: words added and removed between draft and final report. `decision`: a rank
    in `DECISIONS`. `named`: the reader's errors of the draft. `injected`: with their fates; empty where the draft had
    none, None where the final report is not known. `wrongly_corrected`: findings in which the draft was right, by the
    reference, and the final report is wrong. `agreement` and the two beside it: F1 with the reference in CheXpert's
    observations. `answers`: to the questions after the case.
    """

    reader: str
    case: int
    arm: str
    period: int
    position: int
    repeat: bool
    kind: CaseKind
    stratum: str
    review: ReviewState
    seconds: float | None = None
    active_seconds: float | None = None
    first_seconds: float | None = None
    edit_distance: int | None = None
    style_edits: int | None = None
    content_edits: int | None = None
    decision: int | None = None
    would_sign: bool | None = None
    named: tuple[NamedError, ...] | None = None
    injected: tuple[InjectedOutcome, ...] | None = ()
    wrongly_corrected: int | None = None
    draft_findings: frozenset[Observation] | None = None
    first_findings: frozenset[Observation] | None = None
    final_findings: frozenset[Observation] | None = None
    reference_findings: frozenset[Observation] | None = None
    draft_agreement: float | None = None
    first_agreement: float | None = None
    agreement: float | None = None
    flags: tuple[Flag, ...] = ()
    answers: Mapping[str, int | str] = field(default_factory=dict)

    @property
    def idle_seconds(self) -> float | None:
        """The seconds in which the page was hidden or nobody moved."""
        if self.seconds is None or self.active_seconds is None:
            return None
        return self.seconds - self.active_seconds

    @property
    def compared(self) -> bool:
        """Whether it goes into comparisons of arms: no training case, no gold case, and not read the second time."""
        return self.kind is CaseKind.MAIN and not self.repeat

    @property
    def content_errors(self) -> int | None:
        """How many errors of the draft the reader confirmed or named."""
        return None if self.named is None else len(self.named)

    def with_fate(self, fate: ErrorFate) -> int | None:
        """How many of the errors that were put into the draft have this fate."""
        return None if self.injected is None else sum(each.fate is fate for each in self.injected)
