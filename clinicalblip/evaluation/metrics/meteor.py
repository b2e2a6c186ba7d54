"""METEOR in two implementations whose values differ by a factor of about two: COCO's METEOR 1.5, and NLTK's.

COCO's is METEOR 1.5 (Denkowski and Lavie, 2014) as pycocoevalcap calls it: stems, synonyms and paraphrases match too,
function words weigh less, and the value is that of the counts of all studies together. NLTK's is the METEOR of 2007
(Lavie and Agarwal) with a penalty of its own for scattered matches; the value is the mean over studies.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from clinicalblip.evaluation.metrics.meteor_java import MeteorJava, MeteorStopped
from clinicalblip.evaluation.statistics.statistic import MissingStatistic, Statistic, Sums, mean_statistic

_ALPHA, _BETA, _GAMMA, _DELTA = 0.85, 0.2, 0.6, 0.75
_WEIGHTS = np.array([1.0, 0.6, 0.8, 0.6])  # of exact words, stems, synonyms and paraphrases

_LENGTHS, _FUNCTION_WORDS = slice(0, 2), slice(2, 4)
_CONTENT, _FUNCTION = [slice(4 + side, 20, 4) for side in (0, 1)], [slice(6 + side, 20, 4) for side in (0, 1)]
_CHUNKS, _MATCHES = 20, slice(21, 23)
"""Where METEOR's 23 numbers stand; of two that belong together, the first is of the draft and the second of the
reference. The four matchers have four numbers each: content words of both sides, function words of both sides."""


def measure_meteor_coco(
    name: str, candidates: Sequence[str], references: Sequence[str], java: MeteorJava
) -> Statistic | MissingStatistic:
    """METEOR 1.5 for English, in [0, 1], from the counts that its own program gives of each study.

    The program normalises texts itself (`-norm`). A draft equal to its reference has 1; an empty one has 0.
    MissingStatistic, with the reason, where the program cannot be asked.
    """
    try:
        counts = java.count(candidates, references)
    except MeteorStopped as stopped:
        return MissingStatistic(name, str(stopped))
    matched = np.stack([counts[:, 4 + side : 20 : 2].sum(axis=1) for side in (0, 1)], axis=1)
    is_whole = (matched == counts[:, _LENGTHS]).all(axis=1) & (counts[:, _CHUNKS] == 1)
    counts[is_whole, _CHUNKS] = 0  # a study that matches as a whole has no penalty, alone or among others
    return Statistic(name, counts, meteor_figure)


def meteor_figure(sums: Sums) -> NDArray[np.float64]:
    """METEOR 1.5, (draws,), from sums of its counts, (draws, 23); studies that match as a whole count no chunk."""
    precision_recall = []
    for side in (0, 1):
        matched = _DELTA * sums[:, _CONTENT[side]] @ _WEIGHTS + (1 - _DELTA) * sums[:, _FUNCTION[side]] @ _WEIGHTS
        function = sums[:, _FUNCTION_WORDS][:, side]
        length = _DELTA * (sums[:, _LENGTHS][:, side] - function) + (1 - _DELTA) * function
        precision_recall.append(_divide(matched, length))
    precision, recall = precision_recall
    mean = _divide(precision * recall, (1 - _ALPHA) * recall + _ALPHA * precision)
    penalty = _GAMMA * _divide(sums[:, _CHUNKS], sums[:, _MATCHES].mean(axis=1)) ** _BETA
    return np.asarray(np.maximum(0.0, mean * (1 - penalty)))


def measure_meteor_nltk(
    name: str, candidates: Sequence[str], references: Sequence[str], *, with_wordnet: bool
) -> Statistic | MissingStatistic:
    """NLTK's METEOR, the mean over studies, in [0, 1], of words separated by white space.

    Equal words match, then equal Porter stems, then, `with_wordnet`, synonyms. A draft equal to its reference has
    slightly less than 1, because one chunk is penalised too. MissingStatistic without NLTK, or, `with_wordnet`, where
    NLTK does not find WordNet (it looks in `NLTK_DATA`).
    """
    try:
        from nltk.corpus import wordnet
        from nltk.stem.porter import PorterStemmer
        from nltk.translate.meteor_score import single_meteor_score
    except ImportError:
        return MissingStatistic(name, "NLTK's METEOR needs the package nltk; install it with pip install nltk.")
    if with_wordnet:
        try:
            wordnet.ensure_loaded()
        except (LookupError, OSError, BadZipFile):
            return MissingStatistic(
                name,
                "NLTK finds no WordNet that it can read; get it with python -m nltk.downloader wordnet, or let "
                "NLTK_DATA name the folder that has it.",
            )
    stems, synonyms = _Stems(PorterStemmer().stem), _Synonyms(wordnet.synsets if with_wordnet else _no_synonyms)
    values = [
        single_meteor_score(reference.split(), candidate.split(), stemmer=stems, wordnet=synonyms)
        for candidate, reference in zip(candidates, references, strict=True)
    ]
    return mean_statistic(name, np.array(values, dtype=np.float64))


class _Stems:
    """A stemmer with a cache."""

    def __init__(self, stem: Any) -> None:
        self.stem = lru_cache(maxsize=100_000)(stem)


class _Synonyms:
    """WordNet, or a stand-in without synonyms, with a cache."""

    def __init__(self, synsets: Any) -> None:
        self.synsets = lru_cache(maxsize=100_000)(synsets)


def _no_synonyms(word: str) -> list[Any]:
    return []


def _divide(these: NDArray[np.float64], those: NDArray[np.float64]) -> NDArray[np.float64]:
    """These divided by those, 0 where the divisor is 0."""
    return np.divide(these, those, out=np.zeros_like(these), where=those > 0)
