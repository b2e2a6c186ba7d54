"""How likely the model holds several beginnings of one report; film and prompt are read once for all of them."""

import copy
import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache, EncoderDecoderCache
from transformers.modeling_outputs import BaseModelOutput

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import encode_text

BATCH_SIZE = 32
"""Texts in one pass; each takes a copy of what is kept of the prompt."""


@torch.inference_mode()
def log_likelihoods(base: Base, model: Any, batch: dict[str, Tensor], texts: Sequence[str]) -> list[float]:
    """The log-likelihood, in nats, of each text as the beginning of the report; no mark for the end is asked for.

    `batch` is one study as `collate` makes it for drafting, `model` the base's with or without an adapter. The encoder
    and the Q-Former see each film once, and the language model the prompt, and what all texts begin with, once.
    """
    if len(batch["input_ids"]) != 1:
        raise ValueError(f"texts are compared for one study, not for {len(batch['input_ids'])}")
    rows = [encode_text(base, text) for text in texts]
    if not rows or not all(rows):
        raise ValueError("there is a text without a token, or no text at all")
    shared = _common([row[:-1] for row in rows])
    with base.autocast():
        reader = _Reader(base, model, {name: tensor.to(base.device) for name, tensor in batch.items()})
        last = reader.read(shared)
        found: list[float] = []
        for start in range(0, len(rows), BATCH_SIZE):
            found.extend(reader.continuations(last, [row[len(shared) :] for row in rows[start : start + BATCH_SIZE]]))
    return [reader.likelihood + each for each in found]


class _Reader:
    """The language model with the prompt, and then the words that all texts share, in its cache.

    `likelihood` is the log-likelihood of the shared words.
    """

    def __init__(self, base: Base, model: Any, batch: dict[str, Tensor]) -> None:
        self.likelihood = 0.0
        self._language = model.language_model
        self._device = base.device
        films = {name: batch[name] for name in ("pixel_values", "qformer_input_ids", "qformer_attention_mask")}
        seen = model.get_video_features(**films).pooler_output
        ids = batch["input_ids"]
        question = model.get_input_embeddings()(ids)
        question = question.masked_scatter((ids == base.image_token_id)[..., None], seen.to(question.dtype))
        self._encoded: Tensor | None = None
        if base.is_decoder_only:
            self._cache: Any = DynamicCache(config=self._language.config)
            self._first: Tensor = self._language(inputs_embeds=question, **self._kept(self._cache)).logits[0, -1]
        else:
            self._cache = EncoderDecoderCache(DynamicCache(), DynamicCache())
            self._encoded = self._language.encoder(inputs_embeds=question).last_hidden_state
            start = torch.tensor([[self._language.config.decoder_start_token_id]], device=self._device)
            self._first = self._forward(start, self._cache)[0, -1]

    def read(self, shared: Sequence[int]) -> Tensor:
        """Put the shared words into the cache; gives the logits (vocabulary,) of what follows them."""
        if not shared:
            return self._first
        words = torch.tensor([shared], device=self._device)
        logits: Tensor = self._forward(words, self._cache)[0]
        before = torch.cat((self._first[None], logits[:-1]))
        self.likelihood = float(_chosen(before, words[0]).sum())
        return logits[-1]

    def continuations(self, last: Tensor, rows: Sequence[Sequence[int]]) -> list[float]:
        """The log-likelihood of each row of words after the shared ones; padding stands on the right, unread."""
        words = torch.zeros(len(rows), max(map(len, rows)), dtype=torch.long, device=self._device)
        real = torch.zeros_like(words, dtype=torch.bool)
        for number, row in enumerate(rows):
            words[number, : len(row)] = torch.tensor(row)
            real[number, : len(row)] = True
        cache = copy.deepcopy(self._cache)
        cache.batch_repeat_interleave(len(rows))
        before = last.expand(len(rows), 1, -1)
        if words.shape[1] > 1:
            before = torch.cat((before, self._forward(words[:, :-1], cache)), dim=1)
        likely = _chosen(before, words).masked_fill(~real, 0.0).sum(1)
        return [float(each) for each in likely]

    def _forward(self, words: Tensor, cache: Any) -> Tensor:
        kept = self._kept(cache)
        if self._encoded is None:
            said = self._language(input_ids=words, **kept)
        else:
            encoded = BaseModelOutput(last_hidden_state=self._encoded.expand(len(words), -1, -1))
            said = self._language(encoder_outputs=encoded, decoder_input_ids=words, **kept)
        logits: Tensor = said.logits
        return logits

    def _kept(self, cache: Any) -> dict[str, Any]:
        # transformers calls it past_key_values before 5.24, and cache from then on.
        names = inspect.signature(self._language.forward).parameters
        return {"cache" if "cache" in names else "past_key_values": cache, "use_cache": True}


def _common(rows: Sequence[list[int]]) -> list[int]:
    """What all rows begin with; in their order, the first and the last differ soonest."""
    first, last = min(rows), max(rows)
    differs = (place for place, (one, other) in enumerate(zip(first, last, strict=False)) if one != other)
    return first[: next(differs, min(len(first), len(last)))]


def _chosen(logits: Tensor, words: Tensor) -> Tensor:
    """The log-probability of each word, in 32 bits whatever the logits are."""
    return logits.float().log_softmax(-1).gather(-1, words[..., None])[..., 0]
