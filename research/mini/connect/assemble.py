"""The checkpoint of the bundled base: encoder, Q-Former and language model put together as an InstructBLIP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor
from transformers import InstructBlipQFormerConfig, LlamaForCausalLM

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.build.checkpoint import make_config, make_model, save_base
from clinicalblip.instructblip.configuration import IMAGE_TOKEN
from clinicalblip.training.run_folder import translate_write_errors
from research.mini.connect.language import language_config
from research.mini.connect.qformer import QUERY_TOKENS
from research.mini.films.transforms import MEAN, STD
from research.mini.recipe import MiniRecipe
from research.mini.vision.encoder import vision_config

QFORMER_POSITIONS = 256


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
        num_hidden_layers=recipe.qformer_layers,
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


def save_rounded(folder: Path, base: Base) -> None:
    """Write a base as the bundled one is: 16-bit weights, to which it is rounded, in shards under 10 MB."""
    _save(folder, base.model.half(), (base.tokenizer, base.qformer_tokenizer))


def _language_weights(model: Any, language: LlamaForCausalLM) -> dict[str, Tensor]:
    """The trained weights under the names that the assembled model's language part gives them."""
    wanted, weights = model.language_model.state_dict(), language.state_dict()
    if set(wanted) == set(weights):
        return dict(weights)
    return {name: weights[name if name in weights else f"model.{name}"] for name in wanted}


def _save(folder: Path, model: Any, tokenizers: tuple[Any, Any]) -> None:
    mean, std = (MEAN,) * 3, (STD,) * 3
    with translate_write_errors("The base"):
        save_base(folder, model, *tokenizers, image_mean=mean, image_std=std)
