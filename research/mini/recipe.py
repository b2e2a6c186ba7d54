"""Every number that the bundled model's training depends on, in one frozen place."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class MiniRecipe:
    """How long and how large each part is. Epochs count the labelled NIH films; `other_share` of the rest join each."""

    seed: int = 0
    size: int = 160
    phantoms: int = 10_000
    other_share: float = 0.25
    average: float = 0.998

    teacher_epochs: float = 5.0
    teacher_batch: int = 32
    teacher_rate: float = 1e-3

    encoder_width: int = 256
    encoder_layers: int = 6
    encoder_heads: int = 4
    encoder_patch: int = 16
    encoder_cycles: int = 2
    encoder_epochs: float = 4.0  # of each cycle
    encoder_batch: int = 48
    encoder_rate: float = 1e-3
    encoder_other_share: float = 0.4
    encoder_again_epochs: float = 9.0  # of the one cycle for an encoder that sees already
    encoder_again_rate: float = 6e-4

    language_width: int = 320
    language_layers: int = 6
    language_heads: int = 5
    language_mlp: int = 896
    language_vocabulary: int = 2048
    language_positions: int = 768
    language_steps: int = 450
    language_batch: int = 32
    language_rate: float = 1.5e-3

    look_steps: int = 800
    look_batch: int = 64
    look_rate: float = 1e-3

    look_layers: int = 4

    drawn_share: float = 0.5  # of the pairs that are learnt

    tell_steps: int = 4300
    tell_batch: int = 24
    tell_rate: float = 8e-4

    together_steps: int = 150
    together_batch: int = 24
    together_rate: float = 3e-4

    asked: int = 6
    """Questions about each film of a lesson: how much likelier is one sentence than the other?"""

    plan_studies: int = 800
    judged_films: int = 2000
    judged_phantoms: int = 30
    judged_tokens: int = 220

    def __post_init__(self) -> None:
        if self.size % self.encoder_patch or self.encoder_patch != 16:
            raise ValueError("The teacher's feature has a stride of 16: patches are 16 pixels and the size a multiple.")
        for name in [n for n in asdict(self) if n.endswith("_share")]:
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} is a share between 0 and 1, not {getattr(self, name)}.")

    def of(self, *parts: str) -> dict[str, object]:
        """The numbers that these parts (`teacher`, `encoder`) depend on: a change elsewhere leaves their runs valid."""
        shared = ("seed", "size", "phantoms", "other_share", "average")
        return {n: v for n, v in asdict(self).items() if n in shared or n.split("_")[0] in parts}


FULL = MiniRecipe()

TINY = MiniRecipe(
    size=64,
    phantoms=12,
    other_share=1.0,
    teacher_epochs=1.0,
    teacher_batch=8,
    encoder_width=32,
    encoder_layers=2,
    encoder_heads=2,
    encoder_epochs=1.0,
    encoder_again_epochs=1.0,
    encoder_batch=8,
    language_width=32,
    language_layers=2,
    language_heads=2,
    language_mlp=64,
    language_vocabulary=400,
    language_positions=768,
    language_steps=4,
    language_batch=4,
    look_steps=4,
    look_batch=8,
    look_layers=2,
    tell_steps=4,
    tell_batch=4,
    together_steps=4,
    together_batch=4,
    asked=2,
    plan_studies=16,
    judged_films=8,
    judged_phantoms=1,
    judged_tokens=12,
)
