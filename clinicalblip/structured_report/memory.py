"""What is remembered of a document's sentences when its text was changed by hand.

A sentence whose words still stand is what it was: it remembers the words that a tick replaced. So do sentences that a
tick left out, between those that still stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import accumulate
from typing import NamedTuple

from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.observation import Observation
from clinicalblip.structured_report.origins import MarkedText
from clinicalblip.structured_report.rendering import Piece
from clinicalblip.structured_report.segments import Segment


class Kept:
    """Which pieces of a document still stand in its changed text, and where.

    `old` and `new` are the texts before and after, cut as they are read: a piece can have several sentences.
    """

    def __init__(
        self, segments: Sequence[Segment], pieces: Sequence[Piece], old: Sequence[Segment], new: Sequence[Segment]
    ) -> None:
        self._segments, self._pieces, self._new = segments, pieces, new
        pairs = dict(_match([_key(segment) for segment in old], [_key(segment) for segment in new]))
        self._standing = {standing.first: standing for standing in self._find_standing(old, pairs)}
        places = {standing.place for standing in self._standing.values()}
        gone = [piece.findings for place, piece in enumerate(pieces) if place not in places]
        came = [segment.findings for number, segment in enumerate(new) if number not in pairs.values()]
        self.touched = frozenset(finding.observation for findings in gone + came for finding in findings)

    def _find_standing(self, old: Sequence[Segment], pairs: Mapping[int, int]) -> Iterator[_Standing]:
        ends = list(accumulate(len(segment.gap.text) + len(segment.original.text) for segment in old))
        end = number = 0
        for place, piece in enumerate(self._pieces):
            end += len(piece.gap.text) + len(piece.text.text)
            inside = []
            while number < len(old) and ends[number] <= end:
                inside.append(number)
                number += 1
            found = [pairs[each] for each in inside if each in pairs]
            if not found or len(found) < len(inside) or found[-1] - found[0] + 1 != len(found):
                continue
            standing = _Standing(place, found[0], len(found))
            if self._words(standing).text.endswith(piece.text.text):
                yield standing

    def _words(self, standing: _Standing) -> MarkedText:
        words = MarkedText()
        for segment in self._new[standing.first : standing.first + standing.sentences]:
            words += segment.gap + segment.original
        return words

    def join(self, ticked: frozenset[Finding], forgotten: frozenset[Observation]) -> tuple[Segment, ...]:
        """The new sentences with the memory of the old ones, and those that are left out where they were.

        `ticked` is what the new text says; nothing is remembered of what is forgotten.
        """
        left_out = self._left_out(ticked, forgotten)
        joined = list(left_out.get(-1, ()))
        number = 0
        while number < len(self._new):
            standing = self._standing.get(number)
            if standing is None:
                joined.append(self._new[number])
                number += 1
                continue
            joined += self._as_it_was(standing, forgotten)
            joined += left_out.get(standing.place, ())
            number += standing.sentences
        return tuple(joined)

    def _as_it_was(self, standing: _Standing, forgotten: frozenset[Observation]) -> Sequence[Segment]:
        piece = self._pieces[standing.place]
        if piece.segment is None or any(
            finding.observation in forgotten for finding in self._segments[piece.segment].findings
        ):
            return self._new[standing.first : standing.first + standing.sentences]
        old, words = self._segments[piece.segment], self._words(standing)
        gap = words[: len(words.text) - len(piece.text.text)]
        return [old if piece.gap.text == gap.text else replace(old, gap=gap)]

    def _left_out(
        self, ticked: frozenset[Finding], forgotten: frozenset[Observation]
    ) -> Mapping[int, Sequence[Segment]]:
        """The segments that say nothing now, by the place of the piece before them."""
        left_out: dict[int, list[Segment]] = {}
        place_of = {piece.segment: place for place, piece in enumerate(self._pieces)}
        place = -1
        for number, segment in enumerate(self._segments):
            if number in place_of:
                place = place_of[number]
            elif not any(finding in ticked or finding.observation in forgotten for finding in segment.findings):
                left_out.setdefault(place, []).append(segment)
        return left_out


class _Standing(NamedTuple):
    """A piece that still stands, and its sentences in the changed text."""

    place: int
    first: int
    sentences: int


_Key = tuple[str, frozenset[Finding]]


def _key(segment: Segment) -> _Key:
    return segment.original.text, frozenset(segment.findings)


def _match(old: Sequence[_Key], new: Sequence[_Key]) -> Iterator[tuple[int, int]]:
    """Yield the numbers (old, new) of sentences that stand in both, in order."""
    shorter = min(len(old), len(new))
    first = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    last = next((at for at in range(shorter - first) if old[-1 - at] != new[-1 - at]), shorter - first)
    yield from ((at, at) for at in range(first))
    middle = SequenceMatcher(None, old[first : len(old) - last], new[first : len(new) - last], autojunk=False)
    for block in middle.get_matching_blocks():
        yield from ((first + block.a + at, first + block.b + at) for at in range(block.size))
    yield from ((len(old) - 1 - at, len(new) - 1 - at) for at in range(last))
