"""Every character of a changed text knows where it comes from."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.labeler.normalized_text import NormalizedText


def folded(text: str) -> NormalizedText:
    """The whole text, white space folded."""
    return NormalizedText.fold(text, [(0, len(text))])


@given(st.text(max_size=100))
def test_folding_is_that_of_split_and_keeps_every_place(text: str) -> None:
    """Each character but a blank stands for itself."""
    normal = folded(text)
    assert normal.text == " ".join(text.split())
    for number, character in enumerate(normal.text):
        start, end = normal.span(number, number + 1)
        assert character in (text[start:end], " ")


@given(st.text(max_size=100))
def test_small_letters_come_from_their_capitals(text: str) -> None:
    """Also where one capital needs two small letters."""
    small = folded(text).lower()
    assert [len(places) for places in (small.starts, small.ends)] == [len(small.text)] * 2
    assert list(small.starts) == sorted(small.starts)


@pytest.mark.parametrize(
    ("pattern", "new", "text", "span"),
    [("b+", "xyz", "aabbcc", "bb"), ("b", "", "aabcc", "aa"), ("bb", "yy", "aabbcc", "b"), ("b", "yy", "aabcc", "b")],
)
def test_what_is_replaced_comes_from_what_was_there(pattern: str, new: str, text: str, span: str) -> None:
    """From all of it, or letter by letter where both are as long."""
    changed = folded(text).sub(re.compile(pattern), lambda _: new)
    assert changed.text == re.sub(pattern, new, text)
    start, end = changed.span(2, 3) if new else changed.span(0, 2)
    assert text[start:end] == span


def test_parts_keep_their_places() -> None:
    """Cut, stripped and joined again."""
    first, last = folded("one;  two. ").split(re.compile(";"))
    last = last.strip(" .")
    joined = first.joined(", ", last)
    assert (first.text, last.text, joined.text) == ("one", "two", "one, two")
    assert (last.span(0, 3), joined.span(5, 8), joined.span(0, 8)) == ((6, 9), (6, 9), (0, 9))
