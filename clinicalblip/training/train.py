"""Studies and a plan in, an adapter out; killed at any moment, the same call goes on where it was.

The loop, its checkpoints and its resumption are the Trainer's of transformers. What is added: only the stage's groups
learn, the loss is that of the report's tokens alone, and a run folder says what was done.
"""

import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from peft import PeftModel
from tqdm import tqdm

from clinicalblip.datasets.files.studies import digest_of, read_studies
from clinicalblip.errors import StageError
from clinicalblip.instructblip.adapter import create_adapter, freeze_all_but, load_adapter, save_adapter, set_dropout
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.distributed import rank, world_size
from clinicalblip.instructblip.hardware.quantisation import disable_cpu_repacking
from clinicalblip.instructblip.named_base import load_named_base
from clinicalblip.instructblip.prompt import PROMPT_VERSION
from clinicalblip.instructblip.provenance import Provenance, package_versions
from clinicalblip.radiology.study import Study
from clinicalblip.settings import Precision
from clinicalblip.training.batches import (
    Batches,
    Collate,
    choose_studies,
    choose_to_validate,
    digest_studies,
    leave_out_broken,
)
from clinicalblip.training.dry_run import forecast
from clinicalblip.training.films import FilmReader, LoadFilms
from clinicalblip.training.loss_plot import plot_loss
from clinicalblip.training.machine import name_machine, peak_memory
from clinicalblip.training.plans import plan_leaving_out
from clinicalblip.training.run_folder import StageFolder, open_run, sole_use, stage_folder, written
from clinicalblip.training.stage import Plan, Stage
from clinicalblip.training.trainer import Progress, Say, StageTrainer, say_in_log, share_accumulation, trainer_arguments


def train_plan(
    plan: Plan,
    studies: Sequence[Study],
    run: Path,
    base: Base,
    *,
    seed: int = 0,
    load_films: LoadFilms | None = None,
    checkpoint_minutes: float = 5.0,
    workers: int = 0,
    strict: bool = False,
    validated: int = 100,
    activation_checkpointing: bool = False,
    say: Say = say_in_log,
) -> Path:
    """Train every stage of a plan on the train split of `studies`; gives the folder of the last stage's adapter.

    Finished stages are skipped and an interrupted one goes on from its last checkpoint, at most `checkpoint_minutes`
    old, with the same batches and the same random numbers. Several processes (torchrun) share every step's batches,
    so that they train as one does; only the dropout's draws differ.

    `load_films` gives a study's films where they do not come from its image files; those are decoded first, by
    `workers` processes, and kept at the model's size. A study with a film that cannot be read is named and left out,
    or with `strict` ends the training. The loss on at most `validated` studies of the validate split is measured five
    times a stage. `activation_checkpointing` computes activations twice instead of keeping them. The base's model
    carries the adapter afterwards, and must not have drafted before.

    Raises:
        StageError: the run folder belongs to another plan, base, data or seed, or is in use; a film is broken and
            `strict` was asked for; the loss is no number any more; there is nothing to learn from; the processes
            cannot share a step.
        AdapterError: the adapter of a finished stage is damaged.
    """
    for stage in plan.stages:
        share_accumulation(stage, world_size())
    with sole_use(run):
        targets = {stage.target for stage in plan.stages}
        chosen = {target: choose_studies(studies, target, base) for target in targets}
        validating = {target: choose_to_validate(studies, target, base, validated) for target in targets}
        data_digest = digest_studies(study for study in studies if study.split == "train")
        provenance = Provenance(base.name, base.digest, plan.name, (), data_digest, seed)
        open_run(
            run,
            {
                "plan": plan.of(),
                "base": {"name": base.name, "digest": base.digest},
                "precision": base.precision,
                "data": data_digest,
                "seed": seed,
                "prompt version": PROMPT_VERSION,
            },
        )
        if load_films is None:
            load_films = reader = FilmReader(base.image_size, run / "films")
            looked_at = {study.study_id: study for each in targets for study in (*chosen[each][0], *validating[each])}
            broken = _keep_films(reader, list(looked_at.values()), workers=workers, strict=strict, say=say)
            chosen = {target: leave_out_broken(choice, broken) for target, choice in chosen.items()}
            validating = {t: [s for s in each if s.study_id not in broken] for t, each in validating.items()}
        model: PeftModel | None = None
        folder: StageFolder | None = None
        for number, stage in enumerate(plan.stages, start=1):
            previous, folder = folder, stage_folder(run, number, stage.name)
            provenance = replace(provenance, stages=(*provenance.stages, stage.name))
            if folder.finished:
                say(f"{folder.path.name}: finished before")
                continue
            if model is None:
                _refuse_repacked(base)
                if previous is None:
                    model = create_adapter(base, plan.ranks, seed)
                else:
                    model, _ = load_adapter(base, previous.adapter, trainable=True)
            learning, left_out = chosen[stage.target]
            train_stage(
                stage,
                learning,
                base=base,
                model=model,
                folder=folder,
                provenance=provenance,
                seed=seed * 1000 + number,
                load_films=load_films,
                without=plan.without,
                left_out=left_out,
                validating=validating[stage.target],
                checkpoint_minutes=checkpoint_minutes,
                workers=workers,
                activation_checkpointing=activation_checkpointing,
                say=say,
            )
        return stage_folder(run, len(plan.stages), plan.stages[-1].name).adapter


