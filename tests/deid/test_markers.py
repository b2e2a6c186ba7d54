"""A side marker is known by its words, also misread; a name is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.deid.markers import MARKERS, is_marker


@pytest.mark.parametrize(
    "words",
    ["L", "r", "A-P", "PORTABLE", "AP PORTABLE", "SEMI-ERECT", "APERECT", "PORTASLE", "PORTABL", "Bettaufnahme"],
)
def test_knows_a_marker(words: str) -> None:
    """As it is written, run together, or with one letter misread."""
    assert is_marker(words)


@pytest.mark.parametrize(
    "words", ["", "-", "MOBLEY", "WRIGHT", "PORTER", "L SMITH", "PORTABLE 14:20", "AP 2019", "PRICE", "LEE", "123456"]
)
def test_knows_what_is_none(words: str) -> None:
    """A name, a number or a time makes it text, whatever stands beside it."""
    assert not is_marker(words)


@given(st.lists(st.sampled_from(sorted(MARKERS)), min_size=1, max_size=4))
def test_several_markers_are_one(words: list[str]) -> None:
    """Any number of them in one line is a marker."""
    assert is_marker(" ".join(words))


@given(st.text(max_size=40))
def test_a_number_among_the_words_is_never_a_marker(words: str) -> None:
    """Whatever is read: digits may be the patient's."""
    assert not is_marker(f"{words} 4711")
