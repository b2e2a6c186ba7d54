"""Wilson's score interval of a fraction."""

from math import sqrt
from statistics import NormalDist
from typing import Final

_Z: Final = NormalDist().inv_cdf(0.975)


def wilson(successes: float, trials: float, *, z: float = _Z) -> tuple[float, float]:
    """The lower and upper bound, in [0, 1], of the score interval of a fraction (Wilson, JASA 1927), 95 % by default.

    Raises ValueError without trials, and for more successes than trials.
    """
    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} of {trials} is no fraction")
    fraction, weight = successes / trials, z**2 / trials
    centre = (fraction + weight / 2) / (1 + weight)
    half = z / (1 + weight) * sqrt(fraction * (1 - fraction) / trials + weight / (4 * trials))
    # Of none and of all one bound is exact, and rounding would miss it.
    return (centre - half if successes else 0.0, centre + half if successes < trials else 1.0)
