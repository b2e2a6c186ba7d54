"""Differences of means between arms, within readers and cases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.reader_study.statistics.adjusted import adjust
from clinicalblip.reader_study.statistics.estimate import Estimate
from clinicalblip.reader_study.statistics.measurements import Measurements
from clinicalblip.reader_study.statistics.result import (
    few_reason,
    lone_reason,
    missing_reason,
    t_estimate,
    without_interval,
)
from clinicalblip.reader_study.statistics.two_way import Sums, bootstrap_spread


def mean_differences(
    measurements: Measurements,
    *,
    against: str,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
    arms: Sequence[str] | None = None,
    log: bool = False,
) -> tuple[Estimate, ...]:
    """How much larger values are under each of the `arms` (default: all others) than `against`, on average.

    Paired by reader and case, as far as the design allows: their effects are taken away first. The interval is a
    t-interval whose variance is that of a bootstrap over readers and cases. `log`: values are logarithms, estimates
    ratios.
    """
    own = "log values" if log else "values"
    method = f"difference of means of {own}, bootstrap over readers and cases, t"
    if not measurements.values:
        return tuple(
            without_interval(arm, None, measurements, confidence=confidence, method=method, note="there is no reading")
            for arm in measurements.compared(against, arms)
        )
    adjusted = adjust(measurements)
    if adjusted.of:
        method += f", within {' and '.join(adjusted.of)}"
    estimates = []
    for arm in measurements.compared(against, arms):
        two = measurements.keep([each in (arm, against) for each in measurements.arms])
        if reason := missing_reason(measurements, arm, against):
            estimates.append(without_interval(arm, None, two, confidence=confidence, method=method, note=reason))
            continue
        terms = np.array(
            [
                (value, 1.0, 0.0, 0.0) if each == arm else (0.0, 0.0, value, 1.0)
                for value, each in zip(adjusted.values, measurements.arms, strict=True)
                if each in (arm, against)
            ]
        )
        value = float(_difference(terms.sum(axis=0, keepdims=True))[0])
        shown = float(np.exp(value)) if log else value
        reason = lone_reason(two) or ("all values are equal" if len(set(two.values)) == 1 else "")
        reason = reason or few_reason(two) or _two_reason(two)
        if not reason:
            spread = bootstrap_spread(
                terms, _difference, two.readers, two.cases, resamples=resamples, seed=seed, lost=_LOST
            )
            reason = "" if spread.variance > _NOTHING else "values do not vary within readers and cases"
        if reason:
            estimates.append(without_interval(arm, shown, two, confidence=confidence, method=method, note=reason))
        else:
            estimates.append(
                t_estimate(arm, value, spread.variance, spread.df, two, confidence=confidence, method=method, log=log)
            )
    return tuple(estimates)


_LOST: Final = 2
_NOTHING: Final = 1e-18  # what rounding leaves of a variance


def _two_reason(two: Measurements) -> str:
    for labels, name in ((two.readers, "readers"), (two.cases, "cases")):
        if len(set(labels)) <= _LOST:
            return f"two {name} only: what an arm does cannot be told from what it does to them"
    return ""


def _difference(sums: Sums) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):  # a draw without one of the arms has no difference
        return np.asarray(sums[:, 0] / sums[:, 1] - sums[:, 2] / sums[:, 3])
