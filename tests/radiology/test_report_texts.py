"""Which part of a report is the reference, and which may be known before."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.report_texts import cut_report, read_report

WHOLE = """                                 WET READ: ___ ___ 3:51 PM
  Large effusion.
 ______________________________________________________________________________
                                 FINAL REPORT
 EXAMINATION:  CHEST (PA AND LAT)
 
 INDICATION:  ___ year old man with cough  // pneumonia?
 
 TECHNIQUE:  Chest PA and lateral
 
 COMPARISON:  ___ at 5:23.
 
 FINDINGS: 
 
 The heart is
 normal.
 
 IMPRESSION: 
 
 1.  No pneumonia.
 
 RECOMMENDATION(S):  Repeat.
 
 NOTIFICATION:  Told to Dr. ___ at 3:15 pm.
"""


def test_every_section_finds_its_place() -> None:
    """The texts are folded and whole; what is no part of the report is named."""
    texts = read_report(WHOLE)
    assert texts.reference == Report("The heart is normal.", "1. No pneumonia.")
    assert texts.context == ClinicalContext(
        indication="___ year old man with cough // pneumonia?",
        technique="Chest PA and lateral",
        comparison="___ at 5:23.",
    )
    assert texts.set_aside == (Section.WET_READ, Section.NOTIFICATION, Section.RECOMMENDATION)


def test_a_list_of_films_heads_the_findings() -> None:
    """The text under it is findings, and the list itself says how the films were taken."""
    texts = read_report(" FINAL REPORT\n HISTORY:  Cough.\n \n PA AND LATERAL CHEST:  Clear lungs.")
    assert texts.reference == Report("Clear lungs.")
    assert (texts.context.technique, texts.context.history) == ("PA AND LATERAL CHEST", "Cough.")


def test_a_list_of_films_without_text_is_a_title() -> None:
    """As in reports that begin with it."""
    texts = read_report(" CHEST, PA AND LATERAL:\n \n INDICATION:  Cough.\n \n FINDINGS:  Clear lungs.")
    assert texts.reference == Report("Clear lungs.")
    assert texts.context == ClinicalContext(indication="Cough.", technique="CHEST, PA AND LATERAL")


def test_findings_without_a_heading_leave_the_section_before() -> None:
    """Nothing that was read from the film stays in what is known before, with an impression or without."""
    text = " REASON FOR EXAM:  Fever.\n \n COMPARISON:  ___.\n \n The heart is large.\n \n No effusion.\n"
    for impression in ("", " \n IMPRESSION:  Large heart."):
        texts = read_report(text + impression)
        assert texts.reference.findings == "The heart is large. No effusion."
        assert texts.context == ClinicalContext(indication="Fever.", comparison="___.")


def test_a_report_without_any_heading_is_findings() -> None:
    """All but its title."""
    texts = read_report("   FINAL REPORT\n AP CHEST, 5:23 A.M., ___\n \n The effusion is larger.\n \n No change else.")
    assert texts.reference == Report("The effusion is larger. No change else.")
    assert texts.context == ClinicalContext(technique="AP CHEST, 5:23 A.M., ___")
    assert not texts.set_aside


def test_no_prose_is_no_findings() -> None:
    """What is left of a removed text gives an empty reference."""
    assert read_report(" FINAL REPORT\n ___\n").reference.empty
    assert read_report(" COMPARISON:  Film.\n \n ___\n").reference.empty


def test_text_before_the_headings_never_reaches_a_prompt() -> None:
    """It is set aside, and said to be."""
    texts = read_report(" Pneumothorax on the left side.\n \n INDICATION:  Pain.\n \n IMPRESSION:  See above.")
    assert texts.context == ClinicalContext(indication="Pain.")
    assert texts.set_aside == (Section.PREAMBLE,)


def test_sections_that_come_twice_are_joined() -> None:
    """In their order."""
    assert read_report("FINDINGS: One.\nIMPRESSION: Two.\nFINDINGS: Three.").reference == Report("One. Three.", "Two.")


def test_a_line_break_stays_where_it_ends_a_statement() -> None:
    """Statements without full stops, one a line, do not run together; wrapped lines do."""
    texts = read_report(
        " FINDINGS:\n No effusion\n Cardiomegaly\n \n IMPRESSION:\n 1. No effusion.\n 2. The heart is\n large."
    )
    assert texts.reference == Report("No effusion\nCardiomegaly", "1. No effusion. 2. The heart is large.")


@settings(max_examples=100)
@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_is_read_and_none_is_invented(text: str) -> None:
    """Each part's words stand in the text."""
    texts = read_report(text)
    parts = (texts.reference.findings, texts.reference.impression, texts.context.indication, texts.context.comparison)
    words = set(text.replace(":", ": ").split()) | set(text.split())
    assert all(word in words or word in text for part in parts for word in part.split())


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("FINDINGS: The heart is large. IMPRESSION: Cardiomegaly.", Report("The heart is large.", "Cardiomegaly.")),
        (
            "INDICATION: Cough.\n\nCOMPARISON: None.\n\nFINDINGS:\nThe lungs are clear.\n\nIMPRESSION:\nNormal chest.",
            Report("The lungs are clear.", "Normal chest."),
        ),
        ("IMPRESSION: Normal chest.", Report("", "Normal chest.")),
        ("The lungs are clear. No effusion.", None),
        ("INDICATION: Cough.", None),
        ("FINDINGS:", None),
        ("", None),
    ],
)
def test_a_whole_report_in_one_box_is_cut(text: str, cut: Report | None) -> None:
    """Only where it has a heading of findings or impression; what was known before goes."""
    assert cut_report(text) == cut


def test_a_report_that_was_cut_is_not_cut_again() -> None:
    """What is put in the box of a prior report gives itself."""
    cut = cut_report("FINDINGS: The heart is large. IMPRESSION: Cardiomegaly.")
    assert cut is not None
    assert cut_report(cut.text) == cut
