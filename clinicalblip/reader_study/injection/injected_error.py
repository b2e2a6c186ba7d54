"""An error that was put into a report: which one, and where."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.report_error import ErrorCategory, Significance


class InjectedKind(StrEnum):
    """How a report is made wrong, in the words of whoever designs a study."""

    FALSE_FINDING = "false finding"
    MISSING_FINDING = "missing finding"
    SIDE = "side"
    DEGREE = "degree"
    CERTAINTY = "certainty"
    NEGATION = "negation"
    TEMPORAL = "temporal"
    DEVICE = "device"


CATEGORY: Final[Mapping[InjectedKind, ErrorCategory]] = MappingProxyType(
    {
        InjectedKind.FALSE_FINDING: ErrorCategory.FALSE_FINDING,
        InjectedKind.MISSING_FINDING: ErrorCategory.MISSING_FINDING,
        InjectedKind.SIDE: ErrorCategory.LOCATION,
        InjectedKind.DEGREE: ErrorCategory.SEVERITY,
        InjectedKind.CERTAINTY: ErrorCategory.CERTAINTY,
        InjectedKind.NEGATION: ErrorCategory.MISSING_FINDING,  # a finding that is there is denied
        InjectedKind.TEMPORAL: ErrorCategory.TEMPORAL,
        InjectedKind.DEVICE: ErrorCategory.FALSE_FINDING,  # a device that is not there
    }
)
"""CRIMSON's category of each."""


@dataclass(frozen=True)
class InjectedError:
    """One error: what was said of a finding before, and what is said now; None where it is not named.

    `section`, `start` and `end`: the sentence of the changed report that is wrong, in characters; None for a sentence
    that was taken away.
    """

    kind: InjectedKind
    significance: Significance
    before: Finding | None
    after: Finding | None
    section: Section
    start: int | None
    end: int | None

    @property
    def category(self) -> ErrorCategory:
        """CRIMSON's category."""
        return CATEGORY[self.kind]


@dataclass(frozen=True)
class InjectedReport:
    """A report with errors put in, and the key to them, which readers never see."""

    report: Report
    original: Report
    errors: tuple[InjectedError, ...]
