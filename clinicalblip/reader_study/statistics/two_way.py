"""How far an estimate varies over readers and cases, which are crossed: every reader reads many of the same cases.

A bootstrap over readers alone takes cases as fixed, and the other way round; one that draws both at once counts what is
left over three times (Owen, Ann Appl Stat 2007;1:386). So readers, cases and single readings are drawn in turn, and the
variances are put together as Cameron, Gelbach and Miller do (J Bus Econ Stat 2011;29:238): readers' plus cases' less
readings'. Each is multiplied by G / (G - lost) for its G clusters, where `lost` is 1 for a mean, and 2 for a difference
within readers and cases: what an arm does to a group of readers then hides behind the cases that they read under it.
The degrees of freedom are Satterthwaite's, and no fewer than the fewer clusters have, which is what they take.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Sums = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """A variance, and the degrees of freedom with which it is known."""

    variance: float
    df: float


def bootstrap_spread(
    terms: Sums,
    function: Callable[[Sums], NDArray[np.float64]],
    readers: Sequence[str],
    cases: Sequence[int],
    *,
    resamples: int,
    seed: int,
    lost: int = 1,
) -> Spread:
    """The spread of `function(sum of terms)`, by drawing readers, cases and readings.

    `terms` (rows, k); `function` turns sums (draws, k) into values (draws,), NaN where a draw has none. There are
    more readers and cases than are lost.
    """
    rng = np.random.default_rng(seed)
    of_readers, of_cases, of_readings = (
        _variance(_sum_by(terms, labels), function, rng, resamples, lost)
        for labels in (readers, cases, list(zip(readers, cases, strict=True)))
    )
    degrees = len(set(readers)) - lost, len(set(cases)) - lost
    return put_together(of_readers, of_cases, of_readings, degrees=degrees)


def put_together(of_readers: float, of_cases: float, of_readings: float, *, degrees: tuple[int, int]) -> Spread:
    """The spread over both, from variances with readers, cases and readings as clusters, and `degrees` of the first."""
    variance = of_readers + of_cases - of_readings
    if variance <= 0:
        variance = max(of_readers, of_cases)
    noise = of_readers**2 / degrees[0] + of_cases**2 / degrees[1]
    fewest = float(min(degrees))
    return Spread(variance, max(fewest, variance**2 / noise) if noise > 0 else fewest)


def _sum_by(terms: Sums, labels: Sequence[Hashable]) -> Sums:
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    sums = np.zeros((len(numbers), terms.shape[1]))
    np.add.at(sums, [numbers[label] for label in labels], terms)
    return sums


def _variance(
    sums: Sums, function: Callable[[Sums], NDArray[np.float64]], rng: np.random.Generator, resamples: int, lost: int
) -> float:
    clusters = len(sums)
    draws = rng.multinomial(clusters, np.full(clusters, 1 / clusters), size=resamples)
    values = function(draws.astype(np.float64) @ sums)
    known = values[np.isfinite(values)]
    return float(np.var(known, ddof=1)) * clusters / (clusters - lost) if len(known) > 1 else 0.0
