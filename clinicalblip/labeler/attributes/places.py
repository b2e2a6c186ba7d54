"""Which places belong to which finding.

They stand before it ("left effusion", "at the left base there is an opacity") or behind it ("effusion on the left").
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from clinicalblip.labeler.attributes.targets import NEAR, RIGHT_BEFORE, Said, Target, with_neighbours
from clinicalblip.labeler.attributes.words import AttributeWord, Kind

_PLACE: Final = (
    "(?:(?:far|upper|lower|posterior|anterior|lateral|medial|mid|middle|entire|inferior|superior|extreme|lung"
    "|peripheral|central) )"
)
_IN: Final = re.compile(
    r"(?<!\w)(?:on|in|at|within|over|(?<!with )overlying|along|near|of|throughout|involving|projecting over|to)"
    rf" (?:the )?{_PLACE}{{0,2}}$"
)
_WORD_OF_PLACE: Final = re.compile("throughout|behind|posterior to")
_REGION: Final = r" ?(?:lobes?|lungs?|bases?|apex|apices|zones?|fields?|sides?|hemithora\w+)"
_AND_SIDE: Final = re.compile(rf"[ -]?(?:sided )?{_PLACE}{{0,2}}(?:{_REGION})?,? ?(?:and|or|/|,)(?: the)? ?")
_NEXT_TO: Final = re.compile(rf" {_PLACE}{{0,2}}")
_AT_REGION: Final = re.compile(rf" {_PLACE}{{0,2}}{_REGION}(?!\w)")
_ENDS_WITH_REGION: Final = re.compile(r"(?:lobes?|lungs?|bases?|apex|apices|zones?|fields?|sides?|hemithora\w+)$")
_SAME_PLACE: Final = re.compile(
    rf"[ -]+(?:sided )?{_PLACE}{{0,2}}(?:(?:lobes?|lungs?|zones?|fields?|hemithorax) )?(?:of (?:the )?)?"
)
_PREDOMINANCE: Final = re.compile(r" (?:lobe |lung |zone )?(?:predominan(?:ce|tly)|distribution)(?!\w)")
_SET_OFF: Final = re.compile(r",|$| (?:with|and)(?!\w)")


def join_places(sentence: str, words: Sequence[AttributeWord]) -> Iterator[Said]:
    """Words of one place as one: "left lower lobe", "base of the right lung"; any others each for itself."""
    group: list[AttributeWord] = []
    for word in words:
        if group and not (word.kind is Kind.PLACE and _SAME_PLACE.fullmatch(sentence, group[-1].end, word.start)):
            yield _make_said(sentence, group)
            group = []
        group.append(word)
    if group:
        yield _make_said(sentence, group)


def _make_said(sentence: str, words: Sequence[AttributeWord]) -> Said:
    start, end = words[0].start, words[-1].end
    if words[0].kind is Kind.PLACE and (region := _AT_REGION.match(sentence, end)):
        end = region.end()
    return Said(start, end, tuple(words), _ENDS_WITH_REGION.search(sentence[max(start, end - 20) : end]) is not None)


def assign_places(sentence: str, findings: Sequence[Target], places: Sequence[Said]) -> None:
    """Give each place to the finding after it or before it."""
    before: tuple[Said, Target] | None = None  # the place read last, where it went to the finding before it
    for place, last, coming in with_neighbours(findings, places):
        if before is not None and before[1] is not last:
            before = None
        backward = last is not None and (
            coming is None
            or sentence.startswith("(", place.start - 1)
            or (sentence.startswith(", ", place.start - 2) and sentence.startswith(",", place.end))
            or _PREDOMINANCE.match(sentence, place.end) is not None
            or _follows_preposition(sentence, place, coming)
            or _WORD_OF_PLACE.match(sentence, place.start) is not None
            or (place.is_adverb and _SET_OFF.match(sentence, place.end) is not None)
            or (before is not None and _is_one_place(sentence, before[0], place))
            or _region_follows(sentence, last, place, coming)
        )
        if backward and last is not None:
            place.add_to(last.behind)
            before = place, last
        elif coming is not None:
            place.add_to(coming.before)
            before = None


def _follows_preposition(sentence: str, place: Said, coming: Target) -> bool:
    """Whether a word of place stands before it, other than in "removal of the left chest tube"."""
    before = _IN.search(sentence[max(0, place.start - NEAR) : place.start])
    names_coming = (
        before is not None
        and before[0].startswith("of ")
        and not place.region
        and RIGHT_BEFORE.fullmatch(sentence[place.end : coming.start][: NEAR + 1]) is not None
    )
    return before is not None and not names_coming


def _region_follows(sentence: str, last: Target, place: Said, coming: Target) -> bool:
    """Whether a side and a region follow a finding directly, without a word of place: "opacity left base"."""
    return (
        place.region
        and place.end + 1 < coming.start
        and place.start - last.end <= NEAR
        and _NEXT_TO.fullmatch(sentence, last.end, place.start) is not None
    )


def _is_one_place(sentence: str, first: Said, second: Said) -> bool:
    """Whether two are parts of one place: "in the left lower and right upper lobes"."""
    between = sentence[first.end : second.start]
    return (
        len(between) <= NEAR
        and _AND_SIDE.fullmatch(between) is not None
        and second.region
        and _SET_OFF.match(sentence, second.end) is not None
    )
