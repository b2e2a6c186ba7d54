"""The vision encoder: InstructBLIP's own ViT, taught patch by patch by the teacher's feature map and by its labels.

From the labels alone a ViT of this size learns little from twenty thousand films; beside a convolutional teacher it
learns where to look. Drawn films teach it what no teacher knows: in which patches each finding is.
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
from research.mini.films import KINDS, NIH_LABELS, FilmOrder, Films, augment_with_masks, normalise
from research.mini.loop import Schedule, mixed_precision, train_part
from research.mini.recipe import MiniRecipe
from research.mini.teacher import STRIDE_16_CHANNELS, Teacher, known_label_loss, write_figures
from research.mini.vision_init import begin_with


def vision_config(recipe: MiniRecipe) -> InstructBlipVisionConfig:
    """The encoder's shape. The class's own `initializer_range` of 1e-10 would make it blind to its picture."""
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
    """The vision model with the heads that it is taught through: the teacher's feature, labels, what is drawn where."""

    def __init__(self, recipe: MiniRecipe) -> None:
        super().__init__()
        config = vision_config(recipe)
        self.vision: Any = InstructBlipVisionModel(config)
        self.feature_head = nn.Linear(config.hidden_size, STRIDE_16_CHANNELS)
        self.label_head = nn.Linear(2 * config.hidden_size, len(NIH_LABELS))
        self.mask_head = nn.Linear(config.hidden_size, len(KINDS))
        nn.init.constant_(self.mask_head.bias, _RARELY_DRAWN)

    def tokens(self, pictures: Tensor) -> Tensor:
        """Grey pictures (n, 1, s, s) in [0, 1] to tokens (n, 1 + patches, width), the class token first."""
        return torch.as_tensor(self.vision(pixel_values=normalise(pictures)).last_hidden_state)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What each patch token knows of its patch, and all of them of the film.

        The teacher's feature (n, patches, 112), the logits of the labels (n, 14), and those of each kind's having been
        drawn in a patch (n, patches, 16).
        """
        tokens = self.tokens(pictures)
        return self.feature_head(tokens[:, 1:]), self.label_logits(tokens), self.mask_head(tokens[:, 1:])

    def label_logits(self, tokens: Tensor) -> Tensor:
        """The logits of the labels, (n, 14), as read from tokens (n, 1 + patches, width)."""
        return torch.as_tensor(self.label_head(torch.cat((tokens[:, 0], tokens[:, 1:].mean(1)), 1)))


_RARELY_DRAWN = -4.0  # a patch in fifty or fewer has a kind drawn in it: the head begins by saying so
MASK_WEIGHT = 10.0  # few patches have anything drawn in them, and only drawn films have masks


def teacher_losses(guessed: Tensor, logits: Tensor, feature: Tensor, teacher_logits: Tensor) -> dict[str, Tensor]:
    """How far an encoder is from the teacher: in what each patch token guesses of its feature, and in the labels.

    `guessed` (n, patches, 112) and `logits` (n, 14) are the encoder's, `feature` (n, 112, side, side) and
    `teacher_logits` (n, 14) the teacher's, of the same pictures.
    """
    taught = feature.float().flatten(2).transpose(1, 2)
    taught = functional.layer_norm(taught, taught.shape[-1:])
    soft = teacher_logits.float()
    return {
        "feature": functional.smooth_l1_loss(guessed.float(), taught),
        "soft_labels": 2 * functional.binary_cross_entropy_with_logits(logits.float(), soft.sigmoid()),
        # A rare label's probability hardly moves: its logit says as well which film has more of it.
        "soft_logits": functional.smooth_l1_loss(logits.float(), soft) / 2,
    }


def mask_loss(logits: Tensor, masks: Tensor, drawn: Tensor) -> Tensor:
    """Binary cross-entropy of what is drawn in each patch, over the drawn films of a batch; 0 where it has none.

    `logits` (n, patches, kinds) in the order of tokens, `masks` (n, kinds, cells, cells) with whole cells to a patch.
    """
    side = math.isqrt(logits.shape[1])
    wanted = functional.adaptive_max_pool2d(masks[drawn], side).flatten(2).transpose(1, 2)
    each = functional.binary_cross_entropy_with_logits(logits[drawn].float(), wanted, reduction="none")
    return each.sum() / max(1, each.numel())


def train_encoder(
    films: Films, run: Path, recipe: MiniRecipe, teacher: Teacher, vision_init: Path | None = None
) -> Encoder:
    """Teach the encoder, a fresh one or the one in `vision_init`, into `run/encoder`, or load the finished one.

    It is returned in evaluation mode, and `run/encoder/vision` then holds the vision model as
    `InstructBlipVisionModel.from_pretrained` reads it.
    """
    folder = run / "encoder"
    torch.manual_seed(recipe.seed)
    encoder = Encoder(recipe).train()
    begun = {} if vision_init is None else {"begun_with": begin_with(vision_init, "encoder", encoder)}
    teacher.eval().requires_grad_(False)
    random = torch.Generator()

    def losses(step: int) -> dict[str, Tensor]:
        rows = order(step)
        random.manual_seed(order.seed * 1_000_003 + step)
        pictures, masks = augment_with_masks(films.pictures(rows), films.drawn_in(rows), random)
        with mixed_precision():
            with torch.no_grad():
                feature, teacher_logits = teacher(pictures)
            guessed, logits, drawn = encoder(pictures)
        return {
            **teacher_losses(guessed, logits, feature, teacher_logits),
            "labels": known_label_loss(logits, films.truth(rows)),
            "masks": MASK_WEIGHT * mask_loss(drawn, masks, films.is_drawn(rows)),
        }

    # Every cycle goes on from the last one's average at half its rate; one more can be added to a finished run. An
    # encoder that sees already is taught one cycle more.
    first = recipe.encoder_rate
    cycles = [(recipe.encoder_epochs, first / 2**cycle) for cycle in range(recipe.encoder_cycles)]
    if vision_init is not None:
        cycles = [(recipe.encoder_again_epochs, recipe.encoder_again_rate)]
    for cycle, (epochs, rate) in enumerate(cycles):
        order = FilmOrder(films, recipe.encoder_batch, recipe.encoder_other_share, recipe.seed + 1 + cycle)
        schedule = Schedule(
            max(1, round(order.steps_per_epoch * epochs)),
            rate,
            weight_decay=0.05,
            seed=recipe.seed + cycle,
            average=recipe.average,
        )
        settings = {**recipe.of("teacher", "encoder"), "encoder_cycles": cycle + 1, **begun}
        train_part(folder / f"cycle-{cycle + 1}", encoder, losses, schedule, settings=settings)
    encoder.eval()
    if not (folder / "vision" / "config.json").is_file():
        with translate_write_errors("The encoder"):
            encoder.vision.save_pretrained(folder / "vision")
    if not (folder / "figures.json").is_file():
        write_figures(folder, films, lambda pictures: encoder(pictures)[1])
    return encoder
