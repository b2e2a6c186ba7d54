"""The Trainer of transformers with this project's loss, precision and files, and what it reports while it runs."""

import math
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from tqdm import tqdm
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from clinicalblip.errors import StageError
from clinicalblip.instructblip.adapter import load_weights, save_weights
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import IGNORE_INDEX
from clinicalblip.progress import Log, progress_bar
from clinicalblip.training.options import TrainOptions
from clinicalblip.training.run_folder import StageRun, translate_write_errors
from clinicalblip.training.stage import Stage

_LOG_LINES = 200  # of a stage in log.jsonl, or one a step where it has fewer
_VALIDATIONS = 5  # of a stage, the last one after its last step


def report_loss(logits: Tensor, labels: Tensor, *, is_decoder_only: bool, tokens: Tensor | int | None = None) -> Tensor:
    """Cross entropy of the report's tokens, summed and divided by `tokens`, by default their number here.

    `logits` (studies, positions, vocabulary), `labels` (studies, positions) with -100 wherever nothing is learnt. A
    decoder-only model's logits are for the next position, those of a T5-type decoder for their own. With the number
    of tokens of all accumulated batches, every token of a step counts the same, however long its report is.
    """
    if is_decoder_only:
        logits, labels = logits[:, :-1], labels[:, 1:]
    learnt = labels != IGNORE_INDEX
    total = functional.cross_entropy(logits[learnt].float(), labels[learnt], reduction="sum")
    return total / (learnt.sum() if tokens is None else tokens)


class StageTrainer(Trainer):  # type: ignore[misc]
    """The Trainer with this project's loss, precision and adapter files."""

    def __init__(self, *, stage: Stage, base: Base, **arguments: Any) -> None:
        super().__init__(compute_loss_func=self._loss, **arguments)
        self._stage, self._base = stage, base
        self.model_accepts_loss_kwargs = False  # its forward would hand the number of tokens on to the image encoder
        self.remove_callback(PrinterCallback)

    def _loss(self, outputs: Any, labels: Tensor, num_items_in_batch: Tensor | int | None = None) -> Tensor:
        loss = report_loss(
            outputs.logits, labels, is_decoder_only=self._base.is_decoder_only, tokens=num_items_in_batch
        )
        if not torch.isfinite(loss):
            raise StageError(
                f"The loss of the stage {self._stage.name} is no number any more at step {self.state.global_step}; "
                "train with a lower learning rate or in fp32, in a new run folder."
            )
        return loss

    def compute_loss_context_manager(self) -> ExitStack:
        """Autocast as drafting does."""
        stack: ExitStack = super().compute_loss_context_manager()
        stack.enter_context(self._base.autocast())
        return stack

    def evaluate(self, *arguments: Any, **named: Any) -> dict[str, float]:
        """Measure the validation loss; the dropout after it draws the numbers that it would have drawn without."""
        with torch.random.fork_rng():
            found: dict[str, float] = super().evaluate(*arguments, **named)
        return found

    def prediction_step(self, model: Any, inputs: dict[str, Tensor], *_: Any, **__: Any) -> tuple[Tensor, None, None]:
        """The loss of the one study of a batch, averaged over its tokens whatever the number of processes."""
        inputs = self._prepare_inputs(inputs)
        labels = inputs.pop("labels")
        with torch.no_grad(), self.compute_loss_context_manager():
            logits = model(**inputs).logits
            loss = report_loss(logits, labels, is_decoder_only=self._base.is_decoder_only)
        return loss.detach(), None, None

    def floating_point_ops(self, inputs: Any) -> int:
        """Not counted: the Trainer's estimate knows nothing of films."""
        return 0

    def _save_checkpoint(self, *arguments: Any, **named: Any) -> None:
        with translate_write_errors(f"The checkpoint of step {self.state.global_step} of the stage {self._stage.name}"):
            super()._save_checkpoint(*arguments, **named)

    def _save(self, output_dir: str | None = None, state_dict: Any = None) -> None:
        folder = Path(output_dir or self.args.output_dir)
        folder.mkdir(parents=True, exist_ok=True)
        save_weights(self.model, folder)

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Set the weights alone: the Trainer's own loading would make every group of the adapter trainable."""
        load_weights(self.model, Path(resume_from_checkpoint))


