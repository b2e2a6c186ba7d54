"""A whole report as people write it: which of its sections say what the film shows, and which are known before."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clinicalblip.radiology.headings import Section, is_title
from clinicalblip.radiology.line_breaks import fold_wrapped
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.sections import Block, read_blocks, split_report

_SET_ASIDE: Final = (
    Section.WET_READ,
    Section.ADDENDUM,
    Section.NOTIFICATION,
    Section.RECOMMENDATION,
    Section.PREAMBLE,
)


@dataclass(frozen=True)
class ReportTexts:
    """What one report gives a study; `set_aside` names the sections with text that are in neither part."""

    reference: Report
    context: ClinicalContext
    set_aside: tuple[Section, ...] = ()


def read_report(text: str) -> ReportTexts:
    """Read the final report.

    A section that comes twice is joined. What stands under FINDINGS AND IMPRESSION, or under a list of films ("PA AND
    LATERAL CHEST:"), is findings, and so is what `read_blocks` finds without a heading. `technique` is what TECHNIQUE
    says, else EXAMINATION, a list of films or a title.
    """
    blocks = read_blocks(text)
    texts = {section: _join(blocks, section) for section in Section}
    # A list of films is a heading and says what was taken: the text is findings, its heading an examination.
    texts[Section.FINDINGS] = _statements(blocks, Section.FINDINGS, Section.VIEWS)
    texts[Section.IMPRESSION] = _statements(blocks, Section.IMPRESSION)
    films = next((block.heading.rstrip(": ") for block in blocks if block.section is Section.VIEWS), "")
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


def cut_report(text: str) -> Report | None:
    """Findings and impression of a whole report that stands in one box; None where it has no heading of either."""
    named = {block.section for block in split_report(text) if block.heading}
    if not named & {Section.FINDINGS, Section.IMPRESSION}:
        return None
    reference = read_report(text).reference
    return None if reference.empty else reference


def _join(blocks: Sequence[Block], section: Section) -> str:
    return " ".join(block.text for block in blocks if block.section is section and block.paragraphs)


def _statements(blocks: Sequence[Block], *sections: Section) -> str:
    """The text of these sections, in which a line break stays where it ends a statement that has no full stop."""
    return fold_wrapped(paragraph for block in blocks if block.section in sections for paragraph in block.lines)
