"""Word differences: nothing lost, nothing invented, and never slow."""

import itertools
import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.feedback.comparison import (
    EditCounts,
    WordChange,
    compare_words,
    count_edits,
)
from clinicalblip.radiology.report import Report

_REPORT = st.lists(st.sampled_from(["heart", "no", "the", "lungs", ".", ",", " ", "\n", "1.5", "x-ray", "___"])).map(
    " ".join
)
_TEXT = st.one_of(_REPORT, st.text())


def _normal(text: str) -> str:
    return "".join(text.split())


@given(before=_TEXT, after=_TEXT)
def test_the_runs_are_the_two_texts(before: str, after: str) -> None:
    """Same and removed runs joined are the first text, same and added ones the second, white space included."""
    changes = compare_words(before, after)
    assert "".join(change.before for change in changes if change.kind != "added") == before
    assert "".join(change.after for change in changes if change.kind != "removed") == after
    for change in changes:
        assert (change.kind == "same") <= (_normal(change.before) == _normal(change.after))
        assert (change.kind == "added") <= (change.before == "")
        assert (change.kind == "removed") <= (change.after == "")


@given(text=_TEXT)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    """One run that is the same, or none for no text."""
    assert compare_words(text, text) == ((WordChange("same", text, text),) if text else ())


@given(before=_REPORT, after=_REPORT)
def test_no_word_is_called_changed_that_could_stay(before: str, after: str) -> None:
    """Neighbouring runs are of different kinds, and a changed one begins with words that differ."""
    changes = compare_words(before, after)
    kinds = [change.kind == "same" for change in changes]
    assert all(one != next_one for one, next_one in itertools.pairwise(kinds[1:]))
    for change in changes:
        if change.kind == "replaced":
            assert change.before.split()[0] != change.after.split()[0]


def test_a_replaced_word_is_a_run_of_its_own() -> None:
    """The words around it stay, the full stop too."""
    assert compare_words("The heart is normal.", "The heart is enlarged.") == (
        WordChange("same", "The heart is ", "The heart is "),
        WordChange("replaced", "normal", "enlarged"),
        WordChange("same", ".", "."),
    )


def test_added_and_removed_sentences_are_whole() -> None:
    """A sentence that comes or goes does not tear its neighbours apart."""
    changes = compare_words("Lungs are clear. No effusion.", "No effusion. Heart is large.")
    assert [(change.kind, change.before or change.after) for change in changes] == [
        ("removed", "Lungs are clear. "),
        ("same", "No effusion."),
        ("added", "Heart is large."),
    ]


@pytest.mark.parametrize(
    ("before", "after", "added"),
    [
        ("Clear.", "Clear. Large heart.", "Large heart."),
        ("No edema.", "No effusion. No edema.", "No effusion. "),
        ("No edema. End", "No edema. No effusion. End", "No effusion. "),
    ],
)
def test_an_added_sentence_is_shown_whole(before: str, after: str, added: str) -> None:
    """Where the same words could be cut in several ways, the cut is between sentences."""
    assert [change.after for change in compare_words(before, after) if change.kind == "added"] == [added]
    assert [change.before for change in compare_words(after, before) if change.kind == "removed"] == [added]


def test_white_space_alone_is_no_change() -> None:
    """A new line break is kept for showing and counts as nothing."""
    assert compare_words("No effusion. Clear.", "No effusion.\n\nClear.") == (
        WordChange("same", "No effusion. Clear.", "No effusion.\n\nClear."),
    )


@pytest.mark.parametrize("word", ["x-ray", "1.5", "patient's", "AP/lateral", "1,000"])
def test_inner_punctuation_does_not_split_a_word(word: str) -> None:
    """Measures, hyphens and possessives are one word."""
    assert count_edits(Report(f"a {word} b"), Report("a b")) == EditCounts(0, 1)


def test_a_missing_blank_after_a_full_stop_is_two_words() -> None:
    """A typing slip between sentences changes no word."""
    assert count_edits(Report("Clear. Heart large."), Report("Clear.Heart large.")) == EditCounts(0, 0)


def test_words_are_counted_in_both_sections_and_punctuation_in_none() -> None:
    """A replaced word is one removed and one added."""
    before = Report("Heart is normal. Lungs clear.", "Normal chest.")
    after = Report("Heart is enlarged; lungs clear.", "Cardiomegaly.")
    assert count_edits(before, after) == EditCounts(words_added=3, words_removed=4)


def test_words_that_change_section_are_removed_and_added() -> None:
    """What goes from the findings to the impression is removed there and added here."""
    assert count_edits(Report("Clear lungs."), Report("", "Clear lungs.")) == EditCounts(2, 2)


def _shuffled(words: list[str]) -> str:
    return " ".join(random.Random(1).sample(words, len(words)))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("." * 20_000, "," * 10_000 + "." * 10_000),
        ("a " * 10_000, "a b " * 5_000),
        ("a b c d " * 2_500, "d c a b " * 2_500),
        (" ".join(f"{n}" for n in range(4_000)), _shuffled([f"{n}" for n in range(4_000)])),
        (_shuffled(["the", "no", "is", "."] * 1_500), _shuffled(["no", "the", ".", "of"] * 1_600)),
        ("x" * 20_000, "x" * 19_999),
    ],
    ids=["full stops", "repeats", "turned", "shuffled", "few words", "one word"],
)
def test_long_texts_of_any_kind_are_compared_in_bounded_time(before: str, after: str) -> None:
    """20,000 characters made to be slow take seconds at most, and nothing of them is lost."""
    start = time.process_time()
    changes = compare_words(before, after)
    assert time.process_time() - start < 5
    assert "".join(change.before for change in changes) == before
    assert "".join(change.after for change in changes) == after


def test_a_passage_too_large_to_align_is_one_replaced_passage() -> None:
    """Beyond the bound the difference gets coarser, never wrong."""
    before, after = f"start {'a b c ' * 8_000}end", f"start {'c c a b ' * 6_000}end"
    assert [change.kind for change in compare_words(before, after)] == ["same", "replaced", "same"]
