"""A document goes to plain values and comes back as it was."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.errors import FindingNotWritten
from clinicalblip.radiology.finding import Finding
from clinicalblip.structured_report.document import Document
from clinicalblip.structured_report.document_json import (
    document_from_json,
    document_to_json,
    finding_from_json,
    finding_to_json,
)
from clinicalblip.structured_report.origins import Origin
from clinicalblip.structured_report.table import place_of
from tests.fixtures.ticked_reports import any_findings, reports


@given(reports, any_findings(), st.booleans())
@settings(max_examples=40)
def test_a_document_comes_back(text: str, new: Finding, typed: bool) -> None:
    """Its text, its rows, its memory of the words that stood there, and whose the words are."""
    document = Document.read(text)
    now = min(document.ticked, key=place_of, default=None)
    try:
        document = document.tick(now, new)
    except FindingNotWritten:
        return
    if typed:
        document = document.sync(document.text + " Old fracture.", Origin.PASTED)
    again = document_from_json(json.loads(json.dumps(document_to_json(document))))
    assert again == document
    assert again.marked == document.marked


@given(any_findings())
def test_a_finding_comes_back(finding: Finding) -> None:
    """With all that is said of it."""
    values = finding_to_json(finding)
    assert finding_from_json(json.loads(json.dumps(values))) == finding


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"version": 2},
        {"version": 1},
        {"version": 1, "segments": [{"gap": ["a", "5k"]}], "tail": ["", ""], "ticked": [], "care": 0},
        {"version": 1, "segments": [], "tail": ["a", ""], "ticked": [], "care": 0},
        {"version": 1, "segments": [], "tail": ["", ""], "ticked": [{"observation": "Cold"}], "care": 0},
        {"version": 1, "segments": [], "tail": ["", ""], "ticked": [], "care": 9},
    ],
)
def test_other_values_are_refused(values: dict[str, object]) -> None:
    """As a journal of another version has them, or a damaged one."""
    with pytest.raises(ValueError, match=r"expected|no document|not a valid|is not|characters"):
        document_from_json(values)
