"""How well `score` separates validation films with and without a finding, and whether it is calibrated."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from clinicalblip.evaluation.statistics.auroc import auroc_within
from clinicalblip.evaluation.statistics.calibration import Scale, calibration_error, fit_scale, sigmoid
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.scoring import score
from clinicalblip.progress import track
from clinicalblip.radiology.observation import CHEXPERT, LabelSet, Observation, observation_of
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext
from research.mini.evaluation.evaluate_drafts import shuffle_within_groups
from research.mini.films.manifest import NIH_LABELS
from research.mini.prompts import write_prompt

NAMED_BY_NIH = (
    Observation.ATELECTASIS,
    Observation.CARDIOMEGALY,
    Observation.CONSOLIDATION,
    Observation.EDEMA,
    Observation.LUNG_LESION,
    Observation.PLEURAL_EFFUSION,
    Observation.PNEUMONIA,
    Observation.PNEUMOTHORAX,
)
MIN_POSITIVES = 30
"""An observation counts in the mean from so many positive films on."""

LARGER_SET = "nih"
"""The set of the larger films, which are what a reader will upload."""

RESAMPLES, SHUFFLES = 300, 20

Table = NDArray[np.float64]


def chexpert_table(labels: NDArray[np.float32]) -> Table:
    """NIH's 14 labels (films, 14), 1, 0 or NaN, for CheXpert's observations (films, 14); NaN where NIH has no name.

    An observation is present where any of its labels is; `No Finding` where every NIH label is known and absent.
    """
    table = np.full((len(labels), len(CHEXPERT)), np.nan)
    for number, name in enumerate(NIH_LABELS):
        what = observation_of(name, LabelSet.NIH)
        if what in NAMED_BY_NIH:
            column = CHEXPERT.index(what)
            table[:, column] = np.fmax(table[:, column], labels[:, number])
    read = ~np.isnan(labels).any(axis=1)
    table[read, CHEXPERT.index(Observation.NO_FINDING)] = (labels[read] == 0).all(axis=1)
    return table


def margins_of_films(base: Base, model: Any, films: Sequence[NDArray[np.float32]]) -> Table:
    """The margins of these films as `score` takes them, (films, 14), no slot of the prompt filled."""
    prompt = write_prompt(ClinicalContext(), (View.FRONTAL,))
    found = []
    for film in track(films, "scores", total=len(films)):
        with torch.inference_mode(), base.autocast():
            margins = score.margins(base, model, collate(base, [[film]], [prompt]))
        found.append([margins[what] for what in CHEXPERT])
    return np.array(found)


def measure_scores(
    margins: Table, truth: Table, groups: Sequence[str], patients: Sequence[str], seed: int = 0
) -> dict[str, Any]:
    """AUROC within film sizes, also with other films' margins, and calibration before and after one temperature.

    `margins` and `truth` are (films, 14) in CheXpert's order. Intervals resample patients. The larger films (those of
    `LARGER_SET`, short side up to 320 pixels) have a figure of their own over the same observations, their sizes' pairs
    pooled. The temperature, and a bias
    for each observation, are fitted on one half of the patients and measured on the other, in both directions, and the
    errors are averaged. A figure is None where there are too few films.
    """
    rng = np.random.default_rng(seed)
    names, own = np.array(groups, dtype=np.str_), np.array(patients, dtype=np.str_)
    columns = [CHEXPERT.index(what) for what in NAMED_BY_NIH]
    counted = [column for column in columns if (truth[:, column] == 1).sum() >= MIN_POSITIVES]
    people, place = np.unique(own, return_inverse=True)
    by_patient = [np.flatnonzero(place == number) for number in range(len(people))]

    def macro(values: Table, films: NDArray[np.int64]) -> float:
        found = [auroc_within(values[films, column], truth[films, column], names[films]) for column in counted]
        return float(np.nanmean(found))

    everything = np.arange(len(margins))
    drawn = [
        np.concatenate([by_patient[number] for number in rng.integers(len(people), size=len(people))])
        for _ in range(RESAMPLES if counted else 0)
    ]
    is_larger = np.array([name.partition(":")[0] == LARGER_SET for name in groups], dtype=bool)

    def with_interval(chosen: NDArray[np.bool_]) -> dict[str, float | int] | None:
        films = everything[chosen]
        if not counted or not any((truth[films, column] == 1).any() for column in counted):
            return None
        low, high = np.nanquantile([macro(margins, each[chosen[each]]) for each in drawn], (0.025, 0.975))
        return {"films": len(films), "value": macro(margins, films), "low": float(low), "high": float(high)}

    whole = with_interval(np.ones(len(margins), dtype=bool))
    others = [
        macro(margins[shuffle_within_groups(list(groups), rng)], everything) for _ in range(SHUFFLES if counted else 0)
    ]
    halves = np.array([number % 2 for number in rng.permutation(len(people))])[place]
    return {
        "films": len(margins),
        "patients": len(people),
        "macro_auroc": whole["value"] if whole else None,
        "macro_auroc_interval": [whole["low"], whole["high"]] if whole else None,
        "larger_films": with_interval(is_larger),
        "macro_auroc_of_another_film": float(np.mean(others)) if counted else None,
        "counted_observations": len(counted),
        "observations": {
            CHEXPERT[column].value: {
                "positives": int((truth[:, column] == 1).sum()),
                "auroc": auroc_within(margins[:, column], truth[:, column], names),
            }
            for column in [CHEXPERT.index(Observation.NO_FINDING), *columns]
            if {0.0, 1.0} <= set(truth[:, column])
        },
        "calibration_error": _calibration(margins[:, columns], truth[:, columns], halves == 0),
    }


def fit_scores(margins: Table, truth: Table) -> Scale:
    """Temperature and biases for CheXpert's observations, fitted on these films.

    An observation that NIH has no label for cannot be calibrated on its films: its bias gives the average film the mean
    log odds of the observations that NIH labels.
    """
    scale = fit_scale(margins, truth)
    bias, average = np.array(scale.bias), margins.mean(axis=0) / scale.temperature
    named = ~np.isnan(truth).all(axis=0)
    bias[~named] = (bias + average)[named].mean() - average[~named]
    return Scale(scale.temperature, tuple(float(each) for each in bias))


def labelled(truth: Table) -> frozenset[Observation]:
    """The observations that some of these films (films, 14) are labelled for."""
    return frozenset(what for what, column in zip(CHEXPERT, truth.T, strict=True) if not np.isnan(column).all())


def _calibration(margins: Table, truth: Table, first: NDArray[np.bool_]) -> dict[str, float]:
    """The calibration error over all observations, on films that were not used for fitting."""

    def held_out(probabilities: Callable[[NDArray[np.bool_]], Table]) -> float:
        errors = [calibration_error(probabilities(fitted), truth[~fitted]) for fitted in (first, ~first)]
        return float(np.mean(errors))

    return {
        "before": held_out(lambda fitted: sigmoid(margins[~fitted])),
        "one_temperature": held_out(
            lambda fitted: fit_scale(margins[fitted], truth[fitted], with_bias=False).probabilities(margins[~fitted])
        ),
        "one_temperature_and_biases": held_out(
            lambda fitted: fit_scale(margins[fitted], truth[fitted]).probabilities(margins[~fitted])
        ),
    }
