"""Figures whose intervals resample patients: several films of one patient are no independent evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np

from clinicalblip.evaluation.statistics.statistic import SEED, Interval, Statistic, bootstrap_interval


def interval_over_patients(figure: Statistic, patients: Sequence[str], seed: int = SEED) -> dict[str, float]:
    """`value`, `low` and `high` of a figure with a row a film; of one patient alone the bounds are the value."""
    found = bootstrap_interval(by_patient(figure, patients), seed=seed)
    if len(set(patients)) == 1:
        found = Interval(found.value, found.value, found.value)
    return asdict(found)


def by_patient(figure: Statistic, patients: Sequence[str]) -> Statistic:
    """The same figure with a row a patient instead of a row a film. Raises ValueError without a patient a film."""
    if len(patients) != len(figure.terms):
        raise ValueError(f"{len(figure.terms)} films need as many patients, not {len(patients)}")
    people, place = np.unique(np.array(patients, dtype=np.str_), return_inverse=True)
    summed = np.zeros((len(people), figure.terms.shape[1]))
    np.add.at(summed, place, figure.terms)
    return replace(figure, terms=summed)
