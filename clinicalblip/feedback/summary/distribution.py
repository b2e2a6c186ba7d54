"""How a number is spread over reviews: its median with quartiles, and how many reviews lie between two edges."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Bin:
    """How many values are at least `low` and below `high`; the last one has no `high`."""

    low: float
    high: float | None
    n: int


def describe_spread(values: Sequence[float]) -> str:
    """The median, and the quartiles where there are values enough for them."""
    if len(values) < 4:
        return f"{median(values):.0f}"
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return f"{middle:.0f} ({low:.0f} to {high:.0f})"


def histogram(values: Sequence[float], edges: Sequence[float]) -> list[Bin]:
    """Sort values between edges, which rise; what is below the first one is counted with those above it."""
    counts = [0] * len(edges)
    for value in values:
        counts[max(0, bisect_right(edges, value) - 1)] += 1
    highs: list[float | None] = [*edges[1:], None]
    return [Bin(low, high, n) for low, high, n in zip(edges, highs, counts, strict=True)]
