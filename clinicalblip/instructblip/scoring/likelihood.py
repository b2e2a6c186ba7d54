"""The likelihood of several beginnings of one report; film and prompt are read once for all of them."""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache, EncoderDecoderCache
from transformers.modeling_outputs import BaseModelOutput

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import encode_text
from clinicalblip.instructblip.language_inputs import cache_arguments, embed_studies

BATCH_SIZE = 32
"""Texts in one forward pass; each takes a copy of the prompt's keys and values."""


@torch.inference_mode()
def log_likelihoods(base: Base, model: Any, batch: dict[str, Tensor], texts: Sequence[str]) -> list[float]:
    """The log-likelihood, in nats, of each text as the beginning of the report; it need not end there.

    `batch` is one study as `collate` makes it for drafting, `model` the base's with or without an adapter. The encoder
    and the Q-Former see each film once, and the language model the prompt, and what all texts begin with, once.
    """
    if len(batch["input_ids"]) != 1:
        raise ValueError(f"texts are compared for one study, not for {len(batch['input_ids'])}")
    rows = [encode_text(base, text) for text in texts]
    if not rows or not all(rows):
        raise ValueError("there is a text without a token, or no text at all")
    prefix = _common_prefix([row[:-1] for row in rows])
    with base.autocast():
        cached = _CachedPrompt(base, model, {name: tensor.to(base.device) for name, tensor in batch.items()})
        logits = cached.extend(prefix)
        found: list[float] = []
        for start in range(0, len(rows), BATCH_SIZE):
            some = [row[len(prefix) :] for row in rows[start : start + BATCH_SIZE]]
            found.extend(cached.continuations(logits, some))
    return [cached.log_likelihood + each for each in found]


class _CachedPrompt:
    """The language model with the prompt, and then the prefix that all texts share, in its cache.

    `log_likelihood` is that of the prefix.
    """

    def __init__(self, base: Base, model: Any, batch: dict[str, Tensor]) -> None:
        self.log_likelihood = 0.0
        self._language = model.language_model
        self._device = base.device
        (embeds,) = embed_studies(base, model, [batch])
        self._encoded: Tensor | None = None
        if base.is_decoder_only:
            self._cache: Any = DynamicCache(config=self._language.config)
            self._first: Tensor = self._language(
                inputs_embeds=embeds, **cache_arguments(self._language, self._cache)
            ).logits[0, -1]
        else:
            self._cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
            self._encoded = self._language.encoder(inputs_embeds=embeds).last_hidden_state
            start = torch.tensor([[self._language.config.decoder_start_token_id]], device=self._device)
            self._first = self._forward(start, self._cache)[0, -1]

    def extend(self, prefix: Sequence[int]) -> Tensor:
        """Put the prefix's token ids into the cache; returns the logits, (vocabulary,), of the token after it."""
        if not prefix:
            return self._first
        token_ids = torch.tensor([prefix], device=self._device)
        logits: Tensor = self._forward(token_ids, self._cache)[0]
        predicting = torch.cat((self._first[None], logits[:-1]))
        self.log_likelihood = float(_gather(predicting, token_ids[0]).sum())
        return logits[-1]

    def continuations(self, first: Tensor, rows: Sequence[Sequence[int]]) -> list[float]:
        """The log-likelihood of each row of token ids after the prefix, with the logits of its first token given."""
        token_ids = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long, device=self._device)
        # Padding stands on the right, where it changes nothing before it.
        is_token = torch.zeros_like(token_ids, dtype=torch.bool)
        for number, row in enumerate(rows):
            token_ids[number, : len(row)] = torch.tensor(row)
            is_token[number, : len(row)] = True
        cache = copy.deepcopy(self._cache)
        cache.batch_repeat_interleave(len(rows))
        predicting = first.expand(len(rows), 1, -1)
        if token_ids.shape[1] > 1:
            predicting = torch.cat((predicting, self._forward(token_ids[:, :-1], cache)), dim=1)
        log_likelihood = _gather(predicting, token_ids).masked_fill(~is_token, 0.0).sum(1)
        return [float(each) for each in log_likelihood]

    def _forward(self, token_ids: Tensor, cache: Any) -> Tensor:
        arguments = cache_arguments(self._language, cache)
        if self._encoded is None:
            output = self._language(input_ids=token_ids, **arguments)
        else:
            encoded = BaseModelOutput(last_hidden_state=self._encoded.expand(len(token_ids), -1, -1))
            output = self._language(encoder_outputs=encoded, decoder_input_ids=token_ids, **arguments)
        logits: Tensor = output.logits
        return logits


def _common_prefix(rows: Sequence[list[int]]) -> list[int]:
    """What all rows begin with: of sorted rows, the first and the last differ soonest."""
    first, last = min(rows), max(rows)
    differs = (place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    return first[: next(differs, min(len(first), len(last)))]


def _gather(logits: Tensor, token_ids: Tensor) -> Tensor:
    """The log-probability of each token, in 32 bits whatever the logits are."""
    return logits.float().log_softmax(-1).gather(-1, token_ids[..., None])[..., 0]
