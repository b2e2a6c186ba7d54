"""The earlier films of the drawn chests that the bundled model learns from: phantom n is `random_phantom(n)`."""

from __future__ import annotations

from typing import Final

import numpy as np

from research.phantom.choosing import random_phantom
from research.phantom.description import Phantom
from research.phantom.pairs import before_and_now
from research.phantom.report import Change

PRIOR_EVERY: Final = 4  # of so many drawn chests one has an earlier film


def earlier_film(phantom: Phantom, random: np.random.Generator) -> Phantom:
    """An earlier film of the same person, from which one thing has changed, or nothing; what changed is by chance."""
    for place in random.permutation(len(Change)):
        try:
            return before_and_now(phantom, list(Change)[place], random).first
        except ValueError:  # nothing on this film can have changed so
            continue
    return before_and_now(phantom, Change.UNCHANGED, random).first


def drawn_prior(number: int) -> Phantom | None:
    """The earlier film of this number's phantom, where it has one."""
    if number % PRIOR_EVERY:
        return None
    return earlier_film(random_phantom(number), np.random.default_rng((number, 7)))
