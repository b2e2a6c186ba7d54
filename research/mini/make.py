"""How assets/mini/ is made, in parts; one command, which can be stopped and started again at any moment.

Every part keeps its work in a folder of the run and is skipped where it is finished:
    films          the labelled radiographs, resized, and drawn films
    teacher        EfficientNet-Lite0 learns the labels
    encoder        InstructBLIP's vision encoder learns from the teacher
    tokens         what the encoder gives for every film, computed once
    pseudo_labels  what it reads in each film, which the composed reports say
    tokenizers     those of the language model and of the Q-Former
    language       the language model learns the language of reports, from the training split
    copying        and to say what the prompt hints
    qformer        the Q-Former learns to hand on what the encoder sees
    features       the Q-Former's output for every film, computed once
    look           the language model learns to look, on reports in one wording
    connect        and to write all reports from the Q-Former's output
    joint          Q-Former and language model learn together; the result is the base
    ood            statistics of the training films, by which pictures that are no chest film are noticed
    adapter        the stages of the plan `mini`; the result is the adapter
At the end the drafts of validation films, of drawn films, and `score` are evaluated.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from clinicalblip.instructblip.base import load_base
from clinicalblip.progress import write_line
from clinicalblip.training.options import TrainOptions
from clinicalblip.training.run_folder import translate_write_errors
from clinicalblip.training.train import train_plan
from research.mini.connect.adapter_studies import ADAPTER_PLAN, composed_studies, films_from_table
from research.mini.connect.assemble import assemble, save_rounded
from research.mini.connect.connect import connect
from research.mini.connect.language import learn_tokenizers, train_language
from research.mini.connect.qformer import train_qformer
from research.mini.evaluation.card import figures_text, write_figures
from research.mini.evaluation.evaluate import ADAPTER, BASE, evaluate_mini, iu_studies
from research.mini.films.prepare_films import prepare_films
from research.mini.recipe import FULL, MiniRecipe
from research.mini.reports.examples import Examples
from research.mini.reports.pseudo_labels import pseudo_label_films
from research.mini.reports.sentences import collect_sentences
from research.mini.vision.encoder import train_encoder
from research.mini.vision.ood import measure_ood
from research.mini.vision.teacher import installed_teacher, train_teacher
from research.mini.vision.vision_init import PARTS, write_vision_init


def make_mini(
    data: Path,
    run: Path,
    output: Path,
    *,
    recipe: MiniRecipe = FULL,
    vision_init: Path | None = None,
    connected: Path | None = None,
) -> dict[str, Any]:
    """Make the bundled model from `data` into `output`: `BASE`, `ADAPTER` and `figures.json`; gives the figures.

    `data` holds `radiographs/` and `iu/`; `run` keeps all intermediate work. Teacher and encoder of another run's
    folder `vision_init` are taken as finished, and so is its base, `connected`, before the LoRA stages. Raises
    DatasetError; ModelUnavailable where the teacher's package or what to begin with is missing; and StageError where
    `run` was begun with other settings.
    """
    installed_teacher()  # raises now, and not after a quarter of an hour of films
    run.mkdir(parents=True, exist_ok=True)
    films = prepare_films(data, run, recipe)
    studies = [study for study in iu_studies(data) if study.split == "train"]
    sentences = collect_sentences(studies)
    teacher = train_teacher(films, run, recipe, vision_init)
    encoder = train_encoder(films, run, recipe, teacher, vision_init)
    pseudo_labels = pseudo_label_films(films, encoder, run)
    examples = Examples(films, studies, sentences, pseudo_labels, **recipe.shares())
    in_one_voice = Examples(films, studies, sentences, pseudo_labels, **recipe.look_shares(), one_voice=True)
    vision_figures = {part: json.loads((run / part / "figures.json").read_text("utf-8")) for part in PARTS}
    write_vision_init(run / "vision_init", {"teacher": teacher, "encoder": encoder}, vision_figures)

    base_folder, adapter_folder = output / BASE, output / ADAPTER
    if connected is None:
        tokenizers = learn_tokenizers(studies, run, recipe)
        hinted = Examples(films, studies, sentences, pseudo_labels, **recipe.copying_shares())
        language = train_language(studies, examples, hinted, tokenizers[0], run, recipe)
        assembled = assemble(run / "assembled", encoder.vision.state_dict(), language, tokenizers, recipe)
        base = load_base(assembled, "fp32", "cpu")
        train_qformer(films, examples, encoder, base, run, recipe)
        connect(films, examples, in_one_voice, encoder, base, run, recipe)
    else:
        base = load_base(connected, "fp32", "cpu")
    _clear(base_folder)
    save_rounded(base_folder, base)
    measure_ood(films, base_folder, run)

    adapter = train_plan(
        ADAPTER_PLAN,
        composed_studies(films, examples, recipe),
        run / "adapter",
        load_base(base_folder, "fp32", "cpu"),
        TrainOptions(seed=recipe.seed),
        load_films=films_from_table(films),
        log=write_line,
    )
    with translate_write_errors("The adapter"):
        _clear(adapter_folder)
        shutil.copytree(adapter, adapter_folder)
    figures = evaluate_mini(output, data, recipe, run / "drafts.jsonl") | vision_figures
    write_figures(output, figures)
    write_line(figures_text(figures))
    return figures


def _clear(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
