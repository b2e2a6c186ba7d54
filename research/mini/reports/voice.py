"""The wording of a report: what one radiologist would write again and again, and another otherwise.

A model that drafts greedily writes of all the wordings that it has learnt the likeliest one, and so the same report of
most films, in fewer words than people use. So the wording is not left to chance: each film has a voice, which goes with
how it looks (`pseudo_labels.py`), and in one voice the same is always said in the same words. The model can learn both,
and its greedy drafts are then as varied as the reports.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log
from typing import Final

import numpy as np

VOICES: Final = 9


@dataclass(frozen=True)
class Voice:
    """One way to word reports, by its number below `VOICES`."""

    number: int

    def __post_init__(self) -> None:
        if not 0 <= self.number < VOICES:
            raise ValueError(f"A voice has a number from 0 to {VOICES - 1}, not {self.number}.")

    def choose(self, place: str, pool: Sequence[tuple[str, float]]) -> str:
        """One of these (text, weight) for this place in a report, over all voices as often as its weight says.

        A voice prefers one text to another whatever else there is to choose from. Raises ValueError for an empty pool.
        """
        if not pool:
            raise ValueError(f"there is nothing to say at the place {place}")
        return max(pool, key=lambda each: (log(self._lot(place, each[0])) / each[1], each[0]))[0]

    def happens(self, place: str, fraction: float) -> bool:
        """Whether this voice is one of this fraction of voices that say something at this place."""
        return self._lot(place, "") < fraction

    def _lot(self, place: str, text: str) -> float:
        return _lot(self.number, place, text)


@lru_cache(maxsize=100_000)
def _lot(number: int, place: str, text: str) -> float:
    """A number in (0, 1], the same in every process."""
    digest = hashlib.blake2b(f"{number}/{place}/{text}".encode(), digest_size=6).digest()
    return (int.from_bytes(digest, "big") + 1) / 2**48


def random_voice(rng: np.random.Generator) -> Voice:
    """Any voice."""
    return Voice(int(rng.integers(VOICES)))
