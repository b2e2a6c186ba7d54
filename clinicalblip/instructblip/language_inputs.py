"""What the language model is given: the embeddings of a study's films and prompt, and a cache under its name."""

import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from clinicalblip.instructblip.base import Base


def embed_studies(base: Base, model: Any, studies: Sequence[dict[str, Tensor]]) -> list[Tensor]:
    """The embeddings that the language model reads, (1, positions, width) each, in the studies' order.

    In 32 bits studies with equally many films go through vision encoder and Q-Former together, which moves what comes
    out by 6e-6. In 16 bits it would move by the last bit of 8, and a draft would depend on who else is there: they go
    one by one.
    """
    embeds: list[Tensor | None] = [None] * len(studies)
    for members in _groups(base, studies):
        features = _film_features(model, [studies[index] for index in members])
        for index, film_embeds in zip(members, features, strict=True):
            ids = studies[index]["input_ids"]
            tokens = model.get_input_embeddings()(ids)
            is_image = (ids == base.image_token_id)[..., None]
            embeds[index] = tokens.masked_scatter(is_image, film_embeds.to(tokens.dtype))
    return [each for each in embeds if each is not None]


def may_read_together(base: Base) -> bool:
    """Whether films and prompts of several studies go through the model at once: where that moves no word."""
    return base.compute_dtype == torch.float32


def _groups(base: Base, studies: Sequence[dict[str, Tensor]]) -> list[list[int]]:
    if not may_read_together(base):
        return [[index] for index in range(len(studies))]
    by_films: dict[int, list[int]] = {}
    for index, study in enumerate(studies):
        by_films.setdefault(study["pixel_values"].shape[1], []).append(index)
    return list(by_films.values())


def _film_features(model: Any, studies: Sequence[dict[str, Tensor]]) -> Tensor:
    """What the Q-Former makes of each study's films, (studies, image tokens, width); a mask hides where texts end."""
    ids = [study["qformer_input_ids"][0] for study in studies]
    texts = {"qformer_input_ids": ids, "qformer_attention_mask": [torch.ones_like(row) for row in ids]}
    padded = {name: pad_sequence(rows, batch_first=True) for name, rows in texts.items()}
    pixels = torch.cat([study["pixel_values"] for study in studies])
    features: Tensor = model.get_video_features(pixel_values=pixels, **padded).pooler_output
    return features


def cache_arguments(language: Any, cache: Any) -> dict[str, Any]:
    """The arguments that give a language model its cache: transformers has another name for it from 5.24 on."""
    names = inspect.signature(language.forward).parameters
    return {"cache" if "cache" in names else "past_key_values": cache, "use_cache": True}
