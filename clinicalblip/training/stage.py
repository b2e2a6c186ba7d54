"""What a training stage is, and a plan of several: frozen values that refuse what cannot be trained."""

import math
from collections.abc import Collection
from dataclasses import dataclass, fields, replace

from clinicalblip.instructblip.groups import Group, Ranks
from clinicalblip.radiology.report import SLOTS, Target


@dataclass(frozen=True)
class Stage:
    """One stage: which groups learn, from how much, how fast.

    `epochs` may be a fraction. `batch` studies go through the model together, `accumulation` batches make one step.
    `warmup` is the fraction of steps over which the rate rises to `learning_rate`, from where it falls along a cosine.
    `dropout` is that of the low-rank matrices being trained, `slot_dropout` the probability that a slot of the prompt
    is left empty, drawn for each slot, study and epoch. `target` is what the model learns to write. `augmentation`
    is how strongly films are augmented, from 0 to 1 (see augmentation.py). `gradient_norm` is the largest norm of all
    gradients together, to which they are clipped.
    """

    name: str
    trains: frozenset[Group]
    learning_rate: float
    epochs: float = 1.0
    batch: int = 8
    accumulation: int = 1
    warmup: float = 0.05
    dropout: float = 0.05
    slot_dropout: float = 0.3
    weight_decay: float = 0.01
    gradient_norm: float = 1.0
    target: Target = Target.REPORT
    augmentation: float = 0.0

    def __post_init__(self) -> None:
        if not self.name or not all(c.isalnum() or c == "-" for c in self.name):
            raise ValueError(f"the name of a stage is letters, digits and hyphens, not {self.name!r}")
        if not self.trains or not all(isinstance(group, Group) for group in self.trains):
            raise ValueError(f"the stage {self.name} must train one group or more of {', '.join(Group)}")
        for name in ("learning_rate", "epochs", "gradient_norm"):
            value = getattr(self, name)
            if not math.isfinite(value) or value <= 0:
                raise ValueError(f"{name} of the stage {self.name} is above 0, not {value}")
        for name in ("batch", "accumulation"):
            if not isinstance(getattr(self, name), int) or getattr(self, name) < 1:
                raise ValueError(f"{name} of the stage {self.name} is 1 or more, not {getattr(self, name)}")
        for name in ("warmup", "dropout", "slot_dropout", "weight_decay", "augmentation"):
            highest = 1.0 if name in ("slot_dropout", "augmentation") else math.nextafter(1.0, 0.0)
            if not 0 <= getattr(self, name) <= highest:
                raise ValueError(
                    f"{name} of the stage {self.name} is a fraction from 0 to 1, not {getattr(self, name)}"
                )
        if not isinstance(self.target, Target):
            raise ValueError(f"the target of the stage {self.name} is one of {', '.join(Target)}")

    def as_dict(self) -> dict[str, object]:
        """The same as plain values, for a JSON file."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {**values, "trains": sorted(self.trains)}


@dataclass(frozen=True)
class Plan:
    """Stages in their order, all training the same adapter; `without` names slots of the prompt left empty."""

    name: str
    ranks: Ranks
    stages: tuple[Stage, ...]
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.stages:
            raise ValueError(f"the plan {self.name} has no stage")
        names = [stage.name for stage in self.stages]
        if len(set(names)) != len(names):
            raise ValueError(f"two stages of the plan {self.name} have one name")
        if unknown := self.without - set(SLOTS):
            raise ValueError(f"the plan {self.name} leaves out {', '.join(sorted(unknown))}: no slot of the prompt")

    def as_dict(self) -> dict[str, object]:
        """The same as plain values, for a JSON file."""
        ranks = {str(group): rank for group, rank in self.ranks.by_group().items()}
        stages = [stage.as_dict() for stage in self.stages]
        return {"name": self.name, "ranks": ranks, "stages": stages, "without": sorted(self.without)}

    def leaving_empty(self, slots: Collection[str]) -> "Plan":
        """The same plan with more slots of the prompt left empty. Raises ValueError for a name that is no slot's."""
        return replace(self, without=self.without | set(slots))
