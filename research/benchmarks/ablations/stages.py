"""What each stage of the plan `mini` is worth: the bundled base, trained in one stage, two, three, and all at once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from clinicalblip.evaluation.metrics.meteor_java import MeteorJava
from clinicalblip.evaluation.scorecard.scorecard import to_figure
from clinicalblip.evaluation.statistics.statistic import (
    Statistic,
    bootstrap_difference,
    bootstrap_interval,
    bootstrap_intervals,
)
from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.groups import Group
from clinicalblip.progress import write_line
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.radiology.study import Study
from clinicalblip.training.options import TrainOptions
from clinicalblip.training.run_folder import stage_run
from clinicalblip.training.stage import Plan
from clinicalblip.training.train import train_plan
from research.benchmarks.ablations.inputs import (
    PHANTOM_FIGURES,
    PhantomIuStudies,
    RealFilms,
    draft_row,
    mean_of_rows,
    measure_phantom,
    measure_real,
    measure_shuffled,
    phantom_constants,
    read_phantoms,
    read_real,
    real_constants,
    with_adapter,
)
from research.mini.connect.adapter_studies import ADAPTER_PLAN, composed_studies, films_from_table
from research.mini.evaluation.evaluate import iu_studies
from research.mini.films.table import Films
from research.mini.recipe import FULL, MiniRecipe
from research.mini.reports.examples import Examples
from research.mini.reports.pseudo_labels import pseudo_label_films
from research.mini.reports.sentences import collect_sentences
from research.mini.vision.encoder import Encoder
from research.mini.vision.vision_init import load_vision_init

BASE_ALONE = "base alone"
AFTER = ("vision", "vision, then bridge", "vision, bridge, language: the plan `mini`")
AT_ONCE = "all groups in one stage of as many steps"


def at_once() -> Plan:
    """All that the plan `mini` trains, in one stage of as many epochs, with the first stage's rate and batch."""
    first = ADAPTER_PLAN.stages[0]
    epochs = sum(stage.epochs for stage in ADAPTER_PLAN.stages)
    stage = replace(first, name="all", trains=frozenset(Group), epochs=epochs)
    return replace(ADAPTER_PLAN, name="mini-at-once", stages=(stage,))


def run_stages(
    data: Path,
    run: Path,
    model_folder: Path,
    table: Films,
    films: int,
    phantoms: int,
    seeds: int,
    studies: int,
    vision_init: Path,
) -> dict[str, Any]:
    """Train and draft the missing rows, and give the part's figures; `vision_init` holds the encoder for pseudo-labels.

    The first stages of the plan `mini` are the same whether others follow, so that one run gives three rows.
    """
    folder = model_folder / "instructblip-mini"
    base = load_base(folder, "fp32", "cpu")
    real, drawn = read_real(data, films, base.image_size), read_phantoms(data, run, phantoms, base.image_size)
    digests: dict[str, str] = {"base": base.digest}
    drafts = {BASE_ALONE: [_drafted(run / "stages" / "base", base, base.model, digests, real, drawn)]}
    drafts |= {name: [] for name in (*AFTER, AT_ONCE)}
    reports = [study for study in iu_studies(data) if study.split == "train"]
    sentences = collect_sentences(reports)
    encoder = Encoder(FULL).eval()
    load_vision_init(vision_init, "encoder", encoder)
    examples = Examples(table, reports, sentences, pseudo_label_films(table, encoder, run), **FULL.shares())
    for seed in range(seeds):
        recipe = replace(FULL, seed=seed, plan_studies=studies)
        for plan in (ADAPTER_PLAN, at_once()):
            trained = _train(plan, run, folder, table, examples, recipe, base.digest)
            for number, adapter in enumerate(trained):
                name = AFTER[number] if plan is ADAPTER_PLAN else AT_ONCE
                fresh = load_base(folder, "fp32", "cpu")
                model, digests = with_adapter(fresh, adapter)
                place = run / "stages" / f"{plan.name}-{number + 1}-seed-{seed}"
                drafts[name].append(_drafted(place, fresh, model, digests, real, drawn))
    write_line("measuring what was drafted")
    with MeteorJava() as java:
        of_drawn = {name: [measure_phantom(d, drawn, java) for _, d in each] for name, each in drafts.items()}
        of_drawn |= {name: [row] for name, row in phantom_constants(drawn, java).items()}
    steps = {plan.name: round(studies / 16 * sum(s.epochs for s in plan.stages)) for plan in (ADAPTER_PLAN, at_once())}
    rows = [_real_row(name, [own for own, _ in each], real) for name, each in drafts.items()]
    return {
        "base": base.digest,
        "seeds": seeds,
        "studies": studies,
        "steps": steps,
        "real": {
            "films": len(real.ids),
            "patients": real.patients,
            "rows": rows + [_constant(name, row, "micro-f1") for name, row in real_constants(real).items()],
        },
        "phantom": {
            "studies": len(drawn.ids),
            "rows": [_phantom_row(name, each) for name, each in of_drawn.items()],
        },
    }


