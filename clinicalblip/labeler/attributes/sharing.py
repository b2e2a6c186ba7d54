"""What findings share: those of a list, and a finding with what explains it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from clinicalblip.labeler.attributes.targets import BOTH_WORDS, NAMES, NEAR, Target
from clinicalblip.labeler.attributes.words import AttributeWord

_LISTED: Final = re.compile(r"(?:,|/| ?and/or| ?and| ?or| ?versus| ?vs| ?with|, and|, or)(?: [\w-]{1,15}){0,3} ?")
_JOINED: Final = re.compile(
    r"(?: ?,| ?/| and/or| and| or| nor| versus| vs|, and|, or)?(?: pleural| pulmonary| airspace)? ?"
)
_TAKEN_FOR: Final = re.compile(
    r"(?<!\w)(?:likely|probabl[ey]|possibl[ey]|may|might|could|suggest\w*|represent\w*|reflect\w*|consistent|compatible"
    r"|concerning|suspicious|worrisome|raises?|question|due|secondary|relat\w*|from|favou?r\w*|versus|vs)(?!\w)"
    r"|, xxxx(?!\w)|^ - |\?"
)
_MASKED: Final = re.compile(r" ?~+")


def share_attributes(sentence: str, masked: str, findings: Sequence[Target]) -> None:
    """Give findings without an attribute that of a finding they are listed with, or that they explain."""
    pairs = [
        (first, second, sentence[first.end : second.start], _MASKED.sub("", masked[first.end : second.start]))
        for first, second in pairwise(findings)
        if second.start - first.end <= NEAR
    ]
    for name in NAMES:
        is_place = name in ("sides", "zones")
        for first, second, gap, bare in reversed(pairs):
            joined = _JOINED.fullmatch(gap) if is_place else _JOINED.fullmatch(bare) or BOTH_WORDS.fullmatch(bare)
            if joined and not first.has(name) and not second.before[name]:
                first.behind[name] += _only(name, second.behind[name])
        for first, second, gap, bare in pairs:
            if second.has(name):
                continue
            if _TAKEN_FOR.search(gap):
                if is_place:
                    second.before[name] += _only(name, [*first.before[name], *first.behind[name]])
            elif (
                (name == "sides" and _LISTED.fullmatch(gap))
                or (name == "zones" and gap == bare and (_JOINED.fullmatch(gap) or BOTH_WORDS.fullmatch(gap)))
                or (name == "change" and BOTH_WORDS.fullmatch(bare))
            ):
                second.before[name] += _only(name, first.before[name])


def _only(name: str, words: Iterable[AttributeWord]) -> list[AttributeWord]:
    """What these words say of one attribute: of "biapical" the sides, but not the zone."""
    if name == "sides":
        return [replace(word, zones=frozenset()) for word in words]
    return [replace(word, sides=frozenset()) for word in words] if name == "zones" else list(words)
