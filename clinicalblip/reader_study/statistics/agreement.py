"""How far raters agree beyond chance: Krippendorff's alpha, and Gwet's AC1 and AC2.

Ratings are units, each with one value a rater, None where that one did not rate. Units with one rating say nothing of
agreement. Intervals are over units, which are drawn from many; raters are those who rated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from clinicalblip.reader_study.statistics.estimate import Estimate

Value = float | str | bool
Ratings = Sequence[Sequence[Value | None]]
Array = NDArray[np.float64]


class Level(StrEnum):
    """What differences between values mean."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


class Weights(StrEnum):
    """How much a near miss counts as agreement, by ranks of the categories."""

    IDENTITY = "identity"
    LINEAR = "linear"
    QUADRATIC = "quadratic"
    ORDINAL = "ordinal"


def krippendorff_alpha(
    ratings: Ratings, level: Level | str = Level.NOMINAL, *, confidence: float = 0.95, name: str = "alpha"
) -> Estimate:
    """Krippendorff's alpha ("Computing Krippendorff's Alpha-Reliability", 2011), with a jackknife over units.

    Values of other levels than nominal are numbers, those of a ratio 0 or more.
    """
    counts, values = _counts(ratings, None)
    pairable = counts[counts.sum(axis=1) > 1]
    method = f"Krippendorff's alpha, {Level(level)}; jackknife over units, t"
    if reason := _reason(pairable):
        return _estimate(name, None, None, ratings, pairable, confidence, method, reason)
    scale = np.arange(len(values), dtype=float) if level == Level.NOMINAL else np.asarray(values, float)
    alpha = _alpha(pairable, Level(level), scale)
    left = np.array([_alpha(np.delete(pairable, unit, axis=0), Level(level), scale) for unit in range(len(pairable))])
    units = len(left)
    error = sqrt((units - 1) / units * float(np.sum((left - left.mean()) ** 2))) if np.all(np.isfinite(left)) else None
    return _estimate(name, alpha, error, ratings, pairable, confidence, method, "")


def gwet_ac1(
    ratings: Ratings, *, categories: Sequence[Value] | None = None, confidence: float = 0.95, name: str = "AC1"
) -> Estimate:
    """Gwet's AC1 (Br J Math Stat Psychol 2008;61:29) with his variance over units.

    `categories`: those that could be given, where some were not.
    """
    return gwet_ac2(ratings, Weights.IDENTITY, categories=categories, confidence=confidence, name=name)


