"""Connecting: the Q-Former learns to hand the language model what the encoder sees.

A small language model writes fluent reports without a film and is content with that. So the Q-Former's answer is also
read by a head that has to name the film's labels from it; the head is thrown away afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from transformers import InstructBlipQFormerConfig, LlamaForCausalLM

from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.checkpoint import IMAGE_TOKEN, make_config, make_model, save_base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.prompt import target_text
from clinicalblip.mini.encoder import vision_config
from clinicalblip.mini.examples import Example, Examples
from clinicalblip.mini.films import DEVIATION, MEAN, NIH_LABELS, Films, augment
from clinicalblip.mini.language import VIEWS, language_config, write_prompt
from clinicalblip.mini.loop import Schedule, mixed_precision, train_part
from clinicalblip.mini.recipe import MiniRecipe
from clinicalblip.mini.teacher import known_label_loss

QFORMER_POSITIONS = 256
QUERY_TOKENS = 32


def assemble(
    folder: Path,
    vision_weights: dict[str, Tensor],
    language: LlamaForCausalLM,
    tokenizers: tuple[Any, Any],
    recipe: MiniRecipe,
) -> Path:
    """Put encoder, a fresh Q-Former and the language model together as an InstructBLIP checkpoint in `folder`."""
    tokenizer, qformer_tokenizer = tokenizers
    vision = vision_config(recipe)
    qformer = InstructBlipQFormerConfig(
        vocab_size=len(qformer_tokenizer),
        hidden_size=recipe.encoder_width,
        num_hidden_layers=recipe.connect_layers,
        num_attention_heads=recipe.encoder_heads,
        intermediate_size=4 * recipe.encoder_width,
        max_position_embeddings=QFORMER_POSITIONS,
        encoder_hidden_size=recipe.encoder_width,
        cross_attention_frequency=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    text = language_config(tokenizer, recipe)
    image_token = tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)
    config = make_config(vision, qformer, text, image_token_id=image_token, num_query_tokens=QUERY_TOKENS)
    model = make_model(config, seed=recipe.seed, vision_weights=vision_weights)
    model.language_model.load_state_dict(_language_weights(model, language))
    _save(folder, model, tokenizers)
    return folder


def connect(films: Films, examples: Examples, plain: Examples, assembled: Path, run: Path, recipe: MiniRecipe) -> Base:
    """Train what joins the parts into `run/connect`, then all of them together into `run/together`.

    First the encoder stays as it is, and `plain` are reports that deny most of what a film lacks: the Q-Former finds
    its way. Then everything learns, from `examples`. Finished parts are loaded.
    """
    base = load_base(assembled, "fp32", "cpu")
    connected = _Connected(base, recipe)
    connected.train()

    def train(part: str, drawn_from: Examples, steps: int, batch: int, rate: float, stream: int) -> None:
        def losses(step: int) -> dict[str, Tensor]:
            drawn = drawn_from.draw(batch, (recipe.seed, stream, step))
            tensors = example_batch(base, films, drawn, (recipe.seed, stream + 1, step))
            truth = films.truth(np.array([example.row for example in drawn]))
            with mixed_precision():
                output = base.model(**tensors)
                seen = connected.head(output.qformer_outputs.last_hidden_state[:, :QUERY_TOKENS].mean(1))
            return {"words": output.loss, "labels": known_label_loss(seen.float(), truth)}

        settings = recipe.of("connect", "language", "encoder", *([part] if part != "connect" else []))
        train_part(run / part, connected, losses, Schedule(steps, rate, seed=recipe.seed), settings=settings)

    train("connect", plain, recipe.connect_steps, recipe.connect_batch, recipe.connect_rate, 3)
    base.model.vision_model.requires_grad_(True)
    train("together", examples, recipe.together_steps, recipe.together_batch, recipe.together_rate, 7)
    base.model.eval().requires_grad_(False)
    return base


def example_batch(base: Base, films: Films, examples: Sequence[Example], seed: tuple[int, ...]) -> dict[str, Tensor]:
    """The model's input for these examples: films moved and regraded a little, prompts with any of the views."""
    random = torch.Generator().manual_seed(int(np.random.default_rng(seed).integers(2**62)))
    pictures = augment(films.pictures(np.array([example.row for example in examples])), random)
    choice = np.random.default_rng((*seed, 1)).integers(len(VIEWS), size=len(examples))
    prompts = [write_prompt(e.context, VIEWS[number]) for e, number in zip(examples, choice, strict=True)]
    targets = [target_text(example.report) for example in examples]
    return collate(base, [[picture[0].numpy()] for picture in pictures], prompts, targets)


def save_connected(folder: Path, base: Base) -> None:
    """Write the connected model as the bundled base: 16-bit weights, in shards under 10 MB."""
    _save(folder, base.model.half(), (base.tokenizer, base.qformer_tokenizer))


class _Connected(nn.Module):
    """The model with the head that reads the labels from the Q-Former's answer; the encoder stays as it is."""

    def __init__(self, base: Base, recipe: MiniRecipe) -> None:
        super().__init__()
        self.model = base.model.requires_grad_(True)
        self.model.vision_model.requires_grad_(False)
        torch.manual_seed(recipe.seed)
        self.head = nn.Linear(recipe.encoder_width, len(NIH_LABELS))


def _language_weights(model: Any, language: LlamaForCausalLM) -> dict[str, Tensor]:
    """The trained weights under the names that the assembled model's language part gives them."""
    wanted, weights = model.language_model.state_dict(), language.state_dict()
    if set(wanted) == set(weights):
        return dict(weights)
    return {name: weights[name if name in weights else f"model.{name}"] for name in wanted}


def _save(folder: Path, model: Any, tokenizers: tuple[Any, Any]) -> None:
    mean, deviation = (MEAN,) * 3, (DEVIATION,) * 3
    save_base(folder, model, *tokenizers, image_mean=mean, image_std=deviation)
