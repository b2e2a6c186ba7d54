r"""How far a negation or a doubt reaches in a sentence.

A sentence is read once from left to right and once from right to left. Cues that deny or doubt open a scope; cues that
begin something else close it; what is named in an open scope is absent or uncertain. Two tables of transitions say what
each kind of cue does in either direction.

    no  effusion ,  consolidation  or  pneumothorax   but  mild  edema
    ^opens           (a list goes on)                 ^closes     -> present

No distance is searched: reading takes time in proportion to the sentence's length, whatever stands in it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, NamedTuple

from clinicalblip.labeler.cues import CUES
from clinicalblip.radiology.observation import Certainty, Observation


@dataclass(frozen=True)
class Phrase:
    """Words of a sentence that name observations; without any, they name another abnormality.

    `stated` is the certainty where no cue reaches them. A `part` of the chest is said to be in a state: `start` and
    `end` are the state's, cues reach it there, and none after it denies or doubts it ("effusion is not seen").
    """

    start: int
    end: int
    observations: tuple[Observation, ...]
    stated: Certainty = Certainty.PRESENT
    part: tuple[int, int] | None = None

    @property
    def span(self) -> tuple[int, int]:
        """The words with those of the part."""
        first, last = self.part or (self.start, self.end)
        return min(self.start, first), max(self.end, last)


_LINKED: Final = re.compile(r",? ?(?:or|versus|vs|and/or)(?: [\w'-]{1,20}){0,4} ?")
_LONGEST_LINK: Final = 60


def certainties(sentence: str, phrases: Sequence[Phrase]) -> list[Certainty | None]:
    """The certainty of each phrase in this sentence; None where the sentence speaks of it in the past only.

    `sentence` is the words of a `statements.StatedSentence`; `phrases` are in its order.
    """
    events = _events(sentence, phrases)
    said: list[Certainty | None] = [phrase.stated for phrase in phrases]
    forward, backward = _forward(events), _backward(events)
    for i, phrase in enumerate(phrases):
        cues = {forward[i]} | ({backward[i]} if phrase.part is None else set())
        if "past" in cues:
            said[i] = None
        elif "denied" in cues:
            said[i] = Certainty.ABSENT
        elif "doubted" in cues and phrase.stated is not Certainty.ABSENT:
            said[i] = Certainty.UNCERTAIN
    _doubt_alternatives(sentence, phrases, said)
    return said


def _events(sentence: str, phrases: Sequence[Phrase]) -> list[tuple[str, int]]:
    """Phrases (with their number) and cues (with -1) by kind, in order; some cues do not count inside a phrase."""
    found: list[tuple[int, str, int]] = [(phrase.start, "phrase", i) for i, phrase in enumerate(phrases)]
    at, end = 0, -1
    for cue in CUES.finditer(sentence):
        while at < len(phrases) and phrases[at].start <= cue.start():
            end, at = max(end, phrases[at].end), at + 1
        if cue.start() >= end or cue.lastgroup not in ("subject", "grade", "terminates"):
            found.append((cue.start(), str(cue.lastgroup), -1))
    return [(kind, index) for _, kind, index in sorted(found, key=lambda event: event[:2])]


@dataclass(slots=True)
class _Reading:
    """What is known while a sentence is read in one direction."""

    scope: str | None = None  # denied, doubted or past; None outside of any scope
    covers: bool = False  # something was named in this scope
    whole_list: bool = False  # the scope reaches over a whole list
    joined: bool = False  # an "and" or "or" stands between here and the cue: commas belong to a list
    aside: bool = False  # in something put between commas: "the opacity, seen before, has cleared"
    last: str = ""  # the event that was read just before this one
    after_phrase: bool = False  # something is named to the left of this event
    listed: bool = False  # an "or" follows to the right, before anything closes the scope


class _Transition(NamedTuple):
    """What one of these cues, a word each, does to the reading under a condition."""

    cues: str
    condition: Callable[[_Reading], bool]
    changes: dict[str, Any]


def _always(_: _Reading) -> bool:
    return True


def _opens(scope: str, *, whole_list: bool = False) -> dict[str, Any]:
    return {"scope": scope, "covers": False, "whole_list": whole_list, "joined": False}


_CLOSES: Final[dict[str, Any]] = {"scope": None}


def _new_statement(reading: _Reading) -> bool:
    # "no opacity to suggest pneumonia" stays denied; "no effusion, possible pneumonia" does not.
    return reading.scope is None or (reading.covers and reading.last in ("comma", "and"))


# Of the transitions of a cue the first whose condition holds is taken; where none does, the reading stays as it is.
_FORWARD: Final = (
    _Transition("denies denies_next", _always, _opens("denied")),
    _Transition("denies_around", lambda now: not now.after_phrase, _opens("denied")),
    _Transition("history", _always, _opens("past", whole_list=True)),
    _Transition("doubts asks doubts_around", _new_statement, _opens("doubted")),
    _Transition("doubts_list", _new_statement, _opens("doubted", whole_list=True)),
    _Transition("pseudo terminates denies_before doubts_before answers_no answers_yes answers_doubt", _always, _CLOSES),
    _Transition("subject", lambda now: now.scope == "past" and now.last == "comma", _CLOSES),
    _Transition(
        "subject",
        lambda now: now.scope != "past" and now.covers and now.last in ("comma", "and", "phrase"),
        _CLOSES,
    ),
    _Transition(
        "grade",
        lambda now: now.covers and not now.whole_list and not now.listed and now.last not in ("or", "denies"),
        _CLOSES,
    ),
    _Transition("comma", lambda now: now.scope == "doubted" and not now.whole_list and not now.listed, _CLOSES),
    _Transition("and", lambda now: now.scope == "doubted" and not now.whole_list and now.covers, _CLOSES),
)
_BACKWARD: Final = (
    _Transition("answers_no", _always, _opens("denied") | {"joined": True}),
    _Transition("answers_doubt", _always, _opens("doubted") | {"joined": True}),
    _Transition("denies_before", _always, _opens("denied")),
    _Transition("doubts_before asks_before doubts_around", _always, _opens("doubted")),
    _Transition("denies_around", lambda now: now.after_phrase, _opens("denied")),
    _Transition("or and", _always, {"joined": True}),
    _Transition("resumes", _always, {"aside": True}),
    _Transition("comma", lambda now: now.aside, {"aside": False}),
    _Transition("comma", lambda now: not now.joined and now.last not in ("denies_around", "doubts_around"), _CLOSES),
    _Transition(
        "terminates verb answers_yes denies denies_next doubts doubts_list explains pseudo history", _always, _CLOSES
    ),
)


def _by_cue(table: Sequence[_Transition]) -> dict[str, list[_Transition]]:
    cues = {cue for transition in table for cue in transition.cues.split()}
    return {cue: [transition for transition in table if cue in transition.cues.split()] for cue in cues}


_FORWARD_BY_CUE: Final = _by_cue(_FORWARD)
_BACKWARD_BY_CUE: Final = _by_cue(_BACKWARD)


def _forward(events: Sequence[tuple[str, int]]) -> dict[int, str | None]:
    """What the words before each phrase make of it: denied, doubted, past or None."""
    kinds = ["comma" if kind in ("resumes", "relative") else kind for kind, _ in events]
    return _read(events, kinds, range(len(events)), _FORWARD_BY_CUE)


def _backward(events: Sequence[tuple[str, int]]) -> dict[int, str | None]:
    """What the words after each phrase make of it: denied, doubted or None."""
    return _read(events, [kind for kind, _ in events], range(len(events) - 1, -1, -1), _BACKWARD_BY_CUE)


def _read(
    events: Sequence[tuple[str, int]],
    kinds: Sequence[str],
    places: range,
    table: Mapping[str, Sequence[_Transition]],
) -> dict[int, str | None]:
    """The scope in which each phrase stands, when the events are read in the order of `places`."""
    listed = _in_list(events)
    first = kinds.index("phrase") if "phrase" in kinds else len(kinds)
    reached: dict[int, str | None] = {}
    reading = _Reading()
    for place in places:
        kind = kinds[place]
        if kind == "phrase":
            reached[events[place][1]] = reading.scope
            reading.covers = True
        elif kind in table:
            reading.after_phrase, reading.listed = place > first, listed[place]
            for transition in table[kind]:
                if transition.condition(reading):
                    for name, value in transition.changes.items():
                        setattr(reading, name, value)
                    break
        reading.last = kind
    return reached


def _in_list(events: Sequence[tuple[str, int]]) -> list[bool]:
    """Whether an "or" follows each event before anything closes the scope: then it stands in a list."""
    ahead, listed = False, [False] * len(events)
    for place in range(len(events) - 1, -1, -1):
        kind = events[place][0]
        if kind in ("or", "doubts_around"):
            ahead = True
        elif kind in ("terminates", "pseudo", "denies", "denies_next", "doubts", "doubts_list"):
            ahead = False
        listed[place] = ahead
    return listed


def _doubt_alternatives(sentence: str, phrases: Sequence[Phrase], said: list[Certainty | None]) -> None:
    """Make both of "atelectasis or infiltrate" uncertain, as CheXpert's labeller does."""
    for i, (first, second) in enumerate(pairwise(phrases)):
        between = sentence[first.end : second.start]
        if len(between) <= _LONGEST_LINK and first.observations != second.observations and _LINKED.fullmatch(between):
            for j in (i, i + 1):
                if said[j] is Certainty.PRESENT:
                    said[j] = Certainty.UNCERTAIN
