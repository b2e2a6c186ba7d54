"""Which degrees and changes belong to which finding.

They stand before it ("small effusion", "interval increase in the effusion") or are said of it ("the effusion is small",
"effusion, unchanged"). The sentence is read with its attribute words masked.
"""

import re
from collections.abc import Sequence
from typing import Final

from clinicalblip.labeler.attributes.targets import (
    BOTH_WORDS,
    NEAR,
    OTHER_WORD,
    RIGHT_BEFORE,
    Said,
    Statement,
    Target,
    with_neighbours,
)

_IS: Final = r"(?<!there )(?:(?:is|are|was|were|has|have|had)(?: been)?|remains?|appears?|looks?|seems?)"
_RESUMES: Final = re.compile(rf", {_IS}(?: \w+ly| now| also| not| ~+){{0,3}} $")
_ADVERB: Final = (
    r"(?:\w+ly|now|also|again|still|much|very|more|less|somewhat|only|at|of|in|to be|since|overall|not|probably"
    r"|slightly)"
)
_PREDICATES: Final = re.compile(rf"(?<!\w){_IS}(?: {_ADVERB}| ~+){{0,3}} $")
_SET_AFTER: Final = re.compile(rf"(?:[,:(-]|--)(?: ?{_ADVERB}| ~+){{0,2}} ?$")
_NEXT: Final = re.compile(r"[ ~-]*$")
_ENDS: Final = re.compile(
    r"(?: ?~+){0,6} ?(?:[,)(;:/-]|$)|(?: ?~+){0,6} (?:from|since|compared?|when|in (?:size|extent|volume|degree|amount"
    r"|severity|appearance|number|the interval"
    r"|comparison|caliber|position|configuration|distribution)|(?:appearance|position|size|extent)(?= from| since|,"
    r"|$)|at this time|than|to|with|and|on|over|as|relative|radiographically)(?!\w)"
)
# "small left and moderate right effusion", "stable, small effusion"
_LISTED_BEFORE: Final = re.compile(
    rf"[ ~-]*(?:(?:,|,? ?(?:and|or|but|to|/))[ ~-]*~[ ~-]*){{1,3}}(?:{OTHER_WORD}[ ~-]+){{0,3}}"
)
_LONG_NAME: Final = rf"(?:[ ,~-]+(?:and(?= ~)|or(?= ~)|{OTHER_WORD})?){{0,6}}[ ~-]+"
_CONNECTS: Final = re.compile(
    rf"[ ~-]*(?:{OTHER_WORD} ){{0,2}}(?:and {OTHER_WORD} )?(?:in|of|to|for)(?:{_LONG_NAME}(?:in|of))?{_LONG_NAME}"
)
_OF: Final = re.compile(rf"[ ~-]*(?:{OTHER_WORD} ){{0,2}}of{_LONG_NAME}")
_SIZED: Final = re.compile(r"[ ~-]*(?:-?sized )?")
_GOES_ON: Final = frozenset({"but", "although", "though", "however", "while"})


def assign_predicates(masked: str, statement: Statement, said: Sequence[Said], before: Statement | None) -> None:
    """Give each degree or change to the finding that it stands before or that it is said of."""
    if not statement.findings and before is not None and before.findings and statement.opened_by in _GOES_ON:
        for each in said:  # "the effusion has decreased but is still moderate"
            each.add_to(before.findings[-1].behind)
        return
    for each, last, coming in with_neighbours(statement.targets, said):
        target, words = _target_of(masked, each, last, coming)
        if words == "behind" and target is not None and _RESUMES.search(masked[max(0, each.start - NEAR) : each.start]):
            target = _before_aside(masked, statement.targets, target)
        if target is not None and words:
            each.add_to(target.before if words == "before" else target.behind)


def _before_aside(masked: str, targets: Sequence[Target], last: Target) -> Target:
    """The finding that something put between commas explains: "the opacity, likely atelectasis, is stable"."""
    at = next(number for number, target in enumerate(targets) if target is last)
    for before, after in zip(reversed(targets[:at]), reversed(targets[: at + 1]), strict=False):
        gap = masked[before.end : after.start][: NEAR + 1]
        if "," in gap:
            return before
        if not BOTH_WORDS.fullmatch(gap):
            break
    return last


def _target_of(masked: str, said: Said, last: Target | None, coming: Target | None) -> tuple[Target | None, str]:
    gap = masked[said.end : coming.start] if coming is not None and coming.start - said.end <= NEAR else None
    if gap is not None and (_SIZED if said.words[0].degree and said.is_adverb else RIGHT_BEFORE).fullmatch(gap):
        return coming, "before"
    if last is not None:
        since = masked[max(last.end, said.start - NEAR) : said.start]
        predicated = _PREDICATES.search(since) is not None
        set_after = (_SET_AFTER.search(since) or _NEXT.match(since)) and _ENDS.match(masked, said.end)
        if predicated or set_after:
            return last, "behind"
    if gap is not None:
        connects = _OF if said.words[0].degree else _CONNECTS
        if _LISTED_BEFORE.fullmatch(gap) or connects.fullmatch(gap):
            return coming, "before"
    # "the effusion remains in place": nothing else can be meant
    only = coming is None and (
        _ENDS.match(masked, said.end) or (said.words[0].change and last and _NEXT.match(masked[last.end : said.start]))
    )
    return (last, "behind") if only else (None, "")
