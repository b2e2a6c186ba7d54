"""Several comparisons at once: Holm's method (Scand J Stat 1979;6:65)."""

from __future__ import annotations

from collections.abc import Sequence


def holm(ps: Sequence[float | None]) -> tuple[float | None, ...]:
    """Adjusted p values in the same order; one that is not there counts as a comparison and stays away."""
    order = sorted((p, number) for number, p in enumerate(ps) if p is not None)
    adjusted: list[float | None] = [None] * len(ps)
    largest = 0.0
    for rank, (p, number) in enumerate(order):
        largest = max(largest, min(1.0, (len(ps) - rank) * p))
        adjusted[number] = largest
    return tuple(adjusted)
