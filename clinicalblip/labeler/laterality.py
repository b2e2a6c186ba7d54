"""On which side a text says that an observation is.

A side belongs to the finding after it ("left effusion", "at the left base there is an opacity") or, where a word of
place stands before the side, to the finding before it ("effusion on the left"). Findings of a list share it ("left
effusion and atelectasis", "effusion and atelectasis on the left"), and so does an explanation of a finding ("opacity at
the left base, likely atelectasis"). The sides of the heart, of great vessels and of shifts are not those of findings.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise
from typing import Final

from clinicalblip.labeler.mentions import find_mentions
from clinicalblip.labeler.scope import certainties
from clinicalblip.labeler.statements import sentences
from clinicalblip.radiology.observation import Certainty, Observation


class Laterality(StrEnum):
    """The patient's left or right."""

    LEFT = "left"
    RIGHT = "right"


MIDLINE: Final = frozenset(
    {Observation.NO_FINDING, Observation.CARDIOMEGALY, Observation.ENLARGED_CARDIOMEDIASTINUM}
)  # what has no side

_WORDS: Final = re.compile(
    # No side of a finding.
    r"(?P<none>(?<!\w)(?:left|right)(?:[ -]sided)?[ -](?:heart|cardiac|atri\w+|ventric\w+|aort\w+|main ?stem|main"
    r"|pulmonary (?:arter|vein)\w*|coronary|anterior descending|(?:lateral )?decubitus|lateral view)(?!\w)"
    r"|(?<!\w)(?:shift|deviat|rotat|displac|turn)\w*(?: \w{1,15}){0,3} to(?:wards?)? (?:the |her |his )?(?:left|right))"
    r"|(?P<compared>(?<!\w)(?:left|right)(?: side)? (?:(?:is )?(?:slightly |much )?"
    r"(?:greater|larger|more|worse|smaller|less)(?: \w{1,12})? than|>)(?: on)?(?: the)? (?:left|right)(?!\w))"
    r"|(?P<both>(?<!\w)(?:bilateral(?:ly)?|both|bi(?:basilar|basal|apical|lobar)"
    r"|(?<!left )(?<!right )(?:lung )?(?:bases|apices))(?!\w))"
    r"|(?P<left>(?<!\w)(?:left|lingular?|l[ul]l)(?!\w))"
    r"|(?P<right>(?<!\w)(?:right|r[uml]l)(?!\w))"
    # What begins another statement.
    r"|(?P<begins>(?<!\w)(?:but|however|although|though|while|whereas|except|without|no|not|none|absent|clear|normal"
    r"|unremarkable|intact|there (?:is|are|was|were|has|have))(?!\w))"
)
_PLACE: Final = "(?:(?:far|upper|lower|posterior|anterior|lateral|medial|mid|middle|entire) )"
_IN: Final = re.compile(
    r"(?<!\w)(?:on|in|at|within|over|overlying|along|near|of|throughout|involving|projecting over|to)"
    rf" (?:the )?{_PLACE}{{0,2}}$"
)
_REGION: Final = r" ?(?:lobes?|lungs?|bases?|apex|apices|zones?|fields?|sides?|hemithora\w+)"
_AND_SIDE: Final = re.compile(rf"[ -]?(?:sided )?{_PLACE}{{0,2}}(?:{_REGION})?,? ?(?:and|or|/|,)(?: the)? ?")
_NEXT_TO: Final = re.compile(rf" {_PLACE}{{0,2}}")
_AT_REGION: Final = re.compile(rf" {_PLACE}{{0,2}}{_REGION}")
_SET_OFF: Final = re.compile(r",|$| (?:with|and)(?!\w)")
_LISTED: Final = re.compile(r"(?:,|/| ?and/or| ?and| ?or| ?versus| ?vs| ?with|, and|, or)(?: [\w-]{1,15}){0,3} ?")
_JOINED: Final = re.compile(r"(?: ?,| ?/| and/or| and| or| versus| vs|, and|, or)? ?")
_TAKEN_FOR: Final = re.compile(
    r"(?<!\w)(?:likely|probabl[ey]|possibl[ey]|may|might|could|suggest\w*|represent\w*|reflect\w*|consistent|compatible"
    r"|concerning|suspicious|worrisome|due|secondary|from|favou?r\w*|versus|vs)(?!\w)|, xxxx(?!\w)"
)
_NEAR: Final = 100  # characters that are read before a side, and between two mentions


@dataclass
class _Finding:
    """The observations mentioned at one place of a sentence, and the sides given by words before and after it."""

    start: int
    end: int
    names: frozenset[Observation]  # those that are present or uncertain
    before: set[Laterality] = field(default_factory=set)
    behind: set[Laterality] = field(default_factory=set)

    @property
    def sides(self) -> set[Laterality]:
        return self.before | self.behind


@dataclass(frozen=True)
class _SideWord:
    """Words that say a side, or both."""

    start: int
    end: int
    sides: frozenset[Laterality]
    may_follow: bool  # "bilaterally", "left greater than right": they can follow a finding without a word of place


