"""How much drafts vary: distinct texts, and distinct sets of findings beside those of the films' labels.

A draft's set is what it affirms, a film's what it is labelled with. A model that says the same of most films has one
set that is much commoner in its drafts than in the labels, however its sentences vary.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.evaluation.diversity import measure_diversity
from research.mini.reports.sentences import REPORTED


def measure_variety(drafts: Sequence[str], affirmed: NDArray[np.bool_], truth: NDArray[np.float32]) -> dict[str, Any]:
    """Distinct texts and sets of findings, and the commonest set of drafts and of labels with its fraction.

    `affirmed` and `truth` are (films, 13) in the order of `REPORTED`; an unknown label is none.
    """
    texts = measure_diversity(drafts)
    said, labelled = _sets(affirmed), _sets(truth == 1)
    (commonest, times), (label, labels) = said.most_common(1)[0], labelled.most_common(1)[0]
    number = len(drafts)
    return {
        "distinct_texts": texts.distinct,
        "commonest_text": texts.commonest_fraction,
        "distinct_sets": len(said),
        "distinct_sets_of_labels": len(labelled),
        "commonest_set": {"findings": _names(commonest), "fraction": times / number},
        "commonest_set_of_labels": {"findings": _names(label), "fraction": labels / number},
        "excess": times / number - labelled[commonest] / number,
    }


def _sets(table: NDArray[np.bool_]) -> Counter[tuple[bool, ...]]:
    return Counter(tuple(bool(each) for each in row) for row in table)


def _names(row: tuple[bool, ...]) -> list[str]:
    return [what.value for what, there in zip(REPORTED, row, strict=True) if there]
