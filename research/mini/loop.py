"""The training loop of every part of the bundled model; a run that was killed goes on from its last checkpoint."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.datasets.files.json_lines import append_json_lines
from clinicalblip.errors import StageError
from clinicalblip.progress import Log, write_line
from clinicalblip.training.run_folder import translate_write_errors


@dataclass(frozen=True)
class Schedule:
    """How long to train and how fast: one cosine cycle, up over `warm_up` of the steps and down to a hundredth.

    `average` is the decay of the moving average of the weights that training ends with; 0 for the last weights.
    """

    steps: int
    learning_rate: float
    weight_decay: float = 0.02
    warm_up: float = 0.1
    clip: float = 1.0
    seed: int = 0
    average: float = 0.0

    def __post_init__(self) -> None:
        if self.steps < 1 or self.learning_rate <= 0 or not 0 <= self.warm_up < 1:
            raise ValueError("A schedule needs a step or more, a positive learning rate and a warm-up below 1.")
        if not 0 <= self.average < 1:
            raise ValueError("The decay of the moving average is at least 0 and below 1.")

    def rate(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        up = max(1, round(self.steps * self.warm_up))
        if step < up:
            return self.learning_rate * (step + 1) / up
        return self.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * (step - up) / max(1, self.steps - up))) / 2)


def mixed_precision() -> torch.autocast:
    """bfloat16 where this CPU computes with it; elsewhere it would be many times slower than float32."""
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=torch.cpu._is_avx512_bf16_supported())


def train_part(
    folder: Path,
    module: nn.Module,
    losses: Callable[[int], Mapping[str, Tensor]],
    schedule: Schedule,
    *,
    settings: Mapping[str, Any],
    save_minutes: float = 2.0,
    log: Log = write_line,
) -> None:
    """Train `module` in place on the sum of `losses(step)` and leave its weights in `folder/trained.pt`.

    `losses` must depend on nothing but the step, the module and torch's global seed, which is set anew at each step:
    then a run that was killed ends with the weights of one that was not. A finished part is loaded, not trained again.

    Raises:
        StageError: the folder was begun with other settings, the disk is full, or the loss is no longer a number.
    """
    folder.mkdir(parents=True, exist_ok=True)
    trained, checkpoint = folder / "trained.pt", folder / "checkpoint.pt"
    fingerprint = json.dumps({"schedule": asdict(schedule), "settings": dict(settings)}, sort_keys=True)
    optimiser = _optimiser(module, schedule)
    keep_fraction = get_ema_multi_avg_fn(schedule.average)  # type: ignore[no-untyped-call]
    average = AveragedModel(module, multi_avg_fn=keep_fraction, use_buffers=True)
    first = 0
    if trained.is_file() or checkpoint.is_file():
        kept = torch.load(trained if trained.is_file() else checkpoint, map_location="cpu", weights_only=True)
        if kept["fingerprint"] != fingerprint:
            raise StageError(f"The part {folder.name} was begun with other settings; choose a new run folder.")
        module.load_state_dict(kept["module"])
        if trained.is_file():
            return
        optimiser.load_state_dict(kept["optimiser"])
        average.load_state_dict(kept["average"])
        first = int(kept["step"])
    started = saved = logged = time.monotonic()
    sums: dict[str, float] = {}
    counted = 0
    for step in range(first, schedule.steps):
        rate = schedule.rate(step)
        for group in optimiser.param_groups:
            group["lr"] = rate
        torch.manual_seed(schedule.seed * 1_000_003 + step)
        parts = losses(step)
        total = torch.stack([part.float() for part in parts.values()]).sum()
        if not math.isfinite(total.item()):
            raise StageError(f"The loss of {folder.name} is no number any more at step {step}; lower the rate.")
        optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(module.parameters(), schedule.clip)
        optimiser.step()
        if schedule.average:
            average.update_parameters(module)
        for name, part in parts.items():
            sums[name] = sums.get(name, 0.0) + part.item()
        counted += 1
        now, last = time.monotonic(), step + 1 == schedule.steps
        if last or now - logged > 15:
            means = {name: round(value / counted, 5) for name, value in sums.items()}
            pace = (now - started) / (step + 1 - first)
            line = {"step": step + 1, "rate": rate, "seconds_a_step": round(pace, 4), **means}
            append_json_lines([line], folder / "log.jsonl", sync=False)
            left = pace * (schedule.steps - step - 1)
            shown = ", ".join(f"{name} {value:.4f}" for name, value in means.items())
            log(f"{folder.name}: step {step + 1} of {schedule.steps}, {shown}, {left / 60:.1f} minutes left")
            sums, counted, logged = {}, 0, now
        if not last and now - saved > save_minutes * 60:
            state = {"step": step + 1, "module": module.state_dict(), "optimiser": optimiser.state_dict()}
            _write({"fingerprint": fingerprint, **state, "average": average.state_dict()}, checkpoint)
            saved = now
    if schedule.average:
        module.load_state_dict(average.module.state_dict())
    _write({"fingerprint": fingerprint, "module": module.state_dict()}, trained)
    checkpoint.unlink(missing_ok=True)


def _optimiser(module: nn.Module, schedule: Schedule) -> torch.optim.AdamW:
    trainable = [p for p in module.parameters() if p.requires_grad]
    decayed, plain = [p for p in trainable if p.ndim > 1], [p for p in trainable if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": schedule.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=schedule.learning_rate, betas=(0.9, 0.98))


def _write(content: Mapping[str, Any], path: Path) -> None:
    with translate_write_errors(f"The weights of the part {path.parent.name}"), open_atomically(path, "wb") as file:
        torch.save(dict(content), file)
