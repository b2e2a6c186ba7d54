"""Every figure of the bundled model: its drafts and scores of validation films, of drawn films, and with hints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray
from clinicalblip.evaluation.baselines import NORMAL_FINDINGS, NORMAL_IMPRESSION
from clinicalblip.instructblip.adapter import load_adapter
from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.instructblip.scoring.score import ScoreScale, write_scale
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study
from research.mini.evaluation.comparisons import evaluate_comparisons
from research.mini.evaluation.counterfactuals import Counterfactuals
from research.mini.evaluation.drafting import MAX_NEW_TOKENS, Drafter
from research.mini.evaluation.evaluate_drafts import evaluate_drafts
from research.mini.evaluation.evaluate_hints import evaluate_hints
from research.mini.evaluation.evaluate_scores import (
    chexpert_table,
    fit_scores,
    labelled,
    margins_of_films,
    measure_scores,
)
from research.mini.evaluation.fluency import fit_bigrams, measure_fluency
from research.mini.evaluation.hint_set import read_hints
from research.mini.evaluation.normal_films import likeness_among, measure_normal_drafts, normal_reports
from research.mini.evaluation.radiologists import measure_by_radiologists
from research.mini.evaluation.validation_films import ValidationFilms, read_validation
from research.mini.films.label_sources import read_label_sources
from research.mini.recipe import MiniRecipe

BASE, ADAPTER = "instructblip-mini", "clinicalblip-mini"
"""The folders of the model; the page shows them as its name."""

CONSTANT: Final = target_text(Report(NORMAL_FINDINGS, NORMAL_IMPRESSION))


def evaluate_mini(model_folder: Path, data: Path, recipe: MiniRecipe, kept: Path | None = None) -> dict[str, Any]:
    """The figures of the base alone and of the base with its adapter, on the same validation films.

    `data` has `radiographs/`, `iu/` and `nih/`. Temperature and biases of `score`, fitted on all
    of these films, are written beside the base. `kept` is a file of drafts that were written before (`drafting.py`).
    """
    base = load_base(model_folder / BASE, "fp32", "cpu")
    films = read_validation(data, base.image_size, recipe.evaluation_films, recipe.seed)
    alone = Drafter(base, base.model, base.digest, recipe.evaluation_tokens, kept).draft(_each(films))
    drafter, digest = _with_adapter(base, model_folder, recipe.evaluation_tokens, kept)
    drafts = drafter.draft(_each(films))
    margins, truth = margins_of_films(base, drafter.model, films.pictures), chexpert_table(films.labels)
    write_scale(ScoreScale(base.digest, digest, fit_scores(margins, truth), labelled(truth)), model_folder / BASE)
    return {
        "base_digest": base.digest,
        "adapter_digest": digest,
        "base": evaluate_drafts(alone, films, recipe.seed),
        "base_and_adapter": evaluate_drafts(drafts, films, recipe.seed),
        "language": evaluate_language(drafts, films, iu_studies(data), recipe.seed),
        "radiologists": measure_by_radiologists(drafts, margins, films, read_label_sources(data).classes, recipe.seed),
        "hints": evaluate_hints(drafter, films, read_hints(), drafts, recipe.seed),
        "score": measure_scores(margins, truth, films.groups, films.patients, recipe.seed),
        "comparisons": evaluate_comparisons(drafter, recipe.evaluation_pairs),
        "trials": Counterfactuals(drafter, recipe.evaluation_phantoms).run_all(),
    }


def load_drafter(model_folder: Path, kept: Path | None = None) -> Drafter:
    """The drafter of a model with its adapter."""
    return _with_adapter(load_base(model_folder / BASE, "fp32", "cpu"), model_folder, MAX_NEW_TOKENS, kept)[0]


def _with_adapter(base: Base, folder: Path, tokens: int, kept: Path | None) -> tuple[Drafter, str]:
    model, digest = load_adapter(base, folder / ADAPTER)
    model.merge_adapter()
    model.eval()
    return Drafter(base, model, f"{base.digest} {digest}", tokens, kept), digest


def evaluate_language(
    drafts: Sequence[str], films: ValidationFilms, studies: Sequence[Study], seed: int = 0
) -> dict[str, Any]:
    """How the drafts read beside IU's validation reports and the constant normal report (`fluency`, `normal_films`)."""
    bigrams = fit_bigrams(study.reference for study in studies if study.split == "train")
    validation = [study for study in studies if study.split == "validate"]
    people = [study.patient_id for study in validation]
    references = normal_reports(validation)
    normal = [n for n, labels in enumerate(films.labels) if (labels == 0).all()]
    patients = [films.patients[n] for n in normal]
    return {
        "fluency": {
            "drafts": measure_fluency(bigrams, drafts, films.patients),
            "constant": measure_fluency(bigrams, [CONSTANT], ["nobody"]),
            "iu_validation": measure_fluency(bigrams, [target_text(study.reference) for study in validation], people),
        },
        "normal_films": {
            "drafts": measure_normal_drafts([drafts[n] for n in normal], patients, references, seed),
            "constant": measure_normal_drafts([CONSTANT] * len(normal), patients, references, seed),
            "iu_validation": likeness_among(references, seed),
        }
        if normal and len(references) > 1
        else {},
    }


def iu_studies(data: Path) -> list[Study]:
    """IU X-RAY's studies by R2Gen's split, without films."""
    source = data / "iu"
    return list(prepare_iu_xray(source, split_file=source / "r2gen_annotation.json", without_images=True).studies)


def _each(films: ValidationFilms) -> list[list[np.ndarray[Any, np.dtype[np.float32]]]]:
    return [[picture] for picture in films.pictures]
