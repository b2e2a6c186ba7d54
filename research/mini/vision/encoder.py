"""The vision encoder: InstructBLIP's own ViT, distilled patch by patch from the teacher's feature map and logits.

From labels alone a ViT of this size learns little from twenty thousand films; from a convolutional teacher it learns
where to look. Drawn films teach it what the teacher does not know: in which patches each finding is.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import InstructBlipVisionConfig, InstructBlipVisionModel

from clinicalblip.training.run_folder import translate_write_errors
from research.mini.films.manifest import NIH_LABELS
from research.mini.films.no_films import no_films
from research.mini.films.phantom_films import KINDS
from research.mini.films.sampler import FilmSampler
from research.mini.films.table import Films
from research.mini.films.transforms import augment_with_masks, normalise
from research.mini.loop import Schedule, mixed_precision, train_part
from research.mini.recipe import MiniRecipe
from research.mini.vision.figures import write_figures
from research.mini.vision.targets import Targets, target_losses
from research.mini.vision.teacher import STRIDE_16_CHANNELS, Teacher
from research.mini.vision.vision_init import FIRST_CYCLE, has_part, load_vision_init


def vision_config(recipe: MiniRecipe) -> InstructBlipVisionConfig:
    """The encoder's shape. With the class's own `initializer_range` of 1e-10 no picture would change its output."""
    return InstructBlipVisionConfig(
        hidden_size=recipe.encoder_width,
        num_hidden_layers=recipe.encoder_layers,
        num_attention_heads=recipe.encoder_heads,
        intermediate_size=4 * recipe.encoder_width,
        patch_size=recipe.encoder_patch,
        image_size=recipe.size,
        initializer_range=0.02,
    )


class Encoder(nn.Module):
    """The vision model with its training heads: the teacher's feature, the labels, and the findings in each patch."""

    def __init__(self, recipe: MiniRecipe) -> None:
        super().__init__()
        config = vision_config(recipe)
        self.vision: Any = InstructBlipVisionModel(config)
        # torch's fused attention takes 1.0 of the 2.3 s of a step's two passes on a CPU, for its gradient alone.
        self.vision.set_attn_implementation("eager")
        self.feature_head = nn.Linear(config.hidden_size, STRIDE_16_CHANNELS)
        self.label_head = nn.Linear(2 * config.hidden_size, len(NIH_LABELS))
        self.mask_head = nn.Linear(config.hidden_size, len(KINDS))
        nn.init.constant_(self.mask_head.bias, _MASK_BIAS)

    def tokens(self, pictures: Tensor) -> Tensor:
        """Grey pictures (n, 1, s, s) in [0, 1] to tokens (n, 1 + patches, width), the class token first."""
        return torch.as_tensor(self.vision(pixel_values=normalise(pictures)).last_hidden_state)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What the heads read from grey pictures (n, 1, s, s) in [0, 1].

        The teacher's feature (n, patches, 112), the logits of the labels (n, 14), and the logits of each kind of
        finding in a patch (n, patches, 16).
        """
        tokens = self.tokens(pictures)
        return self.feature_head(tokens[:, 1:]), self.label_logits(tokens), self.mask_head(tokens[:, 1:])

    def label_logits(self, tokens: Tensor) -> Tensor:
        """The logits of the labels, (n, 14), from tokens (n, 1 + patches, width)."""
        return torch.as_tensor(self.label_head(torch.cat((tokens[:, 0], tokens[:, 1:].mean(1)), 1)))


_MASK_BIAS = -4.0  # at most one patch in fifty has a kind drawn in it: the head begins with that
MASK_WEIGHT = 10.0  # few patches have anything drawn in them, and only drawn films have masks


def teacher_losses(
    predicted: Tensor, logits: Tensor, feature: Tensor, teacher_logits: Tensor, is_known: Tensor
) -> dict[str, Tensor]:
    """How far an encoder is from the teacher, in the features of the patches and in the logits of the labels.

    `predicted` (n, patches, 112) and `logits` (n, 14) are the encoder's, `feature` (n, 112, side, side) and
    `teacher_logits` (n, 14) the teacher's, of the same pictures. The logits count of those pictures alone whose kind
    the teacher has learned from, `is_known` (n,): of a drawn film it knows less than its labels say.
    """
    target = feature.float().flatten(2).transpose(1, 2)
    target = functional.layer_norm(target, target.shape[-1:])
    values, soft = logits.float()[is_known], teacher_logits.float()[is_known]
    counted = max(1, soft.numel())
    return {
        "feature": functional.smooth_l1_loss(predicted.float(), target),
        "soft_labels": 2
        * functional.binary_cross_entropy_with_logits(values, soft.sigmoid(), reduction="sum")
        / counted,
        # A rare label's probability hardly moves: its logit says as well which film has more of it.
        "soft_logits": functional.smooth_l1_loss(values, soft, reduction="sum") / (2 * counted),
    }


def mask_loss(logits: Tensor, masks: Tensor, is_phantom: Tensor) -> Tensor:
    """Binary cross-entropy of the findings in each patch, over the drawn films of a batch; 0 where it has none.

    `logits` (n, patches, kinds) in the order of tokens, `masks` (n, kinds, cells, cells) with whole cells to a patch.
    """
    side = math.isqrt(logits.shape[1])
    wanted = functional.adaptive_max_pool2d(masks[is_phantom], side).flatten(2).transpose(1, 2)
    each = functional.binary_cross_entropy_with_logits(logits[is_phantom].float(), wanted, reduction="none")
    return each.sum() / max(1, each.numel())


def train_encoder(
    films: Films, run: Path, recipe: MiniRecipe, teacher: Teacher, vision_init: Path | None = None
) -> Encoder:
    """Train the encoder into `run/encoder`, or load the finished one or that of `vision_init`; in evaluation mode.

    A `vision_init` without an encoder leaves it to be trained, from its first cycle where it has that.
    `run/encoder/vision` then holds the vision model as `InstructBlipVisionModel.from_pretrained` reads it.
    """
    folder = run / "encoder"
    torch.manual_seed(recipe.seed)
    encoder = Encoder(recipe).train()
    if vision_init is not None and has_part(vision_init, "encoder"):
        load_vision_init(vision_init, "encoder", encoder)
    else:
        _distil(encoder, films, folder, recipe, teacher, vision_init)
    encoder.eval()
    if not (folder / "vision" / "config.json").is_file():
        with translate_write_errors("The encoder"):
            encoder.vision.save_pretrained(folder / "vision")
    if not (folder / "figures.json").is_file():
        write_figures(folder, films, lambda pictures: encoder(pictures)[1])
    return encoder


def _distil(
    encoder: Encoder, films: Films, folder: Path, recipe: MiniRecipe, teacher: Teacher, vision_init: Path | None
) -> None:
    """Train the encoder in cycles, each with other films and variations; the first may be that of `vision_init`."""
    teacher.eval().requires_grad_(False)
    for cycle in range(len(recipe.encoder_epochs)):
        if cycle == 0 and vision_init is not None and has_part(vision_init, FIRST_CYCLE):
            load_vision_init(vision_init, FIRST_CYCLE, encoder)
        else:
            _train_cycle(cycle, encoder, films, folder, recipe, teacher)


def _train_cycle(
    cycle: int, encoder: Encoder, films: Films, folder: Path, recipe: MiniRecipe, teacher: Teacher
) -> None:
    """Train the encoder from the teacher, the targets of the real films and the masks of the drawn ones."""
    seed = recipe.seed + 1 + cycle
    sampler = FilmSampler(films, recipe.encoder_batch, recipe.encoder_other_fraction, seed, larger_twice=True)
    targets, blank = Targets(films, recipe.mined_weight), round(recipe.no_film_fraction * recipe.encoder_batch)
    rng = torch.Generator()
    teach: Any = torch.compile(teacher, dynamic=False) if recipe.encoder_compiled else teacher
    read: Any = torch.compile(encoder.forward, dynamic=False) if recipe.encoder_compiled else encoder

    def losses(step: int) -> dict[str, Tensor]:
        rows = sampler(step)
        rng.manual_seed(sampler.seed * 1_000_003 + step)
        varied, masks = augment_with_masks(films.pictures(rows), films.masks_of(rows), rng)
        pictures = torch.cat((varied, no_films(blank, films.size, rng)))
        is_phantom = torch.cat((films.is_phantom(rows), torch.zeros(blank, dtype=torch.bool)))
        with mixed_precision():
            with torch.no_grad():
                feature, teacher_logits = teach(pictures)
            predicted, logits, drawn = read(pictures)
        return {
            **teacher_losses(predicted, logits, feature, teacher_logits, ~is_phantom),
            **target_losses(logits, targets(rows).with_nothing(blank), recipe.soft_weight),
            "masks": MASK_WEIGHT * mask_loss(drawn[: len(rows)], masks, is_phantom[: len(rows)]),
        }

    steps = max(1, round(sampler.steps_per_epoch * recipe.encoder_epochs[cycle]))
    rate = recipe.encoder_rate / 2**cycle
    schedule = Schedule(steps, rate, weight_decay=0.05, seed=recipe.seed + cycle, average=recipe.average)
    part = folder / f"encoder-cycle-{cycle + 1}"
    train_part(part, encoder, losses, schedule, settings=recipe.of("teacher", "encoder"))
