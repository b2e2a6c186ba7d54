"""Every number that the bundled model's training depends on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TypedDict

_SHARED = (
    "seed",
    "size",
    "phantoms",
    "other_fraction",
    "average",
    "mined_weight",
    "soft_weight",
    "no_film_fraction",
)


class Shares(TypedDict):
    """What examples are made of, as `Examples` takes it."""

    phantom_fraction: float
    hinted_fraction: float
    unreadable_fraction: float


@dataclass(frozen=True)
class MiniRecipe:
    """How large each part is and how long it trains.

    An epoch is every labelled NIH film and, drawn anew each time, `other_fraction` of the other films.
    """

    seed: int = 0
    size: int = 192
    phantoms: int = 10_000
    other_fraction: float = 0.25
    average: float = 0.998
    mined_weight: float = 0.5  # of a label that was mined from text, beside 1 for one that was read or drawn
    soft_weight: float = 2.0  # of a published network's probabilities
    no_film_fraction: float = 1 / 16  # of a batch more: blank pictures and noise

    teacher_epochs: float = 3.0
    teacher_batch: int = 32
    teacher_rate: float = 1e-3

    encoder_width: int = 256
    encoder_layers: int = 6
    encoder_heads: int = 4
    encoder_patch: int = 16
    encoder_epochs: tuple[float, ...] = (9.0, 2.5)  # of cycles, each from the weights before at half their rate
    encoder_compiled: bool = True  # needs a C++ compiler; a step takes a fifth less
    encoder_batch: int = 48
    encoder_rate: float = 1e-3
    encoder_other_fraction: float = 0.4

    language_width: int = 320
    language_layers: int = 6
    language_heads: int = 5
    language_mlp: int = 896
    language_vocabulary: int = 2048
    language_positions: int = 768
    language_steps: int = 700
    language_batch: int = 32
    language_rate: float = 1.5e-3
    language_written_fraction: float = 0.5  # of its texts are whole reports, the others composed ones

    copying_steps: int = 240
    copying_rate: float = 1.2e-3
    copying_written_fraction: float = 0.25
    copying_hinted_fraction: float = 0.9  # of the composed reports: without a film the hints are all it can know

    qformer_steps: int = 800
    qformer_batch: int = 64
    qformer_rate: float = 1e-3

    qformer_layers: int = 4

    phantom_fraction: float = 0.4  # of the pairs of examples
    hinted_fraction: float = 0.4  # of the examples with one film
    unreadable_fraction: float = 0.04  # of them are pictures without a chest

    look_steps: int = 320
    look_batch: int = 32
    look_rate: float = 1e-3
    look_phantom_fraction: float = 0.3
    look_hinted_fraction: float = 0.2  # without any the language model forgets to copy hints

    connect_steps: int = 800
    connect_batch: int = 24
    connect_rate: float = 6e-4

    joint_steps: int = 150
    joint_batch: int = 24
    joint_rate: float = 3e-4

    questions: int = 6
    """About each film of a batch: how much likelier is one of two sentences than the other?"""

    plan_studies: int = 800
    evaluation_films: int = 2000
    evaluation_phantoms: int = 30
    evaluation_pairs: int = 150  # of films with a prior film, of each change
    evaluation_tokens: int = 220

    def __post_init__(self) -> None:
        if self.size % self.encoder_patch or self.encoder_patch != 16:
            raise ValueError("The teacher's feature has a stride of 16: patches have 16 pixels, the size a multiple.")
        for name in [n for n in asdict(self) if n.endswith("_fraction")]:
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ValueError(f"{name} is a fraction between 0 and 1, not {getattr(self, name)}.")

    def of(self, *parts: str) -> dict[str, object]:
        """The numbers of these parts (`teacher`, `encoder`) and those of all: other changes leave their runs valid."""
        return {n: v for n, v in asdict(self).items() if n in _SHARED or n.split("_")[0] in parts}

    def shares(self) -> Shares:
        """What the examples are made of."""
        return Shares(
            phantom_fraction=self.phantom_fraction,
            hinted_fraction=self.hinted_fraction,
            unreadable_fraction=self.unreadable_fraction,
        )

    def look_shares(self) -> Shares:
        """The same where the language model learns to look."""
        return {
            **self.shares(),
            "phantom_fraction": self.look_phantom_fraction,
            "hinted_fraction": self.look_hinted_fraction,
        }

    def copying_shares(self) -> Shares:
        """The same where the language model learns to copy hints."""
        return {**self.shares(), "hinted_fraction": self.copying_hinted_fraction}


FULL = MiniRecipe()

TINY = MiniRecipe(
    size=64,
    phantoms=12,
    other_fraction=1.0,
    teacher_epochs=1.0,
    teacher_batch=8,
    encoder_width=32,
    encoder_layers=2,
    encoder_heads=2,
    encoder_epochs=(0.5, 0.5),
    encoder_compiled=False,
    encoder_batch=8,
    language_width=32,
    language_layers=2,
    language_heads=2,
    language_mlp=64,
    language_vocabulary=400,
    language_positions=768,
    language_steps=4,
    language_batch=4,
    copying_steps=4,
    qformer_steps=4,
    qformer_batch=8,
    qformer_layers=2,
    look_steps=4,
    look_batch=4,
    connect_steps=4,
    connect_batch=4,
    joint_steps=4,
    joint_batch=4,
    questions=2,
    plan_studies=16,
    evaluation_films=8,
    evaluation_phantoms=1,
    evaluation_pairs=1,
    evaluation_tokens=12,
)
