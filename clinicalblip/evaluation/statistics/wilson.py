"""The interval of a share of few things."""


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % score interval of `right` of `of`, two shares from 0 to 1 (Wilson, JASA 1927).

    Raises ValueError for a share of nothing, and for more right than there are.
    """
    from scipy.stats import binomtest  # takes a second to load

    if not 0 <= right <= of or of == 0:
        raise ValueError(f"{right} of {of} is no share")
    interval = binomtest(right, of).proportion_ci(0.95, "wilson")
    return float(interval.low), float(interval.high)
