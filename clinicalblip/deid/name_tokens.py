"""A text as words that may be parts of a person's name."""

import re
from dataclasses import dataclass
from typing import Self

from clinicalblip.deid import name_words as vocabulary

# A word of letters with inner apostrophes and hyphens: O'Connell, Ibarra-Torres. Bounded, so that no run of letters
# is gone through twice.
_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_REMOVED = re.compile(r"[Xx]{2,}$")  # what de-identification left: XXXX
_DEGREE = re.compile(r"[A-Za-z](?:[A-Za-z]{1,4}|(?:\.[A-Za-z]{1,2}){1,3}\.?|h\.?D\.?|A-C)(?![^\W_])")
_MAX_GAP = 2  # so many blanks, with a point, may stand between the words of one name
_MAX_WORDS = 6  # words of a name, particles included


@dataclass(frozen=True)
class Word:
    """A word of a text, from `start` to before `end`, and what it may be in a name."""

    text: str
    start: int
    end: int

    @property
    def lower(self) -> str:
        """In lower case, with a straight apostrophe."""
        return self.text.lower().replace("’", "'")

    @property
    def is_capital(self) -> bool:
        """Whether it begins with a capital; in a script without capitals every word does."""
        return not self.text[0].islower()

    @property
    def is_ordinary(self) -> bool:
        """Whether it is a word of a report, however it is written."""
        lower = self.lower
        return lower in vocabulary.ORDINARY or lower in vocabulary.INSTITUTIONS or bool(_REMOVED.match(self.text))

    @property
    def is_initial(self) -> bool:
        """Whether it is one capital letter."""
        return len(self.text) == 1 and self.text.isupper()

    @property
    def is_particle(self) -> bool:
        """Whether it is a word inside a family name: van, de la."""
        return self.lower in vocabulary.PARTICLES

    @property
    def is_title(self) -> bool:
        """Whether it is a title, or a role that stands before a name as a title does."""
        if self.lower not in vocabulary.PEOPLE:
            return False
        return self.is_capital or self.lower in vocabulary.CASELESS_TITLES or self.lower == "nurse"

    @property
    def is_given_name(self) -> bool:
        """Whether it is a common given name, in capitals."""
        return self.lower in vocabulary.GIVEN_NAMES and self.is_capital

    @property
    def may_be_surname(self) -> bool:
        """Whether it may be part of a family name."""
        if self.is_particle:
            return True
        medical = self.lower.endswith(vocabulary.MEDICAL_ENDINGS)
        return self.is_capital and not self.is_ordinary and not medical and len(self.text) > 1


@dataclass(frozen=True)
class Words:
    """A text and its words. Methods name a word by its index."""

    text: str
    words: tuple[Word, ...]

    @classmethod
    def of(cls, text: str) -> Self:
        """The words of a text."""
        return cls(text, tuple(Word(match[0], match.start(), match.end()) for match in _WORD.finditer(text)))

    def between(self, word: int, other: int) -> str:
        """What stands between the end of one word and the start of a later one."""
        return self.text[self.words[word].end : self.words[other].start]

    def are_adjacent(self, word: int, other: int, *, point: bool = False) -> bool:
        """Whether nothing but blanks lies between two words, and at most one point where `point` allows one."""
        if self.words[other].start - self.words[word].end > _MAX_GAP + 1:
            return False
        between = self.between(word, other)
        return between.strip(" \t." if point else " \t\u00a0") == "" and between.count(".") <= 1

    def last_of_name(self, first: int, max_words: int, *, any_case: bool = False) -> int:
        """The last word of the name that begins with the word `first`; before `first` where none begins there."""
        last, at = first - 1, first
        while at < len(self.words) and at - first < min(_MAX_WORDS, max_words + 2):
            word = self.words[at]
            if at > first and not self.are_adjacent(at - 1, at, point=self.words[at - 1].is_initial):
                break
            if word.is_particle and not word.is_ordinary:
                at += 1  # counts only where a family name follows
                continue
            if word.is_ordinary and not word.is_initial:
                break
            if not word.is_capital and not any_case:
                break
            last = at
            at += 1
            if at - first >= max_words:
                break
        if last == first and self.words[first].is_initial:
            return first - 1  # an initial alone is no name
        return last

    def past_titles(self, at: int) -> int:
        """The word after further titles, at most three: Herr Dr. med."""
        end = min(at + 3, len(self.words))
        while at < end and (self.words[at].lower in vocabulary.BETWEEN_TITLES or self.words[at].is_title):
            at += 1
        return at

    def degree(self, word: int) -> str | None:
        """The degree that begins at a word, without points: M.D. is MD."""
        match = _DEGREE.match(self.text, self.words[word].start)
        if match is None or not (self.words[word].text.isupper() or match[0] in ("PhD", "Ph.D.", "MBChB")):
            return None
        degree = re.sub(r"[.\-]", "", match[0]).upper()
        return degree if degree in vocabulary.CREDENTIALS else None
