"""Training the Q-Former without any text: it learns to hand on what the encoder sees.

Each query token stands for one thing: fourteen of them for one of NIH's labels each, sixteen for one kind of finding
that can be drawn, two for whatever else there is. Heads read each of them from its own token and are thrown away
afterwards. A language model that needs to know of an effusion then finds it in one token.
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
from research.mini.films.manifest import NIH_LABELS
from research.mini.films.phantom_films import KINDS
from research.mini.films.sampler import FilmSampler
from research.mini.films.table import Films
from research.mini.films.transforms import augment
from research.mini.loop import Schedule, mixed_precision, train_part
from research.mini.prompts import PROMPT_VIEWS, write_prompt
from research.mini.recipe import MiniRecipe
from research.mini.reports.examples import Examples
from research.mini.reports.phantom_studies import ASPECTS
from research.mini.vision.encoder import Encoder
from research.mini.vision.teacher import known_label_loss

QUERY_TOKENS = 32
QFORMER_INPUTS = ("pixel_values", "qformer_input_ids", "qformer_attention_mask")
"""What of a collated batch `get_video_features` takes."""
PHANTOM_WEIGHT = 4.0  # two or three of a hundred aspects of a drawn chest are true


class QFormerHeads(nn.Module):
    """The model with heads that read labels, and what was drawn, from the Q-Former's output."""

    def __init__(self, base: Base, recipe: MiniRecipe) -> None:
        super().__init__()
        self.model = base.model
        torch.manual_seed(recipe.seed)
        width = recipe.encoder_width
        self.label_heads = nn.ModuleList(nn.Linear(width, 1) for _ in NIH_LABELS)
        self.phantom_heads = nn.ModuleList(nn.Linear(width, len(ASPECTS)) for _ in KINDS)

    def read(self, states: Tensor) -> tuple[Tensor, Tensor]:
        """The logits of the labels (films, 14) and of what was drawn (films, 16 x 7).

        `states` are the Q-Former's last hidden states, (films, tokens, width), the query tokens first.
        """
        tokens = iter(states.unbind(1))
        labels = torch.cat([head(next(tokens)) for head in self.label_heads], 1)
        return labels, torch.cat([head(next(tokens)) for head in self.phantom_heads], 1)


def train_qformer(
    films: Films, examples: Examples, encoder: Encoder, base: Base, run: Path, recipe: MiniRecipe
) -> None:
    """Train the Q-Former of `base` into `run/qformer`, or load the finished one; nothing else of the model changes.

    It learns what the encoder's own head reads in its tokens and, of drawn films, what was drawn, whatever the prompt
    says.
    """
    module = QFormerHeads(base, recipe).train()
    module.requires_grad_(True)
    for frozen in (base.model.vision_model, base.model.language_model, base.model.language_projection):
        frozen.requires_grad_(False)
    encoder.requires_grad_(False)
    sampler = FilmSampler(films, recipe.qformer_batch, recipe.encoder_other_fraction, recipe.seed + 9)

    def losses(step: int) -> dict[str, Tensor]:
        rows = sampler(step)
        rng = torch.Generator().manual_seed(recipe.seed * 1_000_003 + step)
        choices = np.random.default_rng((recipe.seed, 9, step))
        # Only every fourth step has long prompts: one long prompt makes all rows of its batch as long.
        contexts = [examples.context(choices) if step % 4 == 3 else ClinicalContext() for _ in rows]
        views = choices.integers(len(PROMPT_VIEWS), size=len(rows))
        batch = collate(
            base,
            [[film[0].numpy()] for film in augment(films.pictures(rows), rng)],
            [write_prompt(context, PROMPT_VIEWS[view]) for context, view in zip(contexts, views, strict=True)],
        )
        with mixed_precision():
            found = base.model.get_video_features(**{name: batch[name] for name in QFORMER_INPUTS})
            wanted = encoder.label_logits(found.last_hidden_state).float()
            labels, drawn = module.read(found.qformer_outputs.last_hidden_state)
        truth = torch.from_numpy(examples.phantom_truth(rows))
        return {
            "soft_labels": 2 * functional.binary_cross_entropy_with_logits(labels.float(), wanted.sigmoid()),
            "soft_logits": functional.smooth_l1_loss(labels.float(), wanted),
            "phantom": PHANTOM_WEIGHT * known_label_loss(drawn, truth),
        }

    schedule = Schedule(recipe.qformer_steps, recipe.qformer_rate, seed=recipe.seed)
    train_part(run / "qformer", module, losses, schedule, settings=recipe.of("qformer", "encoder"))
    base.model.eval().requires_grad_(False)
