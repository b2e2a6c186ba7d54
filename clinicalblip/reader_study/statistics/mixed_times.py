"""Ratios of reading times between arms, by a mixed model of their logarithms with crossed readers and cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import log
from typing import Any, Final

import numpy as np

from clinicalblip.reader_study.statistics.adjusted import Array, indicators
from clinicalblip.reader_study.statistics.design_columns import fixed_effects
from clinicalblip.reader_study.statistics.differences import mean_differences
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

METHOD: Final = "mixed model of log seconds (REML), readers and cases crossed, t"


def time_ratios(
    measurements: Measurements,
    *,
    against: str,
    confidence: float = 0.95,
    arms: Sequence[str] | None = None,
) -> tuple[Estimate, ...]:
    """The geometric mean of the seconds under each of the `arms` (default: all others), divided by that of `against`.

    Reader, case and, where every reader has several arms, reader by arm are variance components; period and position
    are fixed. The t-interval has the degrees of freedom of reader by arm, (readers - 1)(arms - 1), or of readers within
    arms, readers - arms, as in a balanced analysis of variance. Where the model does not converge the ratio is that of
    means within readers and cases, and the note says so. Readings of no time have no logarithm, are left out and
    counted.
    """
    asked = measurements.compared(against, arms)
    positive = [value > 0 for value in measurements.values]
    left_out = f"{positive.count(False)} readings of no time are left out" if not all(positive) else ""
    kept = measurements.keep(positive)
    logs = replace(kept, values=[log(value) for value in kept.values])
    return tuple(replace(each, note=_notes(each.note, left_out)) for each in _ratios(logs, against, confidence, asked))


def variance_components(measurements: Measurements) -> dict[str, float]:
    """Standard deviations of log seconds: of `reader`, `case`, `reader_arm` and `residual`; a pilot's, for a power.

    Raises ValueError where the model does not converge or there are too few readings.
    """
    logs = replace(measurements, values=[log(value) for value in measurements.values])
    names = sorted(set(measurements.arms))
    if len(set(measurements.readers)) < 2 or len(set(measurements.cases)) < 2 or len(set(logs.values)) < 2:
        raise ValueError("there are too few readings to say how far readers and cases vary")
    fitted, said = _fit(logs, names[1:])
    if fitted is None:
        raise ValueError(f"the mixed model did not converge: {said}")
    found = {name: float(variance) ** 0.5 for name, variance in fitted.components.items()}
    return {"reader_arm": 0.0, **found}


def _ratios(logs: Measurements, against: str, confidence: float, asked: Sequence[str]) -> list[Estimate]:
    there = [arm for arm in dict.fromkeys((*sorted(set(logs.arms)), *asked)) if arm != against and arm in logs.arms]

    def by_means(arm: str) -> Estimate:
        return mean_differences(logs, against=against, confidence=confidence, arms=(arm,), log=True)[0]

    degrees = reader_degrees(logs)
    fitted, said = None, ""
    can_fit = bool(there) and against in logs.arms and not lone_reason(logs) and len(set(logs.values)) > 1
    if can_fit and degrees > 0:
        fitted, said = _fit(logs, there)
    estimates = []
    for arm in asked:
        two = logs.keep([each in (arm, against) for each in logs.arms])
        reason = missing_reason(logs, arm, against) or lone_reason(logs)
        if not reason and len(set(two.values)) == 1:
            reason = "all values are equal"
        if not reason:
            reason = few_reason(two) or few_reason(logs)
        if reason:
            value = by_means(arm).value
            estimates.append(without_interval(arm, value, two, confidence=confidence, method=METHOD, note=reason))
        elif fitted is None:
            other = by_means(arm)
            note = _notes(f"the mixed model did not converge ({said})", other.note)
            estimates.append(replace(other, note=note))
        else:
            number = there.index(arm) + 1
            estimates.append(
                t_estimate(
                    arm,
                    fitted.effects[number],
                    fitted.variances[number],
                    degrees,
                    two,
                    confidence=confidence,
                    method=METHOD,
                    log=True,
                    note=said,
                )
            )
    return estimates


class _Fitted:
    """What a fitted model says: effects and their variances, the constant's first, and components of variance."""

    def __init__(self, result: Any, names: Sequence[str]) -> None:
        self.effects = [float(each) for each in result.fe_params]
        with np.errstate(invalid="ignore"):  # the root of a variance below 0 is found not to be usable
            self.variances = [float(each) ** 2 for each in result.bse_fe]
        variances = [*(float(each) for each in result.vcomp), float(result.scale)]
        self.components = dict(zip((*names, "residual"), variances, strict=True))

    @property
    def is_usable(self) -> bool:
        return bool(np.all(np.isfinite(self.effects)) and np.all(np.isfinite(self.variances))) and all(
            each > 0 for each in self.variances
        )


def _fit(logs: Measurements, arms: Sequence[str]) -> tuple[_Fitted | None, str]:
    from statsmodels.regression.mixed_linear_model import MixedLM, VCSpec
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, SingularMatrixWarning

    parts = _components(logs)
    rows = len(logs.values)
    components = VCSpec(
        list(parts),
        [[[str(number) for number in range(part.shape[1])]] for part in parts.values()],
        [[part] for part in parts.values()],
    )
    fixed = np.column_stack([np.ones(rows), fixed_effects(logs, arms)])
    said = ""
    for optimizer in ("bfgs", "powell"):
        try:
            with collected(ConvergenceWarning, SingularMatrixWarning, RuntimeWarning) as sentences:
                model = MixedLM(np.asarray(logs.values), fixed, groups=np.ones(rows), exog_vc=components)
                result = model.fit(reml=True, method=[optimizer])
                fitted = _Fitted(result, list(parts))
        except (np.linalg.LinAlgError, ValueError) as error:
            said = str(error)
            continue
        if result.converged and fitted.is_usable:
            return fitted, "; ".join(each for each in sentences if "Retrying" not in each)
        said = "; ".join(sentences) or "no estimate"
    return None, said


def _components(logs: Measurements) -> dict[str, Array]:
    parts = {"reader": indicators(logs.readers), "case": indicators(logs.cases)}
    cells = list(zip(logs.readers, logs.arms, strict=True))
    of_each = indicators(cells)
    if of_each.shape[1] > parts["reader"].shape[1] and of_each.sum(axis=0).min() > 1:
        parts["reader_arm"] = of_each
    # A component with as many levels as there are readings is the residual.
    return {name: part for name, part in parts.items() if part.shape[1] < len(cells)}


def _notes(*sentences: str) -> str:
    return "; ".join(sentence for sentence in sentences if sentence)
