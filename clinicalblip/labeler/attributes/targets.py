"""What attributes can be said of in a sentence, and the statements that it is made of."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from clinicalblip.labeler.attributes.words import ATTRIBUTES, AttributeWord, Kind
from clinicalblip.labeler.scope import Phrase

NAMES: Final = ("sides", "zones", "degree", "change")
Words = dict[str, list[AttributeWord]]


def _no_words() -> Words:
    return {name: [] for name in NAMES}


@dataclass
class Target:
    """What attributes can be said of: phrases that overlap, or something that is no finding and has none."""

    start: int
    end: int
    phrases: list[int]
    is_state: bool = False
    before: Words = field(default_factory=_no_words)
    behind: Words = field(default_factory=_no_words)

    def has(self, name: str) -> bool:
        """Whether anything is said of this attribute."""
        return bool(self.before[name] or self.behind[name])


@dataclass(frozen=True)
class Said:
    """Attribute words that are given to a finding together: one, or the words of one place."""

    start: int
    end: int
    words: tuple[AttributeWord, ...]
    region: bool = False  # it ends with a part of the lung: "left base", but not "left"

    @property
    def is_adverb(self) -> bool:
        """As `AttributeWord.is_adverb`, of the last word."""
        return self.words[-1].is_adverb

    def add_to(self, words: Words) -> None:
        """Add each word to the attributes that it says something of."""
        for word in self.words:
            for name in NAMES:
                if getattr(word, name):
                    words[name].append(word)


@dataclass
class Statement:
    """The part of a sentence up to where another statement begins."""

    opened_by: str
    targets: list[Target] = field(default_factory=list)
    words: list[AttributeWord] = field(default_factory=list)

    @property
    def findings(self) -> list[Target]:
        """Those targets that are findings."""
        return [target for target in self.targets if target.phrases]


_LUNG: Final = re.compile(r" (?:lobes?|lungs?|zones?|fields?|hemithorax|side)(?!\w)")
NEAR: Final = 100  # characters that are read before a word, and between two findings

# A sentence whose attribute words are masked has other words, and `~`.
_FUNCTION_WORD: Final = (
    r"(?:is|are|was|were|be|been|being|has|have|had|do|does|did|and|or|but|with|without|in|on|at|of|from|for|by|due"
    r"|since"
    r"|after|than|which|that|when|where|as|compared?|there|may|might|could|can|to|via|versus|vs|likely|probably"
    r"|possibly"
    r"|remains?|appears?|shows?|demonstrates?|(?<!previously )(?:seen|noted|identified)|suggest\w*|represent\w*"
    r"|reflect\w*)"
)
OTHER_WORD: Final = rf"(?!{_FUNCTION_WORD}(?!\w))[\w/'.-]+"
RIGHT_BEFORE: Final = re.compile(rf"[ ~-]*(?:{OTHER_WORD}[ ~-]+){{0,6}}")
BOTH_WORDS: Final = re.compile(r"(?: ?/| and/or| and| or)(?: [\w-]{3,15}){0,2} ?")


def find_targets(sentence: str, phrases: Sequence[Phrase]) -> list[Target]:
    """What phrases name, in order; one that says of what kind the next is ("calcified nodule") is none."""
    targets: list[Target] = []
    for number, phrase in enumerate(phrases):
        follower = phrases[number + 1] if number + 1 < len(phrases) else None
        if (
            not phrase.observations
            and follower
            and follower.observations
            and phrase.end < follower.start <= phrase.end + NEAR
            and RIGHT_BEFORE.fullmatch(sentence, phrase.end, follower.start)
        ):
            continue
        if targets and phrase.start < targets[-1].end:
            targets[-1].phrases.append(number)
            targets[-1].end = max(targets[-1].end, phrase.end)
        else:
            targets.append(Target(phrase.start, phrase.end, [number], is_state=phrase.part is not None))
    return targets


def give_own_words(
    targets: Sequence[Target], phrases: Sequence[Phrase], words: Iterable[AttributeWord]
) -> list[AttributeWord]:
    """Give words that stand in a finding's name ("biapical thickening") to it; return the others.

    Those of a state ("enlarged") are its own meaning, and names of other things in a finding's words mean no other.
    """
    spans = _covered(sorted(phrase.span for phrase in phrases))
    left: list[AttributeWord] = []
    at = covering = 0
    for word in words:
        while at < len(targets) and targets[at].end <= word.start:
            at += 1
        while covering < len(spans) and spans[covering][1] <= word.start:
            covering += 1
        inside = at < len(targets) and targets[at].start <= word.start
        if inside and word.kind in ATTRIBUTES:
            if not targets[at].is_state:
                Said(word.start, word.end, (word,)).add_to(targets[at].before)
        elif word.kind is not Kind.OTHER or not (covering < len(spans) and spans[covering][0] <= word.start):
            left.append(word)
    return left


def _covered(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def mask_attributes(sentence: str, words: Iterable[AttributeWord]) -> str:
    """The sentence with `~` for every letter of an attribute or its part of the lung, so that other words are left."""
    pieces, at = [], 0
    for word in words:
        if word.kind in ATTRIBUTES:
            region = _LUNG.match(sentence, word.end) if word.kind is Kind.PLACE else None
            end = region.end() if region else word.end
            pieces += [sentence[at : word.start], "~" * (end - word.start)]
            at = end
    return "".join((*pieces, sentence[at:]))


def split_statements(sentence: str, targets: Sequence[Target], words: Sequence[AttributeWord]) -> Iterator[Statement]:
    """Split what a sentence names where another statement begins.

    "There is" after "at the left base" begins none: no finding stands before it.
    """
    events: list[Target | AttributeWord] = sorted([*targets, *words], key=lambda event: event.start)
    statement = Statement("")
    for event in events:
        if isinstance(event, Target):
            statement.targets.append(event)
        elif event.kind is Kind.OTHER:
            statement.targets.append(Target(event.start, event.end, []))
        elif event.kind is not Kind.BEGINS:
            statement.words.append(event)
        elif statement.findings or not sentence.startswith("there ", event.start):
            yield statement
            statement = Statement(sentence[event.start : event.end])
    yield statement


def with_neighbours(
    targets: Sequence[Target], said: Sequence[Said]
) -> Iterator[tuple[Said, Target | None, Target | None]]:
    """Each of these with the target before and behind it."""
    at = 0
    for each in said:
        while at < len(targets) and targets[at].start < each.start:
            at += 1
        yield each, targets[at - 1] if at else None, targets[at] if at < len(targets) else None
