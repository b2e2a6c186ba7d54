"""Every character came in one way, and none is lost in counting."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.structured_report.origins import MarkedText, Origin, count_origins

marked_texts = st.lists(st.tuples(st.text(max_size=8), st.sampled_from(Origin)), max_size=5).map(
    lambda parts: sum((MarkedText.of(text, origin) for text, origin in parts), MarkedText())
)


@given(marked_texts, st.lists(st.tuples(st.text(), st.sampled_from(Origin)), max_size=4))
def test_the_counts_sum_to_the_length(text: MarkedText, changes: list[tuple[str, Origin]]) -> None:
    """Whatever the text is changed to."""
    for words, origin in changes:
        text = text.changed_to(words, origin)
        assert text.text == words
        assert sum(count_origins(text).values()) == len(words)
        assert set(count_origins(text)) == set(Origin)


def test_only_what_changed_is_new() -> None:
    """Words before and behind a change keep their origin."""
    text = MarkedText.of("No effusion. No edema.", Origin.KEPT)
    typed = text.changed_to("No large effusion. No edema.", Origin.TYPED)
    assert count_origins(typed)[Origin.TYPED] == len("large ")
    assert count_origins(typed)[Origin.KEPT] == len(text.text)
    assert text.changed_to(text.text, Origin.PASTED) == text


@given(marked_texts)
def test_origins_come_back_from_short(text: MarkedText) -> None:
    """As numbers and letters, for JSON."""
    assert MarkedText.from_runs(text.text, text.runs) == text


@pytest.mark.parametrize(("text", "runs"), [("ab", "3k"), ("ab", ""), ("ab", "2z"), ("ab", "k2"), ("", "1k")])
def test_origins_of_another_text_are_refused(text: str, runs: str) -> None:
    """Too many, too few, or none of ours."""
    with pytest.raises(ValueError, match="origins"):
        MarkedText.from_runs(text, runs)
    with pytest.raises(ValueError, match="characters"):
        MarkedText("ab", "k")
