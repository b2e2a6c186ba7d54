"""Where a statement ends, however it is set out, and how a name is answered."""

import pytest

from clinicalblip.labeler import observations
from clinicalblip.labeler.statements import sentences
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
    assert list(sentences("1.Lungs\n- heart\n(3) bones\na) tubes")) == ["lungs", "heart", "bones", "tubes"]
    assert list(sentences("1 Lungs\n2 Heart\n3 Bones")) == ["lungs", "heart", "bones"]


def test_a_wet_read_counts_only_where_no_final_report_follows() -> None:
    """The final report takes its place."""
    assert observations("WET READ: Pneumothorax.")[Observation.PNEUMOTHORAX]
    said = observations(f"WET READ: Pneumothorax.\n{'_' * 40}\nFINAL REPORT\nFINDINGS: Small effusion.")
    assert list(said) == [Observation.PLEURAL_EFFUSION]
