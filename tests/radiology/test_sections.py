"""The headings that radiologists write, and the text between them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.radiology.headings import Section, is_title
from clinicalblip.radiology.sections import split_report

HEADINGS = {
    "FINDINGS:": Section.FINDINGS,
    "FINDINGS": Section.FINDINGS,
    "Findings:": Section.FINDINGS,
    "findings:": Section.FINDINGS,
    "FINSINGS:": Section.FINDINGS,
    "FINDINGS AND IMPRESSION:": Section.FINDINGS,
    "FINDINGS/IMPRESSION:": Section.FINDINGS,
    "TECHNIQUE AND FINDINGS:": Section.FINDINGS,
    "IMPRESSION:": Section.IMPRESSION,
    "IMPRESSION :": Section.IMPRESSION,
    "Impression:": Section.IMPRESSION,
    "IMPRESION:": Section.IMPRESSION,
    "CONCLUSION:": Section.IMPRESSION,
    "CORRECTED IMPRESSION:": Section.IMPRESSION,
    "THE IMPRESSION SHOULD READ:": Section.IMPRESSION,
    "INDICATION:": Section.INDICATION,
    "NDICATION:": Section.INDICATION,
    "CLINICAL INDICATION:": Section.INDICATION,
    "REASON FOR EXAM:": Section.INDICATION,
    "REASON FOR EXAMINATION:": Section.INDICATION,
    "REASON  FOR EXAMINATION:": Section.INDICATION,
    "Reason for exam:": Section.INDICATION,
    "HISTORY:": Section.HISTORY,
    "CLINICAL HISTORY:": Section.HISTORY,
    "CLINCAL HISTORY:": Section.HISTORY,
    "CLINICAL INFORMATION:": Section.HISTORY,
    "ADDITIONAL CLINICAL HISTORY PROVIDED:": Section.HISTORY,
    "EXAMINATION:": Section.EXAMINATION,
    "EXAM:": Section.EXAMINATION,
    "TYPE OF EXAMINATION:": Section.EXAMINATION,
    "TECHNIQUE:": Section.TECHNIQUE,
    "TECHIQUE:": Section.TECHNIQUE,
    "COMPARISON:": Section.COMPARISON,
    "COMPARISONS:": Section.COMPARISON,
    "COMPARISION:": Section.COMPARISON,
    "COMPARISON FILM:": Section.COMPARISON,
    "REFERENCE EXAM:": Section.COMPARISON,
    "PA AND LATERAL CHEST:": Section.VIEWS,
    "FRONTAL CHEST RADIOGRAPH:": Section.VIEWS,
    "CHEST, TWO VIEWS:": Section.VIEWS,
    "CHEST (PORTABLE AP):": Section.VIEWS,
    "SUPINE PORTABLE RADIOGRAPH OF THE CHEST:": Section.VIEWS,
    "AP CHEST AT 5:23 A.M. ON ___:": Section.VIEWS,
    "Frontal and lateral views of the chest:": Section.VIEWS,
    "Portable AP chest radiograph:": Section.VIEWS,
    "WET READ:": Section.WET_READ,
    "WET READ VERSION": Section.WET_READ,
    "WETREAD:": Section.WET_READ,
    "PRELIMINARY RESIDENT WET READ:": Section.WET_READ,
    "ADDENDUM:": Section.ADDENDUM,
    "ADDENDUM": Section.ADDENDUM,
    "ADDENDUM  IMPRESSION:": Section.ADDENDUM,
    "NOTIFICATION:": Section.NOTIFICATION,
    "NOTIFICATIONS:": Section.NOTIFICATION,
    "RECOMMENDATION:": Section.RECOMMENDATION,
    "RECOMMENDATION(S):": Section.RECOMMENDATION,
}


@pytest.mark.parametrize("heading", HEADINGS)
def test_a_heading_opens_its_section(heading: str) -> None:
    """Whatever the spelling, the text before stays where it was, and the text after is the section's."""
    between = "  " if heading.endswith(":") else "\n "
    before, after = split_report(f" INDICATION:  Cough.\n \n {heading}{between}Something was seen.\n")
    assert (before.section, before.text) == (Section.INDICATION, "Cough.")
    assert (after.section, after.heading, after.text) == (
        HEADINGS[heading],
        " ".join(heading.split()),
        "Something was seen.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "There are the following findings: none.",
        "There are the following\n findings: none.",
        "Compared to the prior\n study: no change.",
        "The film of 5:23 shows nothing.",
        "The tip lies in the\n chest: it may stay.",
        "LUNGS: clear. HEART: normal.",
        "Note: rotated.",
        "Please see the impression below.",
        "___: ___",
        "::",
    ],
)
def test_these_are_no_headings(text: str) -> None:
    """A colon alone makes none, and the name of a section within a sentence makes none."""
    (block,) = split_report(f" FINDINGS:  {text}")
    assert block.text == " ".join(text.split())


