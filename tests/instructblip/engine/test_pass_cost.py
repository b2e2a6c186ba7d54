"""How many proposals are worth their cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.instructblip.engine.language_model import MOST_PROPOSED
from clinicalblip.instructblip.engine.pass_cost import MEASURED_TOKENS, PassCost, measure_pass_cost

CHEAP = PassCost({1: {1: 1.0, 16: 1.0}})
DEAR = PassCost({1: {1: 1.0, 16: 16.0}})
chances = st.lists(st.lists(st.floats(0.01, 0.99), max_size=20), min_size=1, max_size=6)


def test_between_what_was_measured_the_cost_lies_on_a_line() -> None:
    """By tokens and by rows; beyond it stays what it is at the end."""
    cost = PassCost({1: {1: 1.0, 3: 2.0}, 3: {1: 3.0, 3: 6.0}})
    assert [cost.of(1, 2), cost.of(2, 1), cost.of(2, 2), cost.of(9, 9)] == [1.5, 2.0, 3.0, 6.0]


@given(chances=chances)
def test_where_tokens_cost_nothing_all_are_proposed_and_where_each_costs_a_pass_none_is(
    chances: list[list[float]],
) -> None:
    """However likely they are."""
    assert CHEAP.choose(chances) == min(MOST_PROPOSED, max(len(row) for row in chances))
    assert DEAR.choose(chances) == 0


def test_likely_proposals_are_worth_more_of_them() -> None:
    """A draft that follows the book is given long runs of it, one that left it short ones."""
    cost = PassCost({1: {1: 1.0, 16: 1.8}})
    likely, unlikely = cost.choose([[0.98] * 15]), cost.choose([[0.4] * 15])
    assert likely > 8 > 3 > unlikely > 0
    assert cost.choose([[0.02] * 15]) == 0


def test_every_number_of_tokens_is_measured_with_one_row_and_with_several() -> None:
    """After a first pass that nobody counts."""
    seen: list[tuple[int, int]] = []
    cost = measure_pass_cost(lambda rows, tokens: seen.append((rows, tokens)), 16)
    assert {(rows, tokens) for rows in cost.seconds for tokens in cost.seconds[rows]} == set(seen)
    assert set(seen) == {(rows, tokens) for rows in (1, 8) for tokens in MEASURED_TOKENS}


def test_a_cost_of_nothing_is_refused() -> None:
    """It would say nothing."""
    with pytest.raises(ValueError, match="cost of a pass"):
        PassCost({})
