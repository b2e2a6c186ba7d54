r"""Sentences, and how far a negation or a doubt reaches in one.

A sentence is read once from left to right and once from right to left. Words that deny or doubt what follows open a
scope; words that begin something else close it; what is named in an open scope is absent or uncertain.

    no  effusion ,  consolidation  or  pneumothorax   but  mild  edema
    ^opens           (a list goes on)                 ^closes     -> present

Distances are never searched for: every sentence takes time in proportion to its length, whatever stands in it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from clinicalblip.labeler.cues import CUES
from clinicalblip.labeler.spelling import correct
from clinicalblip.radiology.observation import Certainty, Observation


@dataclass(frozen=True)
class Mention:
    """Words of a sentence that name observations, or (none of them) another abnormality.

    `stated` is what they say when nothing else does; `looks_back` is whether words after them can still deny or doubt
    it ("effusion is not seen").
    """

    start: int
    end: int
    observations: tuple[Observation, ...]
    stated: Certainty = Certainty.PRESENT
    looks_back: bool = True


_LINKED: Final = re.compile(r",? ?(?:or|versus|vs|and/or)(?: [\w'-]{1,20}){0,4} ?")
_LONGEST_LINK: Final = 60


def sentences(text: str) -> Iterator[str]:
    """Lower-case sentences with single spaces, without section headings and without the sections that are no findings.

    A heading is a known word before a colon (`INDICATION:`); its section goes on to the next. Where white space and
    capitals stand makes no difference.
    """
    folded = correct(" ".join(text.lower().replace("’", "'").split()))
    at, speaks = 0, True
    for heading in _HEADING.finditer(folded):
        if speaks:
            yield from _split(folded[at : heading.start()])
        speaks, at = heading["silent"] is None, heading.end()
    if speaks:
        yield from _split(folded[at:])


_HEADING: Final = re.compile(
    r"(?<![\w])(?:(?P<silent>indications?|reason for (?:the )?(?:exam|examination|study)|(?:clinical |past )?history|"
    r"clinical (?:information|indication)|comparisons?|techniques?|procedure|exam|examination|study|views?|date)"
    r"|findings?|impressions?|conclusions?|report|final report|addendum|wet read) ?:"
)
# "1.5 cm" goes on; "seen.no" (a missing space) does not; a question mark ends only what it is written to.
_END: Final = re.compile(r"(?<=[.;!]) |(?<=\w\?) |(?<=[a-z]{3}\.)(?=[a-z]{2})|;")


def _split(text: str) -> Iterator[str]:
    for sentence in _END.split(text.replace("vs.", "vs")):
        if sentence := sentence.strip(" .;!:"):
            yield sentence


def certainties(sentence: str, mentions: Sequence[Mention]) -> list[Certainty | None]:
    """Say of each mention whether the sentence affirms, denies or doubts it; None where it speaks of the past only.

    `sentence` is one of `sentences`; `mentions` are in its order.
    """
    events = _events(sentence, mentions)
    said: list[Certainty | None] = [mention.stated for mention in mentions]
    forward, backward = _forward(events), _backward(events)
    for i, mention in enumerate(mentions):
        cues = {forward[i]} | ({backward[i]} if mention.looks_back else set())
        if "past" in cues:
            said[i] = None
        elif "denied" in cues:
            said[i] = Certainty.ABSENT
        elif "doubted" in cues and mention.stated is not Certainty.ABSENT:
            said[i] = Certainty.UNCERTAIN
    _doubt_alternatives(sentence, mentions, said)
    return said


def _events(sentence: str, mentions: Sequence[Mention]) -> list[tuple[str, int]]:
    """Mentions (with their number) and cues in the order of the sentence; words inside a mention are no cue."""
    found: list[tuple[int, str, int]] = [(mention.start, "mention", i) for i, mention in enumerate(mentions)]
    at, end = 0, -1
    for cue in CUES.finditer(sentence):
        while at < len(mentions) and mentions[at].start <= cue.start():
            end, at = max(end, mentions[at].end), at + 1
        if cue.start() >= end or cue.lastgroup not in ("subject", "grade", "closes"):
            found.append((cue.start(), str(cue.lastgroup), -1))
    return [(kind, index) for _, kind, index in sorted(found, key=lambda event: event[:2])]


def _forward(events: Sequence[tuple[str, int]]) -> dict[int, str | None]:
    """What the words before each mention make of it: denied, doubted, past or None."""
    listed = _in_list(events)
    reached: dict[int, str | None] = {}
    scope: str | None = None
    covered = named = whole = False  # named in this scope; named in this sentence; the scope is a whole list
    before = ""
    for place, (kind, index) in enumerate(("comma" if kind == "resumes" else kind, index) for kind, index in events):
        match kind:
            case "mention":
                reached[index] = scope
                covered = named = True
            case "denies":
                scope, covered, whole = "denied", False, False
            case "turned" if not named:
                scope, covered, whole = "denied", False, False
            case "past":
                scope, covered, whole = "past", False, True
            case "doubts" | "asks" | "weighs" | "either":
                # "no opacity to suggest pneumonia" stays denied; "no effusion, possible pneumonia" does not.
                if scope is None or (covered and before in ("comma", "and")):
                    scope, covered, whole = "doubted", False, kind == "weighs"
            case "nothing" | "closes" | "denied" | "doubted":
                scope = None
            case "subject" if scope == "past":
                scope = None if before == "comma" else scope
            case "subject" if covered and before in ("comma", "and", "mention"):
                scope = None
            case "grade" if covered and not whole and not listed[place] and before not in ("or", "denies"):
                scope = None
            case "comma" if scope == "doubted" and not whole and not listed[place]:
                scope = None
            case "and" if scope == "doubted" and not whole and covered:
                scope = None
            case _:
                pass
        before = kind
    return reached


def _backward(events: Sequence[tuple[str, int]]) -> dict[int, str | None]:
    """What the words after each mention make of it: denied, doubted or None."""
    first = next((place for place, (kind, _) in enumerate(events) if kind == "mention"), len(events))
    reached: dict[int, str | None] = {}
    scope: str | None = None
    joined = False  # an "and" or "or" stands between here and the cue: commas before it belong to a list
    between = False  # in something put between commas: "the opacity, seen before, has cleared"
    after = ""
    for place in range(len(events) - 1, -1, -1):
        kind, index = events[place]
        match kind:
            case "mention":
                reached[index] = scope
            case "denied" | "doubted":
                scope, joined = kind, False
            case "asked" | "either":
                scope, joined = "doubted", False
            case "turned" if place > first:
                scope, joined = "denied", False
            case "or" | "and":
                joined = True
            case "resumes":
                between = True
            case "comma" if between:
                between = False
            case "comma" if not joined and after not in ("turned", "either"):
                scope = None
            case "closes" | "verb" | "denies" | "doubts" | "weighs" | "explains" | "nothing" | "past":
                scope = None
            case _:
                pass
        after = kind
    return reached


def _in_list(events: Sequence[tuple[str, int]]) -> list[bool]:
    """Whether an "or" follows each event before anything closes the scope: then it stands in a list."""
    ahead, listed = False, [False] * len(events)
    for place in range(len(events) - 1, -1, -1):
        kind = events[place][0]
        if kind in ("or", "either"):
            ahead = True
        elif kind in ("closes", "nothing", "denies", "doubts", "weighs"):
            ahead = False
        listed[place] = ahead
    return listed


def _doubt_alternatives(sentence: str, mentions: Sequence[Mention], said: list[Certainty | None]) -> None:
    """Make both of "atelectasis or infiltrate" uncertain, as CheXpert's labeller does."""
    for i, (first, second) in enumerate(pairwise(mentions)):
        between = sentence[first.end : second.start]
        if len(between) <= _LONGEST_LINK and first.observations != second.observations and _LINKED.fullmatch(between):
            for j in (i, i + 1):
                if said[j] is Certainty.PRESENT:
                    said[j] = Certainty.UNCERTAIN
