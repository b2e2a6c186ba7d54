"""What a text says of a finding, and where: the words of the field for side, zone, degree and change."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from clinicalblip.radiology.observation import Certainty, Observation


class Laterality(StrEnum):
    """The patient's left or right."""

    LEFT = "left"
    RIGHT = "right"


class Zone(StrEnum):
    """Where in the lung or pleural space; lobes by their height, the bases and costophrenic angles as basal."""

    UPPER = "upper"
    MIDDLE = "middle"
    LOWER = "lower"
    APICAL = "apical"
    BASAL = "basal"
    PERIHILAR = "perihilar"
    RETROCARDIAC = "retrocardiac"
    DIFFUSE = "diffuse"


class Degree(StrEnum):
    """How large or how severe, in rising order."""

    TRACE = "trace"
    SMALL = "small"
    MODERATE = "moderate"
    LARGE = "large"


class Change(StrEnum):
    """How a finding compares with an earlier film."""

    NEW = "new"
    UNCHANGED = "unchanged"
    LARGER = "larger"
    SMALLER = "smaller"
    RESOLVED = "resolved"


MIDLINE: Final = frozenset({Observation.NO_FINDING, Observation.CARDIOMEGALY, Observation.ENLARGED_CARDIOMEDIASTINUM})
"""Observations that have neither side nor zone."""

_RANK: Final = (Certainty.ABSENT, Certainty.UNCERTAIN, Certainty.PRESENT)


def strongest(certainties: Iterable[Certainty]) -> Certainty:
    """Of what is said in several places: present before uncertain before absent; ValueError where nothing is said."""
    return max(certainties, key=_RANK.index)


@dataclass(frozen=True)
class Finding:
    """An observation with all that is said of it; `sides` and `zones` are empty and the rest None where nothing is."""

    observation: Observation
    certainty: Certainty
    sides: frozenset[Laterality] = field(default_factory=frozenset)
    zones: frozenset[Zone] = field(default_factory=frozenset)
    degree: Degree | None = None
    change: Change | None = None

    def __post_init__(self) -> None:
        if self.observation in MIDLINE and (self.sides or self.zones):
            raise ValueError(f"{self.observation} has neither side nor zone")
        if self.change is Change.RESOLVED and self.certainty is not Certainty.ABSENT:
            raise ValueError(f"what has resolved is absent, not {self.certainty}")


@dataclass(frozen=True)
class Mention:
    """A place in a text where a finding is spoken of: `text[start:end]` names it.

    `sentence` is the number of its sentence in `labeler.sentences`. Two findings can share words: in "small left and
    moderate right effusion" there are two effusions.
    """

    start: int
    end: int
    sentence: int
    finding: Finding


@dataclass(frozen=True)
class Sentence:
    """A sentence that speaks of the film, `text[start:end]` without heading or bullet, and what it says."""

    start: int
    end: int
    mentions: tuple[Mention, ...] = ()
