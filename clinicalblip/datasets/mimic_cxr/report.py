"""One report of MIMIC-CXR: which of its sections are the reference, and which are known before reading the film."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clinicalblip.datasets.mimic_cxr.sections import Block, Section, is_title, split_report
from clinicalblip.radiology.report import ClinicalContext, Report

_CONTEXT: Final = (
    Section.EXAMINATION,
    Section.INDICATION,
    Section.HISTORY,
    Section.TECHNIQUE,
    Section.COMPARISON,
    Section.VIEWS,
)
_SET_ASIDE: Final = (
    Section.WET_READ,
    Section.ADDENDUM,
    Section.NOTIFICATION,
    Section.RECOMMENDATION,
    Section.PREAMBLE,
)
_MIN_WORDS: Final = 3  # of a paragraph that can be findings


@dataclass(frozen=True)
class ReportTexts:
    """What one report gives a study; `set_aside` names the sections with text that are in neither part."""

    reference: Report
    context: ClinicalContext
    set_aside: tuple[Section, ...] = ()


def read_report(text: str) -> ReportTexts:
    """Read the final report.

    A section that comes twice is joined. What stands under FINDINGS AND IMPRESSION, or under a list of films ("PA AND
    LATERAL CHEST:"), is findings. Without any of these, findings are the paragraphs after the first of the last
    section that is known before reading, since such a section has one paragraph; and in a report without sections,
    everything but a title. `technique` is what TECHNIQUE says, else EXAMINATION, a list of films or a title.
    """
    blocks = split_report(text)
    texts = {section: _join(blocks, section) for section in Section}
    # A list of films is a heading and says what was taken: the text is findings, its heading an examination.
    texts[Section.FINDINGS] = " ".join(
        block.text for block in blocks if block.section in (Section.FINDINGS, Section.VIEWS) and block.paragraphs
    )
    films = next((block.heading.rstrip(": ") for block in blocks if block.section is Section.VIEWS), "")
    if not texts[Section.FINDINGS]:
        _find_unheaded_findings(blocks, texts)
    preamble = texts[Section.PREAMBLE]
    title = preamble if is_title(preamble) else ""
    if title:
        texts[Section.PREAMBLE] = ""
    return ReportTexts(
        reference=Report(texts[Section.FINDINGS], texts[Section.IMPRESSION]),
        context=ClinicalContext(
            indication=texts[Section.INDICATION],
            history=texts[Section.HISTORY],
            technique=texts[Section.TECHNIQUE] or texts[Section.EXAMINATION] or films or title,
            comparison=texts[Section.COMPARISON],
        ),
        set_aside=tuple(section for section in _SET_ASIDE if texts[section]),
    )


def _join(blocks: Sequence[Block], section: Section) -> str:
    return " ".join(block.text for block in blocks if block.section is section and block.paragraphs)


def _find_unheaded_findings(blocks: Sequence[Block], texts: dict[Section, str]) -> None:
    """Move findings that have no heading of their own out of the section they stand in."""
    last = next((block for block in reversed(blocks) if block.section in _CONTEXT and block.paragraphs), None)
    if last and (findings := " ".join(last.paragraphs[1:])) and _is_prose(findings):
        first = [block.paragraphs[0] if block is last else block.text for block in blocks if _same_section(block, last)]
        texts[last.section], texts[Section.FINDINGS] = " ".join(first), findings
        return
    if texts[Section.IMPRESSION]:
        return
    paragraphs = [part for block in blocks if block.section is Section.PREAMBLE for part in block.paragraphs]
    titles = 0
    while titles < len(paragraphs) and is_title(paragraphs[titles]):
        titles += 1
    if (findings := " ".join(paragraphs[titles:])) and _is_prose(findings):
        texts[Section.PREAMBLE], texts[Section.FINDINGS] = " ".join(paragraphs[:titles]), findings


def _same_section(block: Block, other: Block) -> bool:
    return block.section is other.section and bool(block.paragraphs)


def _is_prose(text: str) -> bool:
    return len(re.findall(r"[^\W\d_]+", text)) >= _MIN_WORDS