def test_a_heading_in_the_middle_of_a_line() -> None:
    """In capitals anywhere, with a capital after a full stop."""
    blocks = split_report("EXAM: CHEST (PA AND LAT) INDICATION: Cough. History: None. Lungs clear. IMPRESSION: Well.")
    assert [(block.section, block.text) for block in blocks] == [
        (Section.EXAMINATION, "CHEST (PA AND LAT)"),
        (Section.INDICATION, "Cough."),
        (Section.HISTORY, "None. Lungs clear."),
        (Section.IMPRESSION, "Well."),
    ]


def test_a_wet_read_goes_on_until_the_final_report() -> None:
    """Its own headings open nothing, and the rule between the two is no text."""
    blocks = split_report(
        f" WET READ: ___ 3:51 PM\n IMPRESSION: Large.\n {'_' * 78}\n FINAL REPORT\n IMPRESSION:  Small."
    )
    assert [(block.section, block.text) for block in blocks if block.paragraphs] == [
        (Section.WET_READ, "___ 3:51 PM IMPRESSION: Large."),
        (Section.IMPRESSION, "Small."),
    ]


def test_a_wet_read_after_the_report_is_cut_off() -> None:
    """It may follow in the same line."""
    blocks = split_report("IMPRESSION: Small.  WET READ VERSION #1 ___ 9:51 PM\n Tube in place.")
    assert [block.text for block in blocks] == ["Small.", "#1 ___ 9:51 PM Tube in place."]


def test_what_follows_the_report_is_no_part_of_it() -> None:
    """A wet read or an addendum after it keeps its own headings."""
    for heading in ("WET READ VERSION", "ADDENDUM:"):
        blocks = split_report(f" FINDINGS: Clear.\n \n {heading} ___\n FINDINGS: Large.\n IMPRESSION: Larger.")
        assert [block.text for block in blocks] == ["Clear.", "___ FINDINGS: Large. IMPRESSION: Larger."]


def test_a_list_of_films_within_findings_is_text() -> None:
    """Only where no report has begun does it open one."""
    (block,) = split_report(" IMPRESSION:\n PA and lateral chest:  Normal.\n LEFT RIBS:  No fracture.")
    assert block.text == "PA and lateral chest: Normal. LEFT RIBS: No fracture."


def test_titles() -> None:
    """Capitals that name films are one; a sentence, even in capitals without a film, is none."""
    assert is_title("AP CHEST, 5:23 A.M., ___")
    assert not is_title("AP chest, 5:23 A.M.")
    assert not is_title("NO PNEUMOTHORAX.")


WORDS = st.text("abc ABC.:,_\n\t()/-#1", max_size=12)
LINES = st.lists(
    st.one_of(
        st.sampled_from([*HEADINGS, "FINAL REPORT", "_" * 78, "", "LUNGS:", "the following findings:"]),
        WORDS,
        st.text(max_size=20),
    ),
    max_size=14,
)


@settings(max_examples=150)
@given(LINES, st.sampled_from(["\n", "\n ", "\n \n ", "  "]))
def test_no_word_is_lost_or_invented(lines: list[str], between: str) -> None:
    """Headings and paragraphs together are the words of the text in their order, without the rules."""
    text = between.join(lines)
    kept = " ".join(f"{block.heading} {block.text}" for block in split_report(text))
    rules = re.compile(r"^\s*[_=*-]{10,}\s*$")
    given_words = "".join("".join(line.split()) for line in text.splitlines() if not rules.match(line))
    assert "".join(kept.split()) == given_words


BODY = st.lists(
    st.sampled_from(["the", "heart", "is", "___", "no", "effusion", "1.", "5:23", "lungs:", "(left)", "Clear."]),
    min_size=1,
    max_size=9,
).map(" ".join)
# A list of films is text within a report, and what follows a wet read or an addendum is theirs.
OPENING = st.sampled_from(
    [
        heading
        for heading, section in HEADINGS.items()
        if section not in (Section.VIEWS, Section.WET_READ, Section.ADDENDUM)
    ]
)


@settings(max_examples=80)
@given(st.lists(st.tuples(OPENING, BODY), max_size=7))
def test_what_is_set_under_headings_is_found_under_them(sections: list[tuple[str, str]]) -> None:
    """Any order and number of sections comes back, each under its own."""
    text = "".join(f" {heading}\n {body}\n \n" for heading, body in sections)
    blocks = split_report(text)
    assert [(block.section, block.text) for block in blocks] == [(HEADINGS[head], body) for head, body in sections]


def test_rows_of_a_template_after_the_context_are_findings() -> None:
    """A part of the chest with a colon is read from the film, also where nothing says FINDINGS."""
    context, findings = split_report("COMPARISON: 2 days earlier\nLUNGS: Clear.\nPLEURA: No effusion.")
    assert (context.section, findings.section) == (Section.COMPARISON, Section.FINDINGS)
    assert findings.text == "LUNGS: Clear. PLEURA: No effusion."


@given(st.text(max_size=200))
def test_each_line_stands_where_it_says(text: str) -> None:
    """Its words are those of its place in the text, but for the white space."""
    for line in (line for block in split_report(text) for paragraph in block.lines for line in paragraph):
        assert " ".join(text[slice(*line.span)].split()) == line.text
