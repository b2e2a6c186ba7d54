"""Studies and a plan in, an adapter out; killed at any moment, the same call goes on where it was.

The loop, its checkpoints and its resumption are the Trainer's of transformers. What is added: only the stage's groups
learn, the loss is that of the report's tokens alone, and a run folder says what was done.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from peft import PeftModel

from clinicalblip.datasets.files.studies import digest_studies, digest_study
from clinicalblip.errors import StageError
from clinicalblip.instructblip.adapter import create_adapter, freeze_all_but, load_adapter, save_adapter, set_dropout
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.distributed import rank, world_size
from clinicalblip.instructblip.hardware.quantisation import disable_cpu_repacking
from clinicalblip.instructblip.prompt import PROMPT_VERSION
from clinicalblip.instructblip.provenance import AdapterProvenance, package_versions
from clinicalblip.progress import Log, track
from clinicalblip.radiology.study import Study
from clinicalblip.training.data.dataset import BatchDataset, Collator
from clinicalblip.training.data.films import CachedFilmLoader, FilmLoader
from clinicalblip.training.data.selection import StageStudies, exclude_unreadable, select_studies
from clinicalblip.training.loss_plot import plot_loss
from clinicalblip.training.machine import describe_machine, peak_memory
from clinicalblip.training.options import TrainOptions
from clinicalblip.training.run_folder import (
    StageRun,
    begin_or_resume_run,
    lock_run,
    stage_run,
    translate_write_errors,
)
from clinicalblip.training.stage import Plan, Stage
from clinicalblip.training.trainer import StageCallback, StageTrainer, accumulation_per_process, trainer_arguments

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Training:
    """What all stages of a training have in common."""

    plan: Plan
    base: Base
    options: TrainOptions
    load_films: FilmLoader
    log: Log


def train_plan(
    plan: Plan,
    studies: Sequence[Study],
    run: Path,
    base: Base,
    options: TrainOptions | None = None,
    *,
    load_films: FilmLoader | None = None,
    log: Log = logger.info,
) -> Path:
    """Train every stage of a plan on the train split of `studies`; returns the folder of the last stage's adapter.

    Finished stages are skipped and an interrupted one goes on from its last checkpoint, with the same batches and the
    same random numbers. Several processes (torchrun) share every step's batches, so that they train as one does; only
    the dropout's draws differ.

    `load_films` gives a study's films where they do not come from its image files; those are decoded first and cached
    at the model's size. The loss on some studies of the validate split is measured five times a stage. The base's
    model carries the adapter afterwards, and must not have drafted before.

    Raises:
        StageError: the run folder belongs to another plan, base, data or seed, or is in use; a film cannot be read
            and the options are strict; the loss is no number any more; there is nothing to learn from; the processes
            cannot share a step.
        AdapterError: the adapter of a finished stage is damaged.
    """
    options = options or TrainOptions()
    plan = plan.leaving_empty(options.without)
    for stage in plan.stages:
        accumulation_per_process(stage, world_size())
    with lock_run(run):
        selected = {target: select_studies(studies, target, base) for target in {s.target for s in plan.stages}}
        data_digest = digest_studies(
            (study for study in studies if study.split == "train"), with_views=True, in_any_order=True
        )
        begin_or_resume_run(
            run,
            {
                "plan": plan.as_dict(),
                "base": {"name": base.name, "digest": base.digest},
                "precision": base.precision,
                "data": data_digest,
                "seed": options.seed,
                "prompt version": PROMPT_VERSION,
            },
        )
        if load_films is None:
            load_films = reader = CachedFilmLoader(base.image_size, run / "films")
            looked_at = {s.study_id: s for each in selected.values() for s in (*each.training, *each.validation)}
            unreadable = _decode_films(reader, list(looked_at.values()), options, log)
            selected = {target: exclude_unreadable(each, unreadable) for target, each in selected.items()}
        training = Training(plan, base, options, load_films, log)
        provenance = AdapterProvenance(base.name, base.digest, plan.name, (), data_digest, options.seed)
        model: PeftModel | None = None
        current: StageRun | None = None
        for number, stage in enumerate(plan.stages, start=1):
            previous, current = current, stage_run(run, number, stage.name)
            provenance = replace(provenance, stages=(*provenance.stages, stage.name))
            if current.finished:
                log(f"{current.path.name}: finished before")
                continue
            if model is None:
                _refuse_repacked(base)
                if previous is None:
                    model = create_adapter(base, plan.ranks, options.seed)
                else:
                    model, _ = load_adapter(base, previous.adapter, trainable=True)
            seed = options.seed * 1000 + number
            train_stage(stage, selected[stage.target], training, model, current, provenance, seed)
        return stage_run(run, len(plan.stages), plan.stages[-1].name).adapter


def train_stage(
    stage: Stage,
    studies: StageStudies,
    training: Training,
    model: PeftModel,
    current: StageRun,
    provenance: AdapterProvenance,
    seed: int,
) -> None:
    """Train one stage of the adapter that `model` carries, from where its folder says. Raises StageError.

    The validation loss is measured with every slot filled that the plan fills.
    """
    started = time.monotonic()
    base, options = training.base, training.options
    trainable = freeze_all_but(model, stage.trains)
    set_dropout(model, stage.trains, stage.dropout)
    current.write_studies([digest_study(study) for study in studies.training])

    def batches(of: Stage, some: Sequence[Study], seed: int, processes: int) -> BatchDataset:
        without = training.plan.without
        return BatchDataset(
            of, some, base=base, load_films=training.load_films, seed=seed, without=without, processes=processes
        )

    training_set = batches(stage, studies.training, seed, world_size())
    validated = studies.validation[: len(studies.validation) // world_size() * world_size()]  # as many for each process
    as_drafted = replace(stage, epochs=1, slot_dropout=0.0, augmentation=0.0, batch=1)
    callback = StageCallback(current, options.checkpoint_minutes, training.log, validates=bool(validated))
    trainer = StageTrainer(
        stage=stage,
        base=base,
        model=model,
        args=trainer_arguments(stage, current, base, options, batches=len(training_set), seed=seed),
        data_collator=Collator(base),
        train_dataset=training_set,
        eval_dataset=batches(as_drafted, validated, 0, 1),
        callbacks=[callback],
    )
    checkpoint = current.last_checkpoint()
    if checkpoint is None:
        current.log.unlink(missing_ok=True)
    else:
        current.truncate_log(checkpoint[1])
        training.log(f"{current.path.name}: going on from step {checkpoint[1]}")
    callback.seconds_before = current.seconds_logged()
    disable_cpu_repacking(model)  # measuring the validation loss runs the model in eval()
    model.train()
    trainer.train(resume_from_checkpoint=str(checkpoint[0]) if checkpoint else None)
    model.zero_grad()
    if not trainer.is_world_process_zero():
        return
    with translate_write_errors(f"The adapter of the stage {stage.name}"):
        digest = save_adapter(model, current.adapter, provenance)
        plot_loss(current.log, current.path / "loss.svg", title=f"{provenance.plan}: {stage.name}")
    current.finish(
        {
            "stage": stage.as_dict(),
            "plan": provenance.plan,
            "without": sorted(training.plan.without),
            "base": {"name": base.name, "digest": base.digest, "precision": base.precision},
            "adapter": digest,
            "data": {
                "digest": provenance.data_digest,
                "studies": len(studies.training),
                "left_out": dict(studies.left_out),
            },
            "prompt_version": provenance.prompt_version,
            "versions": package_versions(),
            "seed": seed,
            "trainable_parameters": trainable,
            "steps": trainer.state.global_step,
            "processes": trainer.args.world_size,
            "seconds": round(callback.seconds_before + time.monotonic() - started, 1),
            "activation_checkpointing": options.activation_checkpointing,
            "peak_memory_bytes": peak_memory(),
            "machine": describe_machine(base.device),
        }
    )


def _decode_films(
    reader: CachedFilmLoader, studies: Sequence[Study], options: TrainOptions, log: Log
) -> frozenset[str]:
    """Decode every film once; returns the ids of the studies with one that cannot be read, or raises StageError."""
    unreadable = []
    is_first = rank() == 0
    decoded = reader.decode_all(studies, options.workers)
    for study, problem in track(decoded, "films", total=len(studies), unit="study", enabled=is_first):
        if problem is None:
            continue
        if options.strict:
            raise StageError(problem)
        unreadable.append(study.study_id)
        if is_first:
            log(f"{problem} The study is left out.")
    return frozenset(unreadable)


def _refuse_repacked(base: Base) -> None:
    """On some CPUs the first forward pass in eval() repacks a 4-bit layer, and its gradients are wrong from then on."""
    for module in base.model.modules():
        state = getattr(getattr(module, "weight", None), "quant_state", None)
        if getattr(state, "packing_format_for_cpu", False):
            raise StageError("The base has drafted in this process already; load it again before training on it.")
