"""The sections of a report as people set it out, with headings or without: one reader for all that reads reports.

Data sets take the reference and the clinical context from it, the labeler what is said of the film. Nothing is changed
but white space, and nothing is added: `___`, where names and dates were taken out, stays. What is not part of the final
report (wet read, addenda, notifications, recommendations) is set apart.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clinicalblip.radiology.headings import Before, Section, begins_findings, find_headings, is_title
from clinicalblip.radiology.line_breaks import Line

_RULE: Final = re.compile(r"[_=*-]{10,}")
_PRELIMINARY: Final = (Section.WET_READ, Section.ADDENDUM)
_REPORT: Final = (Section.FINDINGS, Section.IMPRESSION)
_CONTEXT: Final = (
    Section.EXAMINATION,
    Section.INDICATION,
    Section.HISTORY,
    Section.TECHNIQUE,
    Section.COMPARISON,
    Section.VIEWS,
)
_MIN_WORDS: Final = 3  # of a paragraph that can be findings


@dataclass(frozen=True)
class Block:
    """A heading as it stands, and the paragraphs under it, each as its lines.

    `final`: the heading is FINAL REPORT, which ends what was preliminary.
    """

    section: Section
    heading: str
    lines: tuple[tuple[Line, ...], ...]
    final: bool = False

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Each paragraph as one line, white space folded."""
        return tuple(" ".join(line.text for line in paragraph) for paragraph in self.lines)

    @property
    def text(self) -> str:
        """All paragraphs as one."""
        return " ".join(self.paragraphs)


def read_blocks(text: str) -> list[Block]:
    """The blocks of `split_report`, with findings that have no heading of their own in a block of findings.

    Where a report has neither findings nor a list of films with text, its findings are the paragraphs after the first
    of the last section that is known before reading, since such a section has one paragraph; and where there is no
    impression either, what stands before any heading, but for a title.
    """
    blocks = split_report(text)
    if any(block.section in (Section.FINDINGS, Section.VIEWS) and block.lines for block in blocks):
        return blocks
    last = max((n for n, block in enumerate(blocks) if block.section in _CONTEXT and block.lines), default=None)
    if last is not None and _is_prose(" ".join(blocks[last].paragraphs[1:])):
        return [*blocks[:last], *_cut(blocks[last], 1), *blocks[last + 1 :]]
    if any(block.section is Section.IMPRESSION and block.lines for block in blocks):
        return blocks
    return _with_unheaded_report(blocks)


def _with_unheaded_report(blocks: Sequence[Block]) -> list[Block]:
    """The blocks of a report without sections: what follows its titles is findings."""
    changed: list[Block] = []
    titles = True
    prose: list[str] = []
    for block in blocks:
        if block.section is not Section.PREAMBLE:
            changed.append(block)
            continue
        first = next((n for n, part in enumerate(block.paragraphs) if not (titles and is_title(part))), None)
        if first is None:
            changed.append(block)
            continue
        titles = False
        prose += block.paragraphs[first:]
        changed += _cut(block, first)
    return changed if _is_prose(" ".join(prose)) else list(blocks)


def _cut(block: Block, paragraphs: int) -> list[Block]:
    """A block with so many paragraphs, and the others as findings."""
    kept = Block(block.section, block.heading, block.lines[:paragraphs], block.final)
    return [kept, Block(Section.FINDINGS, "", block.lines[paragraphs:])]


def _is_prose(text: str) -> bool:
    return len(re.findall(r"[^\W\d_]+", text)) >= _MIN_WORDS


def split_report(text: str) -> list[Block]:
    """Cut a report at its headings, in their order; the blocks hold all of its words.

    What a heading is, `headings.py` says. A wet read or an addendum goes on until FINAL REPORT; where none follows,
    until the next heading, or after the report to the end.
    """
    lines = text.splitlines(keepends=True)
    last_final = max((number for number, line in enumerate(lines) if "FINAL REPORT" in line), default=-1)
    blocks = _BlockBuilder(caseless=not any(letter.isupper() for letter in text))
    begin, after = 0, 0
    for number, whole in enumerate(lines):
        begin, after = after, after + len(whole)
        line = whole.splitlines()[0]
        if not line.strip() or _RULE.fullmatch(line.strip()):
            blocks.end_paragraph()
            continue
        in_context = blocks.section in _CONTEXT and blocks.section is not Section.VIEWS
        if in_context and blocks.begun and begins_findings(line):
            blocks.open(Section.FINDINGS, "", final=False)
        at = 0
        for heading in find_headings(line, blocks.before):
            in_preliminary = blocks.section in _PRELIMINARY
            until_final = number <= last_final or blocks.has_report
            if in_preliminary and until_final and not (heading.final or heading.section in _PRELIMINARY):
                continue
            if heading.section is Section.VIEWS and (in_preliminary or blocks.section in _REPORT):
                continue
            blocks.add(line[at : heading.start], heading.start, begin + at)
            blocks.open(heading.section, line[heading.start : heading.end], final=heading.final)
            at = heading.end
        blocks.add(line[at:], len(line.rstrip()), begin + at)
    return blocks.close()


class _BlockBuilder:
    """Collects the blocks of a report; the last one is open."""

    def __init__(self, *, caseless: bool) -> None:
        self.section = Section.PREAMBLE
        self._caseless = caseless
        self._blocks: list[Block] = []
        self._heading, self._final = "", False
        self._paragraphs: list[tuple[Line, ...]] = []
        self._lines: list[Line] = []

    @property
    def before(self) -> Before:
        """What stands before the next line."""
        last = self._lines[-1].text if self._lines else ""
        return Before(
            at_sentence_start=not last or last[-1] in ".;:!?_)",
            last_word=last.rsplit(maxsplit=1)[-1].lower() if last else "",
            caseless=self._caseless,
        )

    @property
    def begun(self) -> bool:
        """Whether the open block has text."""
        return bool(self._lines or self._paragraphs)

    @property
    def has_report(self) -> bool:
        """Whether findings or an impression came before what is open now."""
        return any(block.section in _REPORT or block.section is Section.VIEWS for block in self._blocks)

    def add(self, text: str, end: int, start: int) -> None:
        """Add text that ends at that column of its line and starts at that place of the report."""
        if words := text.split():
            self._lines.append(Line(" ".join(words), end, (start, start + len(text))))

    def end_paragraph(self) -> None:
        """A blank line."""
        if self._lines:
            self._paragraphs.append(tuple(self._lines))
            self._lines = []

    def open(self, section: Section, heading: str, *, final: bool) -> None:
        """Close the open block and begin another."""
        self.close()
        self.section, self._final, self._paragraphs = section, final, []
        self._heading = " ".join(heading.split())

    def close(self) -> list[Block]:
        """All blocks so far."""
        self.end_paragraph()
        if self._heading or self._paragraphs:
            self._blocks.append(Block(self.section, self._heading, tuple(self._paragraphs), self._final))
        return self._blocks
