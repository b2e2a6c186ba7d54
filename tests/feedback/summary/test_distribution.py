"""How a number is spread over reviews."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.feedback.summary.distribution import Bin, describe_spread, histogram


def test_an_edge_belongs_to_what_is_above_it() -> None:
    """And the last bin has no end."""
    assert histogram([0, 4, 5, 9, 10, 99], [0, 5, 10]) == [Bin(0, 5, 2), Bin(5, 10, 2), Bin(10, None, 2)]


@given(st.lists(st.floats(-10, 1000)), st.lists(st.floats(0, 500), min_size=1, unique=True).map(sorted))
def test_every_value_is_in_one_bin(values: list[float], edges: list[float]) -> None:
    """Also what is below the first edge."""
    assert sum(each.n for each in histogram(values, edges)) == len(values)


@pytest.mark.parametrize(("values", "said"), [([7.0], "7"), ([1, 2, 9], "2"), ([10, 20, 30, 40], "25 (18 to 32)")])
def test_quartiles_stand_beside_the_median_of_four_and_more(values: list[float], said: str) -> None:
    """Fewer values have none worth saying."""
    assert describe_spread(values) == said
