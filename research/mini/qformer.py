"""Looking: the Q-Former learns, without any words, to hand on what the encoder sees.

Each query token answers for one thing: fourteen of them for a label of NIH's each, sixteen for a kind of what can be
drawn, two for whatever else there is. Heads read each answer from its own token and are thrown away afterwards; a
language model that looks for an effusion then has one place to look at.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import collate
from clinicalblip.radiology.report import ClinicalContext
from research.mini.drawn import ASPECTS
from research.mini.encoder import Encoder
from research.mini.examples import Examples
from research.mini.films import KINDS, NIH_LABELS, FilmOrder, Films, augment
from research.mini.language import VIEWS, write_prompt
from research.mini.loop import Schedule, mixed_precision, train_part
from research.mini.recipe import MiniRecipe
from research.mini.teacher import known_label_loss

QUERY_TOKENS = 32
DRAWN_WEIGHT = 4.0  # of a hundred aspects of a drawn chest two or three are true


class Looking(nn.Module):
    """The model with the heads that read labels and drawn truth from the Q-Former's answer; the encoder stays."""

    def __init__(self, base: Base, recipe: MiniRecipe) -> None:
        super().__init__()
        self.model = base.model
        torch.manual_seed(recipe.seed)
        width = recipe.encoder_width
        self.label_heads = nn.ModuleList(nn.Linear(width, 1) for _ in NIH_LABELS)
        self.drawn_heads = nn.ModuleList(nn.Linear(width, len(ASPECTS)) for _ in KINDS)

    def read(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """The logits of labels (films, 14) and drawn truth (films, 16 x 7) from the Q-Former's answer.

        `states` are its last hidden states, (films, tokens, width), the query tokens first.
        """
        tokens = iter(states.unbind(1))
        labels = torch.cat([head(next(tokens)) for head in self.label_heads], 1)
        return labels, torch.cat([head(next(tokens)) for head in self.drawn_heads], 1)


def look(films: Films, examples: Examples, encoder: Encoder, base: Base, run: Path, recipe: MiniRecipe) -> None:
    """Teach the Q-Former of `base` into `run/look`, or load the finished one; nothing else of the model changes.

    It learns what the encoder's own head reads from its tokens and, of drawn films, what was drawn, whatever the prompt
    says beside it.
    """
    module = Looking(base, recipe).train()
    module.requires_grad_(True)
    for still in (base.model.vision_model, base.model.language_model, base.model.language_projection):
        still.requires_grad_(False)
    encoder.requires_grad_(False)
    order = FilmOrder(films, recipe.look_batch, recipe.encoder_other_share, recipe.seed + 9)

    def losses(step: int) -> dict[str, Tensor]:
        rows = order(step)
        random = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
        choose = np.random.default_rng((recipe.seed, 9, step))
        # Long prompts are for every fourth step: one of them in a batch makes all of its rows as long.
        contexts = [examples.context(choose) if step % 4 == 3 else ClinicalContext() for _ in rows]
        views = choose.integers(len(VIEWS), size=len(rows))
        batch = collate(
            base,
            [[film[0].numpy()] for film in augment(films.pictures(rows), random)],
            [write_prompt(context, VIEWS[view]) for context, view in zip(contexts, views, strict=True)],
        )
        asked = {name: batch[name] for name in ("pixel_values", "qformer_input_ids", "qformer_attention_mask")}
        with mixed_precision():
            found = base.model.get_video_features(**asked)
            wanted = encoder.label_logits(found.last_hidden_state).float()
            seen, seen_drawn = module.read(found.qformer_outputs.last_hidden_state)
        truth = torch.from_numpy(examples.drawn_truth(rows))
        return {
            "soft_labels": 2 * functional.binary_cross_entropy_with_logits(seen.float(), wanted.sigmoid()),
            "soft_logits": functional.smooth_l1_loss(seen.float(), wanted),
            "drawn": DRAWN_WEIGHT * known_label_loss(seen_drawn, truth),
        }

    schedule = Schedule(recipe.look_steps, recipe.look_rate, seed=recipe.seed)
    train_part(run / "look", module, losses, schedule, settings=recipe.of("look", "encoder"))
    base.model.eval().requires_grad_(False)
