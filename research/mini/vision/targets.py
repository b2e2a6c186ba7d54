"""What each training film is to teach: mined labels, a published network's probabilities, and radiologists' classes.

The mining is trusted least: where radiologists read the same film and disagree, they are right; where the network's
probabilities are known, they count more. No validation film teaches anything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from research.mini.films.label_sources import NORMAL, NOT_NORMAL, OPACITY
from research.mini.films.manifest import NIH_LABELS, NIH_SETS
from research.mini.films.table import Films

OPACITIES = tuple(NIH_LABELS.index(name) for name in ("Pneumonia", "Consolidation", "Infiltration"))
"""The labels that a radiologist's "Lung Opacity" may stand for; `Pneumonia` is what it was asked for."""

_ROUNDS = 60  # of halving an interval of log odds: to the last digit


@dataclass(frozen=True)
class TargetBatch:
    """Labels and their weights, and the log odds of soft labels, each (n, 14); NaN where nothing is known."""

    labels: Tensor
    weights: Tensor
    soft: Tensor

    def with_nothing(self, number: int) -> TargetBatch:
        """The batch with so many pictures after it in which nothing is to be found."""
        nothing, unknown = torch.zeros(number, len(NIH_LABELS)), torch.full((number, len(NIH_LABELS)), torch.nan)
        return TargetBatch(
            torch.cat((self.labels, nothing)),
            torch.cat((self.weights, torch.ones_like(nothing))),
            torch.cat((self.soft, unknown)),
        )


class Targets:
    """The targets of a table's training films."""

    def __init__(self, films: Films, mined_weight: float) -> None:
        """`mined_weight`: what a mined label weighs, beside 1 for a soft label, a radiologist's or a drawn film's."""
        self._train = np.array([split == "train" for split in films.splits])
        mined = np.array([name in NIH_SETS for name in films.sets])
        self._labels, corrected = corrected_labels(films.labels, films.radiologists)
        self._weights = np.where(mined[:, None] & ~corrected, mined_weight, 1.0).astype(np.float32)
        self._soft = soft_log_odds(films, films.rows("train", NIH_SETS))

    def __call__(self, rows: NDArray[np.int64]) -> TargetBatch:
        """The targets of these rows. Raises ValueError for a row that is not of the training split."""
        if not self._train[rows].all():
            raise ValueError("A film that is not of the training split would be trained on.")
        return TargetBatch(*(torch.from_numpy(each[rows]) for each in (self._labels, self._weights, self._soft)))


def corrected_labels(
    labels: NDArray[np.float32], radiologists: tuple[str, ...]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The labels (n, 14) where radiologists disagree with them, and which of them are the radiologists'.

    A normal film has none. In an opacity that the mining does not name, `Pneumonia` is present and which other opacity
    it is unknown; without an opacity no label of one is present, and if the mining names nothing, what else there is
    is unknown.
    """
    found, corrected = labels.copy(), np.zeros(labels.shape, dtype=bool)
    for row, name in enumerate(radiologists):
        if name == NORMAL:
            found[row] = 0.0
        elif name == OPACITY and not (labels[row, OPACITIES] == 1).any():
            found[row, OPACITIES] = 1.0, np.nan, np.nan
        elif name == NOT_NORMAL:
            if not (labels[row] == 1).any():
                found[row] = np.nan
            found[row, OPACITIES] = 0.0
        # A NaN differs from itself, as an unknown label should: it carries no loss, whatever its weight.
        corrected[row] = found[row] != labels[row]
    return found, corrected


def soft_log_odds(films: Films, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """The log odds of the network's probabilities, (films, 14), NaN for films not of `rows`.

    They are shifted, each label by one number, so that these films have a finding as often as the mining says: the
    network was trained on films of another choice.
    """
    found = np.full(films.probabilities.shape, np.nan, dtype=np.float64)
    found[rows] = np.log(films.probabilities[rows]) - np.log1p(-films.probabilities[rows])
    read = rows[~np.isnan(found[rows, 0])]
    for column in range(len(NIH_LABELS) if len(read) else 0):
        wanted, low, high = films.labels[read, column].mean(), -10.0, 10.0
        for _ in range(_ROUNDS):
            middle = (low + high) / 2
            if (1 / (1 + np.exp(-(found[read, column] + middle)))).mean() < wanted:
                low = middle
            else:
                high = middle
        found[:, column] += (low + high) / 2
    return found.astype(np.float32)


def target_losses(logits: Tensor, targets: TargetBatch, soft_weight: float) -> dict[str, Tensor]:
    """The weighted cross-entropy of the labels that are known, and `soft_weight` times what a batch's soft labels say.

    Soft labels carry the cross-entropy and the smooth L1 of their log odds: a rare label's probability hardly moves,
    its log odds say as well which film has more of it. Both losses are means over the batch's known labels; 0 where
    none is known.
    """
    values, known, read = logits.float(), ~targets.labels.isnan(), ~targets.soft.isnan()
    each = functional.binary_cross_entropy_with_logits(values[known], targets.labels[known], reduction="none")
    mined = (each * targets.weights[known]).sum() / max(1, each.numel())
    soft = targets.soft[read]
    cross = functional.binary_cross_entropy_with_logits(values[read], soft.sigmoid(), reduction="sum")
    apart = functional.smooth_l1_loss(values[read], soft, reduction="sum")
    return {"labels": mined, "soft": soft_weight * (cross + apart / 4) / max(1, logits.numel())}
