"""How a plan is trained, whatever the plan."""

import math
from dataclasses import dataclass

from clinicalblip.radiology.report import SLOTS


@dataclass(frozen=True)
class TrainOptions:
    """What a person may choose about a training besides plan, studies and base.

    `without` names slots of the prompt that stay empty, besides those that the plan leaves empty. A study with a film
    that cannot be read is named and left out, or with `strict` ends the training. `workers` are the processes that
    decode films, at least one, and those that load batches; with 0 the training loads them itself.
    `activation_checkpointing` computes activations twice instead of keeping them. An interrupted training loses at
    most the last `checkpoint_minutes`.
    """

    seed: int = 0
    without: frozenset[str] = frozenset()
    strict: bool = False
    workers: int = 0
    activation_checkpointing: bool = False
    checkpoint_minutes: float = 5.0

    def __post_init__(self) -> None:
        if unknown := self.without - set(SLOTS):
            raise ValueError(f"the prompt has no slot {', '.join(sorted(unknown))}; its slots are {', '.join(SLOTS)}")
        if self.workers < 0:
            raise ValueError(f"workers are 0 or more, not {self.workers}")
        if not math.isfinite(self.checkpoint_minutes) or self.checkpoint_minutes < 0:
            raise ValueError(f"checkpoint_minutes is 0 or more, not {self.checkpoint_minutes}")
