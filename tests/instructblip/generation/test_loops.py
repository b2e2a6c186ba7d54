"""Loops in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.instructblip.generation.loops import ends_in_loop


@given(st.lists(st.integers(0, 9), min_size=1, max_size=60), st.lists(st.integers(), max_size=50))
def test_what_is_repeated_for_long_is_a_loop(part: list[int], before: list[int]) -> None:
    """Any tokens said often enough are a loop, whatever stood before them."""
    assert ends_in_loop(before + part * max(3, -(-24 // len(part))))


@given(st.lists(st.integers(), unique=True, max_size=300))
def test_a_text_without_repetition_is_no_loop(tokens: list[int]) -> None:
    """Tokens that are all different never count as one."""
    assert not ends_in_loop(tokens)


@pytest.mark.parametrize(("part", "times"), [((1,), 23), ((1, 2, 3), 7), (tuple(range(40)), 2)])
def test_a_little_repetition_is_no_loop(part: tuple[int, ...], times: int) -> None:
    """A phrase said twice, or a few tokens said several times, is still a text."""
    assert not ends_in_loop([7, 8, 9, *part * times])
