"""Whether two places of a report contradict each other, and whether one finding is named in another's words."""

import re
from typing import Final, NamedTuple

from clinicalblip.radiology.finding import Degree, Finding, Mention
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Certainty, Observation

O = Observation  # noqa: E741 - one letter keeps the tables below tables


class Place(NamedTuple):
    """A mention, its section, and the words of its sentence in small letters."""

    section: Section
    mention: Mention
    sentence: str

    @property
    def finding(self) -> Finding:
        """What is said there."""
        return self.mention.finding


# A denial with one of these leaves room for what is affirmed: "no large effusion", "no acute fracture".
_LIMITS: Final = re.compile(
    r"(?<!\w)(?:acute|new|large|larger|significant|sizeable|sizable|displaced|tension|suspicious|other|additional|gross|overt"
    r"|frank|lobar|definite|further|interval|progressive|worsening|recurrent|convincing|discrete|drainable|active"
    r"|second|recent|superimposed)(?!\w)"
)
_ELSEWHERE: Final = re.compile(
    r"(?<!\w)(?:otherwise|elsewhere|else|remain(?:der|ing)|rest of|apart from|aside from|except|besides|other)(?!\w)"
)
_CLEAR: Final = re.compile(r"(?<!\w)clear(?!\w)")
_SHADOWS: Final = frozenset({O.PNEUMONIA, O.CONSOLIDATION, O.INFILTRATION, O.EDEMA})
_RANKS: Final = tuple(Degree)


def contradict(one: Place, other: Place) -> bool:
    """Whether one place affirms what the other denies.

    A denial of one side, one zone, one degree or one kind ("no acute fracture") denies no other. Devices are several
    things under one name: a tube that was removed denies no other.
    """
    if {one.finding.certainty, other.finding.certainty} != {Certainty.PRESENT, Certainty.ABSENT}:
        return False
    affirmed, denied = (one, other) if one.finding.certainty is Certainty.PRESENT else (other, one)
    there, gone = affirmed.finding, denied.finding
    if there.observation is O.SUPPORT_DEVICES or not _same(affirmed, denied):
        return False
    return (
        (not gone.sides or not there.sides or bool(gone.sides & there.sides))
        and (not gone.zones or not there.zones or bool(gone.zones & there.zones))
        and (gone.degree is None or (there.degree is not None and _rank(there.degree) >= _rank(gone.degree)))
        and not _is_limited(denied)
    )


def _same(affirmed: Place, denied: Place) -> bool:
    if affirmed.finding.observation is denied.finding.observation:
        return True
    is_clear = denied.finding.observation is O.LUNG_OPACITY and _CLEAR.search(denied.sentence) is not None
    return is_clear and affirmed.finding.observation in _SHADOWS


def _is_limited(denied: Place) -> bool:
    if _ELSEWHERE.search(denied.sentence):
        return True
    return denied.finding.degree is None and _LIMITS.search(denied.sentence) is not None


def _rank(degree: Degree) -> int:
    return _RANKS.index(degree)
