"""A report cut into its sentences, and joined again after some were changed, left out or added.

What is not named stands as it stood, to the character: other sentences, headings, line breaks, the marks of lists. Only
the numbers of a numbered list are counted anew, as a list from which an item went would tell that one went.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from clinicalblip.radiology.finding import Finding
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.text_span import REPORT_SECTIONS, section_text
from clinicalblip.structured_report.origins import MarkedText, Origin
from clinicalblip.structured_report.segments import cut

_NUMBER_ALONE: Final = re.compile(r"\(?\d{1,2}[.)]")
_NUMBERED: Final = re.compile(r"(?P<before>(?:^|.*\s)\(?)(?P<number>\d{1,2})(?P<behind>[.)]\s*)", re.DOTALL)
_PLAIN: Final = re.compile(r"\s*(?:[-*\u2022\u00b7\u25aa\u25cf>]\s*|\(?\d{1,2}[.)]\s*)?")
_ENDED: Final = re.compile(r"[.!?]\s*$")


@dataclass(frozen=True)
class Piece:
    """A sentence, what stands before it, and what it says."""

    gap: str
    text: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class SectionPieces:
    """The sentences of a section, and what stands behind the last."""

    pieces: tuple[Piece, ...]
    tail: str

    @property
    def is_numbered(self) -> bool:
        """Whether it is a numbered list."""
        return any(_NUMBERED.fullmatch(piece.gap) for piece in self.pieces)

    def ends(self, index: int) -> bool:
        """Whether a sentence ends with a full stop or its line, so that it can go or be followed by another one."""
        behind = self.pieces[index + 1].gap if index + 1 < len(self.pieces) else self.tail
        last = index + 1 == len(self.pieces)
        return bool(_ENDED.search(self.pieces[index].text)) or "\n" in behind or (last and not behind.strip())


Place = tuple[Section, int]
"""A sentence by its section and its number there, from 0."""


@dataclass(frozen=True)
class Edits:
    """What is done with sentences: `texts` are their new words, "" for none, `added` stand before a sentence.

    The number behind the last one in `added` is the section's end.
    """

    texts: Mapping[Place, str] = field(default_factory=dict)
    added: Mapping[Place, str] = field(default_factory=dict)


def cut_report(report: Report) -> dict[Section, SectionPieces]:
    """The sections of a report as pieces; joined again they are its texts."""
    return {section: _cut(section_text(report, section)) for section in REPORT_SECTIONS}


def join_report(cut_up: Mapping[Section, SectionPieces], edits: Edits) -> Report | None:
    """The report after these edits; None where a sentence cannot go, or none be added, without a trace."""
    texts = [_join(section, cut_up[section], edits) for section in REPORT_SECTIONS]
    if texts[0] is None or texts[1] is None:
        return None
    return Report(texts[0], texts[1])


def _cut(text: str) -> SectionPieces:
    segments, tail = cut(MarkedText.of(text, Origin.KEPT))
    pieces: list[Piece] = []
    before = ""
    for segment in segments:
        gap, words = before + segment.gap.text, segment.original.text
        if _NUMBER_ALONE.fullmatch(words):  # "1. Small effusion. 2. No pneumothorax."
            before = gap + words
            continue
        pieces.append(Piece(gap, words, segment.findings))
        before = ""
    return SectionPieces(tuple(pieces), before + tail.text)


def _join(section: Section, cut_up: SectionPieces, edits: Edits) -> str | None:
    pieces = cut_up.pieces
    parts: list[tuple[str, str]] = []
    pending: str | None = None  # the gap of a sentence that went
    counted_anew = False
    for index in range(len(pieces) + 1):
        new = edits.added.get((section, index))
        if index == len(pieces):
            if new is not None:
                if pieces and not cut_up.ends(len(pieces) - 1):
                    return None
                parts.append((_gap_at_end(cut_up, parts), new))
                counted_anew = True
            break
        piece = pieces[index]
        text = edits.texts.get((section, index), piece.text)
        gap = piece.gap if pending is None else _one_gap(pending, piece.gap, begins=not parts)
        if gap is None:
            return None
        if not text:
            if not (cut_up.ends(index) and _PLAIN.fullmatch(piece.gap) and (index == 0 or cut_up.ends(index - 1))):
                return None
            pending, counted_anew = gap, True
            continue
        if new is not None:
            if index and not cut_up.ends(index - 1):
                return None
            behind = gap if parts and _PLAIN.fullmatch(gap) else _gap_between(cut_up)
            parts += [(gap, new), (behind, text)]
            counted_anew = True
        else:
            parts.append((gap, text))
        pending = None
    if counted_anew and cut_up.is_numbered:
        parts = _count_anew(parts)
    return "".join(gap + text for gap, text in parts) + cut_up.tail


def _one_gap(first: str, second: str, *, begins: bool) -> str | None:
    """What stands before a sentence when the one before it went: the wider break."""
    if not (_PLAIN.fullmatch(first) and _PLAIN.fullmatch(second)):
        return None
    return first if begins or first.count("\n") > second.count("\n") else second


def _gap_between(cut_up: SectionPieces) -> str:
    """What stands between two sentences of this section."""
    later = [piece.gap for piece in cut_up.pieces[1:] if _PLAIN.fullmatch(piece.gap)]
    numbered = [gap for gap in later if _NUMBERED.fullmatch(gap)]
    if not numbered and cut_up.pieces and _NUMBERED.fullmatch(cut_up.pieces[0].gap):
        return f" {cut_up.pieces[0].gap.lstrip()}"  # a list of one
    return next(iter(numbered or later), " ")


def _gap_at_end(cut_up: SectionPieces, parts: Sequence[tuple[str, str]]) -> str:
    """What stands before a sentence behind the last, with a full stop where that has none."""
    if not parts:
        return ""
    gap = _gap_between(cut_up)
    return gap if _ENDED.search(parts[-1][1]) or "\n" in gap else f".{gap}"


def _count_anew(parts: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    found = [_NUMBERED.fullmatch(gap) for gap, _ in parts]
    number = next((int(each["number"]) for each in found if each), 1)
    number = min(number, 1)
    counted: list[tuple[str, str]] = []
    for each, (gap, text) in zip(found, parts, strict=True):
        if each:
            gap = f"{each['before']}{number}{each['behind']}"
            number += 1
        counted.append((gap, text))
    return counted
