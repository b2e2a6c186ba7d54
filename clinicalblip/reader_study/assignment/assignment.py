"""StudyCase and Assignment: what is read, and by whom under which arm."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class CaseKind(StrEnum):
    """What a case is for."""

    TRAINING = "training"
    MAIN = "main"
    GOLD = "gold"


@dataclass(frozen=True)
class StudyCase:
    """One study that is read; `number` counts from 1 over all kinds, `stratum` is why it was drawn."""

    number: int
    study_id: str
    kind: CaseKind
    stratum: str


@dataclass(frozen=True)
class AssignedReading:
    """That a reader reads a case under an arm.

    `row`: the reader's, from 1; whoever enrols gets the next free one. `position` counts from 1 in a period, training
    cases included. `repeat`: the reader has read it before in this period, to see how far they agree with themselves.
    """

    row: int
    period: int
    position: int
    case: int
    arm: str
    repeat: bool = False


@dataclass(frozen=True)
class AssignedPair:
    """That a reader chooses between two drafts of a case; `left` and `right` are arms, by lot."""

    row: int
    position: int
    case: int
    left: str
    right: str


@dataclass(frozen=True)
class Assignment:
    """All readings of a study, made once before the first of them; `design` and `studies` are digests of both files."""

    design: str
    studies: str
    cases: tuple[StudyCase, ...]
    readings: tuple[AssignedReading, ...]
    pairs: tuple[AssignedPair, ...] = ()

    @property
    def rows(self) -> int:
        """For how many readers it is made."""
        return max((*(each.row for each in self.readings), *(each.row for each in self.pairs)), default=0)

    def of_row(self, row: int) -> Sequence[AssignedReading]:
        """A reader's readings, in their order."""
        own = [reading for reading in self.readings if reading.row == row]
        return sorted(own, key=lambda reading: (reading.period, reading.position))
