"""Shares of what is caught, kept or accepted, by arm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.reader_study.statistics.estimate import Estimate
from clinicalblip.reader_study.statistics.measurements import Measurements
from clinicalblip.reader_study.statistics.result import without_interval
from clinicalblip.reader_study.statistics.two_way import Sums, bootstrap_spread

METHOD = "Wilson at the effective number, bootstrap over readers and cases"


def shares(
    measurements: Measurements,
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
    arms: Sequence[str] | None = None,
) -> tuple[Estimate, ...]:
    """The share of values that are 1 under each of the `arms` (default: those that have a value).

    The interval is Wilson's at the number of independent trials that have the variance of a bootstrap over readers and
    cases, with its t instead of z (Korn and Graubard, Surv Methodol 1998;24:193, who do so with another interval). With
    one reader or case only, all values are trials, and where no value differs, the fewer of readers and cases.
    Raises ValueError for a value that is neither 0 nor 1.
    """
    if not set(measurements.values) <= {0, 1}:
        raise ValueError("shares are of values 0 and 1")
    names = sorted(set(measurements.arms)) if arms is None else arms
    return tuple(_share(arm, measurements.of_arm(arm), confidence, resamples, seed) for arm in names)


def _share(arm: str, own: Measurements, confidence: float, resamples: int, seed: int) -> Estimate:
    from scipy.stats import norm, t

    if not own.values:
        return without_interval(arm, None, own, confidence=confidence, method=METHOD, note=f"no reading under {arm}")
    number, readers, cases = len(own.values), len(set(own.readers)), len(set(own.cases))
    share = sum(own.values) / number
    method, note, trials = METHOD, "", float(number)
    quantile = float(norm.ppf((1 + confidence) / 2))
    if min(readers, cases) == 1:
        method = "Wilson"
        note = f"one {'reader' if readers == 1 else 'case'} only: the interval takes readings as independent"
    elif share in (0, 1):
        method, trials = "Wilson, the fewer of readers and cases as trials", float(min(readers, cases))
        note = f"{'all' if share else 'none'} of {number}"
    else:
        terms = np.column_stack([np.asarray(own.values, float), np.ones(number)])
        spread = bootstrap_spread(terms, _ratio, own.readers, own.cases, resamples=resamples, seed=seed)
        trials = min(trials, share * (1 - share) / spread.variance) if spread.variance > 0 else trials
        quantile = float(t.ppf((1 + confidence) / 2, spread.df))
    low, high = wilson(share * trials, trials, z=quantile)
    return Estimate(arm, share, low, high, confidence, number, readers, cases, method, note=note)


def _ratio(sums: Sums) -> NDArray[np.float64]:
    return np.asarray(sums[:, 0] / sums[:, 1])
