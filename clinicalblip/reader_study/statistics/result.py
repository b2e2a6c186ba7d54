"""How functions of this room put an Estimate together, with an interval or with the reason why there is none."""

from __future__ import annotations

from math import exp, sqrt

from clinicalblip.reader_study.statistics.estimate import Estimate
from clinicalblip.reader_study.statistics.measurements import Measurements


def without_interval(
    name: str,
    value: float | None,
    measurements: Measurements,
    *,
    confidence: float,
    method: str,
    note: str,
) -> Estimate:
    """An Estimate that has no interval, for the reason in `note`."""
    return Estimate(name, value, None, None, confidence, *_sizes(measurements), method, note=note)


def t_estimate(
    name: str,
    value: float,
    variance: float,
    df: float,
    measurements: Measurements,
    *,
    confidence: float,
    method: str,
    log: bool = False,
    note: str = "",
) -> Estimate:
    """An Estimate with the t-interval of `df` degrees of freedom; `log`: value and variance are of its logarithm."""
    from scipy.stats import t

    half = float(t.ppf((1 + confidence) / 2, df)) * sqrt(variance)
    p = float(2 * t.sf(abs(value) / sqrt(variance), df))
    shown, low, high = (exp(min(each, _MOST)) if log else each for each in (value, value - half, value + half))
    return Estimate(name, shown, low, high, confidence, *_sizes(measurements), method, p, note, df)


_MOST = 700.0  # beyond, a float has no exponential


def missing_reason(measurements: Measurements, arm: str, against: str) -> str:
    """Why an arm cannot be compared with another at all; nothing where it can."""
    if not measurements.values:
        return "there is no reading"
    for each in (against, arm):
        if each not in measurements.arms:
            return f"no reading under {each}"
    return ""


def lone_reason(measurements: Measurements) -> str:
    """Why no interval speaks for other readers and cases: there is one of them; nothing where there are more."""
    if len(set(measurements.readers)) < 2:
        return "one reader only: no interval says what others would do"
    if len(set(measurements.cases)) < 2:
        return "one case only: no interval says what others would give"
    return ""


def reader_degrees(measurements: Measurements) -> int:
    """The degrees of freedom of reader by arm, (readers - 1)(arms - 1), or of readers within arms, readers - arms.

    Where readers have some of the arms each, they are what cells of both leave over.
    """
    readers, arms = len(set(measurements.readers)), len(set(measurements.arms))
    cells = len(set(zip(measurements.readers, measurements.arms, strict=True)))
    return cells - readers - arms + 1 if cells > readers else readers - arms


def few_reason(measurements: Measurements) -> str:
    """Why no interval can be given where each arm has its own readers; nothing where there are enough of them."""
    return (
        "" if reader_degrees(measurements) > 0 else "an arm has one reader of its own: who reads cannot be told from it"
    )


def _sizes(measurements: Measurements) -> tuple[int, int, int]:
    return len(measurements.values), len(set(measurements.readers)), len(set(measurements.cases))
