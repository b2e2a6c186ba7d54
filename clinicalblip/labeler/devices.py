"""Names of devices that are one device: "picc line", "pacemaker with leads", "lines and tubes", "devices: picc"."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from clinicalblip.labeler.scope import Phrase
from clinicalblip.radiology.finding import Laterality
from clinicalblip.radiology.observation import Certainty, Observation

DEVICES: Final = (Observation.SUPPORT_DEVICES,)

_KIND: Final = re.compile(
    r"(?:(?:lines?|tubes?|catheters?|drains?|leads?|wires?|devices?|hardware|tubing)(?: and |[/&])?)+"
)
_AND: Final = re.compile(r" and | ?[/&] ?")
_PART: Final = re.compile(r"tips? .*|tips?|leads?|markers?|tubing")


def join_names(sentence: str, phrases: Sequence[Phrase]) -> list[Phrase]:
    """The phrases of a sentence, names of a device that stand side by side as one."""
    joined: list[Phrase] = []
    for phrase in phrases:
        last = joined[-1] if joined else None
        if last and last.observations == phrase.observations == DEVICES and last.end <= phrase.start:
            gap = sentence[last.end : phrase.start]
            kinds = all(_KIND.fullmatch(sentence, each.start, each.end) for each in (last, phrase))
            if gap == " " or (kinds and _AND.fullmatch(gap)):
                joined[-1] = replace(last, end=phrase.end)
                continue
        joined.append(phrase)
    return joined


def name_no_other(
    sentence: str,
    phrases: Sequence[Phrase],
    said: Sequence[Certainty | None],
    sides: Sequence[frozenset[Laterality]],
    before: bool,
) -> set[int]:
    """The numbers of phrases that name parts of a device that is named before them, or are the label of devices behind.

    A part on a side of which nothing was said is not left out. `before`: a device stands in the sentence before.
    """
    others: set[int] = set()
    named = before
    known: frozenset[Laterality] = frozenset()
    label: int | None = None
    for number, phrase in enumerate(phrases):
        if phrase.observations != DEVICES or said[number] is not Certainty.PRESENT:
            continue
        if named and _PART.fullmatch(sentence, phrase.start, phrase.end) and sides[number] <= known:
            others.add(number)
            continue
        if label is not None:
            others.add(label)
        is_label = _KIND.fullmatch(sentence, phrase.start, phrase.end) and sentence.startswith(":", phrase.end)
        label = number if is_label else None
        named, known = True, known | sides[number]
    return others
