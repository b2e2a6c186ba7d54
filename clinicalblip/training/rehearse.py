"""A rehearsal at full size: random weights, a film of noise, one QLoRA step of every stage, one draft; time and memory.

It answers, before gigabytes are fetched, whether a machine can train and draft at this size. What is learnt and
written means nothing.
"""

import logging
import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from transformers.generation.streamers import BaseStreamer

from clinicalblip.errors import StageError
from clinicalblip.instructblip.adapter import create_adapter, freeze_all_but, set_dropout
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.build.random_base import make_random_base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.hardware.memory import catch_out_of_memory
from clinicalblip.instructblip.hardware.precision import ChosenPrecision
from clinicalblip.instructblip.prompt import build_prompt, target_text
from clinicalblip.progress import Log
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.training.machine import current_memory, describe_machine, peak_memory
from clinicalblip.training.stage import Plan, Stage
from clinicalblip.training.trainer import report_loss

logger = logging.getLogger(__name__)

SEED = 0  # of the random weights and the film

CONTEXT = ClinicalContext(indication="cough and fever", hints="effusion right")
REPORT = Report(
    "The heart is enlarged. There is a small right pleural effusion. The left lung is clear.",
    "Cardiomegaly with a small right effusion.",
)


@dataclass(frozen=True)
class StageStep:
    """One optimiser step of a stage on one study.

    `trainable` counts the trainable weights, `gradient_norm` is over all of them, and `peak_bytes` is the most memory
    that was held so far.
    """

    stage: str
    trainable: int
    seconds: float
    loss: float
    gradient_norm: float
    peak_bytes: int


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal found. Seconds are of wall clock, bytes of the process or, on a GPU, of the GPU."""

    shape: str
    precision: str
    machine: str
    parameters: int
    load_seconds: float
    loaded_bytes: int
    load_peak_bytes: int
    steps: tuple[StageStep, ...]
    draft_tokens: int
    first_token_seconds: float
    seconds_a_token: float
    peak_bytes: int

    @property
    def table(self) -> str:
        """The figures as Markdown."""
        gib = 2**30
        head = [
            f"{self.shape} in {self.precision}, {self.parameters / 1e6:,.0f} million parameters, on {self.machine}",
            "",
            "| step | seconds | peak memory, GiB | trainable parameters | loss | gradient norm |",
            "|---|---|---|---|---|---|",
            f"| made and quantised ({self.loaded_bytes / gib:.1f} GiB held) | {self.load_seconds:.0f} "
            f"| {self.load_peak_bytes / gib:.1f} | | | |",
        ]
        steps = [
            f"| stage {s.stage} | {s.seconds:.1f} | {s.peak_bytes / gib:.1f} | {s.trainable:,} | {s.loss:.2f} "
            f"| {s.gradient_norm:.3g} |"
            for s in self.steps
        ]
        draft = (
            f"| draft of {self.draft_tokens} tokens: first {self.first_token_seconds:.1f} s, then "
            f"{self.seconds_a_token:.2f} s a token | "
            f"{self.first_token_seconds + self.seconds_a_token * (self.draft_tokens - 1):.1f} "
            f"| {self.peak_bytes / gib:.1f} | | | |"
        )
        return "\n".join([*head, *steps, draft])


def rehearse(
    shape: str,
    plan: Plan,
    *,
    precision: ChosenPrecision = "nf4",
    device: str = "cpu",
    tokens: int = 20,
    log: Log = logger.info,
) -> Rehearsal:
    """Make the shape, take one step of every stage of the plan on one study, then draft `tokens` tokens.

    The steps come first: a 4-bit layer that has drafted may have been repacked, and trains wrongly afterwards.

    Raises:
        StageError: a gradient is missing, zero throughout or no number; or fewer than two tokens are asked for.
        ModelUnavailable: there is no such shape.
        OutOfMemory: it does not fit.
    """
    if tokens < 2:
        raise StageError("A draft of two tokens or more is needed to time one.")
    log(f"making {shape} in {precision}, layer by layer")
    began = time.monotonic()
    base = make_random_base(shape, precision, device, SEED)
    load_seconds, load_peak, loaded = time.monotonic() - began, _peak(), current_memory()
    parameters = count_parameters(base.model)
    model = create_adapter(base, plan.ranks, SEED)
    steps = []
    for stage in plan.stages:
        log(f"one step of the stage {stage.name}")
        with catch_out_of_memory(f"A step of the stage {stage.name}", "choose a smaller shape or the precision nf4"):
            steps.append(_step(stage, base, model))
    log(f"drafting {tokens} tokens")
    with catch_out_of_memory("The draft", "choose a smaller shape or the precision nf4"):
        times = _draft(base, model, tokens)
    return Rehearsal(
        shape=shape,
        precision=precision,
        machine=describe_machine(base.device),
        parameters=parameters,
        load_seconds=load_seconds,
        loaded_bytes=loaded,
        load_peak_bytes=load_peak,
        steps=tuple(steps),
        draft_tokens=len(times),
        first_token_seconds=times[0],
        seconds_a_token=(times[-1] - times[0]) / (len(times) - 1),
        peak_bytes=max(_peak(), loaded),  # Linux counts the peak a few pages behind what is held now
    )


def count_parameters(model: Any) -> int:
    """The number of weights of a model; bitsandbytes keeps two weights of 4 bits in a byte."""
    return sum(
        each.numel() * (2 if getattr(each, "quant_state", None) is not None else 1) for each in model.parameters()
    )


def _step(stage: Stage, base: Base, model: Any) -> StageStep:
    """Take one optimiser step on one study. Raises StageError where a gradient is wrong or no weight changes."""
    began = time.monotonic()
    trainable = freeze_all_but(model, stage.trains)
    set_dropout(model, stage.trains, 0.0)
    learning = {name: each for name, each in model.named_parameters() if each.requires_grad}
    before = {name: each.detach().clone() for name, each in learning.items()}
    optimiser = torch.optim.AdamW(learning.values(), lr=stage.learning_rate)
    model.train()
    batch = _batch(base, target_text(REPORT))
    if not base.is_decoder_only:
        language = base.model.language_model
        batch["decoder_input_ids"] = language.prepare_decoder_input_ids_from_labels(labels=batch["labels"])
    labels = batch.pop("labels")
    with base.autocast():
        logits = model(**batch).logits
        loss = report_loss(logits, labels, is_decoder_only=base.is_decoder_only)
    loss.backward()  # type: ignore[no-untyped-call]
    norm = _gradient_norm(stage.name, learning)
    optimiser.step()
    if not any((each.detach() != before[name]).any() for name, each in learning.items()):
        raise StageError(f"The step of the stage {stage.name} changed no weight.")
    optimiser.zero_grad(set_to_none=True)
    return StageStep(stage.name, trainable, time.monotonic() - began, loss.item(), norm, _peak())


def _gradient_norm(stage: str, learning: dict[str, Tensor]) -> float:
    """The norm of all gradients. Raises StageError where one is missing, not finite, or zero although it should not be.

    The gradient of `lora_A` is zero at the first step, because `lora_B` begins at zero (Hu et al., arXiv:2106.09685,
    section 4.1).
    """
    squares = 0.0
    for name, parameter in learning.items():
        if parameter.grad is None or not torch.isfinite(parameter.grad).all():
            raise StageError(f"In the stage {stage} the gradient of {name} is missing or no number.")
        if "lora_A" not in name and not parameter.grad.any():
            raise StageError(f"In the stage {stage} the gradient of {name} is zero: it would never learn.")
        squares += float(parameter.grad.double().square().sum())
    return math.sqrt(squares)


def _draft(base: Base, model: Any, tokens: int) -> list[float]:
    """Draft as the page does; returns the seconds after which each token was there."""
    clock = _Clock()
    batch = _batch(base)
    model.eval()
    with torch.inference_mode(), base.autocast():
        model.generate(
            **batch,
            streamer=clock,
            min_new_tokens=tokens,
            max_new_tokens=tokens,
            do_sample=False,
            eos_token_id=base.eos_token_id,
            pad_token_id=base.pad_token_id,
        )
    return clock.seconds[-tokens:]


class _Clock(BaseStreamer):  # type: ignore[misc]
    """A streamer that notes when each token comes."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self.seconds: list[float] = []

    def put(self, value: Any) -> None:
        """A token, or at first the prompt."""
        self.seconds.append(time.monotonic() - self._began)

    def end(self) -> None:
        """Nothing is left to note."""


def _batch(base: Base, target: str | None = None) -> dict[str, Tensor]:
    film = np.random.default_rng(SEED).random((base.image_size, base.image_size), dtype=np.float32)
    prompt = build_prompt(
        CONTEXT,
        [View.PA],
        count_tokens=base.count_tokens,
        budget=base.prompt_budget(1, 256),
        special_tokens=base.special_tokens,
    )
    batch = collate(base, [[film]], [prompt.text], None if target is None else [target])
    return {name: tensor.to(base.device) for name, tensor in batch.items()}


def _peak() -> int:
    peak = peak_memory()
    return peak.get("gpu", peak.get("resident", 0))