def gwet_ac2(
    ratings: Ratings,
    weights: Weights | str | Sequence[Sequence[float]] = Weights.QUADRATIC,
    *,
    categories: Sequence[Value] | None = None,
    confidence: float = 0.95,
    name: str = "AC2",
) -> Estimate:
    """Gwet's AC2 (Handbook of Inter-Rater Reliability, 4th ed., 2014) with weights, and his variance over units."""
    counts, values = _counts(ratings, categories)
    rated = counts[counts.sum(axis=1) > 0]
    pairable = counts[counts.sum(axis=1) > 1]
    method = (
        f"Gwet's {'AC1' if weights == Weights.IDENTITY else 'AC2'}, {_weights_name(weights)} weights; over units, t"
    )
    if reason := _reason(pairable) if len(values) < 2 else _few(pairable):
        return _estimate(name, None, None, ratings, pairable, confidence, method, reason)
    matrix = _weight_matrix(weights, values)
    raters = rated.sum(axis=1)
    shares = rated / raters[:, None]
    prevalence = shares.mean(axis=0)
    scale = float(matrix.sum()) / (len(values) * (len(values) - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        agreed = np.sum(rated * (rated @ matrix - 1), axis=1) / (raters * (raters - 1))
    observed = float(agreed[raters > 1].mean())
    chance = scale * float(np.sum(prevalence * (1 - prevalence)))
    value = (observed - chance) / (1 - chance)
    of_units = np.where(raters > 1, (agreed - chance) / (1 - chance), 0.0) * len(rated) / len(pairable)
    chances = scale * (shares @ (1 - prevalence))
    of_units -= 2 * (1 - value) * (chances - chance) / (1 - chance)
    units = len(rated)
    error = sqrt(float(np.sum((of_units - value) ** 2)) / (units * (units - 1)))
    return _estimate(name, value, error, ratings, pairable, confidence, method, "", df=units - 1)


def _alpha(counts: Array, level: Level, scale: Array) -> float:
    """Alpha of units that have two ratings or more, from how often each value was given; NaN of one value alone."""
    raters = counts.sum(axis=1)
    coincidences = np.einsum("uc,uk,u->ck", counts, counts, 1 / (raters - 1)) - np.diag(
        np.sum(counts / (raters - 1)[:, None], axis=0)
    )
    totals = coincidences.sum(axis=0)
    metric = _METRICS[level](scale, totals)
    expected = float(totals @ metric @ totals) / (totals.sum() - 1)
    return 1 - float(np.sum(coincidences * metric)) / expected if expected > 0 else float("nan")


def _ordinal_metric(_: Array, totals: Array) -> Array:
    below = np.cumsum(totals) - totals / 2  # half of a value's own lie below its middle
    return np.asarray((below[:, None] - below[None, :]) ** 2)


def _ratio_metric(scale: Array, _: Array) -> Array:
    sums = scale[:, None] + scale[None, :]
    return np.asarray(((scale[:, None] - scale[None, :]) / np.where(sums == 0, 1, sums)) ** 2)


_METRICS: dict[Level, Callable[[Array, Array], Array]] = {
    Level.NOMINAL: lambda scale, _: 1 - np.eye(len(scale)),
    Level.ORDINAL: _ordinal_metric,
    Level.INTERVAL: lambda scale, _: np.asarray((scale[:, None] - scale[None, :]) ** 2),
    Level.RATIO: _ratio_metric,
}


def _weight_matrix(weights: Weights | str | Sequence[Sequence[float]], values: Sequence[Value]) -> Array:
    number = len(values)
    if not isinstance(weights, str):
        return np.asarray(weights, float)
    if weights == Weights.IDENTITY:
        return np.eye(number)
    ranks = np.arange(number)
    apart = np.abs(ranks[:, None] - ranks[None, :])
    if weights == Weights.ORDINAL:
        return np.asarray(1 - apart * (apart + 1) / (number * (number - 1)))
    scale = np.asarray(values, float)
    distance = np.abs(scale[:, None] - scale[None, :]) / (scale.max() - scale.min())
    return np.asarray(1 - (distance if Weights(weights) == Weights.LINEAR else distance**2))


def _weights_name(weights: Weights | str | Sequence[Sequence[float]]) -> str:
    return Weights(weights).value if isinstance(weights, str) else "own"


def _counts(ratings: Ratings, categories: Sequence[Value] | None) -> tuple[Array, list[Value]]:
    """How often each value was given to each unit, (units, values), and the values in order."""
    given = {value for unit in ratings for value in unit if value is not None}
    values: list[Value] = list(categories) if categories is not None else sorted(given, key=_order)
    if unknown := given - set(values):
        raise ValueError(f"a rating is none of the categories: {sorted(map(str, unknown))}")
    counts = [[sum(each == value for each in unit) for value in values] for unit in ratings]
    return np.asarray(counts, float).reshape(len(ratings), len(values)), values


def _order(value: Value) -> tuple[bool, float, str]:
    return (True, 0.0, value) if isinstance(value, str) else (False, float(value), "")


def _few(pairable: Array) -> str:
    if len(pairable) == 0:
        return "no unit has two ratings"
    return "one unit only has two ratings" if len(pairable) == 1 else ""


def _reason(pairable: Array) -> str:
    return _few(pairable) or ("all ratings are equal" if np.count_nonzero(pairable.sum(axis=0)) < 2 else "")


def _estimate(
    name: str,
    value: float | None,
    error: float | None,
    ratings: Ratings,
    pairable: Array,
    confidence: float,
    method: str,
    note: str,
    *,
    df: int | None = None,
) -> Estimate:
    from scipy.stats import t

    raters = len({rater for unit in ratings for rater, each in enumerate(unit) if each is not None})
    sizes = int(pairable.sum()), raters, len(pairable)
    if value is None or not error:
        note = note or (
            "perfect agreement: no spread to judge from" if value == 1 else "the spread over units is not known"
        )
        return Estimate(name, value, None, None, confidence, *sizes, method, note=note)
    df = df or len(pairable) - 1
    half = float(t.ppf((1 + confidence) / 2, df)) * error
    p = float(2 * t.sf(abs(value) / error, df))
    return Estimate(
        name, value, max(-1.0, value - half), min(1.0, value + half), confidence, *sizes, method, p, note, df
    )