class StageCallback(TrainerCallback):  # type: ignore[misc]
    """Logs, shows how far the stage is, and asks for validation and for a checkpoint when one is due."""

    def __init__(self, stage_run: StageRun, checkpoint_minutes: float, log: Log, *, validates: bool) -> None:
        self._run, self._minutes, self._log, self._validates = stage_run, checkpoint_minutes, log, validates
        self.seconds_before = 0.0
        self._started = self._saved = time.monotonic()
        self._losses: dict[str, str] = {}
        self._bar: tqdm[Any] | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Start the clocks."""
        self._started = self._saved = time.monotonic()
        if state.is_world_process_zero:
            name, done = self._run.path.name, state.global_step
            self._bar = progress_bar(name, total=state.max_steps, done=done, unit="step")

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Leave the bar as it stands, and say that the stage has ended."""
        if self._bar is not None:
            self._bar.close()
            losses = "".join(f", {name} {loss}" for name, loss in self._losses.items())
            self._log(f"{self._run.path.name}: {state.global_step} of {state.max_steps} steps{losses}")

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:
        """Add a line to the log, and show the losses beside the bar."""
        if not state.is_world_process_zero or not logs or not logs.keys() & {"loss", "eval_loss"}:
            return
        line: dict[str, float] = {"step": state.global_step, "steps": state.max_steps}
        line |= {name: logs[name] for name in ("loss", "learning_rate", "grad_norm") if name in logs}
        if "eval_loss" in logs:
            line["validation_loss"] = logs["eval_loss"]
        seconds = self.seconds_before + time.monotonic() - self._started
        self._run.append_log({**line, "seconds": round(seconds, 1)})
        for name, shown in (("loss", "loss"), ("validation_loss", "validation loss")):
            if name in line:
                self._losses[shown] = f"{line[name]:.4f}"
        if self._bar is not None:
            self._bar.set_postfix(self._losses, refresh=False)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """Ask for a checkpoint when the last one is old enough; all processes follow the first one's clock."""
        if self._bar is not None:
            self._bar.update(state.global_step - self._bar.n)
        due = state.global_step < state.max_steps and time.monotonic() - self._saved >= 60 * self._minutes
        if args.world_size > 1:
            flag = torch.tensor([due], device=args.device, dtype=torch.uint8)
            torch.distributed.broadcast(flag, src=0)
            due = bool(flag.item())
        control.should_save = due
        control.should_evaluate = self._validates and state.global_step in _validation_steps(state.max_steps)
        return control

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Mark the checkpoint as whole, now that all of it is written."""
        if args.world_size > 1:
            torch.distributed.barrier()
        if state.is_world_process_zero:
            self._run.mark_complete(state.global_step)
        self._saved = time.monotonic()


def _validation_steps(steps: int) -> set[int]:
    """The steps after which the validation loss is measured."""
    return {round(steps * part / _VALIDATIONS) for part in range(1, _VALIDATIONS + 1)}


def accumulation_per_process(stage: Stage, processes: int) -> int:
    """How many batches each process takes for one step, so that a step is as large as with one process.

    Raises StageError where the stage's batches cannot be shared out evenly.
    """
    if stage.accumulation % processes:
        raise StageError(
            f"A step of the stage {stage.name} is {stage.accumulation} batches, which {processes} processes cannot "
            "share; train with a number of processes that divides it."
        )
    return stage.accumulation // processes


def trainer_arguments(
    stage: Stage, stage_run: StageRun, base: Base, options: TrainOptions, *, batches: int, seed: int
) -> TrainingArguments:
    """The Trainer's settings for a stage of so many batches, all processes together."""
    arguments = TrainingArguments(
        output_dir=str(stage_run.checkpoints),
        per_device_train_batch_size=1,  # an item of BatchDataset is a batch
        per_device_eval_batch_size=1,
        prediction_loss_only=True,
        activation_checkpointing=options.activation_checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False} if options.activation_checkpointing else None,
        num_train_epochs=1,  # BatchDataset goes over all epochs
        train_sampling_strategy="sequential",
        learning_rate=stage.learning_rate,
        lr_scheduler_type="cosine",
        weight_decay=stage.weight_decay,
        max_grad_norm=stage.gradient_norm,
        seed=seed,
        use_cpu=base.device == "cpu",
        fp16=base.compute_dtype == torch.float16,  # for the scaling of gradients; the rest is base.autocast()
        save_strategy="no",  # StageCallback asks for checkpoints by the clock, and StageRun keeps the last
        logging_first_step=True,
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        report_to="none",
        remove_unused_columns=False,
        label_names=["labels"],
        dataloader_num_workers=options.workers,
        dataloader_pin_memory=base.device != "cpu",
        ddp_find_unused_parameters=False,
    )
    arguments.gradient_accumulation_steps = accumulation_per_process(stage, arguments.world_size)
    steps = math.ceil(batches / stage.accumulation)
    arguments.warmup_steps = round(stage.warmup * steps)
    arguments.logging_steps = max(1, steps // _LOG_LINES)
    return arguments
