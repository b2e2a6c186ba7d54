"""How assets/mini/ was made: see, say, connect, refine, judge; one command, killed and resumed at will.

Every part keeps its work in a folder of the run and is skipped where it is finished:
    films      the labelled radiographs, resized, and phantoms
    teacher    EfficientNet-Lite0 learns the labels
    encoder    InstructBLIP's vision encoder learns from the teacher
    readings   what the encoder reads of each film, which the composed reports tell
    language   tokenizers and language model, from the training split's reports
    look       the Q-Former learns to hand on what the encoder sees
    answers    the Q-Former's answers about every film
    tell       the language model learns to put the answers into words
    together   Q-Former and language model learn as one: that is the base
    gate       where the training films lie for its encoder, to notice a film that is no chest
    adapter    the ClinicalBLIP stages of the plan `mini`: that is the adapter
    judge      the drafts of validation films, with the right film and with another's, and of drawn films; and `score`
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.datasets.iu_xray.prepare import prepare_iu_xray
from clinicalblip.instructblip.adapter import load_adapter
from clinicalblip.instructblip.base import load_base
from clinicalblip.instructblip.scoring.score import ScoreScale, write_scale
from clinicalblip.progress import write_line
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.training.films import FilmLoader
from clinicalblip.training.options import TrainOptions
from clinicalblip.training.plans import MINI
from clinicalblip.training.run_folder import translate_write_errors
from clinicalblip.training.train import train_plan
from research.mini.card import figures_text, write_figures_into
from research.mini.connect import PRIOR_EVERY, assemble, connect, save_connected
from research.mini.counterfactuals import Trials
from research.mini.encoder import train_encoder
from research.mini.examples import Examples
from research.mini.films import NIH_SETS, Films, prepare_films
from research.mini.judge import judge
from research.mini.judge_scores import chexpert_table, fit_scores, measure_scores, score_rows
from research.mini.language import VIEWS, learn_tokenizers, train_language
from research.mini.ood import measure_gate
from research.mini.pseudo_labels import read_films
from research.mini.recipe import FULL, MiniRecipe
from research.mini.sentences import collect_sentences
from research.mini.teacher import installed_teacher, train_teacher
from research.mini.vision_init import PARTS, write_vision_init

BASE, ADAPTER = "instructblip-mini", "clinicalblip-mini"
"""The folders that the model is put into; the page shows them as its name."""

REFINING = replace(MINI, stages=tuple(replace(stage, slot_dropout=0.0) for stage in MINI.stages))
"""The plan `mini` without leaving slots out: composed studies leave them empty by themselves, and a report that answers
a hint needs the hint."""


def make_mini(
    data: Path, run: Path, output: Path, *, recipe: MiniRecipe = FULL, vision_init: Path | None = None
) -> dict[str, Any]:
    """Make the bundled model from `data` into `output`: `BASE`, `ADAPTER` and `figures.json`; gives the figures.

    `data` holds `radiographs/` and `iu/`; `run` keeps all intermediate work, teacher and encoder also as a folder
    `vision_init`, which another run can begin with. Raises DatasetError; ModelUnavailable where the teacher's package
    or what to begin with is missing; and StageError where `run` was begun with other settings.
    """
    installed_teacher()  # said now, and not after the films' quarter of an hour
    run.mkdir(parents=True, exist_ok=True)
    films = prepare_films(data, run, recipe)
    studies = _training_reports(data)
    sentences = collect_sentences(studies)
    teacher = train_teacher(films, run, recipe, vision_init)
    encoder = train_encoder(films, run, recipe, teacher, vision_init)
    readings = read_films(films, encoder, run)
    examples = Examples(films, studies, sentences, readings, drawn=recipe.drawn_share)
    tokenizers = learn_tokenizers(studies, run, recipe)
    language = train_language(studies, examples, tokenizers[0], run, recipe)
    seen = {part: json.loads((run / part / "figures.json").read_text("utf-8")) for part in PARTS}
    write_vision_init(run / "vision_init", teacher, encoder, seen)

    base_folder, adapter_folder = output / BASE, output / ADAPTER
    assembled = assemble(run / "assembled", encoder.vision.state_dict(), language, tokenizers, recipe)
    connected = connect(films, examples, encoder, assembled, run, recipe)
    _clear(base_folder)
    save_connected(base_folder, connected)
    measure_gate(films, base_folder, run)

    refined = train_plan(
        REFINING,
        composed_studies(films, examples, recipe),
        run / "adapter",
        load_base(base_folder, "fp32", "cpu"),
        TrainOptions(seed=recipe.seed),
        load_films=films_of(films),
        log=write_line,
    )
    with translate_write_errors("The adapter"):
        _clear(adapter_folder)
        shutil.copytree(refined, adapter_folder)
    figures = judge_mini(output, films, recipe)
    figures |= seen
    (output / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    card = output / "README.md"
    if card.is_file():
        write_figures_into(card, figures)
    write_line(figures_text(figures))
    return figures


def judge_mini(output: Path, films: Films, recipe: MiniRecipe) -> dict[str, Any]:
    """The figures of the base alone and of the base with its adapter, on the same validation films.

    Temperature and biases of `score`, fitted on all of them, are kept beside the base.
    """
    base = load_base(output / BASE, "fp32", "cpu")
    alone = judge(base, base.model, films, recipe.judged_films, recipe.seed, recipe.judged_tokens)
    model, digest = load_adapter(base, output / ADAPTER)
    model.merge_adapter()
    model.eval()
    rows = films.rows("validation", NIH_SETS)[: recipe.judged_films]
    margins, truth = score_rows(base, model, films, rows), chexpert_table(films.labels[rows])
    write_scale(ScoreScale(base.digest, digest, fit_scores(margins, truth)), output / BASE)
    groups, patients = ([each[row] for row in rows] for each in (films.groups, films.patients))
    return {
        "base_digest": base.digest,
        "adapter_digest": digest,
        "base": alone,
        "base_and_adapter": judge(base, model, films, recipe.judged_films, recipe.seed, recipe.judged_tokens),
        "score": measure_scores(margins, truth, groups, patients, recipe.seed),
        "trials": Trials(base, model, recipe.judged_phantoms, recipe.judged_tokens).everything(),
    }


def composed_studies(films: Films, examples: Examples, recipe: MiniRecipe) -> list[Study]:
    """The studies that the plan learns from: films of the training split with composed reports.

    As many have a prior film as among what the base has learnt from.
    """
    later = examples.draw_with_prior(recipe.plan_studies // (2 * PRIOR_EVERY), (recipe.seed, 8))
    drawn = [*examples.draw(recipe.plan_studies - len(later), (recipe.seed, 5)), *later]
    views = np.random.default_rng((recipe.seed, 6)).integers(len(VIEWS), size=len(drawn))
    studies = []
    for number, (example, view) in enumerate(zip(drawn, views, strict=True)):
        shown = VIEWS[view][0] if VIEWS[view] else View.UNKNOWN
        images = [StudyImage(Path(films.ids[example.row]), shown)]
        if example.prior is not None:
            images.append(StudyImage(Path(films.ids[example.prior]), View.FRONTAL, prior=True))
        patient = films.patients[example.row]
        studies.append(Study(f"mini-{number:05d}", patient, "train", tuple(images), example.context, example.report))
    return studies


def films_of(films: Films) -> FilmLoader:
    """Give the films of a composed study from the table, instead of from image files."""
    rows = {name: row for row, name in enumerate(films.ids)}

    def load(study: Study) -> list[NDArray[np.float32]]:
        pictures = films.pictures(np.array([rows[str(image.path)] for image in study.shown]))
        return [picture[0].numpy() for picture in pictures]

    return load


def _training_reports(data: Path) -> list[Study]:
    source = data / "iu"
    prepared = prepare_iu_xray(source, split_file=source / "r2gen_annotation.json", without_images=True)
    return [study for study in prepared.studies if study.split == "train"]


def _clear(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
