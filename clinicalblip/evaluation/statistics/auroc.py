"""Area under the ROC curve, also with films compared only within their own group.

Where a film comes from and how large it was stored often give a finding away. A positive film that is compared with
negative films of its own group (set and short side) only cannot gain from that.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def auroc(scores: ArrayLike, labels: ArrayLike) -> float:
    """The probability that a positive scores above a negative, ties counting half; NaN without one of each.

    Labels are 1 (present), 0 (absent) or NaN (unknown, left out).
    """
    values = np.asarray(scores, dtype=np.float64)
    return auroc_within(values, labels, [""] * len(values))


def auroc_within(scores: ArrayLike, labels: ArrayLike, groups: Sequence[str] | NDArray[np.str_]) -> float:
    """As `auroc`, over the pairs of a positive and a negative of the same group only, all groups' pairs pooled."""
    values, truth = np.asarray(scores, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    names = np.asarray(groups)
    if values.ndim != 1 or values.shape != truth.shape or values.shape != names.shape:
        raise ValueError(
            f"Scores, labels and groups need one value a film each; found {values.shape}, {truth.shape}, {names.shape}."
        )
    known = ~np.isnan(truth)
    if np.isnan(values[known]).any():
        raise ValueError("A score is not a number; leave films without a score out of both lists.")
    won = pairs = 0.0
    for name in np.unique(names[known]):
        inside = known & (names == name)
        positive, negative = values[inside & (truth == 1)], np.sort(values[inside & (truth == 0)])
        below = np.searchsorted(negative, positive, side="left")
        not_above = np.searchsorted(negative, positive, side="right")
        won += float((below + not_above).sum()) / 2
        pairs += float(len(positive) * len(negative))
    return won / pairs if pairs else float("nan")
