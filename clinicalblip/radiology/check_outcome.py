"""What became of the checks of a report before it was saved."""

from dataclasses import dataclass
from enum import StrEnum

from clinicalblip.radiology.counts import is_count


class Check(StrEnum):
    """What a reader is asked about before a report is saved."""

    SAYS_AND_DENIES = "says_and_denies"
    FINDINGS_IMPRESSION_DISAGREE = "findings_impression_disagree"
    SIDE_CONFLICT = "side_conflict"
    COMPARISON_WITHOUT_PRIOR = "comparison_without_prior"
    IMPRESSION_ONLY = "impression_only"
    REPEATED_SENTENCE = "repeated_sentence"
    PLACEHOLDER_LEFT = "placeholder_left"
    REFERENCE_PASTED = "reference_pasted"
    HINT_MISSING = "hint_missing"


@dataclass(frozen=True)
class CheckOutcome:
    """How often one check was shown for a report, and how often the reader dismissed it; the rest were heeded."""

    check: Check
    shown: int
    dismissed: int

    def __post_init__(self) -> None:
        if not is_count(self.shown) or self.shown < 1:
            raise ValueError(f"a check that is kept was shown once at least, not {self.shown!r} times")
        if not is_count(self.dismissed) or self.dismissed > self.shown:
            raise ValueError(f"a check that was shown {self.shown} times was not dismissed {self.dismissed!r} times")
