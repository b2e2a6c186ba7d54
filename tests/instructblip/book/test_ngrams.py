"""Counting which token follows which."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.instructblip.book.ngrams import (
    LONGEST_CONTEXT,
    START,
    Continuations,
    TokenText,
    context_key,
    count_continuations,
)


def counted_by_hand(texts: list[TokenText], min_patients: int) -> dict[int, tuple[int, int, int]]:
    """The likeliest token after each run, its count and the run's total, by key."""
    counts: dict[int, Counter[int]] = defaultdict(Counter)
    whose: dict[tuple[int, int], set[str]] = defaultdict(set)
    for text in texts:
        row = (START, *text.token_ids) if text.is_beginning else text.token_ids
        for at in range(1, len(row)):
            for length in range(1, min(at, LONGEST_CONTEXT) + 1):
                key = context_key(row[at - length : at])
                counts[key][row[at]] += 1
                own = {str(n) for n in range(min_patients)} if text.stands_alone else {f"patient {text.patient}"}
                whose[key, row[at]] |= own
    found = {}
    for key, each in counts.items():
        kept = [(-count, token) for token, count in each.items() if len(whose[key, token]) >= min_patients]
        if kept:
            found[key] = (min(kept)[1], -min(kept)[0], each.total())
    return found


texts = st.builds(
    TokenText,
    token_ids=st.lists(st.integers(0, 4), max_size=12).map(tuple),
    patient=st.sampled_from("abc"),
    is_beginning=st.booleans(),
    stands_alone=st.booleans(),
)


@given(texts=st.lists(texts, max_size=8), min_patients=st.integers(1, 3))
def test_what_follows_most_often_is_counted_as_by_hand(texts: list[TokenText], min_patients: int) -> None:
    """Of runs of one to five tokens, within a text, where enough patients have it or a text stands alone."""
    found = count_continuations(texts, min_patients)
    rows = zip(*(each.tolist() for each in found.arrays.values()), strict=True)
    assert {key: (token, count, total) for key, token, count, total in rows} == counted_by_hand(texts, min_patients)


def test_runs_of_other_tokens_order_and_length_have_other_numbers() -> None:
    """So that hardly ever one run is taken for another."""
    runs = {(a, b, c)[:n] for a in range(12) for b in range(12) for c in range(12) for n in (1, 2, 3)}
    assert len({context_key(run) for run in runs}) == len(runs)


@pytest.mark.parametrize(
    "arrays",
    [
        {"keys": [2, 1]},
        {"keys": [1, 1]},
        {"counts": [3, 1]},
        {"totals": [2]},
    ],
)
def test_continuations_that_cannot_be_are_refused(arrays: dict[str, list[int]]) -> None:
    """Keys out of order or twice, a count above its total, arrays of different lengths."""
    given = {"keys": [1, 2], "token_ids": [5, 6], "counts": [1, 1], "totals": [2, 2]} | arrays
    kinds = {"keys": np.uint64, "token_ids": np.int32, "counts": np.uint32, "totals": np.uint32}
    with pytest.raises(ValueError, match="continuations"):
        Continuations(**{name: np.array(values, dtype=kinds[name]) for name, values in given.items()})
