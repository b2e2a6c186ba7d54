"""A figure as the sum of what each study adds to it, so that a bootstrap never reads a text twice.

Every figure of a scorecard is `figure(sum over studies of statistics)`: BLEU's clipped counts, a METEOR's matches and
chunks, a mean's value and one. Resampling studies is then weighing rows: draw how often each study counts, multiply,
and apply `figure`. The same draws serve every figure, so that two sets of drafts are compared pairwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Sums = NDArray[np.float64]
RESAMPLES, SEED, CONFIDENCE = 1000, 0, 0.95


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % bootstrap interval over studies; the bounds are NaN where one study alone was scored."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Statistic:
    """One figure: `statistics` (studies, k), and `figure`, which turns sums (draws, k) into values (draws,).

    Rows stand in the order of the studies. A figure that nothing was found for (no positive, say) is NaN.
    """

    name: str
    statistics: NDArray[np.float64]
    figure: Callable[[Sums], NDArray[np.float64]]

    def __post_init__(self) -> None:
        if self.statistics.ndim != 2 or len(self.statistics) == 0:
            raise ValueError(f"{self.name} needs a row a study and a study or more, not {self.statistics.shape}")

    def value(self) -> float:
        """The figure over all studies, each once."""
        return float(self.figure(self.statistics.sum(axis=0, keepdims=True))[0])

    def each(self) -> NDArray[np.float64]:
        """The figure of each study alone, (studies,)."""
        return self.figure(self.statistics)


@dataclass(frozen=True)
class MissingStatistic:
    """A figure that could not be measured here, and the sentence that says how to get it; never replaced by another."""

    name: str
    reason: str


def mean_statistic(name: str, values: NDArray[np.float64]) -> Statistic:
    """A figure that is the mean of one value a study; NaN values count in neither sum."""
    known = ~np.isnan(values)
    rows = np.stack((np.where(known, values, 0.0), known.astype(np.float64)), axis=1)
    return Statistic(name, rows, ratio_of_sums)


def ratio_of_sums(sums: Sums) -> NDArray[np.float64]:
    """The first sum over the second, NaN where that is none."""
    return np.asarray(np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0))


def bootstrap_interval(measured: Statistic, *, seed: int = SEED, resamples: int = RESAMPLES) -> Interval:
    """The figure and its bootstrap interval over studies, the same for the same seed."""
    return _interval(measured.value(), _spread([measured], seed, resamples)[0])


def paired_difference(own: Statistic, other: Statistic) -> Statistic:
    """`own` less `other` as one figure, so that every resample draws the same studies for both.

    Rows must be the same studies in the same order. Raises ValueError for unequally many.
    """
    if len(own.statistics) != len(other.statistics):
        raise ValueError(f"paired figures need the same studies, not {len(own.statistics)} and {len(other.statistics)}")
    columns = own.statistics.shape[1]

    def less(sums: Sums) -> NDArray[np.float64]:
        return np.asarray(own.figure(sums[:, :columns]) - other.figure(sums[:, columns:]))

    return Statistic(own.name, np.concatenate((own.statistics, other.statistics), axis=1), less)


def bootstrap_difference(own: Statistic, other: Statistic, *, seed: int = SEED, resamples: int = RESAMPLES) -> Interval:
    """`own` less `other`, paired, with its interval."""
    return bootstrap_interval(paired_difference(own, other), seed=seed, resamples=resamples)


def bootstrap_intervals(
    figures: Mapping[str, Statistic], *, seed: int = SEED, resamples: int = RESAMPLES
) -> dict[str, Interval]:
    """The intervals of several figures of the same studies, from the same draws."""
    spreads = _spread(list(figures.values()), seed, resamples)
    return {
        name: _interval(each.value(), spread) for (name, each), spread in zip(figures.items(), spreads, strict=True)
    }


def _spread(figures: list[Statistic], seed: int, resamples: int) -> list[NDArray[np.float64]]:
    """Each figure's values over the resamples; NaN everywhere where there is one study only."""
    if not figures:
        return []
    studies = len(figures[0].statistics)
    if any(len(each.statistics) != studies for each in figures):
        raise ValueError("figures of one card are of the same studies")
    if studies == 1:
        return [np.full(resamples, np.nan) for _ in figures]
    rows = np.concatenate([each.statistics for each in figures], axis=1)
    sums = np.concatenate([weights @ rows for weights in _draws(studies, seed, resamples)])
    ends = np.cumsum([each.statistics.shape[1] for each in figures])[:-1]
    return [each.figure(part) for each, part in zip(figures, np.split(sums, ends, axis=1), strict=True)]


def _draws(studies: int, seed: int, resamples: int) -> Iterator[NDArray[np.float64]]:
    """How often each study counts, (draws, studies), some draws at a time so that 200,000 studies fit in memory."""
    rng = np.random.default_rng(seed)
    at_once = max(1, 4_000_000 // studies)
    for start in range(0, resamples, at_once):
        number = min(at_once, resamples - start)
        yield np.stack(
            [np.bincount(rng.integers(studies, size=studies), minlength=studies) for _ in range(number)]
        ).astype(np.float64)


def _interval(value: float, spread: NDArray[np.float64]) -> Interval:
    known = spread[~np.isnan(spread)]
    if len(known) == 0:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(known, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return Interval(value, float(low), float(high))
