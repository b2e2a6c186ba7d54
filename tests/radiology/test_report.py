"""Reports and clinical context: sections, and texts that are texts."""

import re
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.radiology.report import ClinicalContext, Report, parse_sections


def test_both_sections_stand_under_their_headings() -> None:
    """The text is what a person would copy."""
    assert Report("Clear lungs.", "Normal.").text == "FINDINGS:\nClear lungs.\n\nIMPRESSION:\nNormal."


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (Report("Clear lungs."), "FINDINGS:\nClear lungs."),
        (Report("", "Normal."), "IMPRESSION:\nNormal."),
        (Report(), ""),
    ],
)
def test_an_empty_section_has_no_heading(report: Report, text: str) -> None:
    """Nothing is headed by a word with nothing under it."""
    assert report.text == text


@pytest.mark.parametrize(
    ("report", "empty"), [(Report(), True), (Report(" \n", "\t"), True), (Report("a"), False), (Report("", "a"), False)]
)
def test_a_report_of_blanks_is_empty(report: Report, empty: bool) -> None:
    """White space is no text."""
    assert report.empty is empty


def test_a_report_does_not_change() -> None:
    """The machine's draft stays what it was."""
    with pytest.raises(FrozenInstanceError):
        Report("a").findings = "b"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("FINDINGS: Clear.\nIMPRESSION: Normal.", Report("Clear.", "Normal.")),
        ("Findings: Clear. Impression: Normal.", Report("Clear.", "Normal.")),
        ("FINDING:Clear.IMPRESSION :Normal.", Report("Clear.", "Normal.")),
        ("IMPRESSION: Normal.\nFINDINGS: Clear.", Report("Clear.", "Normal.")),
        ("Clear.\nCONCLUSION: Normal.", Report("Clear.", "Normal.")),
        ("No heading at all.", Report("No heading at all.")),
        ("IMPRESSION: Normal.", Report("", "Normal.")),
        ("FINDINGS: IMPRESSION: Normal.", Report("", "Normal.")),
        ("FINDINGS: a\nIMPRESSION: b\nFINDINGS: c\nIMPRESSION: d", Report("a c", "b d")),
        ("FINDINGS:  two\n\n words ", Report("two words")),
        ("", Report()),
    ],
)
def test_a_text_is_split_at_its_headings(text: str, report: Report) -> None:
    """In any case, order and number, with or without white space."""
    assert parse_sections(text) == report


def test_words_that_only_look_like_headings_stay_text() -> None:
    """No colon, or the middle of another word: no heading."""
    text = "The findings are stable; my impression is good. Nonfindings: none."
    assert parse_sections(text) == Report(text)


@given(
    findings=st.text(st.characters(exclude_characters=":")), impression=st.text(st.characters(exclude_characters=":"))
)
def test_a_copied_report_is_read_back(findings: str, impression: str) -> None:
    """What `text` writes `parse_sections` reads, white space folded."""
    folded = Report(" ".join(findings.split()), " ".join(impression.split()))
    assert parse_sections(folded.text) == folded


@given(st.lists(st.sampled_from(["FINDINGS:", "Impression :", "CONCLUSION:", "heart", "no", ".", "\n", "  "])))
def test_no_word_is_lost_or_made_up(parts: list[str]) -> None:
    """Everything but the headings is in one of the sections."""
    text = " ".join(parts)
    report = parse_sections(text)
    without = re.sub(r"(?i)(findings|impression|conclusion)\s*:", " ", text)
    assert sorted((report.findings + " " + report.impression).split()) == sorted(without.split())


@pytest.mark.parametrize(
    ("text", "report"),
    [
        ("There are the following findings: none", Report("There are the following findings: none")),
        ("FINDINGS AND IMPRESSION: All is well.", Report("All is well.")),
        ("findings: clear\nimpression: well", Report("clear", "well")),
    ],
)
def test_a_word_is_a_heading_where_a_radiologist_means_one(text: str, report: Report) -> None:
    """At the beginning of a line in any case, within one only with a capital; a common heading stays whole."""
    assert parse_sections(text) == report


@pytest.mark.parametrize("name", ["indication", "history", "technique", "comparison", "prior_report", "hints"])
def test_a_context_holds_texts_only(name: str) -> None:
    """None in a slot would reach the prompt as a word."""
    with pytest.raises(TypeError, match=f"{name} is a text, not NoneType"):
        ClinicalContext(**{name: None})  # type: ignore[arg-type]


def test_a_context_is_empty_unless_told() -> None:
    """Every slot is optional."""
    assert ClinicalContext() == ClinicalContext("", "", "", "", "", "")
