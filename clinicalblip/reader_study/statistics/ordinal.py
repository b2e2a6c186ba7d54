"""Odds of a worse decision between arms, by ordinal GEE."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import exp, isfinite
from typing import Any, Final

import numpy as np

from clinicalblip.reader_study.statistics.adjusted import Array
from clinicalblip.reader_study.statistics.design_columns import fixed_effects
from clinicalblip.reader_study.statistics.estimate import Estimate
from clinicalblip.reader_study.statistics.measurements import Measurements
from clinicalblip.reader_study.statistics.model_warnings import collected
from clinicalblip.reader_study.statistics.result import (
    few_reason,
    lone_reason,
    missing_reason,
    reader_degrees,
    t_estimate,
    without_interval,
)
from clinicalblip.reader_study.statistics.two_way import Spread, put_together

METHOD: Final = "ordinal GEE, independence, readers (bias-reduced) and cases as clusters, t"


def decision_odds(
    measurements: Measurements,
    *,
    against: str,
    confidence: float = 0.95,
    arms: Sequence[str] | None = None,
) -> tuple[Estimate, ...]:
    """The odds of a higher rank under each of the `arms` (default: all others), divided by those under `against`.

    A marginal model of cumulative odds. Its covariance is that of readers as clusters, bias-reduced after Mancl and
    DeRouen (Biometrics 2001;57:126), and of cases, put together as `two_way` says, because readers read the same cases.
    """
    asked = measurements.compared(against, arms)
    there = [arm for arm in sorted(set(measurements.arms)) if arm != against]
    reasons = {arm: _reason(measurements, arm, against) for arm in asked}
    fitted, said = None, ""
    # An arm whose odds have no bound would take all others along.
    bounded = [arm for arm in there if not _reason(measurements, arm, against)]
    if bounded:
        used = measurements.keep([each in (*bounded, against) for each in measurements.arms])
        fitted, said = _fit(used, bounded, against)
    estimates = []
    for arm in asked:
        two = measurements.keep([each in (arm, against) for each in measurements.arms])
        if reasons[arm] or fitted is None:
            note = reasons[arm] or f"the model could not be fitted ({said})"
            estimates.append(without_interval(arm, None, two, confidence=confidence, method=METHOD, note=note))
            continue
        value, spread = fitted.effects[arm], fitted.spreads[arm]
        if (
            reason := lone_reason(two)
            or few_reason(two)
            or ("" if spread.variance > _NOTHING else "decisions do not vary within arms")
        ):
            estimates.append(without_interval(arm, exp(value), two, confidence=confidence, method=METHOD, note=reason))
        else:
            estimates.append(
                t_estimate(
                    arm,
                    value,
                    spread.variance,
                    spread.df,
                    two,
                    confidence=confidence,
                    method=METHOD,
                    log=True,
                    note=said,
                )
            )
    return tuple(estimates)


_NOTHING = 1e-12


@dataclass(frozen=True)
class _Fitted:
    effects: dict[str, float]
    spreads: dict[str, Spread]


def _reason(measurements: Measurements, arm: str, against: str) -> str:
    if reason := missing_reason(measurements, arm, against):
        return reason
    lowest, highest = min(measurements.values), max(measurements.values)
    if lowest == highest:
        return "all decisions are the same"
    for each in (against, arm):
        if len(own := set(measurements.of_arm(each).values)) == 1 and own & {lowest, highest}:
            return f"all decisions under {each} are the same, at one end: its odds have no bound"
    return ""


def _fit(measurements: Measurements, arms: Sequence[str], against: str) -> tuple[_Fitted | None, str]:
    from statsmodels.genmod.generalized_estimating_equations import OrdinalGEE
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, IterationLimitWarning, PerfectSeparationWarning

    named = (ConvergenceWarning, IterationLimitWarning, PerfectSeparationWarning, RuntimeWarning)
    columns = fixed_effects(measurements, arms)
    with collected(*named) as sentences:
        try:
            ranks = np.asarray(measurements.values, float)
            result: Any = OrdinalGEE(ranks, columns, groups=_numbers(measurements.readers)).fit(cov_type="bias_reduced")
        except np.linalg.LinAlgError as error:
            return None, str(error)
    said = "; ".join(sentences)
    if result is None or not np.all(np.isfinite(result.params)):
        return None, said or "no estimate"
    first = len(result.params) - columns.shape[1]
    positions = {arm: first + number for number, arm in enumerate(arms)}
    effects = {arm: float(np.asarray(result.params)[position]) for arm, position in positions.items()}
    covariances = {
        name: _sandwich(result, labels)
        for name, labels in (
            ("cases", measurements.cases),
            ("readings", list(zip(measurements.readers, measurements.cases, strict=True))),
        )
    }
    of_readers = np.asarray(result.cov_robust_bc)
    spreads = {}
    for arm, position in positions.items():
        two = measurements.keep([each in (arm, against) for each in measurements.arms])
        degrees = reader_degrees(two), len(set(two.cases)) - 1
        variances = (of_readers, covariances["cases"], covariances["readings"])
        spreads[arm] = (
            put_together(*(float(each[position, position]) for each in variances), degrees=degrees)
            if min(degrees) > 0
            else Spread(0.0, 1.0)
        )
    usable = all(isfinite(each.variance) for each in spreads.values())
    return (_Fitted(effects, spreads), said) if usable else (None, said or "no variance")


def _sandwich(result: Any, labels: Sequence[Hashable]) -> Array:
    """The robust covariance with other clusters, to which the same estimates belong while readings are independent.

    The model's rows are the readings, each once for each rank but the highest, whose indicators depend on one another.
    """
    ranks = len(result.model.endog_values) - 1
    exog = np.asarray(result.model.exog).reshape(len(labels), ranks, -1)
    above = np.asarray(result.model.endog).reshape(len(labels), ranks)
    chances = 1 / (1 + np.exp(-exog @ np.asarray(result.params)))
    slopes = exog * (chances * (1 - chances))[:, :, None]
    joint = np.minimum(chances[:, :, None], chances[:, None, :])  # above both ranks is above the higher one
    weighed = np.linalg.solve(joint - chances[:, :, None] * chances[:, None, :], slopes)
    scores = np.einsum("nkp,nk->np", weighed, above - chances)
    bread = np.linalg.inv(np.einsum("nkp,nkq->pq", slopes, weighed))
    numbers = _numbers(labels)
    clusters = int(numbers.max()) + 1
    summed = np.zeros((clusters, exog.shape[2]))
    np.add.at(summed, numbers, scores)
    factor = clusters / (clusters - 1) if clusters > 1 else 1.0
    return np.asarray(bread @ (summed.T @ summed) @ bread * factor)


def _numbers(labels: Sequence[Hashable]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return np.array([numbers[label] for label in labels])
