"""What the calls answer with, as plain JSON values under one name each: places, findings, changes, remarks, rows."""

from collections.abc import Mapping
from typing import Any, Final

from clinicalblip.feedback.finding_comparison import FindingChange
from clinicalblip.labeler import sentences
from clinicalblip.proofreading import Remark
from clinicalblip.radiology.finding import Finding, Mention
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.text_span import REPORT_SECTIONS, section_text
from clinicalblip.structured_report.document_json import finding_from_json, finding_to_json
from clinicalblip.structured_report.table import Row
from clinicalblip.web.view.correction import difference_words, remark_words

_FINDING: Final[Mapping[str, Any]] = {
    "observation": None,
    "certainty": None,
    "sides": [],
    "zones": [],
    "degree": None,
    "change": None,
}
"""What is said of a finding where a caller says nothing."""


def sentences_to_json(report: Report) -> list[dict[str, Any]]:
    """The sentences of a report's sections, each with its place."""
    return [
        {"section": str(section), "start": sentence.start, "end": sentence.end}
        for section in REPORT_SECTIONS
        for sentence in sentences(section_text(report, section))
    ]


def mention_to_json(mention: Mention) -> dict[str, Any]:
    """A place of a text, the number of its sentence, and the finding there."""
    place = {"start": mention.start, "end": mention.end, "sentence": mention.sentence}
    return place | finding_to_json(mention.finding)


def change_to_json(change: FindingChange) -> dict[str, Any]:
    """A finding in two texts, how it differs, and that in the words of the page."""
    return {
        "observation": str(change.observation),
        "differences": [str(each) for each in change.differences],
        "old": _optional(change.old),
        "new": _optional(change.new),
        "words": list(difference_words(change)),
    }


def remark_to_json(key: str, remark: Remark, final: Report) -> dict[str, Any]:
    """A remark with its place in the report, and the sentence that the page says; one on a key word has no place."""
    placed = not remark.hint
    return {
        "key": key,
        "check": str(remark.check),
        "section": str(remark.section) if placed else None,
        "start": remark.start if placed else None,
        "end": remark.end if placed else None,
        "observation": None if remark.observation is None else str(remark.observation),
        "hint": remark.hint,
        "words": remark_words(remark, final),
    }


def row_to_json(row: Row) -> dict[str, Any]:
    """A row of ticks: its region, observation and, where it is mentioned, the finding and the places that name it."""
    return {
        "region": str(row.region),
        "observation": str(row.observation),
        "finding": _optional(row.finding),
        "places": [list(span) for span in row.spans],
    }


def read_finding(given: Any) -> Finding | None:
    """A finding as a caller names it; what is left out is not said. ValueError for what is none."""
    if given is None:
        return None
    if not isinstance(given, Mapping) or not {"observation", "certainty"} <= given.keys() <= {*_FINDING}:
        raise ValueError(f"a finding has {', '.join(_FINDING)}, of which all but the first two may be left out")
    if not all(isinstance(given.get(name, []), list) for name in ("sides", "zones")):
        raise ValueError("sides and zones are lists")
    try:
        return finding_from_json(dict(_FINDING) | dict(given))
    except TypeError as error:  # a value that cannot be hashed
        raise ValueError("a finding has words alone") from error


def _optional(finding: Finding | None) -> dict[str, Any] | None:
    return None if finding is None else finding_to_json(finding)