def lateralities(text: str) -> dict[Observation, frozenset[Laterality]]:
    """Each observation that the text affirms or doubts, with the sides said of it: an empty set where there are none.

    `text` is read as `observations` reads it. What the text denies, and what has no side (`MIDLINE`), is left out. An
    observation that is named several times has every side that is said of it.
    """
    said: dict[Observation, frozenset[Laterality]] = {}
    for sentence in sentences(text):
        for statement in _statements(sentence):
            _assign_sides(sentence, statement)
            named = [each for each in statement if isinstance(each, _Finding)]
            _share_sides(sentence, named)
            for each in named:
                for name in each.names - MIDLINE:
                    said[name] = said.get(name, frozenset()) | each.sides
    return {name: said[name] for name in Observation if name in said}


def _statements(sentence: str) -> Iterator[list[_Finding | _SideWord]]:
    """The findings and side words of a sentence, in order, split where another statement begins.

    "There is" after "at the left base" begins none: no finding stands before it.
    """
    events: list[tuple[int, _Finding | _SideWord | str]] = [(each.start, each) for each in _findings(sentence)]
    for word in _WORDS.finditer(sentence):
        kind = str(word.lastgroup)
        if kind == "begins":
            events.append((word.start(), word[0]))
        elif kind in ("both", "compared"):
            may_follow = kind == "compared" or word[0].endswith("ly")
            events.append((word.start(), _SideWord(word.start(), word.end(), frozenset(Laterality), may_follow)))
        elif kind != "none":
            events.append(
                (word.start(), _SideWord(word.start(), word.end(), frozenset({Laterality(kind)}), may_follow=False))
            )
    statement: list[_Finding | _SideWord] = []
    for _, event in sorted(events, key=lambda each: each[0]):
        if not isinstance(event, str):
            statement.append(event)
        elif not event.startswith("there ") or any(isinstance(each, _Finding) for each in statement):
            yield statement
            statement = []
    yield statement


def _findings(sentence: str) -> list[_Finding]:
    """The mentions of a sentence; those that overlap are one finding."""
    mentions = find_mentions(sentence)
    found: list[_Finding] = []
    for mention, certainty in zip(mentions, certainties(sentence, mentions), strict=True):
        said = certainty in (Certainty.PRESENT, Certainty.UNCERTAIN)
        names = frozenset(mention.observations) if said else frozenset()
        if found and mention.start < found[-1].end:
            found[-1].names |= names
            found[-1].end = max(found[-1].end, mention.end)
        else:
            found.append(_Finding(mention.start, mention.end, names))
    return found


def _assign_sides(sentence: str, statement: Sequence[_Finding | _SideWord]) -> None:
    """Give each side to the finding after it or before it."""
    following: list[_Finding | None] = [None] * len(statement)
    for i in range(len(statement) - 2, -1, -1):
        after = statement[i + 1]
        following[i] = after if isinstance(after, _Finding) else following[i + 1]
    last: _Finding | None = None
    before: tuple[_SideWord, _Finding] | None = None  # the side word read last, where it went to the finding before it
    for i, event in enumerate(statement):
        if isinstance(event, _Finding):
            last, before = event, None
            continue
        coming = following[i]
        backward = last is not None and (
            coming is None
            or _IN.search(sentence[max(0, event.start - _NEAR) : event.start]) is not None
            or (event.may_follow and _SET_OFF.match(sentence, event.end) is not None)
            or (before is not None and _is_one_place(sentence, before[0], event))
            or _region_follows(sentence, last, event, coming)
        )
        if backward and last is not None:
            last.behind |= event.sides
            before = event, last
        elif coming is not None:
            coming.before |= event.sides
            before = None


def _region_follows(sentence: str, last: _Finding, side: _SideWord, coming: _Finding) -> bool:
    """Whether a side and a region follow a finding directly, without a word of place: "opacity left base"."""
    region = _AT_REGION.match(sentence, side.end)
    return (
        region is not None
        and region.end() + 1 < coming.start
        and side.start - last.end <= _NEAR
        and _NEXT_TO.fullmatch(sentence, last.end, side.start) is not None
    )


def _is_one_place(sentence: str, first: _SideWord, second: _SideWord) -> bool:
    """Whether two side words are parts of one place: "in the left lower and right upper lobes"."""
    between = sentence[first.end : second.start]
    if len(between) > _NEAR or _AND_SIDE.fullmatch(between) is None:
        return False
    region = _AT_REGION.match(sentence, second.end)
    return region is not None and _SET_OFF.match(sentence, region.end()) is not None


def _share_sides(sentence: str, named: Sequence[_Finding]) -> None:
    """Give findings without a side that of a finding they are listed with, or that they explain."""
    gaps = [sentence[first.end : second.start][: _NEAR + 1] for first, second in pairwise(named)]
    for first, second, gap in zip(reversed(named[:-1]), reversed(named[1:]), reversed(gaps), strict=True):
        if not first.sides and not second.before and _JOINED.fullmatch(gap):
            first.behind |= second.behind
    for first, second, gap in zip(named, named[1:], gaps, strict=False):
        if second.sides or len(gap) > _NEAR:
            continue
        if _TAKEN_FOR.search(gap):
            second.before |= first.sides
        elif _LISTED.fullmatch(gap):
            second.before |= first.before
