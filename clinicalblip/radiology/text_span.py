"""Where a part of a report stands: a section, and characters of its text."""

from typing import Final

from clinicalblip.radiology.counts import is_count
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.report import Report

REPORT_SECTIONS: Final = (Section.FINDINGS, Section.IMPRESSION)
"""The sections that a draft and a reader's report have."""


def section_text(report: Report, section: Section) -> str:
    """The text of one section of a report."""
    return report.findings if section is Section.FINDINGS else report.impression


def check_section(section: Section) -> None:
    """Raise ValueError for a section that a report of ours does not have."""
    if section not in REPORT_SECTIONS:
        raise ValueError(f"a report has findings and an impression, no section {section!r}")


def check_span(start: int, end: int) -> None:
    """Raise ValueError for a span that no text has: it begins at 0 or later, and has a character at least."""
    if not is_count(start) or not is_count(end) or start >= end:
        raise ValueError(f"a span is two whole numbers, the first from 0 and below the second, not {start!r}, {end!r}")


def check_inside(report: Report, section: Section, end: int, *, what: str) -> None:
    """Raise ValueError where a span ends behind the text of its section; `what` names the report in the sentence."""
    length = len(section_text(report, section))
    if end > length:
        raise ValueError(f"a span ends at {end}, and section {section} of the {what} ends at {length}")
