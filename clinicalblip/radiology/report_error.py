"""What is wrong with a draft: the categories and significances of errors, and the error itself.

The categories and significances are CRIMSON's: Baharoon et al., "CRIMSON: A Clinically-Grounded LLM-Based Metric for
Generative Radiology Report Evaluation", 2026, arXiv:2603.06183. `REXVAL` leads from them to the six of ReXVal: Yu et
al., "Evaluating progress in automatic chest X-ray radiology report generation", Patterns 2023;4(9):100802.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.text_span import check_section, check_span


class ErrorCategory(StrEnum):
    """CRIMSON's ten: two of whole findings, then eight of what is said of a finding that is rightly there."""

    FALSE_FINDING = "false finding"  # said, not there
    MISSING_FINDING = "missing finding"  # there, not said
    LOCATION = "location"  # wrong side, lobe or level
    SEVERITY = "severity"  # wrong degree or extent
    DESCRIPTOR = "descriptor"  # wrong quality
    MEASUREMENT = "measurement"
    CERTAINTY = "certainty"  # firmer or weaker than the film allows
    UNSPECIFIC = "unspecific"  # "opacity" where more can be said
    OVERINTERPRETATION = "overinterpretation"  # a diagnosis that the film alone cannot give
    TEMPORAL = "temporal"  # new, unchanged, larger: wrong, or without a prior


class Significance(StrEnum):
    """How much an error matters: the first four are CRIMSON's of a finding, the last two of an attribute."""

    URGENT = "urgent"
    ACTIONABLE = "actionable"
    NOT_ACTIONABLE = "not actionable"
    BENIGN = "benign"
    SIGNIFICANT = "significant"
    NEGLIGIBLE = "negligible"


class ReXValCategory(StrEnum):
    """ReXVal's six."""

    FALSE_PREDICTION = "false prediction of a finding"
    OMISSION = "omission of a finding"
    LOCATION = "incorrect location of a finding"
    SEVERITY = "incorrect severity of a finding"
    FALSE_COMPARISON = "mention of a comparison that is not in the reference"
    OMITTED_COMPARISON = "omission of a comparison that describes a change"


class ErrorOrigin(StrEnum):
    """Who named an error first: the program, from what the reader edited, or the reader."""

    PROPOSED = "proposed"
    BY_HAND = "by hand"


class ErrorState(StrEnum):
    """What the reader made of a proposed error; one that they named themselves is `CONFIRMED`."""

    CONFIRMED = "confirmed"
    CHANGED = "changed"
    DISCARDED = "discarded"
    IGNORED = "ignored"


FINDING_CATEGORIES: Final = frozenset({ErrorCategory.FALSE_FINDING, ErrorCategory.MISSING_FINDING})
"""The categories of whole findings; the others are of attributes."""

FINDING_SIGNIFICANCES: Final = frozenset(
    {Significance.URGENT, Significance.ACTIONABLE, Significance.NOT_ACTIONABLE, Significance.BENIGN}
)
"""What an error of a whole finding may be."""

ATTRIBUTE_SIGNIFICANCES: Final = frozenset({Significance.SIGNIFICANT, Significance.NEGLIGIBLE})
"""What an error of an attribute may be."""

REXVAL: Final[Mapping[ErrorCategory, ReXValCategory | None]] = MappingProxyType(
    {
        ErrorCategory.FALSE_FINDING: ReXValCategory.FALSE_PREDICTION,
        ErrorCategory.MISSING_FINDING: ReXValCategory.OMISSION,
        ErrorCategory.LOCATION: ReXValCategory.LOCATION,
        ErrorCategory.SEVERITY: ReXValCategory.SEVERITY,
        ErrorCategory.DESCRIPTOR: None,
        ErrorCategory.MEASUREMENT: None,
        ErrorCategory.CERTAINTY: None,
        ErrorCategory.UNSPECIFIC: None,
        ErrorCategory.OVERINTERPRETATION: None,
        # What a draft says of a change and should not. That it says nothing of one, ReXVal's sixth, is no error of a
        # passage, and CRIMSON has no category for it.
        ErrorCategory.TEMPORAL: ReXValCategory.FALSE_COMPARISON,
    }
)
"""ReXVal's category for each of CRIMSON's; None where it has no counterpart."""


@dataclass(frozen=True)
class ReportError:
    """One error of a draft.

    `section`, `start` and `end` are the passage of the draft that is wrong; a missing finding has none of them.
    `significance` is None while nobody has said it. `observation` is None for what is none of `Observation`.
    """

    category: ErrorCategory
    section: Section | None
    start: int | None
    end: int | None
    origin: ErrorOrigin
    state: ErrorState
    significance: Significance | None = None
    observation: Observation | None = None

    def __post_init__(self) -> None:
        missing = self.category is ErrorCategory.MISSING_FINDING
        if any((part is None) is not missing for part in (self.section, self.start, self.end)):
            raise ValueError("an error names a passage of the draft, unless it is a missing finding, which has none")
        if self.section is not None and self.start is not None and self.end is not None:
            check_section(self.section)
            check_span(self.start, self.end)
        allowed = FINDING_SIGNIFICANCES if self.category in FINDING_CATEGORIES else ATTRIBUTE_SIGNIFICANCES
        if self.significance is not None and self.significance not in allowed:
            raise ValueError(f"an error of the category {self.category} is not called {self.significance}")
        if self.origin is ErrorOrigin.BY_HAND and self.state is not ErrorState.CONFIRMED:
            raise ValueError(f"an error that was named by hand is confirmed, not {self.state}")

    @property
    def of_reader(self) -> bool:
        """Whether the reader says that it is an error; of others it is only known that they were proposed."""
        return self.state in (ErrorState.CONFIRMED, ErrorState.CHANGED)

    def repeats(self, other: "ReportError") -> bool:
        """Whether both are of one category and passage; of missing findings, which have none, that cannot be said."""
        place = (self.category, self.section, self.start, self.end)
        return self.section is not None and place == (other.category, other.section, other.start, other.end)
