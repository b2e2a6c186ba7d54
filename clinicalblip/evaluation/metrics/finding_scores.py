"""How well what drafts say of CheXpert's observations agrees with what is true of them.

As with CheXbert's F1, one labeler reads draft and reference, and an observation is positive where it is said to be
present. The field differs about uncertain ones: F1-CheXbert's report mode (StanfordAIMI, 2022 on) counts them as
positive, R2Gen's `compute_ce.py` does not. Here it is a parameter, positive by default. A micro figure counts all
findings of all studies together; a macro figure is the mean over the observations, without those that are positive in
no reference and no draft (scikit-learn's report, and so f1chexbert, counts them as 0).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.evaluation.statistics.statistic import Statistic, Sums
from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import CHEXPERT, Certainty, Observation

FIVE: Final = (
    Observation.CARDIOMEGALY,
    Observation.EDEMA,
    Observation.CONSOLIDATION,
    Observation.ATELECTASIS,
    Observation.PLEURAL_EFFUSION,
)
WITHOUT_NO_FINDING: Final = tuple(what for what in CHEXPERT if what is not Observation.NO_FINDING)


def measure_findings(
    candidates: Sequence[str], references: Sequence[str], *, uncertain_is_positive: bool = True
) -> dict[str, Statistic]:
    """Every figure of findings of these drafts, by name; references stand in the drafts' order.

    Over all 14 observations `findings-micro-f1`, `-precision` and `-recall` and `findings-macro-f1`; the same without
    No Finding as `findings-13-...`; `findings-5-micro-f1` and `findings-5-macro-f1` over `FIVE`; and for each, say,
    `findings-pleural-effusion-f1`, `-precision`, `-recall` and `-positives`, the number of references that have it.
    Hand in texts as they were written: cleaning takes the commas that end lists. Raises
    ValueError where there is no study or not a reference for every draft.
    """
    if len(candidates) != len(references):
        raise ValueError(f"every draft needs its reference, not {len(candidates)} drafts and {len(references)} texts")
    predicted = positives(candidates, uncertain_is_positive=uncertain_is_positive)
    truth = positives(references, uncertain_is_positive=uncertain_is_positive)
    counts = _counts(predicted, truth.astype(np.float64))
    figures = [
        *_over_all(counts, "findings", CHEXPERT),
        *_over_all(counts, "findings-13", WITHOUT_NO_FINDING),
        *(each for each in _over_all(counts, "findings-5", FIVE) if each.name.endswith("-f1")),
    ]
    for number, what in enumerate(CHEXPERT):
        name = f"findings-{what.value.lower().replace(' ', '-')}"
        figures += [*_micro(counts[:, [number]], name), Statistic(f"{name}-positives", counts[:, number], _positives)]
    return {each.name: each for each in figures}


def measure_table(predicted: NDArray[np.bool_], truth: NDArray[np.floating]) -> dict[str, Statistic]:
    """`micro-f1`, `micro-precision`, `micro-recall` and `macro-f1` of findings against labels.

    Both are (studies, findings); `truth` has 1 where a finding is there, 0 where it is not, and NaN where that is not
    known, which counts neither way. Raises ValueError where the shapes differ or there is no study.
    """
    counts = _counts(predicted, truth)
    figures = [*_micro(counts, "micro"), Statistic("macro-f1", counts.reshape(len(counts), -1), _macro_f1)]
    return {each.name: each for each in figures}


def average_statistics(name: str, figures: Sequence[Statistic]) -> Statistic:
    """The mean of one figure over several sets of drafts of the same studies, as one figure of those studies."""
    ends = np.cumsum([each.terms.shape[1] for each in figures])[:-1]

    def mean(sums: Sums) -> NDArray[np.float64]:
        parts = np.split(sums, ends, axis=1)
        return np.asarray(np.mean([each.function(part) for each, part in zip(figures, parts, strict=True)], axis=0))

    return Statistic(name, np.concatenate([each.terms for each in figures], axis=1), mean)


def positives(texts: Sequence[str], *, uncertain_is_positive: bool = True) -> NDArray[np.bool_]:
    """Whether each text calls each of CheXpert's observations present, (texts, 14) in `CHEXPERT`'s order."""
    counted = {Certainty.PRESENT, Certainty.UNCERTAIN} if uncertain_is_positive else {Certainty.PRESENT}
    rows: dict[str, list[bool]] = {}
    for text in texts:
        if text not in rows:
            said = observations(text)
            rows[text] = [said.get(what) in counted for what in CHEXPERT]
    return np.array([rows[text] for text in texts], dtype=np.bool_).reshape(len(texts), len(CHEXPERT))


def _counts(predicted: NDArray[np.bool_], truth: NDArray[np.floating]) -> NDArray[np.float64]:
    """True positives, false positives and false negatives, (studies, findings, 3)."""
    if predicted.shape != truth.shape or predicted.ndim != 2 or len(predicted) == 0:
        raise ValueError(
            f"findings predicted {predicted.shape} and true {truth.shape} must be the same table with a study or more"
        )
    present, absent = truth == 1, truth == 0  # NaN is neither
    return np.stack((predicted & present, predicted & absent, ~predicted & present), axis=2).astype(np.float64)


def _over_all(counts: NDArray[np.float64], name: str, chosen: Sequence[Observation]) -> list[Statistic]:
    own = counts[:, [CHEXPERT.index(what) for what in chosen]]
    return [*_micro(own, f"{name}-micro"), Statistic(f"{name}-macro-f1", own.reshape(len(own), -1), _macro_f1)]


def _micro(counts: NDArray[np.float64], name: str) -> list[Statistic]:
    summed = counts.sum(axis=1)
    parts = (("f1", _f1), ("precision", _precision), ("recall", _recall))
    return [Statistic(f"{name}-{part}", summed, figure) for part, figure in parts]


def _fraction(numerator: Sums, denominator: Sums) -> NDArray[np.float64]:
    return np.asarray(np.divide(numerator, denominator, out=np.full(numerator.shape, np.nan), where=denominator > 0))


def _f1(sums: Sums) -> NDArray[np.float64]:
    true_positives, false_positives, false_negatives = np.moveaxis(sums, -1, 0)
    return _fraction(2 * true_positives, 2 * true_positives + false_positives + false_negatives)


def _precision(sums: Sums) -> NDArray[np.float64]:
    return _fraction(sums[:, 0], sums[:, 0] + sums[:, 1])


def _recall(sums: Sums) -> NDArray[np.float64]:
    return _fraction(sums[:, 0], sums[:, 0] + sums[:, 2])


def _positives(sums: Sums) -> NDArray[np.float64]:
    return np.asarray(sums[:, 0] + sums[:, 2])


def _macro_f1(sums: Sums) -> NDArray[np.float64]:
    each = _f1(sums.reshape(len(sums), -1, 3))
    known = ~np.isnan(each)
    return _fraction(np.where(known, each, 0.0).sum(axis=1), known.sum(axis=1).astype(np.float64))
