"""What a pass of several tokens a row costs beside one of a single token, and how many proposals are worth it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.instructblip.engine.language_model import MOST_PROPOSED

MEASURED_TOKENS: Final = (1, 2, 4, 8, MOST_PROPOSED + 1)
_ROUNDS: Final = 3
_LONG: Final = 0.1  # seconds after which a pass is measured once


@dataclass(frozen=True)
class PassCost:
    """Seconds that a pass takes, by the number of rows and by the number of tokens a row; on straight lines between."""

    seconds: Mapping[int, Mapping[int, float]]

    def __post_init__(self) -> None:
        if not self.seconds or not all(self.seconds.values()):
            raise ValueError("the cost of a pass is known for one number of rows and tokens at least")

    def of(self, rows: int, tokens: float | NDArray[np.int64]) -> NDArray[np.float64]:
        """Seconds of a pass with so many rows and tokens a row, in the shape of `tokens`."""
        counts = sorted(self.seconds)
        each = []
        for count in counts:
            widths, seconds = zip(*sorted(self.seconds[count].items()), strict=True)
            each.append(np.asarray(np.interp(tokens, widths, seconds), dtype=np.float64))
        place = float(np.interp(rows, counts, range(len(counts))))
        low, high = each[int(place)], each[min(int(place) + 1, len(counts) - 1)]
        return np.asarray(low + (high - low) * (place % 1))

    def choose(self, chances: Sequence[Sequence[float]]) -> int:
        """How many proposals a row to give to the model, so that it writes the most tokens a second.

        `chances`: of each row, how likely each of its proposals is kept where all before it are.
        """
        most = min(MOST_PROPOSED, max((len(row) for row in chances), default=0))
        kept = np.zeros((len(chances), most + 1))
        kept[:, 0] = 1.0
        for row, own in zip(chances, kept, strict=True):
            own[1 : len(row) + 1] = np.cumprod(row[:most])
        written = kept.sum(axis=0).cumsum()
        return int((written / self.of(len(chances), np.arange(1, most + 2))).argmax())


UNMEASURED: Final = PassCost({1: {1: 1.0, MOST_PROPOSED + 1: 1.5}})
"""Where there is no time to measure: on a graphics card the weights are read once, however many tokens there are."""


def measure_pass_cost(run: Callable[[int, int], object], most_rows: int) -> PassCost:
    """Measure `run(rows, tokens)`, a pass, with one row and with several; where that takes long, once each."""
    seconds: dict[int, dict[int, float]] = {}
    for rows in sorted({1, min(8, most_rows)}):
        run(rows, 1)
        seconds[rows] = {tokens: _median_seconds(run, rows, tokens) for tokens in MEASURED_TOKENS}
    return PassCost(seconds)


def _median_seconds(run: Callable[[int, int], object], rows: int, tokens: int) -> float:
    taken: list[float] = []
    while len(taken) < _ROUNDS and (not taken or taken[0] < _LONG):
        began = perf_counter()
        run(rows, tokens)
        taken.append(perf_counter() - began)
    return median(taken)
