"""CIDEr as the COCO caption evaluation computes it (Vedantam et al., CVPR 2015), in [0, 10]."""

import math
from collections import Counter
from collections.abc import Sequence
from sys import intern

import numpy as np

from clinicalblip.evaluation.metrics.ngrams import Ngram, count_ngrams
from clinicalblip.evaluation.statistics.statistic import MissingStatistic, Statistic, mean_statistic

_ORDERS = (1, 2, 3, 4)
_SIGMA = 6.0  # of the penalty for another length


def measure_cider(name: str, candidates: Sequence[str], references: Sequence[str]) -> Statistic | MissingStatistic:
    """The mean over studies of the similarity of n-grams, rare ones weighing more; words are separated by white space.

    Document frequencies are those of these studies' references: values of different sets of studies do not compare, and
    the value of a study depends on the others. A bootstrap keeps the weights and resamples the studies' values. One
    study alone has no rare n-grams; it gets no figure.
    """
    if len(references) < 2:
        return MissingStatistic(
            name, "CIDEr weighs n-grams by how few references have them; score two studies or more."
        )
    having: Counter[Ngram] = Counter()
    for reference in references:
        for counts in _count(reference):
            having.update(counts.keys())
    most = math.log(len(references))
    values = [
        _compare(_count(candidate), _count(reference), having, most)
        for candidate, reference in zip(candidates, references, strict=True)
    ]
    return mean_statistic(name, np.array(values))


def _count(text: str) -> list[Counter[Ngram]]:
    words = [intern(word) for word in text.split()]  # the n-grams of all references are kept, their words once
    return [count_ngrams(words, order) for order in _ORDERS]


def _compare(written: list[Counter[Ngram]], wanted: list[Counter[Ngram]], having: Counter[Ngram], most: float) -> float:
    longer = written[1].total() - wanted[1].total()  # COCO counts a text's length in pairs of words
    alike = [
        _cosine(_weigh(own, having, most), _weigh(other, having, most))
        for own, other in zip(written, wanted, strict=True)
    ]
    return 10 * math.fsum(alike) / len(_ORDERS) * math.exp(-(longer**2) / (2 * _SIGMA**2))


def _weigh(counts: Counter[Ngram], having: Counter[Ngram], most: float) -> dict[Ngram, float]:
    return {ngram: count * (most - math.log(max(1, having[ngram]))) for ngram, count in counts.items()}


def _cosine(own: dict[Ngram, float], other: dict[Ngram, float]) -> float:
    """The cosine of two weighed texts, each n-gram of `own` clipped to what `other` has of it."""
    lengths = math.hypot(*own.values()) * math.hypot(*other.values())
    shared = math.fsum(min(weight, other[ngram]) * other[ngram] for ngram, weight in own.items() if ngram in other)
    return shared / lengths if lengths else 0.0
