"""Whether an interval shows that an arm is not worse than another by more than a margin, or that it is better."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

from clinicalblip.reader_study.statistics.estimate import Estimate


@dataclass(frozen=True)
class MarginTest:
    """`holds`: the interval lies on the right side of `bound`; None where there is no interval. `p` is two-sided.

    A margin's p is twice that of the one-sided test, so that it stands beside other two-sided ones in Holm's method.
    """

    holds: bool | None
    bound: float
    p: float | None


def non_inferior(estimate: Estimate, margin: float, *, larger_is_worse: bool, ratio: bool = False) -> MarginTest:
    """Whether the arm is worse than the other by less than `margin`, which is a ratio or else a difference.

    A ratio of 1.1 and one of 1 / 1.1 are the same margin, and so are a difference and its negative. Raises ValueError
    for a ratio that is not above 0.
    """
    if ratio and margin <= 0:
        raise ValueError("a margin that is a ratio is above 0")
    worse = max(margin, 1 / margin) if ratio else abs(margin)
    bound = worse if larger_is_worse else (1 / worse if ratio else -worse)
    return _beyond(estimate, bound, larger_is_worse=larger_is_worse, ratio=ratio)


def superior(estimate: Estimate, *, larger_is_worse: bool, ratio: bool = False) -> MarginTest:
    """Whether the arm is better than the other; its p is the estimate's own, of a difference in either direction."""
    test = _beyond(estimate, 1.0 if ratio else 0.0, larger_is_worse=larger_is_worse, ratio=ratio)
    return MarginTest(test.holds, test.bound, estimate.p)


def _beyond(estimate: Estimate, bound: float, *, larger_is_worse: bool, ratio: bool) -> MarginTest:
    from scipy.stats import t

    if estimate.value is None or estimate.low is None or estimate.high is None:
        return MarginTest(None, bound, None)
    holds = estimate.high < bound if larger_is_worse else estimate.low > bound
    if estimate.df is None or (ratio and estimate.low <= 0):
        return MarginTest(holds, bound, None)
    value, low, high, edge = (
        log(each) if ratio else each for each in (estimate.value, estimate.low, estimate.high, bound)
    )
    error = (high - low) / 2 / float(t.ppf((1 + estimate.confidence) / 2, estimate.df))
    distance = (edge - value if larger_is_worse else value - edge) / error
    return MarginTest(holds, bound, min(1.0, 2 * float(t.sf(distance, estimate.df))))
