"""What a power is computed from: how large a difference is, and how far readers and cases vary."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.design.design import OutcomeName


@dataclass(frozen=True)
class Assumptions:
    """An outcome's truth. `effect` is in its own unit: a ratio of times or odds, or else a difference.

    `reader`, `case`, `reader_arm` and `residual` are standard deviations: of log seconds, of the values of means, and
    of what lies behind a decision, a choice or a caught error, where only their proportions count. `base`: the share of
    errors that are caught under the arm that is compared with; of a decision, those that have its lowest rank.
    """

    effect: float
    reader: float
    case: float
    reader_arm: float
    residual: float
    base: float = 0.5

    def __post_init__(self) -> None:
        spreads = (self.reader, self.case, self.reader_arm, self.residual)
        if min(spreads) < 0 or self.residual == 0:
            raise ReaderStudyError("A standard deviation is 0 or more, and that of single readings above 0; change it.")
        if not 0 < self.base < 1:
            raise ReaderStudyError(f"The base {self.base} is no share between 0 and 1; change it.")

    def assume(self, name: str, value: float) -> Assumptions:
        """The same with one of them changed. Raises ReaderStudyError for another name."""
        if name not in (names := tuple(self.__dataclass_fields__)):
            raise ReaderStudyError(f"{name} cannot be assumed; what can be is {', '.join(names)}.")
        return replace(self, **{name: value})


RATIOS: Final = frozenset({OutcomeName.READING_SECONDS, OutcomeName.DECISION, OutcomeName.PREFERENCE})
"""Outcomes whose effects and margins are ratios."""

LARGER_IS_WORSE: Final = frozenset(
    {OutcomeName.READING_SECONDS, OutcomeName.EDIT_DISTANCE, OutcomeName.DECISION, OutcomeName.CONTENT_ERRORS}
)
"""Outcomes of which more is worse."""

ASSUMED: Final[Mapping[OutcomeName, Assumptions]] = MappingProxyType(
    {
        OutcomeName.READING_SECONDS: Assumptions(0.80, 0.35, 0.30, 0.10, 0.40),
        OutcomeName.EDIT_DISTANCE: Assumptions(-4.0, 4.0, 5.0, 2.0, 10.0),
        OutcomeName.DECISION: Assumptions(0.60, 0.35, 0.42, 0.17, 0.82, 0.45),
        OutcomeName.CONTENT_ERRORS: Assumptions(-0.20, 0.20, 0.30, 0.10, 0.70),
        OutcomeName.CAUGHT_ERRORS: Assumptions(0.15, 0.35, 0.42, 0.17, 0.82, 0.60),
        OutcomeName.AGREEMENT_WITH_REFERENCE: Assumptions(0.05, 0.05, 0.12, 0.02, 0.15),
        OutcomeName.PREFERENCE: Assumptions(1.50, 0.35, 0.42, 0.17, 0.82),
    }
)
"""What is taken where nothing is said. None of it was measured: a pilot of one's own readers is to take its place."""
