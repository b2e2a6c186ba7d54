"""Which films each training step sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from research.mini.films.manifest import NIH_SETS
from research.mini.films.table import Films

LARGER = 224
"""Pixels of the short side from which on a film is one of the larger ones."""


class FilmSampler:
    """Batches of training films: every NIH film once an epoch, and a random fraction of the others, ordered by seed.

    With `larger_twice` NIH's larger films stand twice in an epoch: they are few, and a reader's films are like them.
    Without `drawn` no drawn film is shown.
    """

    def __init__(
        self,
        films: Films,
        batch: int,
        other_fraction: float,
        seed: int,
        *,
        larger_twice: bool = False,
        drawn: bool = True,
    ) -> None:
        train = films.rows("train")
        if not drawn:
            train = train[~films.is_phantom(train).numpy()]
        nih = np.array([films.sets[row] in NIH_SETS for row in train], dtype=bool)
        if larger_twice:
            again = train[nih & (films.short_sides(train) >= LARGER)]
            train, nih = np.concatenate((train, again)), np.concatenate((nih, np.ones(len(again), dtype=bool)))
        self._nih, self._others = train[nih], train[~nih]
        self._chosen = round(len(self._others) * other_fraction)
        self._batch, self.seed = batch, seed
        self._epoch, self._order = -1, self._nih
        self.steps_per_epoch = max(1, (len(self._nih) + self._chosen) // batch)

    def __call__(self, step: int) -> NDArray[np.int64]:
        """Row numbers of the batch of this step, the same for the same seed."""
        epoch, place = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            rng = np.random.default_rng((self.seed, epoch))
            others = rng.choice(self._others, size=self._chosen, replace=False)
            self._order, self._epoch = rng.permutation(np.concatenate((self._nih, others))), epoch
        chosen: NDArray[np.int64] = self._order[place * self._batch : (place + 1) * self._batch]
        return chosen
