"""The text of a document: which sentence says which ticked finding, and the sentences put together.

Both depend on the sentences as they were read and on the findings that are ticked, not on the way there. So a tick
that is taken back gives the words back that stood there, whatever was ticked in between.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from clinicalblip.radiology.finding import Finding
from clinicalblip.structured_report.origins import MarkedText, Origin
from clinicalblip.structured_report.phrasings import phrase
from clinicalblip.structured_report.regions import REGION_OF
from clinicalblip.structured_report.rewriting import express
from clinicalblip.structured_report.segments import Segment
from clinicalblip.structured_report.table import place_of


class Care(IntEnum):
    """How sentences are changed, from what keeps most words to what is read most surely."""

    IN_PART = 0
    WHOLE_SENTENCES = 1
    LINES_OF_THEIR_OWN = 2


@dataclass(frozen=True)
class Piece:
    """A sentence of the text with what stands before it; `segment` is the number of its segment, None for a new one."""

    gap: MarkedText
    text: MarkedText
    segment: int | None
    findings: tuple[Finding, ...]


Memory = dict[tuple[str, tuple[tuple[Finding, Finding | None], ...], Care], str | None]
"""Sentences that were changed already, so that none is changed twice."""


def render(
    segments: Sequence[Segment], tail: MarkedText, ticked: frozenset[Finding], care: Care, memory: Memory
) -> tuple[tuple[Piece, ...], MarkedText] | None:
    """The pieces of the text and what stands behind them; None where a sentence cannot be changed so."""
    values, added = assign(segments, ticked)
    texts = _texts(segments, values, care, memory)
    if texts is None:
        return None
    pieces, pending = _put_together(segments, texts, care)
    pieces = _insert(segments, pieces, added, care)
    if pieces or not added:
        return tuple(pieces), pending + tail
    return _alone(pending + tail, added, care), MarkedText()


def assign(
    segments: Iterable[Segment], ticked: frozenset[Finding]
) -> tuple[dict[Finding, Finding | None], list[Finding]]:
    """For each finding that a segment says what it has to say now, and the findings that need sentences of their own.

    A finding that is ticked no more makes place for one of its observation: for that of its side, or the most like it.
    """
    values: dict[Finding, Finding | None] = {
        finding: finding if finding in ticked else None for segment in segments for finding in segment.findings
    }
    free = [finding for finding, value in values.items() if value is None]
    new = sorted((finding for finding in ticked if finding not in values), key=place_of)
    pairs = [(old, finding) for old in free for finding in new if old.observation is finding.observation]
    taken: set[Finding] = set()
    for old, finding in sorted(pairs, key=lambda pair: -_likeness(*pair)):  # stable: the first of those that are alike
        if values[old] is None and finding not in taken:
            values[old] = finding
            taken.add(finding)
    return values, [finding for finding in new if finding not in taken]


def _likeness(old: Finding, new: Finding) -> int:
    return (
        8 * (old.sides == new.sides)
        + 4 * bool(old.sides & new.sides)
        + 2 * (old.certainty is new.certainty)
        + (old.zones == new.zones)
        + (old.degree == new.degree)
    )


def _texts(
    segments: Sequence[Segment], values: Mapping[Finding, Finding | None], care: Care, memory: Memory
) -> list[tuple[MarkedText, tuple[Finding, ...]]] | None:
    """What each segment says now, and its findings. Of sentences that said the same the first says what is new."""
    texts: list[tuple[MarkedText, tuple[Finding, ...]]] = []
    said_anew: set[Finding] = set()
    for segment in segments:
        wanted: dict[Finding, Finding | None] = {}
        for finding in segment.findings:
            new = values[finding]
            wanted[finding] = None if new in said_anew else new
        said_anew.update(new for old, new in wanted.items() if new and new != old)
        key = segment.original.text, tuple(wanted.items()), care
        if key not in memory:
            memory[key] = express(segment.original.text, wanted, whole=care is not Care.IN_PART)
        text = memory[key]
        if text is None:
            return None
        found = tuple(dict.fromkeys(new for new in wanted.values() if new))
        texts.append((segment.original.changed_to(text, Origin.TICKED), found))
    return texts


# Gaps

_PLAIN: Final = re.compile(
    r"(?:[\s,;|*\u2022\u00b7\u25aa\u25cf\u25cb\u25e6\u2023>\u2192\u2013\u2014-]|\(?\w{1,2}[.)])*"
)
_BULLET: Final = re.compile(
    r"(?:^|\n)(?P<mark>[ \t]*[-*\u2022\u00b7\u25aa\u25cf\u25cb\u25e6\u2023>\u2192\u2013\u2014][ \t]*)$"
)
_JOINS: Final = re.compile(r"\s*[,;|]\s*")
_ENDED: Final = re.compile(r"[.!?;:]\s*$")


def _put_together(
    segments: Sequence[Segment], texts: Sequence[tuple[MarkedText, tuple[Finding, ...]]], care: Care
) -> tuple[list[Piece], MarkedText]:
    """The pieces without what is left out, and the words before sentences that were left out at the end."""
    pieces: list[Piece] = []
    pending: MarkedText | None = None
    joins = False  # the sentence before was changed
    for number, (segment, (text, found)) in enumerate(zip(segments, texts, strict=True)):
        gap = segment.gap if pending is None else _one_gap(pending, segment.gap, begins=not pieces)
        if not text.text:
            pending = gap
            continue
        left_out, pending = pending is not None, None
        changed = text.text != segment.original.text
        if pieces and (changed or joins or left_out):
            gap = _between_sentences(gap, after=pieces[-1].text.text, care=care)
        pieces.append(Piece(gap, text, number, found))
        joins = changed
    if pending is None or (pieces and _PLAIN.fullmatch(pending.text)):
        return pieces, MarkedText()
    return pieces, pending


def _one_gap(first: MarkedText, second: MarkedText, *, begins: bool) -> MarkedText:
    """What stands between two sentences when the one between is left out: every word, and the wider break."""
    plain_first, plain_second = (_PLAIN.fullmatch(gap.text) is not None for gap in (first, second))
    if not plain_first and not plain_second:
        return first[: len(first.text.rstrip(" "))] + second
    if begins or not plain_first:
        return first if plain_second else second
    if not plain_second:
        return second
    return first if first.text.count("\n") > second.text.count("\n") else second


def _between_sentences(gap: MarkedText, after: str, care: Care) -> MarkedText:
    """A gap beside what was changed or left out: no comma or bar, and a full stop where the one before has none."""
    text = gap.text
    if _JOINS.fullmatch(text) or not text.strip():
        stop = "" if _ENDED.search(after) or ("\n" in text and care is Care.IN_PART) else "."
        text = stop + (text if not text.strip() and text else " ")
    if care is Care.LINES_OF_THEIR_OWN and "\n" not in text:
        text = ".\n" if text.startswith(".") else "\n" + text.lstrip(" ")
    return gap if text == gap.text else MarkedText.of(text, Origin.TICKED)


# Sentences of their own


def _insert(segments: Sequence[Segment], pieces: list[Piece], added: Sequence[Finding], care: Care) -> list[Piece]:
    """The pieces with a new sentence for each of these, behind the last of its region, or at the end."""
    if not pieces:
        return pieces
    in_lines = is_list(segments) or care is Care.LINES_OF_THEIR_OWN
    placed = list(pieces)
    for finding in added:
        region = REGION_OF[finding.observation]
        here = [
            n for n, piece in enumerate(placed) if any(REGION_OF[each.observation] is region for each in piece.findings)
        ]
        at = here[-1] if here else len(placed) - 1
        new = piece_behind(placed[at], phrase(finding), Origin.TICKED, in_lines=in_lines)
        placed.insert(at + 1, replace(new, findings=(finding,)))
        if at + 2 < len(placed):
            behind = placed[at + 2]
            placed[at + 2] = replace(behind, gap=_between_sentences(behind.gap, after=new.text.text, care=care))
    return placed


def piece_behind(before: Piece, sentence: str, origin: Origin, *, in_lines: bool) -> Piece:
    """A new sentence as it has to stand behind a piece: on a line of its own in a list, and in capitals like it."""
    text = sentence.upper() if before.text.text.isupper() else sentence
    bullet = _BULLET.search(before.gap.text)
    gap = "\n" + (bullet["mark"] if bullet else "") if in_lines else gap_at_end(before.text.text)
    return Piece(MarkedText.of(gap, origin), MarkedText.of(text, origin), None, ())


def gap_at_end(text: str) -> str:
    """What has to stand between a text and a sentence that is written behind it."""
    if not text.strip() or text[-1].isspace():
        return ""
    return " " if _ENDED.search(text) else ". "


def is_list(segments: Sequence[Segment]) -> bool:
    """Whether the text is a list of lines, or begins as one."""
    later = segments[1:]
    if later:
        return 2 * sum("\n" in segment.gap.text for segment in later) >= len(later)
    return bool(segments) and _BULLET.search(segments[0].gap.text) is not None


def _alone(words: MarkedText, added: Sequence[Finding], care: Care) -> tuple[Piece, ...]:
    """New sentences behind a text that has none: nothing, or headings; with most care under one of their own."""
    between = gap_at_end(words.text) if care is not Care.LINES_OF_THEIR_OWN else "\n\nFINDINGS:\n"
    gaps = [words + MarkedText.of(between, Origin.TICKED), *[MarkedText.of(" ", Origin.TICKED)] * (len(added) - 1)]
    return tuple(
        Piece(gap, MarkedText.of(phrase(finding), Origin.TICKED), None, (finding,))
        for gap, finding in zip(gaps, added, strict=True)
    )
