"""A text that was changed for reading, in which every character knows where in the text as given it comes from.

As the `NormalizedString` of Hugging Face's tokenizers. What replaces several characters comes from all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_WORD: Final = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """`text`, and for each of its characters where the characters that it stands for start and end."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def fold(cls, source: str, spans: Iterable[tuple[int, int]]) -> NormalizedText:
        """These parts of a text, in its order, with a single space between words."""
        words, starts, ends = list[str](), list[int](), list[int]()
        for first, last in spans:
            for word in _WORD.finditer(source, first, last):
                if words:
                    starts.append(ends[-1])
                    ends.append(word.start())
                words.append(word[0])
                starts.extend(range(word.start(), word.end()))
                ends.extend(range(word.start() + 1, word.end() + 1))
        return cls(" ".join(words), starts, ends)

    def __getitem__(self, part: slice) -> NormalizedText:
        return NormalizedText(self.text[part], self.starts[part], self.ends[part])

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the text as given the characters from `start` to `end` come from; there is one at least."""
        return self.starts[start], self.ends[end - 1]

    def joined(self, sign: str, other: NormalizedText) -> NormalizedText:
        """This text, a sign that stands for what is between both, and a later one."""
        between = [self.ends[-1]] * len(sign), [other.starts[0]] * len(sign)
        return NormalizedText(
            self.text + sign + other.text,
            [*self.starts, *between[0], *other.starts],
            [*self.ends, *between[1], *other.ends],
        )

    def lower(self) -> NormalizedText:
        """In small letters, of which one capital can need two."""
        small = self.text.lower()
        if len(small) == len(self.text):
            return NormalizedText(small, self.starts, self.ends)
        return self.sub(re.compile(r"."), lambda letter: letter[0].lower())

    def sub(self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]) -> NormalizedText:
        """As `re.sub`; a replacement of the same length stands for what it replaces letter by letter."""
        pieces, starts, ends, at = list[str](), list[int](), list[int](), 0
        for match in pattern.finditer(self.text):
            first, last = match.span()
            new = replace(match)
            if new == match[0]:
                continue
            pieces += [self.text[at:first], new]
            starts += self.starts[at:first]
            ends += self.ends[at:first]
            if len(new) == last - first:
                starts += self.starts[first:last]
                ends += self.ends[first:last]
            elif new and first < last:
                starts += [self.starts[first]] * len(new)
                ends += [self.ends[last - 1]] * len(new)
            at = last
        if not pieces:
            return self
        text = "".join((*pieces, self.text[at:]))
        return NormalizedText(text, [*starts, *self.starts[at:]], [*ends, *self.ends[at:]])

    def split(self, pattern: re.Pattern[str]) -> Iterator[NormalizedText]:
        """As `re.split` for a pattern without groups."""
        at = 0
        for match in pattern.finditer(self.text):
            yield self[at : match.start()]
            at = match.end()
        yield self[at:]

    def strip(self, characters: str) -> NormalizedText:
        """As `str.strip`."""
        return self.lstrip(characters)[: len(self.text.strip(characters))]

    def lstrip(self, characters: str) -> NormalizedText:
        """As `str.lstrip`."""
        return self[len(self.text) - len(self.text.lstrip(characters)) :]
