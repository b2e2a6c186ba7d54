"""Figures as functions of sums over studies, so that a bootstrap never reads a text twice.

Every figure of a scorecard is `function(sum over studies of terms)`: BLEU's clipped counts, METEOR's matches and
chunks, the values of a mean and their number. Resampling studies is then weighing rows: draw how often each study
counts, multiply, and apply `function`. The same draws serve every figure, so that two sets of drafts are compared
pairwise.
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
    """One figure: `terms` (studies, k), and `function`, which turns their sums (draws, k) into values (draws,).

    Rows stand in the order of the studies. A figure that has nothing to divide by (no positive, say) is NaN.
    """

    name: str
    terms: NDArray[np.float64]
    function: Callable[[Sums], NDArray[np.float64]]

    def __post_init__(self) -> None:
        if self.terms.ndim != 2 or len(self.terms) == 0:
            raise ValueError(f"{self.name} needs a row a study and a study or more, not {self.terms.shape}")

    def value(self) -> float:
        """The figure over all studies, each once."""
        return float(self.function(self.terms.sum(axis=0, keepdims=True))[0])

    def each(self) -> NDArray[np.float64]:
        """The figure of each study by itself, (studies,)."""
        return self.function(self.terms)


@dataclass(frozen=True)
class MissingStatistic:
    """A figure that cannot be statistic on this machine, and the sentence how to get it; no other takes its place."""

    name: str
    reason: str


def mean_statistic(name: str, values: NDArray[np.float64]) -> Statistic:
    """The mean of one value a study; NaN values are left out."""
    known = ~np.isnan(values)
    rows = np.stack((np.where(known, values, 0.0), known.astype(np.float64)), axis=1)
    return Statistic(name, rows, ratio_of_sums)


def ratio_of_sums(sums: Sums) -> NDArray[np.float64]:
    """The first sum divided by the second, (draws,); NaN where the second is 0."""
    return np.asarray(np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0))


def bootstrap_interval(statistic: Statistic, *, seed: int = SEED, resamples: int = RESAMPLES) -> Interval:
    """The figure and its bootstrap interval over studies, the same for the same seed."""
    return _interval(statistic.value(), _resample([statistic], seed, resamples)[0])


def paired_difference(own: Statistic, other: Statistic) -> Statistic:
    """`own` less `other` as one figure: every resample draws the same studies for both.

    Rows must be the same studies in the same order. Raises ValueError where their numbers differ.
    """
    if len(own.terms) != len(other.terms):
        raise ValueError(f"paired figures need the same studies, not {len(own.terms)} and {len(other.terms)}")
    columns = own.terms.shape[1]

    def less(sums: Sums) -> NDArray[np.float64]:
        return np.asarray(own.function(sums[:, :columns]) - other.function(sums[:, columns:]))

    return Statistic(own.name, np.concatenate((own.terms, other.terms), axis=1), less)


def bootstrap_difference(own: Statistic, other: Statistic, *, seed: int = SEED, resamples: int = RESAMPLES) -> Interval:
    """`own` less `other`, paired, with its interval."""
    return bootstrap_interval(paired_difference(own, other), seed=seed, resamples=resamples)


def bootstrap_intervals(
    figures: Mapping[str, Statistic], *, seed: int = SEED, resamples: int = RESAMPLES
) -> dict[str, Interval]:
    """The intervals of several figures, from the same draws. Raises ValueError where their studies differ in number."""
    resampled = _resample(list(figures.values()), seed, resamples)
    return {
        name: _interval(each.value(), values) for (name, each), values in zip(figures.items(), resampled, strict=True)
    }


def _resample(figures: list[Statistic], seed: int, resamples: int) -> list[NDArray[np.float64]]:
    """Each figure's values over the resamples, (resamples,); NaN where there is one study only."""
    if not figures:
        return []
    studies = len(figures[0].terms)
    if any(len(each.terms) != studies for each in figures):
        raise ValueError("figures of one card are of the same studies")
    if studies == 1:
        return [np.full(resamples, np.nan) for _ in figures]
    rows = np.concatenate([each.terms for each in figures], axis=1)
    sums = np.concatenate([weights @ rows for weights in _draws(studies, seed, resamples)])
    ends = np.cumsum([each.terms.shape[1] for each in figures])[:-1]
    return [each.function(part) for each, part in zip(figures, np.split(sums, ends, axis=1), strict=True)]


def _draws(studies: int, seed: int, resamples: int) -> Iterator[NDArray[np.float64]]:
    """Yield how often each study counts, (draws, studies), in parts, so that 200,000 studies fit in memory."""
    rng = np.random.default_rng(seed)
    at_once = max(1, 4_000_000 // studies)
    for start in range(0, resamples, at_once):
        number = min(at_once, resamples - start)
        yield np.stack(
            [np.bincount(rng.integers(studies, size=studies), minlength=studies) for _ in range(number)]
        ).astype(np.float64)


def _interval(value: float, values: NDArray[np.float64]) -> Interval:
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(known, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return Interval(value, float(low), float(high))
