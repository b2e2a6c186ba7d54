"""ROUGE: COCO's ROUGE-L, and F1 of ROUGE-1, ROUGE-2 and ROUGE-L as the package rouge-score computes them.

The two ROUGE-L differ. COCO's words are separated by single spaces, full stops included (two spaces have an empty word
between them), and recall weighs more (beta 1.2). rouge-score's words are runs of a to z and 0 to 9 in lower case,
without stemming here, and its value is the plain F1; a text in another alphabet has no words for it.
"""

from collections.abc import Sequence

import numpy as np
from rapidfuzz.distance import LCSseq

from clinicalblip.evaluation.metrics.ngrams import count_ngrams
from clinicalblip.evaluation.statistics.statistic import MissingStatistic, Statistic, mean_statistic

_RECALL_WEIGHT = 1.2**2  # beta squared of COCO's ROUGE-L


def measure_rouge_l_coco(name: str, candidates: Sequence[str], references: Sequence[str]) -> Statistic:
    """COCO's ROUGE-L (Lin, ACL 2004), the mean over studies, in [0, 1]; an empty draft has 0."""
    values = []
    for candidate, reference in zip(candidates, references, strict=True):
        written, wanted = candidate.split(" "), reference.split(" ")
        common = count_common(written, wanted) if candidate.strip() else 0
        precision, recall = common / len(written), common / len(wanted)
        weighed = (1 + _RECALL_WEIGHT) * precision * recall
        values.append(weighed / (recall + _RECALL_WEIGHT * precision) if common else 0.0)
    return mean_statistic(name, np.array(values))


def measure_rouge_score(
    names: Sequence[str], candidates: Sequence[str], references: Sequence[str]
) -> dict[str, Statistic | MissingStatistic]:
    """The F1 of those of rouge-score-1-f1, rouge-score-2-f1 and rouge-score-l-f1 that are named, means over studies.

    The tokens are the package's own. Its ROUGE-L fills a table as large as one text times the other; here it is
    computed from the same tokens in bounded time. MissingStatistic where the package is not installed.
    """
    try:
        from rouge_score.tokenize import tokenize
    except ImportError:
        why = "ROUGE of rouge-score needs the package of that name; install it with pip install rouge-score."
        return {name: MissingStatistic(name, why) for name in names}
    values: dict[str, list[float]] = {name: [] for name in names}
    for candidate, reference in zip(candidates, references, strict=True):
        written, wanted = tokenize(candidate, None), tokenize(reference, None)
        for name in names:
            values[name].append(_rouge_f1(name.split("-")[2], written, wanted))
    return {name: mean_statistic(name, np.array(each)) for name, each in values.items()}


def count_common(one: Sequence[str], other: Sequence[str]) -> int:
    """The number of words of the longest common subsequence of two texts.

    Two texts of 50,000 words take a tenth of a second (rapidfuzz), where a table would take minutes.
    """
    numbers: dict[str, int] = {}  # rapidfuzz compares hashes, and those of two words may be equal
    first, second = ([numbers.setdefault(word, len(numbers)) for word in words] for words in (one, other))
    return int(LCSseq.similarity(first, second))


def _rouge_f1(kind: str, written: Sequence[str], wanted: Sequence[str]) -> float:
    if kind == "l":
        common, most_written, most_wanted = count_common(written, wanted), len(written), len(wanted)
    else:
        own, other = count_ngrams(written, int(kind)), count_ngrams(wanted, int(kind))
        common, most_written, most_wanted = (own & other).total(), own.total(), other.total()
    precision, recall = common / max(most_written, 1), common / max(most_wanted, 1)
    return 2 * precision * recall / (precision + recall) if common else 0.0
