"""The prior films of the drawn chests that the bundled model learns from: phantom n is `random_phantom(n)`."""

from __future__ import annotations

from typing import Final

import numpy as np

from research.phantom.choosing import random_phantom
from research.phantom.description import Phantom
from research.phantom.pairs import before_and_now
from research.phantom.reports.report import Change

_PRIOR_EVERY: Final = 4  # one drawn chest in so many has a prior film
# How often a change is tried first. Larger and smaller are the hardest to see, and only what is there can have grown.
_TRIED_FIRST: Final = {Change.LARGER: 3, Change.SMALLER: 3, Change.NEW: 2, Change.RESOLVED: 1, Change.UNCHANGED: 1}


def earlier_film(phantom: Phantom, rng: np.random.Generator) -> Phantom:
    """An earlier film of the same person; since then one random finding has changed, or none."""
    weights = np.array([_TRIED_FIRST[change] for change in Change], dtype=np.float64)
    for place in rng.choice(len(Change), size=len(Change), replace=False, p=weights / weights.sum()):
        try:
            return before_and_now(phantom, list(Change)[place], rng).first
        except ValueError:  # no finding of this film can have this change
            continue
    return before_and_now(phantom, Change.UNCHANGED, rng).first


def prior_phantom(number: int) -> Phantom | None:
    """The phantom of the prior film of this number's phantom, where it has one."""
    if number % _PRIOR_EVERY:
        return None
    return earlier_film(random_phantom(number), np.random.default_rng((number, 7)))
