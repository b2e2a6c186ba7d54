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

from clinicalblip.radiology.observation import Certainty


@dataclass(frozen=True)
class Mention:
    """Words of a sentence that name an observation; `stated` is what they say when nothing else does.

    `key` is the caller's. `looks_back` is whether words after it can still deny or doubt it ("effusion is not seen").
    """

    start: int
    end: int
    key: object
    stated: Certainty = Certainty.PRESENT
    looks_back: bool = True


def _words(*alternatives: str) -> str:
    return r"(?<![\w])(?:" + "|".join(alternatives) + r")(?![\w])"


_HOW: Final = "(?:entirely |completely |fully |totally |definitely |definitively |reliably |clearly |well )?"
_ANY_CHANGE: Final = (
    "(?:significant |definite |definitive |appreciable |interval |substantial |obvious |major |real |acute |xxxx )*"
    "(?:changed?|changes|difference|increased?|decreased?|worsening|worsened|improvement|improved|progression|progressed)"
)
_SEEN: Final = (
    "(?:seen|identified|visuali[sz]ed|present|evident|demonstrated|appreciated|noted|detected|apparent|found|shown|"
    "observed|confirmed|recogni[sz]ed|visible)"
)

# The order matters: at one place the first that fits is taken, so that "cannot exclude" is no "not".
_CUES: Final = re.compile(
    "|".join(
        f"(?P<{name}>{_words(*alternatives)})"
        for name, alternatives in {
            # Looks like a denial and is none.
            "nothing": (
                f"(?:no|not|without) {_ANY_CHANGE}",
                "no (?:doubt|question)",
                "without (?:a )?doubt",
                "not only",
                f"not {_HOW}(?:without|absent|free (?:of|from)|clear of|negative for|resolved|cleared|gone)",
                "(?:partial|partially|incomplete|incompletely|nearly|almost|mostly|near) "
                "(?:complete |completely )?(?:resolved|resolution|cleared|clearing)",
                "not (?:to be )?confused",
            ),
            # Doubts what stands before it.
            "doubted": (
                f"(?:can ?not|can't|could not|may not) be {_HOW}(?:excluded|ruled out)",
                f"(?:is|are) not {_HOW}(?:excluded|ruled out)",
                f"not {_HOW}(?:excluded|ruled out)",
                "(?:is|are|remains?) (?:also |still )?(?:possible|suspected|questioned|questionable|uncertain|probable)",
                "(?:may|might|could) (?:also )?(?:be present|have this appearance|look like this)",
                "(?:is|are) (?:difficult|hard) to (?:exclude|rule out)",
                "(?:is|are) less likely",
                "(?:is|are) (?:not well|poorly|incompletely|not fully|not adequately) "
                "(?:evaluated|visuali[sz]ed|assessed|seen)",
            ),
            # Denies what stands before it.
            "denied": (
                f"(?:(?:is|are|was|were|has|have) )?(?:not|no longer) (?:been )?(?:\\w+ly )?{_SEEN}",
                "(?:has|have|had|is|are) (?:now |since |been )?(?:\\w+ly )?(?:resolved|cleared|disappeared|gone)",
                "(?:is|are|was|were) (?:now )?(?:absent|excluded|ruled out|unlikely)",
                "(?:has|have) been (?:\\w+ly )?(?:removed|extracted|discontinued|withdrawn|ruled out|excluded)",
                "(?:was|were) (?:removed|extracted|discontinued|withdrawn)",
                "(?:now|since) (?:resolved|removed|cleared)",
                "unlikely",
            ),
            # Either side: "resolved effusion", "effusion: resolved", "effusion: none", "pneumothorax absent".
            "turned": ("resolved", "absent", "none"),
            # What was, or what was asked: no statement about this film.
            "past": (
                "(?:history|hx) of",
                "h/o",
                "(?:personal|clinical|known|past|remote) history",
                "(?:evaluate|evaluation|assess|assessment|looking|concern(?:ed)?) for",
            ),
            # Doubts what follows.
            "doubts": (
                f"(?:can ?not|can't|could not|unable to|difficult to|hard to|to|not) {_HOW}(?:exclude|rule out)",
                "(?:rule out|r/o|exclude|excluding)",
                "possib(?:le|ly|ility)(?: of)?",
                "probab(?:le|ly)",
                "less likely",
                "perhaps",
                "maybe",
                "may",
                "might",
                "could",
                "suspect(?:ed|s)?",
                "suspici(?:ous|on) (?:for|of)",
                "concern(?:ing|s)? (?:for|of)",
                "worrisome for",
                "question(?:able)?(?: of)?",
                "presum(?:ed|ably|ptive)",
                "suggest(?:s|ive|ing|ion)?(?: of)?",
                "differential",
                "equivocal",
                "(?:un)?certain",
                "borderline",
                "favou?r(?:s|ed|ing)?",
                "consider",
                "correlate (?:clinically )?for",
                "no (?:definite )?new",
            ),
            # Denies what follows.
            "denies": (
                "no longer",
                "no",
                "not",
                "isn't",
                "aren't",
                "doesn't",
                "without",
                "(?:absence|lack|resolution|removal|clearing) of",
                "negative for",
                "(?:free|clear(?:ed)?) (?:of|from)",
                "neither",
                "nor",
                "never",
                "denies",
                "rather than",
                "instead of",
                "fail(?:s|ed)? to (?:show|demonstrate|reveal)",
            ),
            # Begins something else.
            "closes": (
                "but",
                "however",
                "although",
                "though",
                "except",
                "aside from",
                "apart from",
                "other than",
                "whereas",
                "while",
                "nevertheless",
                "yet",
                "with",
                "after",
                "following",
                "status post",
                "s/p",
                "post",
                "despite",
                "because",
                "since",
                "there (?:is|are|was|were|has|have)",
                "again (?:seen|noted|demonstrated)",
                "demonstrat(?:es|ing)",
                "(?:unchanged|stable|similar) (?:from|to|compared)",
            ),
            "or": ("or", "and/or", "versus", "vs", "nor"),
            "and": ("and",),
            # Open a statement of their own, unless they stand in a list.
            "grade": (
                "mild(?:ly)?",
                "moderate(?:ly)?",
                "severe(?:ly)?",
                "minimal(?:ly)?",
                "slight(?:ly)?",
                "small",
                "tiny",
                "trace",
                "stable",
                "unchanged",
                "persistent",
                "improved",
                "worsening",
                "bibasilar",
                "left",
                "right",
                "bilateral",
                "chronic",
                "old",
                "low",
                "prominent",
                "tortuous",
                "degenerative",
            ),
            "subject": ("the", "there", "heart", "lungs?", "cardiac", "cardiomediastinal", "aorta", "osseous", "bony"),
            "verb": ("is", "are", "shows?", "remains?", "appears?", "has", "have"),
        }.items()
    )
    + r"|(?P<comma>,|(?<= )-(?= ))|(?P<asks>(?<!\w)\?)|(?P<asked>\?$)"
)
_LINKED: Final = re.compile(r",? ?(?:or|versus|vs|and/or)(?: [\w'-]{1,20}){0,4} ?")
_LONGEST_LINK: Final = 60


