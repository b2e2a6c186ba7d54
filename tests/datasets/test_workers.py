"""Work over processes: order, how far ahead, and what fails."""

import os
from collections.abc import Iterator

import pytest

from clinicalblip.datasets.workers import batched, map_in_order
from clinicalblip.errors import DatasetError


@pytest.mark.parametrize("workers", [1, 2])
def test_results_come_in_order_and_few_are_taken_ahead(workers: int) -> None:
    """With one process each result is given before the next item is taken."""
    taken: list[int] = []

    def items() -> Iterator[int]:
        for number in range(40):
            taken.append(number)
            yield -number

    for number, result in enumerate(map_in_order(abs, items(), workers)):
        assert result == number
        assert len(taken) <= number + (1 if workers == 1 else 8 * workers)
    assert len(taken) == 40


def test_a_process_that_dies_is_reported() -> None:
    """It is one sentence, not a broken pool."""
    with pytest.raises(DatasetError, match="worker process ended"):
        list(map_in_order(os._exit, [1], 2))


def test_what_a_worker_raises_is_raised() -> None:
    """In the place of its result."""
    results = map_in_order(int, ["1", "x"], 2)
    assert next(results) == 1
    with pytest.raises(ValueError, match="invalid literal"):
        next(results)


def test_no_workers() -> None:
    """At least one is needed."""
    with pytest.raises(ValueError, match="1 or more"):
        list(map_in_order(abs, [1], 0))


def test_batches() -> None:
    """Full ones, then the rest."""
    assert list(batched(range(5), 2)) == [[0, 1], [2, 3], [4]]
