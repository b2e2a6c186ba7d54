"""Whose the characters of a text are: each was typed, pasted, kept from a draft, filled in or ticked.

A text carries one letter for each of its characters, so that what is cut and joined keeps its origins, and the counts
of a text always sum to its length.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import accumulate, groupby
from typing import Final


class Origin(StrEnum):
    """How a character came into the text."""

    TYPED = "typed"
    PASTED = "pasted"
    KEPT = "kept"
    FILLED_IN = "filled in"
    TICKED = "ticked"


_LETTERS: Final = {Origin.TYPED: "t", Origin.PASTED: "p", Origin.KEPT: "k", Origin.FILLED_IN: "f", Origin.TICKED: "x"}
_ORIGINS: Final = {letter: origin for origin, letter in _LETTERS.items()}
_WORD: Final = re.compile(r"\S+\s*|\s+")
_MOST_WORDS: Final = 4000  # their comparison is slow beyond
_RUN: Final = re.compile(r"(\d+)([tpkfx])")


@dataclass(frozen=True)
class MarkedText:
    """A text, and in `marks` one letter of an origin for each of its characters."""

    text: str = ""
    marks: str = ""

    def __post_init__(self) -> None:
        if len(self.text) != len(self.marks) or not set(self.marks) <= set(_ORIGINS):
            raise ValueError(f"{len(self.text)} characters need as many origins")

    @classmethod
    def of(cls, text: str, origin: Origin) -> MarkedText:
        """A text that came in one way."""
        return cls(text, _LETTERS[origin] * len(text))

    def __add__(self, other: MarkedText) -> MarkedText:
        return MarkedText(self.text + other.text, self.marks + other.marks)

    def __getitem__(self, part: slice) -> MarkedText:
        return MarkedText(self.text[part], self.marks[part])

    def changed_to(self, text: str, origin: Origin) -> MarkedText:
        """This text after it was changed in one place: the same characters before and behind keep their origins."""
        before = _common(self.text, text)
        rest, new = self.text[before:], text[before:]
        behind = _common(rest[::-1], new[::-1])
        return self[:before] + MarkedText.of(new[: len(new) - behind], origin) + self[len(self.text) - behind :]

    def rewritten_to(self, text: str, origin: Origin) -> MarkedText:
        """This text after it was changed in several places at once: words that stand in both keep their origins."""
        old, new = _WORD.findall(self.text), _WORD.findall(text)
        if max(len(old), len(new)) > _MOST_WORDS:
            return self.changed_to(text, origin)
        starts = [0, *accumulate(map(len, old))]
        parts = []
        for kind, first, end, from_word, to_word in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            before, after = self[starts[first] : starts[end]], "".join(new[from_word:to_word])
            parts.append(before if kind == "equal" else before.changed_to(after, origin))
        return MarkedText("".join(part.text for part in parts), "".join(part.marks for part in parts))

    def with_inserted(self, part: MarkedText, text: str) -> MarkedText | None:
        """This text with `part` put in somewhere, in the place of words or not, so that it is `text`; else None."""
        taken = len(self.text) + len(part.text) - len(text)
        if not part.text or taken < 0:
            return None
        shared = self.shared_start(text)
        for start in range(shared, max(-1, shared - len(part.text) - 1), -1):
            if text.startswith(part.text, start) and text[start + len(part.text) :] == self.text[start + taken :]:
                return self[:start] + part + self[start + taken :]
        return None

    def shared_start(self, text: str) -> int:
        """With how many of the same characters both begin."""
        return _common(self.text, text)

    @property
    def runs(self) -> str:
        """The origins in short, for JSON: "12k3t"."""
        return "".join(f"{len(list(run))}{letter}" for letter, run in groupby(self.marks))

    @classmethod
    def from_runs(cls, text: str, runs: str) -> MarkedText:
        """The text with the origins that `runs` says; ValueError where they are not those of so many characters."""
        if not re.fullmatch(f"(?:{_RUN.pattern})*", runs):
            raise ValueError("origins are numbers with letters")
        found = [(int(number), letter) for number, letter in _RUN.findall(runs)]
        if sum(number for number, _ in found) != len(text):
            raise ValueError(f"{len(text)} characters need as many origins")
        return cls(text, "".join(letter * number for number, letter in found))


def _common(first: str, second: str) -> int:
    """How many characters both begin with."""
    shorter = min(len(first), len(second))
    return next((at for at in range(shorter) if first[at] != second[at]), shorter)


def count_origins(text: MarkedText) -> Mapping[Origin, int]:
    """How many characters came in which way, every origin named; they sum to the text's length."""
    counted = Counter(text.marks)
    return {origin: counted[_LETTERS[origin]] for origin in Origin}