def train_stage(
    stage: Stage,
    studies: Sequence[Study],
    *,
    base: Base,
    model: PeftModel,
    folder: StageFolder,
    provenance: Provenance,
    seed: int,
    load_films: LoadFilms,
    without: frozenset[str] = frozenset(),
    left_out: dict[str, int] | None = None,
    validating: Sequence[Study] = (),
    checkpoint_minutes: float = 5.0,
    workers: int = 0,
    activation_checkpointing: bool = False,
    say: Say = say_in_log,
) -> Path:
    """Train one stage of the adapter that `model` carries, from where its folder says; gives the adapter's folder.

    `studies` are those of `choose_studies`, which also says what was `left_out`; `validating` those whose loss is
    measured, with every slot filled. Raises StageError.
    """
    started = time.monotonic()
    trainable = freeze_all_but(model, stage.trains)
    set_dropout(model, stage.trains, stage.dropout)
    folder.write_studies([digest_of(study) for study in studies])
    batches = Batches(
        stage, studies, base=base, load_films=load_films, seed=seed, without=without, processes=world_size()
    )
    validating = validating[: len(validating) // world_size() * world_size()]  # as many for each process
    as_drafted = replace(stage, epochs=1, slot_dropout=0.0, augmentation=0.0, batch=1)
    validation = Batches(as_drafted, validating, base=base, load_films=load_films, seed=0, without=without)
    progress = Progress(stage, folder, checkpoint_minutes, say)
    progress.validates = bool(validating)
    trainer = StageTrainer(
        stage=stage,
        base=base,
        model=model,
        args=trainer_arguments(
            stage,
            folder,
            base,
            batches=len(batches),
            seed=seed,
            workers=workers,
            activation_checkpointing=activation_checkpointing,
        ),
        data_collator=Collate(base),
        train_dataset=batches,
        eval_dataset=validation,
        callbacks=[progress],
    )
    checkpoint = folder.last_checkpoint()
    if checkpoint is None:
        folder.log.unlink(missing_ok=True)
    else:
        folder.cut_log(checkpoint[1])
        say(f"{folder.path.name}: going on from step {checkpoint[1]}")
    progress.seconds_before = folder.seconds_logged()
    disable_cpu_repacking(model)  # measuring the validation loss runs the model in eval()
    model.train()
    trainer.train(resume_from_checkpoint=str(checkpoint[0]) if checkpoint else None)
    model.zero_grad()
    if not trainer.is_world_process_zero():
        return folder.adapter
    with written(f"The adapter of the stage {stage.name}"):
        digest = save_adapter(model, folder.adapter, provenance)
        plot_loss(folder.log, folder.path / "loss.svg", title=f"{provenance.plan}: {stage.name}")
    folder.finish(
        {
            "stage": stage.of(),
            "plan": provenance.plan,
            "without": sorted(without),
            "base": {"name": base.name, "digest": base.digest, "precision": base.precision},
            "adapter": digest,
            "data": {
                "digest": provenance.data_digest,
                "studies": len(studies),
                "left_out": left_out or {},
            },
            "prompt_version": provenance.prompt_version,
            "versions": package_versions(),
            "seed": seed,
            "trainable_parameters": trainable,
            "steps": trainer.state.global_step,
            "processes": trainer.args.world_size,
            "seconds": round(progress.seconds_before + time.monotonic() - started, 1),
            "activation_checkpointing": activation_checkpointing,
            "peak_memory_bytes": peak_memory(),
            "machine": name_machine(base.device),
        }
    )
    return folder.adapter


def train_command(
    plan: str,
    studies: Path,
    run: Path,
    base: str,
    precision: Precision = "auto",
    *,
    without: Collection[str] = (),
    strict: bool = False,
    workers: int = 0,
    activation_checkpointing: bool = False,
) -> Path:
    """Train the plan of this name on a studies file; gives the adapter's folder. Raises ClinicalBlipError.

    `without` names slots of the prompt that stay empty, besides those that the plan leaves empty.
    """
    chosen = plan_leaving_out(plan, without)  # what is cheap to refuse is looked at before a model is loaded
    for stage in chosen.stages:
        share_accumulation(stage, world_size())
    read = list(read_studies(studies))
    return train_plan(
        chosen,
        read,
        run,
        load_named_base(base, precision),
        strict=strict,
        workers=workers,
        activation_checkpointing=activation_checkpointing,
        say=partial(print, file=sys.stderr, flush=True),
    )


def forecast_command(
    plan: str,
    studies: Path,
    base: str,
    precision: Precision = "auto",
    *,
    without: Collection[str] = (),
    activation_checkpointing: bool = False,
) -> str:
    """Say what `train_command` would do, without loading the base's weights. Raises ClinicalBlipError."""
    chosen = plan_leaving_out(plan, without)
    read = list(read_studies(studies))
    loaded = load_named_base(base, precision, weights=False)
    return forecast(chosen, read, loaded, activation_checkpointing=activation_checkpointing)


def _keep_films(
    reader: FilmReader, studies: Sequence[Study], *, workers: int, strict: bool, say: Say
) -> frozenset[str]:
    """Decode every film once; gives the ids of the studies with one that cannot be read, or raises StageError."""
    broken = []
    found = reader.find_broken(studies, workers)
    is_first = rank() == 0
    for study, trouble in tqdm(found, total=len(studies), desc="films", disable=None if is_first else True):
        if trouble is None:
            continue
        if strict:
            raise StageError(trouble)
        broken.append(study.study_id)
        if is_first:
            say(f"{trouble} The study is left out.")
    return frozenset(broken)


def _refuse_repacked(base: Base) -> None:
    """On some CPUs the first forward pass in eval() repacks a 4-bit layer, and its gradients are wrong from then on."""
    for module in base.model.modules():
        state = getattr(getattr(module, "weight", None), "quant_state", None)
        if getattr(state, "packing_format_for_cpu", False):
            raise StageError("The base has drafted in this process already; load it again before training on it.")
