"""Where a statement ends, however it is set out, and how a name is answered."""

import pytest

from clinicalblip.labeler import observations
from clinicalblip.labeler.statements import read_sentences
from clinicalblip.radiology.observation import Observation
from tests.fixtures.set_out_texts import ANSWERED, LATER, STATEMENTS, WRAPPED


def test_there_are_forty_texts_of_each_kind() -> None:
    """Line breaks that end a statement, and those that do not."""
    assert len(STATEMENTS) >= 40
    assert len(WRAPPED) >= 40


@pytest.mark.parametrize("text", STATEMENTS)
def test_a_line_break_or_a_mark_ends_a_statement(text: str) -> None:
    """What one line denies, the next may affirm."""
    assert observations(text) == STATEMENTS[text]


@pytest.mark.parametrize("text", WRAPPED)
def test_a_wrapped_line_ends_none(text: str) -> None:
    """A wrapped sentence says what it says in one line."""
    assert observations(text) == WRAPPED[text]
    assert observations(" ".join(text.split())) == WRAPPED[text]


@pytest.mark.parametrize("text", ANSWERED)
def test_a_name_is_answered(text: str) -> None:
    """A template's answers, and the phrases that a written rule decides."""
    assert observations(text) == ANSWERED[text]


@pytest.mark.parametrize("text", LATER)
def test_texts_written_later(text: str) -> None:
    """Of all kinds, written before the labeler read them."""
    assert observations(text) == LATER[text]


@pytest.mark.parametrize("text", [text for text in ANSWERED if "+ve" not in text])
def test_capitals_change_no_answer(text: str) -> None:
    """A template is often in capitals."""
    assert observations(text.upper()) == ANSWERED[text]


def test_marks_of_lists_are_no_words() -> None:
    """Neither bullets nor figures nor letters stay in a sentence."""
    for text, words in (
        ("1.Lungs\n- heart\n(3) bones\na) tubes", ["lungs", "heart", "bones", "tubes"]),
        ("1 Lungs\n2 Heart\n3 Bones", ["lungs", "heart", "bones"]),
    ):
        assert [sentence.words.text for sentence in read_sentences(text)] == words


def test_a_row_of_a_template_ends_the_row_above() -> None:
    """Whatever word that ends with; boxes stay, because they are answers."""
    text = "Effusion: left, small\nEdema ..... mild\n[ ] Pneumonia\n\u2610 Fracture\ni. Lungs of\nii. Heart"
    words = [sentence.words.text for sentence in read_sentences(text)]
    assert words == [
        "effusion: left, small",
        "edema: mild",
        "[ ] pneumonia",
        "\u2610 fracture",
        "lungs of",
        "heart",
    ]


def test_a_row_that_says_more_of_a_finding_goes_with_the_row_above() -> None:
    """As one sentence, which stands from the first row to the last."""
    text = "Effusion\nSide: Left\nCertainty: Possible\nHeart: normal"
    sentences = list(read_sentences(text))
    assert [sentence.words.text for sentence in sentences] == ["effusion, left: possible", "heart: normal"]
    assert text[sentences[0].start : sentences[0].end] == "Effusion\nSide: Left\nCertainty: Possible"


def test_a_header_holds_until_the_next_or_a_blank_line() -> None:
    """The label of a line holds for its sentences."""
    text = "Left:\n- r\nRight:\n- b. c\n\nPleura: f. g"
    assert [(each.words.text, each.header, each.label) for each in read_sentences(text)] == [
        ("left", "", ""),
        ("r", "left:", ""),
        ("right", "", ""),
        ("b", "right:", ""),
        ("c", "right:", ""),
        ("pleura: f", "", "pleura"),
        ("g", "", "pleura"),
    ]


def test_a_wet_read_counts_only_where_no_final_report_follows() -> None:
    """The final report takes its place."""
    assert observations("WET READ: Pneumothorax.")[Observation.PNEUMOTHORAX]
    said = observations(f"WET READ: Pneumothorax.\n{'_' * 40}\nFINAL REPORT\nFINDINGS: Small effusion.")
    assert list(said) == [Observation.PLEURAL_EFFUSION]
