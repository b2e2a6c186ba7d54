"""The fewest keys of each way of editing: the text is reached, and no way needs more than typing all of it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality, Zone
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.table import read_table
from research.benchmarks.edit_keys.sentences import Fate, by_sentences, is_reached, split
from research.benchmarks.edit_keys.ticks import keys_in_row, tick, type_the_rest
from research.benchmarks.edit_keys.typing import keys_to_type, plain, reaches, type_freely

SENTENCES = (
    "The heart is enlarged.",
    "The heart is normal.",
    "Small left effusion.",
    "No effusion or pneumothorax.",
    "Scoliosis, mild.",
    "No.",
)
texts = st.lists(st.sampled_from(SENTENCES), max_size=4).map(" ".join)
any_texts = texts | st.text("ab .,A", max_size=12).map(plain)


@settings(max_examples=40)
@given(
    before=texts | st.text("ab .,A", max_size=12).map(plain), after=texts | st.text("ab .,A", max_size=12).map(plain)
)
def test_typing_reaches_the_text(before: str, after: str) -> None:
    """With no more keys than to mark all and type it, and with none where nothing differs."""
    keys, steps = type_freely(before, after)
    assert reaches(before, after, steps)
    assert keys <= 3 + max(1, keys_to_type(after))
    assert (keys == 0) == (before == after)


@pytest.mark.parametrize(
    ("before", "after", "keys"),
    [
        ("a b c.", "a b.", 5),  # Ctrl+Right twice, Ctrl+Delete, and the space before the full stop
        ("No effusion.", "No effusion. Ok.", 8),  # Ctrl+Right twice, and ". Ok" with a capital before the last mark
        ("a b c d e.", "A b c d e.", 5),  # Ctrl+Delete, "A" with Shift, and a space of its own
        ("x. y. z.", "", 4),  # Ctrl+Shift+End, Delete
    ],
)
def test_keys_are_counted_as_the_model_says(before: str, after: str, keys: int) -> None:
    """A held key once, a capital twice."""
    assert type_freely(before, after)[0] == keys


@settings(max_examples=30)
@given(before=texts, after=texts)
def test_sentence_keys_reach_the_text(before: str, after: str) -> None:
    """By dropping, by keeping and by typing within sentences."""
    keys, fates = by_sentences(split(before), split(after))
    assert is_reached(split(before), split(after), fates)
    assert (keys == 0) == (before == after)


def test_dropping_needs_a_key_a_sentence() -> None:
    """J to the second one, and X."""
    assert by_sentences(("A is.", "B is.", "C is."), ("A is.", "C is.")) == (3, (Fate("keep"), Fate("drop")))


@settings(max_examples=20)
@given(before=texts, after=texts)
def test_ticks_say_what_the_report_says(before: str, after: str) -> None:
    """All rows, unless one was refused; what has no row is typed after them."""
    ticked = tick(before, after)
    rows = {row.finding for row in read_table(ticked.text).rows}
    assert ticked.refused or rows == {row.finding for row in read_table(after).rows}
    assert ("Scoliosis" in type_the_rest(ticked.text, after)) == ("Scoliosis" in after)


def test_the_keys_in_a_row_are_those_of_the_page() -> None:
    """A letter for what is said, a digit for the degree, two keys for zone and change."""
    effusion = Observation.PLEURAL_EFFUSION
    small = Finding(effusion, Certainty.PRESENT, frozenset({Laterality.LEFT}), degree=Degree.SMALL)
    basal = Finding(effusion, Certainty.PRESENT, frozenset({Laterality.LEFT}), frozenset({Zone.BASAL}), Degree.SMALL)
    newer = Finding(effusion, Certainty.PRESENT, degree=Degree.SMALL, change=Change.NEW)
    assert keys_in_row(None, small, effusion) == 2
    assert keys_in_row(small, None, effusion) == 1
    assert keys_in_row(small, small, effusion) == 0
    assert keys_in_row(small, Finding(effusion, Certainty.ABSENT), effusion) == 2
    assert keys_in_row(small, basal, effusion) == 2
    assert keys_in_row(small, newer, effusion) == 3
