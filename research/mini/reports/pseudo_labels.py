"""Pseudo-labels: what the encoder reads in each film, and what of it the composed reports say.

The films' labels were mined from reports that are not published: many name what the small film no longer shows. A
language model that learns them learns to guess, and finds no finding of any film likelier than not. So the composed
report of a real film says what the encoder reads in that very film; each finding is said of as many films as are
labelled with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import isqrt
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from clinicalblip.progress import track
from clinicalblip.radiology.observation import LabelSet, Observation, observation_of
from research.mini.array_cache import save_rows
from research.mini.films.manifest import NIH_LABELS, NIH_SETS
from research.mini.films.table import Films
from research.mini.reports.sentences import REPORTED
from research.mini.reports.voice import VOICES, Voice
from research.mini.vision.encoder import Encoder
from research.mini.vision.tokens import encode_pictures

BATCH = 128
NOISE_SCALE = 0.4
"""In log odds. A finding this near to its threshold is affirmed at some times and not at others: a model that learns
this is in doubt there, and `finding_bias` decides for it."""


@dataclass(frozen=True)
class PseudoLabels:
    """The log odds of each film's observations, (films, 13) in the order of `REPORTED`, and their thresholds.

    Above `thresholds` (13,) lie as many of NIH's training films as are labelled with the observation.
    """

    log_odds: NDArray[np.float32]
    thresholds: NDArray[np.float32]

    def positive(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which observations of these films are above their thresholds, bool (rows, 13)."""
        positive: NDArray[np.bool_] = self.log_odds[rows] > self.thresholds
        return positive

    def sample(self, row: int, rng: np.random.Generator) -> Mapping[Observation, bool]:
        """Whether a report of this film affirms each observation; near a threshold by chance."""
        noise = rng.logistic(scale=NOISE_SCALE, size=len(REPORTED))
        # Noise on all thirteen would make every third normal film abnormal: only what is near its threshold gets any.
        noise[np.abs(self.log_odds[row] - self.thresholds) >= 3 * NOISE_SCALE] = 0.0
        positive = self.log_odds[row] + noise > self.thresholds
        return {what: bool(each) for what, each in zip(REPORTED, positive, strict=True)}

    def voice_of(self, row: int) -> Voice:
        """The voice in which this film's reports are worded: neighbours in how they look share one."""
        return Voice(int(self._voices[row]))

    @cached_property
    def _voices(self) -> NDArray[np.int64]:
        """A contrast of the log odds in bins of equally many films, and a second one within each bin, (films,)."""
        scaled = self.log_odds - self.log_odds.mean(axis=0)
        scaled = scaled / np.maximum(self.log_odds.std(axis=0), 1e-6)
        signs = np.random.default_rng(0).choice((-1.0, 1.0), size=(2, scaled.shape[1]))
        bins = isqrt(VOICES)
        first = _binned(scaled @ signs[0], bins)
        number = first * bins
        for each in np.unique(first):
            number[first == each] += _binned(scaled[first == each] @ signs[1], bins)
        return number

    def log_odds_of(self, row: int, what: Observation) -> float:
        """The log odds of one observation of one film."""
        return float(self.log_odds[row, REPORTED.index(what)])


def _binned(values: NDArray[np.float64], bins: int) -> NDArray[np.int64]:
    """The bin of each value, of `bins` with equally many."""
    return np.searchsorted(np.quantile(values, np.arange(1, bins) / bins), values)


def pseudo_label_films(films: Films, encoder: Encoder, run: Path) -> PseudoLabels:
    """The pseudo-labels of every film; the encoder's logits are computed once into `run/pseudo_labels`."""
    cache = run / "pseudo_labels" / "logits.npy"
    if not cache.is_file():
        tokens = encode_pictures(films, encoder, run)
        starts = range(0, len(films.ids), BATCH)

        def logits() -> Iterator[NDArray[np.float32]]:
            for start in track(starts, "pseudo-labels", total=len(starts)):
                read = torch.from_numpy(tokens[start : min(start + BATCH, len(films.ids))].astype(np.float32))
                with torch.inference_mode():
                    label_logits = encoder.label_logits(read)
                yield label_logits.numpy()

        save_rows(cache, (len(films.ids), len(NIH_LABELS)), np.float32, logits())
    return pseudo_labels_of(np.load(cache), films)


def pseudo_labels_of(logits: NDArray[np.float32], films: Films) -> PseudoLabels:
    """Pseudo-labels from the logits of NIH's labels, (films, 14)."""
    log_odds, train = observation_table(logits), films.rows("train", NIH_SETS)
    has = observation_table(films.labels[train])
    thresholds = [np.quantile(log_odds[train, n], 1 - has[:, n].mean()) for n in range(len(REPORTED))]
    return PseudoLabels(log_odds, np.array(thresholds, dtype=np.float32))


def observation_table(labels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Values of NIH's labels (n, 14) for the observations of `REPORTED` (n, 13): the largest of each one's labels."""
    table = np.full((len(labels), len(REPORTED)), np.nan, dtype=np.float32)
    for number, name in enumerate(NIH_LABELS):
        column = REPORTED.index(observation_of(name, LabelSet.NIH))
        table[:, column] = np.fmax(table[:, column], labels[:, number])
    return table
