"""Wilson's score interval of a fraction."""


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """The lower and upper bound, in [0, 1], of the 95 % score interval of a fraction (Wilson, JASA 1927).

    Raises ValueError without trials, and for more successes than trials.
    """
    from scipy.stats import binomtest  # takes a second to load

    if not 0 <= successes <= trials or trials == 0:
        raise ValueError(f"{successes} of {trials} is no fraction")
    interval = binomtest(successes, trials).proportion_ci(0.95, "wilson")
    return float(interval.low), float(interval.high)
