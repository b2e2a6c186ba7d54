"""A finding's side, zone, degree or change put right in the sentence as it stands: one word for another.

So "Small left effusion tracking into the fissure." keeps all else when it becomes a moderate one. Whether the sentence
then says what is ticked, the labeler decides.
"""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import product
from typing import Final

from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality, Zone
from clinicalblip.radiology.observation import Observation
from clinicalblip.structured_report.phrasings import degree_words

# Words that stand in the same place of a sentence, each row for one value, by columns.
_WORDS: Final[Mapping[type[StrEnum], tuple[Mapping[StrEnum, str], ...]]] = {
    Laterality: ({Laterality.LEFT: "left", Laterality.RIGHT: "right"},),
    Zone: (
        {Zone.UPPER: "upper", Zone.MIDDLE: "mid", Zone.LOWER: "lower"},
        {Zone.UPPER: "upper", Zone.MIDDLE: "middle", Zone.LOWER: "lower"},
        {Zone.APICAL: "apical", Zone.BASAL: "basilar", Zone.PERIHILAR: "perihilar", Zone.RETROCARDIAC: "retrocardiac"},
        {Zone.APICAL: "apical", Zone.BASAL: "basal", Zone.PERIHILAR: "perihilar", Zone.RETROCARDIAC: "retrocardiac"},
        {Zone.APICAL: "apex", Zone.BASAL: "base"},
    ),
    Degree: (
        dict(zip(Degree, ("trace", "small", "moderate", "large"), strict=True)),
        dict(zip(Degree, ("minimal", "mild", "moderate", "severe"), strict=True)),
        dict(zip(Degree, ("minimal", "mild", "moderate", "marked"), strict=True)),
        dict(zip(Degree, ("minimally", "mildly", "moderately", "severely"), strict=True)),
    ),
    Change: (
        {Change.UNCHANGED: "unchanged", Change.LARGER: "increased", Change.SMALLER: "decreased"},
        {Change.UNCHANGED: "stable", Change.LARGER: "increased", Change.SMALLER: "decreased", Change.NEW: "new"},
        {Change.UNCHANGED: "stable", Change.LARGER: "worsened", Change.SMALLER: "improved"},
        {Change.UNCHANGED: "stable", Change.LARGER: "larger", Change.SMALLER: "smaller", Change.NEW: "new"},
        {Change.UNCHANGED: "stable", Change.LARGER: "worsening", Change.SMALLER: "improving", Change.NEW: "new"},
    ),
}
_MOST: Final = 12  # ways that are tried


def reword(sentence: str, old: Finding, new: Finding) -> Iterator[str]:
    """Yield the sentence with one word of each attribute that differs replaced, where there are such words.

    Nothing where more than attributes differ, one of them is added, or what differs is several sides or zones.
    """
    if old.observation is not new.observation or old.certainty is not new.certainty:
        return
    ways: list[list[tuple[int, int, str]]] = []
    for before, after in zip(_values(old), _values(new), strict=True):
        if before == after:
            continue
        if before is None or after is None:
            return
        ways.append(list(_replacements(sentence, new.observation, before, after)))
    for _, replacements in zip(range(_MOST), product(*ways), strict=False):
        text = sentence
        for start, end, word in sorted(replacements, reverse=True):
            text = text[:start] + word + text[end:]
        yield text


def _values(finding: Finding) -> tuple[StrEnum | frozenset[Laterality] | frozenset[Zone] | None, ...]:
    """Each attribute, one side or zone as it is and none or several as a set."""
    sides, zones = finding.sides, finding.zones
    return (
        next(iter(sides)) if len(sides) == 1 else sides,
        next(iter(zones)) if len(zones) == 1 else zones,
        finding.degree,
        finding.change,
    )


def _replacements(
    sentence: str, observation: Observation, before: object, after: object
) -> Iterator[tuple[int, int, str]]:
    if not isinstance(before, StrEnum) or not isinstance(after, StrEnum):
        return
    own = (degree_words(observation),) if isinstance(before, Degree) else ()
    for words in (*own, *_WORDS[type(before)]):
        if before in words and after in words:
            for found in re.finditer(rf"(?<!\w){words[before]}(?!\w)", sentence, re.IGNORECASE):
                yield *found.span(), _in_case_of(found[0], words[after])


def _in_case_of(old: str, word: str) -> str:
    if old.isupper():
        return word.upper()
    return word.capitalize() if old[0].isupper() else word
