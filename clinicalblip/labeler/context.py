"""What the header of a list, or the label of a line, says of everything under it.

"Left lung:", "New since last film:" and "No longer present:" above a list, "Right lung: ..." before sentences.
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from clinicalblip.labeler.attributes.reading import Attributes
from clinicalblip.labeler.attributes.words import Kind, find_attribute_words
from clinicalblip.labeler.lexicon import find_phrases
from clinicalblip.labeler.statements import StatedSentence
from clinicalblip.radiology.finding import Change, Laterality, Zone
from clinicalblip.radiology.observation import Certainty

_DENIES: Final = re.compile(
    r"(?:there is |pertinent )?(?:no(?: evidence of| longer.*)?|absent|negatives?(?: for)?|not (?:seen|present)|without"
    r"|none(?: of the following)?)"
)
_DOUBTS: Final = re.compile(
    r"(?<!\w)(?:differential|possible|suspected|questionable|(?:cannot|can't) (?:be )?exclude[d]?|equivocal)(?!\w)"
)


@dataclass(frozen=True)
class Context:
    """What is said of each finding that is not said to be otherwise itself."""

    sides: frozenset[Laterality] = frozenset()
    zones: frozenset[Zone] = frozenset()
    change: Change | None = None
    denies: bool = False
    doubts: bool = False

    def change_certainty(self, certainty: Certainty | None) -> Certainty | None:
        """The certainty of a finding under this header."""
        if certainty is not Certainty.PRESENT:
            return certainty
        return Certainty.ABSENT if self.denies else Certainty.UNCERTAIN if self.doubts else certainty

    def add_to(self, said: Attributes) -> Attributes:
        """The attributes of a finding with those that it has from here."""
        if self is _NO_CONTEXT:
            return said
        return replace(
            said,
            sides=said.sides or self.sides,
            zones=said.zones or self.zones,
            change=said.change or self.change,
        )


_NO_CONTEXT: Final = Context()


def read_context(sentence: StatedSentence) -> Context:
    """The context of a sentence."""
    if not sentence.header and not sentence.label:
        return _NO_CONTEXT
    header, label = sentence.header.rstrip(":"), sentence.label
    sides, zones, change = _attributes(header)
    if not any(phrase.observations for phrase in find_phrases(label)):
        own_sides, own_zones, _ = _attributes(label + ":")
        sides, zones = own_sides or sides, own_zones or zones
    denies = change is Change.RESOLVED or _DENIES.fullmatch(header) is not None
    doubts = _DOUBTS.search(header) is not None
    return Context(sides, zones, change, denies, doubts)


def _attributes(text: str) -> tuple[frozenset[Laterality], frozenset[Zone], Change | None]:
    words = [word for word in find_attribute_words(text) if word.kind in (Kind.PLACE, Kind.CHANGE)]
    return (
        frozenset[Laterality]().union(*(word.sides for word in words if not word.zones or len(word.sides) == 1)),
        frozenset[Zone]().union(*(word.zones for word in words)),
        next((word.change for word in words if word.change), None),
    )
