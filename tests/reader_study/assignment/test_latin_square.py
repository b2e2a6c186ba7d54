"""Williams squares."""

from collections import Counter
from itertools import pairwise

import pytest

from clinicalblip.reader_study.assignment.latin_square import williams_square


@pytest.mark.parametrize("treatments", range(1, 13))
def test_each_treatment_stands_in_each_place_once(treatments: int) -> None:
    """In each square; an odd number above one has two."""
    rows = williams_square(treatments)
    assert len(rows) == (treatments * 2 if treatments % 2 and treatments > 1 else treatments)
    for begin in range(0, len(rows), treatments):
        square = rows[begin : begin + treatments]
        for line in (*square, *zip(*square, strict=True)):
            assert sorted(line) == list(range(treatments))


@pytest.mark.parametrize("treatments", range(2, 13))
def test_each_treatment_follows_each_other_one_equally_often(treatments: int) -> None:
    """First-order carry-over: once, or twice with the mirror of an odd square."""
    follows = Counter(pair for row in williams_square(treatments) for pair in pairwise(row))
    assert len(follows) == treatments * (treatments - 1)
    assert set(follows.values()) == {2 if treatments % 2 else 1}


def test_williams_own_square_of_four() -> None:
    """The rows that his paper's construction gives, treatments counted from 0."""
    assert williams_square(4) == ((0, 1, 3, 2), (1, 2, 0, 3), (2, 3, 1, 0), (3, 0, 2, 1))


def test_a_square_of_nothing_is_refused() -> None:
    """There has to be a treatment."""
    with pytest.raises(ValueError, match="needs a treatment"):
        williams_square(0)
