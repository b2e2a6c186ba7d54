"""The drafts and scores of validation films against what RSNA's radiologists called them: a second truth.

NIH's labels were mined from reports; for 284 of the validation films radiologists looked again and called each Normal,
Lung Opacity, or neither. No part of the model is trained on these rows. A draft says an opacity where it affirms an
opacity, a consolidation, a pneumonia or an infiltrate. Only 16 of the films are Normal: nothing is said of those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.evaluation.metrics.finding_scores import measure_table
from clinicalblip.evaluation.statistics.auroc import auroc_within
from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import CHEXPERT, Certainty, Observation
from research.mini.evaluation.evaluate_drafts import SHUFFLES, shuffle_within_groups
from research.mini.evaluation.patients import interval_over_patients
from research.mini.evaluation.validation_films import ValidationFilms
from research.mini.films.label_sources import OPACITY

_OPACITIES: Final = frozenset(
    {Observation.LUNG_OPACITY, Observation.CONSOLIDATION, Observation.PNEUMONIA, Observation.INFILTRATION}
)


def measure_by_radiologists(
    drafts: Sequence[str],
    margins: NDArray[np.float64],
    films: ValidationFilms,
    classes: Mapping[str, str],
    seed: int = 0,
) -> dict[str, Any]:
    """F1 of an opacity, also with others' drafts and where it is said of every film, and AUROC of its `score`.

    `margins` are (films, 14) in CheXpert's order. Empty where no film has a class, or all have one.
    """
    known = [place for place, row in enumerate(films.rows) if row.id in classes]
    truth = np.array([[classes[films.rows[place].id] == OPACITY] for place in known], dtype=np.float64)
    if len(np.unique(truth)) < 2:
        return {}
    groups, patients = ([each[place] for place in known] for each in (films.groups, films.patients))
    said = np.array([[_says_opacity(drafts[place])] for place in known])
    figures = measure_table(said, truth)
    rng = np.random.default_rng(seed)
    others = [said[shuffle_within_groups(groups, rng)] for _ in range(SHUFFLES)]
    shuffled = [measure_table(other, truth)["micro-f1"].value() for other in others]
    area = auroc_within(margins[known, CHEXPERT.index(Observation.LUNG_OPACITY)], truth[:, 0], groups)
    return {
        "films": len(known),
        "patients": len(set(patients)),
        "positives": int(truth.sum()),
        "said": int(said.sum()),
        "f1": interval_over_patients(figures["micro-f1"], patients, seed),
        "precision": figures["micro-precision"].value(),
        "recall": figures["micro-recall"].value(),
        "other_film": float(np.mean(shuffled)),
        "constant": measure_table(np.ones_like(said), truth)["micro-f1"].value(),
        "auroc": None if np.isnan(area) else area,
    }


def _says_opacity(draft: str) -> bool:
    return any(how is Certainty.PRESENT and what in _OPACITIES for what, how in observations(draft).items())
