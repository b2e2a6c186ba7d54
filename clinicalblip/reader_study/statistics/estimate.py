"""Estimate: a number, its interval, and what it is made of."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Estimate:
    """One number of a result.

    `low` and `high` bound it at `confidence`; None where no interval can be given, and `note` says why. `readings` are
    how many values went in, of `readers` and `cases`. `p` is of the two-sided test that there is no difference, `df`
    the degrees of freedom of a t-interval. `method` names the model or resampling in a few words.
    """

    name: str
    value: float | None
    low: float | None
    high: float | None
    confidence: float
    readings: int
    readers: int
    cases: int
    method: str
    p: float | None = None
    note: str = ""
    df: float | None = None
