"""The probability of each observation from the model's own likelihood of a sentence that affirms or denies it.

The sentences stand where a report begins, right after its heading, given film and prompt; there is no second
classifier. The log-likelihoods of several phrasings are averaged: the mean of the likelihoods would be decided by the
one wording that the model prefers.

Beside a base's weights may lie `score.json`: the temperature and the biases that calibrate the probabilities, fitted
on films that nothing was trained on, for one base and adapter, and the observations that those films were labelled for:
only their probabilities are calibrated. Without it, or with another adapter, the temperature is 1 and every bias 0.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from pathlib import Path
from statistics import fmean
from typing import Any

from torch import Tensor

from clinicalblip.datasets.files.atomic import write_atomically
from clinicalblip.errors import ModelUnavailable
from clinicalblip.evaluation.statistics.calibration import Scale
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.phrasings import PHRASINGS
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.instructblip.scoring.likelihood import log_likelihoods
from clinicalblip.radiology.observation import CHEXPERT, Observation
from clinicalblip.radiology.report import Report

SCALE_FILE = "score.json"

UNSCALED = Scale(1.0, (0.0,) * len(CHEXPERT))


@dataclass(frozen=True)
class ScoreScale:
    """A scale for CheXpert's observations in their order, and the digests of the base and adapter it was fitted to.

    `calibrated`: the observations that the films it was fitted on are labelled for.
    """

    base: str
    adapter: str | None
    scale: Scale = UNSCALED
    calibrated: frozenset[Observation] = frozenset()

    def __post_init__(self) -> None:
        if len(self.scale.bias) != len(CHEXPERT):
            raise ValueError(f"a scale has a bias for each of {len(CHEXPERT)} observations, not {len(self.scale.bias)}")


def margins(base: Base, model: Any, batch: dict[str, Tensor]) -> dict[Observation, float]:
    """The log-likelihood of affirming each of CheXpert's observations less that of denying it, in nats, for one study.

    `batch` is the study as `collate` makes it for drafting; `model` the base's, with or without an adapter.
    """
    sentences = list(dict.fromkeys(text for each in PHRASINGS.values() for text in (*each.affirming, *each.denying)))
    texts = [target_text(Report(findings=sentence)) for sentence in sentences]
    by_sentence = dict(zip(sentences, log_likelihoods(base, model, batch, texts), strict=True))

    def log_likelihood(phrasings: Sequence[str]) -> float:
        return fmean(by_sentence[text] for text in phrasings)

    found: dict[Observation, float] = {
        what: log_likelihood(PHRASINGS[what].affirming) - log_likelihood(PHRASINGS[what].denying)
        for what in CHEXPERT
        if what is not Observation.NO_FINDING
    }
    # The sentences that deny a normal chest are no phrasings of one thing: any one finding denies it.
    findings = [log_likelihood(PHRASINGS[what].affirming) for what in found if what is not Observation.SUPPORT_DEVICES]
    normal = log_likelihood(PHRASINGS[Observation.NO_FINDING].affirming) - _log_mean(findings)
    return {Observation.NO_FINDING: normal, **found}


def probabilities(of_study: Mapping[Observation, float], scale: Scale) -> dict[Observation, float]:
    """Margins of one study as probabilities, in CheXpert's order."""
    scaled = scale.probabilities([of_study[what] for what in CHEXPERT])
    return {what: float(each) for what, each in zip(CHEXPERT, scaled, strict=True)}


def write_scale(measured: ScoreScale, folder: Path) -> None:
    """Write `score.json` beside a base's weights."""
    values = {
        "base": measured.base,
        "adapter": measured.adapter,
        "temperature": measured.scale.temperature,
        "bias": {what.value: each for what, each in zip(CHEXPERT, measured.scale.bias, strict=True)},
        "calibrated": [what.value for what in CHEXPERT if what in measured.calibrated],
    }
    write_atomically(folder / SCALE_FILE, json.dumps(values, indent=1) + "\n")


def load_scale(folder: Path, base: Base, adapter: str | None) -> ScoreScale:
    """The scale of the base in a folder, with this adapter (its digest) on it; one that scales nothing without a file.

    Raises ModelUnavailable for a damaged file and for the scale of another base.
    """
    file, unscaled = folder / SCALE_FILE, ScoreScale(base.digest, adapter)
    if not file.is_file():
        return unscaled
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
        bias = tuple(float(values["bias"][what.value]) for what in CHEXPERT)
        # A file that was written before does not say which they are.
        calibrated = frozenset(Observation(name) for name in values.get("calibrated", ()))
        measured = ScoreScale(values["base"], values["adapter"], Scale(float(values["temperature"]), bias), calibrated)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelUnavailable(
            f"The base's {SCALE_FILE} cannot be read; copy the base again, or remove that file: scores are then not "
            "calibrated."
        ) from error
    if measured.base != base.digest:
        raise ModelUnavailable(
            f"The {SCALE_FILE} beside the base {base.name} was measured on another base ({measured.base[:12]}) than "
            f"this one ({base.digest[:12]}); measure it anew with `python -m research.benchmarks.score --write`, or "
            "remove it: scores are then not calibrated."
        )
    return measured if measured.adapter == adapter else unscaled


def _log_mean(values: Sequence[float]) -> float:
    """The logarithm of the mean of numbers whose logarithms these are."""
    largest = max(values)
    return largest + log(sum(exp(each - largest) for each in values) / len(values))
