"""What the encoder reads of each film, and what of that a report tells.

The films' labels were mined from reports that nobody here has: many name what the small film no longer shows. A
language model that learns them learns to guess, and thinks no finding of any film likelier than not. So the composed
report of a real film tells what the encoder reads in that very film: each finding of as many films as have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from clinicalblip.progress import track
from clinicalblip.radiology.observation import LabelSet, Observation, observation_of
from research.mini.array_cache import save_rows
from research.mini.encoder import Encoder
from research.mini.films import NIH_LABELS, NIH_SETS, Films
from research.mini.loop import mixed_precision
from research.mini.sentences import SPOKEN_OF

BATCH = 128
SPREAD = 0.4
"""Log odds. A reading this near to its threshold is told on one day and passed over on another: a model that learns so
is in doubt there, and a reader can turn its doubt (`finding_bias`)."""


@dataclass(frozen=True)
class Readings:
    """The log odds of each film's observations, (films, 13) in the order of `SPOKEN_OF`, and from where they are told.

    `told_from` (13,) are the log odds above which as many of NIH's training films lie as are labelled so.
    """

    log_odds: NDArray[np.float32]
    told_from: NDArray[np.float32]

    def told(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which observations the reports of these films affirm, (rows, 13), doubt aside."""
        told: NDArray[np.bool_] = self.log_odds[rows] > self.told_from
        return told

    def tell(self, row: int, random: np.random.Generator) -> Mapping[Observation, bool]:
        """What a report of this film affirms and what it does not; in doubt one or the other."""
        doubt = random.logistic(scale=SPREAD, size=len(SPOKEN_OF))
        # Thirteen small doubts would make every third normal film abnormal: only what is in question is doubted.
        doubt[np.abs(self.log_odds[row] - self.told_from) >= 3 * SPREAD] = 0.0
        told = self.log_odds[row] + doubt > self.told_from
        return {what: bool(each) for what, each in zip(SPOKEN_OF, told, strict=True)}

    def of(self, row: int, what: Observation) -> float:
        """The log odds of one observation of one film."""
        return float(self.log_odds[row, SPOKEN_OF.index(what)])


def read_films(films: Films, encoder: Encoder, run: Path) -> Readings:
    """Let the encoder read every film, or load what it read into `run/readings`."""
    kept = run / "readings" / "logits.npy"
    if not kept.is_file():
        starts = range(0, len(films.ids), BATCH)

        def logits() -> Iterator[NDArray[np.float32]]:
            for start in track(starts, "readings", total=len(starts)):
                with torch.inference_mode(), mixed_precision():
                    read = encoder(films.pictures(np.arange(start, min(start + BATCH, len(films.ids)))))[1]
                yield read.float().numpy()

        save_rows(kept, (len(films.ids), len(NIH_LABELS)), np.float32, logits())
    return readings_of(np.load(kept), films)


def readings_of(logits: NDArray[np.float32], films: Films) -> Readings:
    """What these logits of NIH's labels, (films, 14), say of the observations that reports speak of."""
    log_odds, train = observation_table(logits), films.rows("train", NIH_SETS)
    has = observation_table(films.labels[train])
    told_from = [np.quantile(log_odds[train, n], 1 - has[:, n].mean()) for n in range(len(SPOKEN_OF))]
    return Readings(log_odds, np.array(told_from, dtype=np.float32))


def observation_table(labels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values of NIH's 14 labels (n, 14) as those of the observations of `SPOKEN_OF` (n, 13): the most of its labels."""
    table = np.full((len(labels), len(SPOKEN_OF)), np.nan, dtype=np.float32)
    for number, name in enumerate(NIH_LABELS):
        column = SPOKEN_OF.index(observation_of(name, LabelSet.NIH))
        table[:, column] = np.fmax(table[:, column], labels[:, number])
    return table