def sentences(text: str) -> Iterator[str]:
    """Lower-case sentences with single spaces, without section headings and without the sections that are no findings.

    A heading is a known word before a colon (`INDICATION:`); its section goes on to the next. Where white space and
    capitals stand makes no difference.
    """
    folded = " ".join(text.lower().replace("’", "'").split())
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
    events: list[tuple[int, str, int]] = [(m.start, "mention", i) for i, m in enumerate(mentions)]
    events += [(found.start(), str(found.lastgroup), -1) for found in _CUES.finditer(sentence)]
    events.sort(key=lambda event: event[:2])
    kinds = [kind for _, kind, _ in events]
    said: list[Certainty | None] = [mention.stated for mention in mentions]
    forward = _forward(kinds, events, sentence)
    backward = _backward(kinds, events)
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


def _forward(kinds: list[str], events: list[tuple[int, str, int]], sentence: str) -> dict[int, str | None]:
    """What the words before each mention make of it: denied, doubted, past or None."""
    listed = _in_list(kinds)
    reached: dict[int, str | None] = {}
    scope: str | None = None
    covered = named = False  # something was named in this scope; in this sentence
    for place, (start, kind, index) in enumerate(events):
        before = kinds[place - 1] if place else ""
        match kind:
            case "mention":
                reached[index] = scope
                covered = named = True
            case "denies":
                scope, covered = "denied", False
            case "turned" if not named:
                scope, covered = "denied", False
            case "past":
                scope, covered = "past", False
            case "doubts" | "asks":
                # "no opacity to suggest pneumonia" stays denied; "no effusion, possible pneumonia" does not.
                if scope is None or (covered and before in ("comma", "and")):
                    scope, covered = "doubted", False
            case "nothing" | "closes" | "denied" | "doubted":
                scope = None
            case "subject" if covered and before in ("comma", "and", "mention"):
                scope = None
            case "grade" if covered and not listed[place] and before not in ("or", "denies"):
                scope = None
            case "comma" if scope == "doubted" and covered and not listed[place]:
                scope = None
            case "and" if scope == "doubted" and covered:
                scope = None
            case _:
                pass
    return reached


def _backward(kinds: list[str], events: list[tuple[int, str, int]]) -> dict[int, str | None]:
    """What the words after each mention make of it: denied, doubted or None."""
    reached: dict[int, str | None] = {}
    scope: str | None = None
    joined = False  # an "and" or "or" stands between here and the cue: commas before it belong to a list
    for place in range(len(events) - 1, -1, -1):
        _, kind, index = events[place]
        match kind:
            case "mention":
                reached[index] = scope
            case "denied" | "doubted":
                scope, joined = kind, False
            case "asked":
                scope, joined = "doubted", False
            case "turned" if "mention" in kinds[max(0, place - 6) : place]:
                scope, joined = "denied", False
            case "or" | "and":
                joined = True
            case "comma" if not joined and "turned" not in kinds[place + 1 : place + 2]:
                scope = None
            case "closes" | "verb" | "denies" | "doubts" | "nothing" | "past":
                scope = None
            case _:
                pass
    return reached


def _in_list(kinds: list[str]) -> list[bool]:
    """Whether an "or" follows each event before anything closes the scope: then it stands in a list."""
    ahead, listed = False, [False] * len(kinds)
    for place in range(len(kinds) - 1, -1, -1):
        if kinds[place] == "or":
            ahead = True
        elif kinds[place] in ("closes", "nothing", "denies", "doubts"):
            ahead = False
        listed[place] = ahead
    return listed


def _doubt_alternatives(sentence: str, mentions: Sequence[Mention], said: list[Certainty | None]) -> None:
    """Make both of "atelectasis or infiltrate" uncertain, as CheXpert's labeller does."""
    for i, (first, second) in enumerate(pairwise(mentions)):
        between = sentence[first.end : second.start]
        if len(between) <= _LONGEST_LINK and first.key != second.key and _LINKED.fullmatch(between):
            for j in (i, i + 1):
                if said[j] is Certainty.PRESENT:
                    said[j] = Certainty.UNCERTAIN
