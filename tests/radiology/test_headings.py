"""Headings in any case and with the usual slips, and words that only look like them."""

import pytest

from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.sections import read_blocks, split_report

SLIPS = {
    "Findings;": Section.FINDINGS,
    "FINDINGS;": Section.FINDINGS,
    "FINDINGS.": Section.FINDINGS,
    "Findings -": Section.FINDINGS,
    "FINDINGS \u2013": Section.FINDINGS,
    "FINDINGS": Section.FINDINGS,
    "Finidngs:": Section.FINDINGS,
    "Findigs:": Section.FINDINGS,
    "**FINDINGS:**": Section.FINDINGS,
    "Impresion:": Section.IMPRESSION,
    "Impresssion:": Section.IMPRESSION,
    "IMPRESSION -": Section.IMPRESSION,
    "Conclusoin:": Section.IMPRESSION,
    "INDICTAION:": Section.INDICATION,
    "Reason for Examintion:": Section.INDICATION,
    "Reason For Exam:": Section.INDICATION,
    "Histroy:": Section.HISTORY,
    "Clinical Histroy:": Section.HISTORY,
    "Past medical history:": Section.HISTORY,
    "Comparision:": Section.COMPARISON,
    "Tecnique:": Section.TECHNIQUE,
    "Recomendation:": Section.RECOMMENDATION,
}


@pytest.mark.parametrize("heading", SLIPS)
def test_a_heading_with_a_slip_opens_its_section(heading: str) -> None:
    """On a line of its text."""
    *_, block = split_report(f" COMPARISON:  None.\n \n {heading} The heart is large.\n")
    assert block.section is SLIPS[heading]
    assert block.text.strip("* ") == "The heart is large."


@pytest.mark.parametrize("heading", ["FINDINGS", "Findings", "IMPRESSION", "Impression"])
def test_a_heading_may_be_alone_on_its_line(heading: str) -> None:
    """In capitals or with one."""
    *_, block = split_report(f" COMPARISON:  None.\n \n {heading}\n The heart is large.\n")
    assert (block.heading, block.text) == (heading, "The heart is large.")


@pytest.mark.parametrize(
    "text",
    [
        "findings: the heart is large. impression: large heart.",
        "FINDINGS: THE HEART IS LARGE. IMPRESSION: LARGE HEART.",
        "Findings: The Heart Is Large. Impression: Large Heart.",
        "Findings: the heart is large Impression: large heart.",
        "findings: the heart is large\nimpression: large heart",
    ],
)
def test_headings_stand_out_in_any_case(text: str) -> None:
    """In a report in small letters by what stands before them."""
    assert [block.section for block in split_report(text)] == [Section.FINDINGS, Section.IMPRESSION]


@pytest.mark.parametrize(
    "text",
    [
        "there are the following findings: none.",
        "compared to the prior\nstudy: no change.",
        "no prior study: first film.",
        "Findings are as before.",
        "Impression of the aortic knob is normal.",
        "Compression: none. Mild.",
        "Pneumothorax. No comparison was made.",
        "THE CHEST TUBE HAS BEEN REMOVED. PNEUMOTHORAX: NONE.",
        "CHEST TUBE: NONE.",
    ],
)
def test_words_of_running_text_are_no_headings(text: str) -> None:
    """A colon, or a line's beginning, makes none of them one."""
    (block,) = split_report(text)
    assert block.section is Section.PREAMBLE


def test_findings_without_a_heading_are_a_block_of_their_own() -> None:
    """What stands before them stays where it is, and no word is lost."""
    blocks = read_blocks(
        "REASON FOR EXAM: Fever.\n\nThe heart is large.\n\nNo effusion is seen.\n\nIMPRESSION: Large heart."
    )
    assert [(block.section, block.text) for block in blocks] == [
        (Section.INDICATION, "Fever."),
        (Section.FINDINGS, "The heart is large. No effusion is seen."),
        (Section.IMPRESSION, "Large heart."),
    ]
