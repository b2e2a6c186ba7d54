"""Training the Q-Former without any text: it learns to hand on what the encoder sees.

Each query token stands for one thing: fourteen of them for one of NIH's labels each, sixteen for one kind of finding
that can be drawn, two for whatever else there is. Heads read each of them from its own token and are thrown away
afterwards. A language model that needs to know of an effusion then finds it in one token.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import tokenize_for_qformer
from clinicalblip.radiology.report import ClinicalContext
from research.mini.films.manifest import NIH_LABELS
from research.mini.films.phantom_films import KINDS
from research.mini.films.sampler import FilmSampler
from research.mini.films.table import Films
from research.mini.loop import Schedule, mixed_precision, train_part
from research.mini.prompts import PROMPT_VIEWS, write_prompt
from research.mini.recipe import MiniRecipe
from research.mini.reports.examples import Examples
from research.mini.reports.phantom_studies import ASPECTS
from research.mini.vision.encoder import Encoder
from research.mini.vision.teacher import known_label_loss
from research.mini.vision.tokens import encode_pictures

QUERY_TOKENS = 32
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


def qformer_states(base: Base, tokens: Tensor, prompts: Sequence[str]) -> Tensor:
    """The Q-Former's last hidden states, (films, query and text tokens, width), the query tokens first.

    `tokens` (films, 1 + patches, width) are the encoder's, one film for each prompt. It is what
    `get_video_features` computes of the pictures themselves.
    """
    model, read = base.model, tokenize_for_qformer(base, prompts)
    queries = model.query_tokens.expand(len(tokens), -1, -1)
    is_query = torch.ones(queries.shape[:2], dtype=torch.long)
    return torch.as_tensor(
        model.qformer(
            input_ids=read["qformer_input_ids"],
            attention_mask=torch.cat((is_query, read["qformer_attention_mask"]), 1),
            query_embeds=queries,
            encoder_hidden_states=tokens,
            encoder_attention_mask=torch.ones(tokens.shape[:2], dtype=torch.long),
        ).last_hidden_state
    )


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
    all_tokens = encode_pictures(films, encoder, run)
    sampler = FilmSampler(films, recipe.qformer_batch, recipe.encoder_other_fraction, recipe.seed + 9)

    def losses(step: int) -> dict[str, Tensor]:
        rows = sampler(step)
        choices = np.random.default_rng((recipe.seed, 9, step))
        # Only every fourth step has long prompts: one long prompt makes all rows of its batch as long.
        contexts = [examples.context(choices) if step % 4 == 3 else ClinicalContext() for _ in rows]
        views = choices.integers(len(PROMPT_VIEWS), size=len(rows))
        prompts = [write_prompt(context, PROMPT_VIEWS[view]) for context, view in zip(contexts, views, strict=True)]
        tokens = torch.from_numpy(all_tokens[rows].astype(np.float32))
        wanted = encoder.label_logits(tokens)
        with mixed_precision():
            labels, drawn = module.read(qformer_states(base, tokens, prompts))
        truth = torch.from_numpy(examples.phantom_truth(rows))
        return {
            "soft_labels": 2 * functional.binary_cross_entropy_with_logits(labels.float(), wanted.sigmoid()),
            "soft_logits": functional.smooth_l1_loss(labels.float(), wanted),
            "phantom": PHANTOM_WEIGHT * known_label_loss(drawn, truth),
        }

    schedule = Schedule(recipe.qformer_steps, recipe.qformer_rate, seed=recipe.seed)
    train_part(run / "qformer", module, losses, schedule, settings=recipe.of("qformer", "encoder"))
    base.model.eval().requires_grad_(False)
