"""What a text is before it is scored."""

import json
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.evaluation.metrics.cleaning import Cleaning, clean, cut
from tests.fixtures.report_pairs import read_r2gen_test_split


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Heart normal. Lungs clear.", "heart normal . lungs clear ."),
        ("Heart normal", "heart normal ."),
        ("Clear lungs.. No effusion...", "clear lungs . no effusion ."),
        ("1. Clear. 2. No effusion. 3. Old fracture.", "clear . no effusion . old fracture ."),
        ('Nodules: 5 mm, 2.5 cm; (calcified) and/or "old".', "nodules 5 mm 25 cm calcified andor old ."),
        ("Chest x-ray of XXXX-year-old [sic].", "chest x-ray of xxxx-year-old sic ."),
        ("Size <5 mm = stable? Yes!", "size 5 mm  stable yes ."),
        ("Clear. . Normal.", "clear .  . normal ."),
        ("At T1. 2 views.", "at t2 views ."),
        ("  Clear.  ", "clear ."),
        ("Épanchement pleural. 胸腔积液.", "épanchement pleural . 胸腔积液 ."),
    ],
)
def test_r2gen_cleaning_by_example(text: str, cleaned: str) -> None:
    """Each of the things that the function's description says."""
    assert clean(text, Cleaning.R2GEN) == cleaned


@pytest.mark.parametrize("text", ["", " ", ".", "...", "1. ", "\n", "?!", ". ."])
def test_a_text_without_a_word_is_empty(text: str) -> None:
    """No lone full stop is left, which any reference would have too."""
    assert clean(text, Cleaning.R2GEN) == ""


def test_raw_changes_white_space_only() -> None:
    """Case and punctuation stay; new lines cannot part what a scorer reads by lines."""
    assert clean(" Heart  normal.\nLungs\tclear. ", Cleaning.RAW) == "Heart normal. Lungs clear."


@given(st.text(alphabet=string.printable, max_size=60))
def test_r2gen_cleaning_knows_no_case_and_leaves_no_punctuation_in_words(text: str) -> None:
    """Whatever the text: lower case, and no sign that the pattern deletes but full stops that stand alone."""
    cleaned = clean(text, Cleaning.R2GEN)
    assert cleaned == clean(text.upper(), Cleaning.R2GEN)
    assert not set(cleaned) & set(string.ascii_uppercase + ",?;*!%^&_+():<=>@[]{}\"'/\\")
    assert all(word == "." or "." not in word for word in cleaned.split())


@given(st.text(max_size=60))
def test_raw_cleaning_twice_is_cleaning_once(text: str) -> None:
    """Nothing is left to change."""
    once = clean(text, Cleaning.RAW)
    assert clean(once, Cleaning.RAW) == once


def test_a_text_is_cut_at_words() -> None:
    """Full stops count; a shorter text stays whole."""
    assert cut("heart normal . lungs  clear .", 4) == "heart normal . lungs"
    assert cut("heart normal .") == "heart normal ."
    assert len(cut("word " * 100).split()) == 60


def test_cutting_to_nothing_is_refused() -> None:
    """Every text would be empty."""
    with pytest.raises(ValueError, match="one word or more"):
        cut("heart normal .", 0)


@pytest.mark.shared_data
def test_the_findings_that_are_scored_are_r2gens_own(shared_data: Path) -> None:
    """Text for text, the test split's findings are those of R2Gen's annotation."""
    source = shared_data / "iu"
    with (source / "r2gen_annotation.json").open(encoding="utf-8") as file:
        theirs = {entry["id"].split("_")[0]: entry["report"] for entry in json.load(file)["test"]}
    ours = {study.study_id: study.reference.findings for study in read_r2gen_test_split(source)}
    assert len(ours) == 590
    assert ours == theirs
