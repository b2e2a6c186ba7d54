"""A report's findings as a document that is ticked and typed in turns.

It is the sentences as they were read and the set of findings that are ticked; its text follows from both
(`rendering.py`) and is read again by the labeler after each change. Whatever way the ticks went, the same ticks give
the same text, and the ticks that the sentences were read with give their words back to the letter.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from clinicalblip.errors import FindingNotWritten
from clinicalblip.radiology.finding import Finding, Sentence
from clinicalblip.radiology.observation import Observation
from clinicalblip.structured_report.languages import is_english, read_sentences
from clinicalblip.structured_report.memory import Kept
from clinicalblip.structured_report.origins import MarkedText, Origin
from clinicalblip.structured_report.phrasings import NORMAL
from clinicalblip.structured_report.regions import REGION_OF, regions_named
from clinicalblip.structured_report.rendering import Care, Memory, Piece, gap_at_end, is_list, piece_behind, render
from clinicalblip.structured_report.rewriting import said
from clinicalblip.structured_report.segments import Segment, cut
from clinicalblip.structured_report.table import Table, findings_of, table_of


@dataclass(frozen=True)
class Document:
    """The sentences as they were read, what stands behind them, and the findings that are ticked."""

    segments: tuple[Segment, ...]
    tail: MarkedText
    ticked: frozenset[Finding]
    care: Care = Care.IN_PART
    memory: Memory = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def read(cls, text: str, origin: Origin = Origin.KEPT) -> Document:
        """The document of a text that came in one way: a draft, or what was typed before anything was ticked."""
        return _as_read(MarkedText.of(text, origin))

    @cached_property
    def _rendered(self) -> tuple[tuple[Piece, ...], MarkedText]:
        rendered = render(self.segments, self.tail, self.ticked, self.care, self.memory)
        if rendered is None:
            raise FindingNotWritten(_NOT_WRITTEN)
        return rendered

    @cached_property
    def marked(self) -> MarkedText:
        """The text with the origin of each of its characters."""
        pieces, tail = self._rendered
        parts = [part for piece in pieces for part in (piece.gap, piece.text)] + [tail]
        return MarkedText("".join(part.text for part in parts), "".join(part.marks for part in parts))

    @property
    def text(self) -> str:
        """The report's findings as they stand."""
        return self.marked.text

    @cached_property
    def read_again(self) -> tuple[Sentence, ...]:
        """The text as the labeler reads it."""
        return read_sentences(self.text)

    @property
    def table(self) -> Table:
        """The rows of the text."""
        return table_of(self.read_again)

    def tick(self, now: Finding | None, new: Finding | None) -> Document:
        """Change one row from `now` to `new`; None is not mentioned, so that a row is added or taken away.

        ValueError where no row is `now`, and for `No Finding`; FindingNotWritten where no words of ours would be read
        as ticked beside the others.
        """
        if now is not None and now not in self.ticked:
            raise ValueError(f"no row says {now.observation} so")
        if new is not None and new.observation is Observation.NO_FINDING:
            raise ValueError(f"{new.observation} is said of a whole text and is not ticked")
        ticked = self.ticked - {now} | ({new} if new else set())
        return self if ticked == self.ticked else self._with(frozenset(ticked))

    def fill_in(self) -> Document:
        """Add the normal sentence of each region that is not mentioned, behind the last sentence, by region.

        A region is mentioned too by words that no row has ("the bones are intact"), and beside a sentence in another
        language nothing is filled in: what it mentions is not known. FindingNotWritten where the text is such that the
        sentences would not be read as they are.
        """
        not_ticked = self.table.not_ticked
        if not all(is_english(self.text[start:end]) for start, end in not_ticked):
            return self
        mentioned = {REGION_OF[finding.observation] for finding in self.ticked}
        mentioned |= {region for start, end in not_ticked for region in regions_named(self._line(start, end))}
        normal = [sentence for region, sentence in NORMAL.items() if region not in mentioned]
        if not normal:
            return self
        pieces, tail = self._rendered
        words = self.marked[: len(self.text) - len(tail.text)] if pieces else self.marked
        behind = self.marked[len(words.text) :]
        for sentence in normal:
            if pieces:
                new = piece_behind(pieces[-1], sentence, Origin.FILLED_IN, in_lines=is_list(self.segments))
                pieces = (*pieces, new)
                words += new.gap + new.text
            else:
                words += MarkedText.of(gap_at_end(words.text) + sentence, Origin.FILLED_IN)
        filled = self._read_again(words + behind)
        if filled.ticked != self.ticked | said(" ".join(normal)):
            raise FindingNotWritten(_NOT_WRITTEN)
        return filled

    def _line(self, start: int, end: int) -> str:
        """These words with those before them in their line, as the label of a template is."""
        return self.text[self.text.rfind("\n", 0, start) + 1 : end]

    def sync(self, text: str, origin: Origin = Origin.TYPED) -> Document:
        """The document after its text was changed by hand; sentences that still stand keep what they were before.

        The new characters came in by `origin`. `sync(text).text` is `text`, always.
        """
        return self if text == self.text else self._read_again(self.marked.changed_to(text, origin))

    def _with(self, ticked: frozenset[Finding]) -> Document:
        """The document with these ticks, changed with as little care as is read right."""
        for care in Care:
            changed = replace(self, ticked=ticked, care=care)
            rendered = render(self.segments, self.tail, ticked, care, self.memory)
            if rendered is not None and set(findings_of(changed.read_again)) == ticked:
                return changed
        raise FindingNotWritten(_NOT_WRITTEN)

    def _read_again(self, marked: MarkedText) -> Document:
        """The document of a changed text, with as much memory as gives this text."""
        read = read_sentences(marked.text)
        new, tail = cut(marked, read)
        ticked = frozenset(finding for segment in new for finding in segment.findings)
        old, _ = cut(self.marked, self.read_again)
        kept = Kept(self.segments, self._rendered[0], old, new)
        for forgotten in (frozenset[Observation](), kept.touched):
            found = Document(kept.join(ticked, forgotten), tail, ticked, self.care, self.memory)
            rendered = render(found.segments, tail, ticked, self.care, self.memory)
            if rendered is not None and found.text == marked.text:
                return found._that_reads(read)
        return Document(new, tail, ticked)._that_reads(read)

    def _that_reads(self, read: tuple[Sentence, ...]) -> Document:
        """This document, whose text was read already: reading takes nearly all of the time."""
        vars(self)["read_again"] = read
        return self


_NOT_WRITTEN: Final = (
    "The report cannot be changed so that it says what was ticked and nothing else. Nothing was changed: write it in "
    "your own words."
)


def _as_read(marked: MarkedText) -> Document:
    read = read_sentences(marked.text)
    segments, tail = cut(marked, read)
    ticked = frozenset(finding for segment in segments for finding in segment.findings)
    return Document(segments, tail, ticked)._that_reads(read)