def _train(
    plan: Plan, run: Path, folder: Path, table: Films, examples: Examples, recipe: MiniRecipe, base_digest: str
) -> list[Path]:
    """The adapters after each stage of the plan, trained where they are not there."""
    studies: list[Study] = composed_studies(table, examples, recipe)
    written = [[study.study_id, asdict(study.context), asdict(study.reference)] for study in studies]
    fingerprint = json.dumps([base_digest, plan.as_dict(), recipe.seed, written], sort_keys=True)
    mark = hashlib.sha256(fingerprint.encode()).hexdigest()[:12]
    place = run / "stages" / f"{plan.name}-seed-{recipe.seed}-{mark}"
    write_line(f"training {plan.name}, seed {recipe.seed}, {len(studies)} studies")
    train_plan(
        plan,
        studies,
        place,
        load_base(folder, "fp32", "cpu"),
        TrainOptions(seed=recipe.seed),
        load_films=films_from_table(table),
        log=write_line,
    )
    return [stage_run(place, number, stage.name).adapter for number, stage in enumerate(plan.stages, start=1)]


def _drafted(
    place: Path, base: Base, model: Any, digests: dict[str, str], real: RealFilms, drawn: PhantomIuStudies
) -> tuple[list[str], list[str]]:
    """The drafts of the real films and of Phantom-IU."""
    empty = [ClinicalContext()] * len(real.ids)
    return (
        draft_row(place / "real.json", base, model, digests, real.ids, real.pictures, empty),
        draft_row(place / "phantom.json", base, model, digests, drawn.ids, drawn.pictures, drawn.contexts),
    )


def _real_row(name: str, drafts: list[list[str]], real: RealFilms) -> dict[str, Any]:
    """Figures with the right film and with another's, averaged over the seeds, and each seed's difference."""
    right, shuffled = [measure_real(own, real) for own in drafts], [measure_shuffled(own, real) for own in drafts]
    own, other = mean_of_rows(right), mean_of_rows(shuffled)
    each = [a["micro-f1"].value() - b["micro-f1"].value() for a, b in zip(right, shuffled, strict=True)]
    shown = {"right": own["micro-f1"], "other": other["micro-f1"], "precision": own["micro-precision"]}
    shown["recall"] = own["micro-recall"]
    figures = {key: asdict(to_figure(value)) for key, value in bootstrap_intervals(shown).items()}
    figures["difference"] = asdict(to_figure(bootstrap_difference(own["micro-f1"], other["micro-f1"])))
    return {
        "row": name,
        "figures": figures,
        "differences_by_seed": [round(value, 4) for value in each],
        "distinct_drafts": [len(set(own)) for own in drafts],
    }


def _constant(name: str, figures: dict[str, Statistic], compared: str) -> dict[str, Any]:
    """The row of a constant report, which is the same with another's film."""
    figure = asdict(to_figure(bootstrap_interval(figures[compared])))
    return {
        "row": name,
        "figures": {"right": figure, "other": figure},
        "differences_by_seed": [],
        "distinct_drafts": [1],
    }


def _phantom_row(name: str, seeds: list[dict[str, Statistic]]) -> dict[str, Any]:
    mean = mean_of_rows(seeds)
    shown = bootstrap_intervals({each: mean[each] for each in PHANTOM_FIGURES if each in mean})
    by_seed = [round(each["findings-13-micro-f1"].value(), 4) for each in seeds]
    return {
        "row": name,
        "figures": {each: asdict(to_figure(value)) for each, value in shown.items()},
        "f1_by_seed": [None if np.isnan(value) else value for value in by_seed] if len(seeds) > 1 else [],
    }
