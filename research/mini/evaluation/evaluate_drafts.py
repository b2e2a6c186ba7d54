"""Whether the model's drafts depend on the film: validation drafts against the labels of their films, and of others.

A model that writes the same fluent report for every film scores as well with another patient's film as with the right
one. So every film is drafted once, and the drafts are also shuffled among films of the same set and size.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.evaluation.metrics.finding_scores import average_statistics, measure_table
from clinicalblip.evaluation.statistics.statistic import paired_difference
from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty
from research.mini.evaluation.patients import interval_over_patients
from research.mini.evaluation.validation_films import ValidationFilms
from research.mini.evaluation.variety import measure_variety
from research.mini.reports.pseudo_labels import observation_table
from research.mini.reports.sentences import REPORTED

SHUFFLES = 20  # of the drafts among the films

_OF_THE_PROMPT: Final = re.compile(r"\bhint\w*|\bbeforehand\b", re.IGNORECASE)
_COMPARES: Final = re.compile(
    r"\b(?:new(?:ly)?|larger|smaller|increased? (?:in|since|from|compared)|worse\w*|improv\w+"
    r"|unchanged|interval|no longer|resolved|previous\w*|prior|compar\w+|since)\b",
    re.IGNORECASE,
)


def evaluate_drafts(drafts: Sequence[str], films: ValidationFilms, seed: int = 0) -> dict[str, Any]:
    """Score the findings that the drafts of validation films, no slot of the prompt filled, affirm.

    The figures: micro F1 with the right film, the mean with other films and their paired difference, with 95 %
    intervals over patients; the F1 of two constant reports (normal, and the commonest finding); F1 by observation; how
    much the drafts vary; how many speak of the prompt ("hinted", "beforehand"), and how many compare with a film that
    was not given.
    """
    rng = np.random.default_rng(seed)
    truth = observation_table(films.labels)
    affirmed = affirmed_findings(drafts)
    groups, patients = films.groups, films.patients
    others = [affirmed[shuffle_within_groups(groups, rng)] for _ in range(SHUFFLES)]
    right = measure_table(affirmed, truth)["micro-f1"]
    another = average_statistics("micro-f1 of others", [measure_table(other, truth)["micro-f1"] for other in others])
    commonest = int(np.nansum(truth, axis=0).argmax())
    constant = np.zeros_like(affirmed)
    constant[:, commonest] = True
    return {
        "films": len(drafts),
        "patients": len(set(patients)),
        "right_film": score_findings(affirmed, truth, patients, seed),
        "other_film": interval_over_patients(another, patients, seed),
        "difference": interval_over_patients(paired_difference(right, another), patients, seed),
        "constant_normal_report": score_findings(np.zeros_like(affirmed), truth, patients, seed),
        "constant_commonest_finding": {
            "finding": REPORTED[commonest].value,
            **score_findings(constant, truth, patients, seed),
        },
        "by_observation": {
            what.value: {
                "positive": int(np.nansum(truth[:, number])),
                "said": int(affirmed[:, number].sum()),
                "right_film": score_findings(affirmed[:, [number]], truth[:, [number]], patients, seed),
            }
            for number, what in enumerate(REPORTED)
        },
        "variety": measure_variety(drafts, affirmed, truth),
        "speak_of_the_prompt": sum(speaks_of_the_prompt(draft) for draft in drafts),
        "compare_unasked": sum(bool(_COMPARES.search(draft)) for draft in drafts),
    }


def speaks_of_the_prompt(draft: str) -> bool:
    """Whether a draft speaks of what it was given instead of the film: "hinted", "beforehand"."""
    return bool(_OF_THE_PROMPT.search(draft))


def score_findings(
    affirmed: NDArray[np.bool_], truth: NDArray[np.float32], patients: Sequence[str], seed: int
) -> dict[str, Any]:
    """Micro F1 with its 95 % interval over patients, recall and precision of known findings; 0 where nothing counts."""
    figures = measure_table(affirmed, truth)
    f1 = interval_over_patients(figures["micro-f1"], patients, seed)
    return {
        "f1": {name: _or_zero(value) for name, value in f1.items()},
        "recall": _or_zero(figures["micro-recall"].value()),
        "precision": _or_zero(figures["micro-precision"].value()),
        "studies": len(affirmed),
    }


def _or_zero(value: float) -> float:
    return 0.0 if np.isnan(value) else value


def affirmed_findings(drafts: Sequence[str]) -> NDArray[np.bool_]:
    """Which findings each draft affirms, bool (drafts, 13) in the order of `REPORTED`."""
    labels = [observations(draft) for draft in drafts]
    return np.array([[each.get(what) is Certainty.PRESENT for what in REPORTED] for each in labels], dtype=bool)


def shuffle_within_groups(groups: Sequence[str], rng: np.random.Generator) -> NDArray[np.int64]:
    """For every film the number of another film of its group; its own where the group has no other."""
    others = np.arange(len(groups))
    for group in sorted(set(groups)):
        members = np.array([number for number, own in enumerate(groups) if own == group])
        order = rng.permutation(members)
        others[order] = np.roll(order, 1)
    return others
