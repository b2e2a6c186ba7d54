"""BLEU over a corpus, as the COCO caption evaluation computes it (Papineni et al., ACL 2002).

It differs from other BLEUs: words are separated by white space, as in R2Gen's line of work (no Penn Treebank tokens);
with one reference a study, the closest length is that reference's; and precision is not smoothed, only kept above 0
(1e-15).
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from clinicalblip.evaluation.metrics.ngrams import count_ngrams
from clinicalblip.evaluation.statistics.statistic import Statistic, Sums

ORDERS = (1, 2, 3, 4)
_TINY, _SMALL = 1e-15, 1e-9  # COCO's own, so that nothing is divided by zero


def measure_bleu(candidates: Sequence[str], references: Sequence[str]) -> dict[str, Statistic]:
    """BLEU-1 to BLEU-4 under the names bleu-1 to bleu-4, in [0, 1], one reference a study."""
    rows = np.array([_count(*pair) for pair in zip(candidates, references, strict=True)], dtype=np.float64)
    matched, written, length = np.split(rows, (len(ORDERS), 2 * len(ORDERS)), axis=1)
    return {
        f"bleu-{order}": Statistic(
            f"bleu-{order}",
            np.concatenate((matched[:, :order], written[:, :order], length), axis=1),
            partial(_bleu, order=order),
        )
        for order in ORDERS
    }


def _count(candidate: str, reference: str) -> list[int]:
    """Matched n-grams of each order, clipped to the reference's; all n-grams of each order; the reference's length."""
    words, wanted = candidate.split(), reference.split()
    matched = [(count_ngrams(words, order) & count_ngrams(wanted, order)).total() for order in ORDERS]
    return [*matched, *(max(0, len(words) - order + 1) for order in ORDERS), len(wanted)]


def _bleu(sums: Sums, order: int) -> NDArray[np.float64]:
    product = np.ones(len(sums))
    for each in range(order):
        product *= (sums[:, each] + _TINY) / (sums[:, order + each] + _SMALL)
    ratio = (sums[:, order] + _TINY) / (sums[:, -1] + _SMALL)  # words written to words wanted
    return np.asarray(product ** (1 / order) * np.exp(np.minimum(0.0, 1 - 1 / ratio)))
