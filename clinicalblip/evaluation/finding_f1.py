"""How well the findings of a set of reports agree with the truth, and whether one set is better than another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Interval:
    """A figure with its 95 % bootstrap interval over studies."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class FindingF1:
    """Micro F1, recall and precision over all known findings of all studies."""

    f1: Interval
    recall: float
    precision: float
    studies: int


def score_findings(
    said: NDArray[np.bool_], truth: NDArray[np.float32], *, seed: int = 0, resamples: int = 1000
) -> FindingF1:
    """Score `said` (studies, findings) against `truth` of the same shape: 1 present, 0 absent, NaN unknown.

    Unknown findings count neither way. Raises ValueError where the shapes differ or there is no study.
    """
    counts = _counts(said, truth)
    total = counts.sum(axis=0)
    spread = _f1(counts[_resamples(len(counts), seed, resamples)].sum(axis=1))
    low, high = np.quantile(spread, (0.025, 0.975))
    hit, false, missed = (float(n) for n in total)
    return FindingF1(
        Interval(float(_f1(total[None])[0]), float(low), float(high)),
        recall=hit / max(hit + missed, 1.0),
        precision=hit / max(hit + false, 1.0),
        studies=len(counts),
    )


def compare_f1(
    said: NDArray[np.bool_],
    others: Sequence[NDArray[np.bool_]],
    truth: NDArray[np.float32],
    *,
    seed: int = 0,
    resamples: int = 1000,
) -> Interval:
    """The micro F1 of `said` less the mean of `others`, paired: every resample draws the same studies for all."""
    drawn = _resamples(len(truth), seed, resamples)
    own = _counts(said, truth)
    rest = [_counts(other, truth) for other in others]

    def difference(rows: NDArray[np.int64]) -> NDArray[np.float64]:
        less = np.mean([_f1(counts[rows].sum(axis=1)) for counts in rest], axis=0)
        return np.asarray(_f1(own[rows].sum(axis=1)) - less)

    low, high = np.quantile(difference(drawn), (0.025, 0.975))
    return Interval(float(difference(np.arange(len(truth))[None])[0]), float(low), float(high))


def _counts(said: NDArray[np.bool_], truth: NDArray[np.float32]) -> NDArray[np.float64]:
    if said.shape != truth.shape or said.ndim != 2 or len(said) == 0:
        raise ValueError(
            f"findings said {said.shape} and true {truth.shape} must be the same table with a study or more"
        )
    present, absent = truth == 1, truth == 0  # NaN is neither
    return np.stack(((said & present).sum(1), (said & absent).sum(1), (~said & present).sum(1)), axis=1).astype(
        np.float64
    )


def _f1(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    hit, false, missed = counts[:, 0], counts[:, 1], counts[:, 2]
    return np.asarray(2 * hit / np.maximum(2 * hit + false + missed, 1.0))


def _resamples(studies: int, seed: int, number: int) -> NDArray[np.int64]:
    return np.random.default_rng(seed).integers(0, studies, size=(number, studies))
