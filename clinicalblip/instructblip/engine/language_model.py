"""A decoder-only language model that writes several drafts at once, which join and leave between two steps."""

from collections.abc import Sequence
from typing import Any, Final

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers.cache_utils import Cache

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.engine.slots import SlotLayer, Slots
from clinicalblip.instructblip.language_inputs import cache_arguments

MOST_PROPOSED: Final = 15
"""Tokens that a row may be given at once beside the one that is written: sixteen together fill a CPU's tiles."""


class BatchedLanguageModel:
    """The language model of `model` with `size` rows; used in one thread.

    `model` is the base's, with or without an adapter on it.
    """

    def __init__(self, base: Base, model: Any, size: int) -> None:
        self._base, self._language = base, model.language_model
        self._slots = Slots(size)
        self._layers = [SlotLayer(self._slots) for _ in range(self._language.config.num_hidden_layers)]
        self._kept = cache_arguments(self._language, Cache(layers=self._layers))

    def __len__(self) -> int:
        return len(self._slots.lengths)

    @property
    def size(self) -> int:
        """How many drafts have a row."""
        return self._slots.size

    def join(self, prompts: Sequence[Tensor], new_tokens: Sequence[int]) -> Tensor:
        """Read prompts, (1, positions, width) each, into the next rows; gives the logits of their first tokens.

        `new_tokens`: the most that will be written after each. The logits are float32, (prompts, vocabulary). Shorter
        prompts are followed by nothing, which a later token overwrites before any looks at it.
        """
        lengths = [prompt.shape[1] for prompt in prompts]
        room, first = self._slots.room, len(self)
        written = max(length + new for length, new in zip(lengths, new_tokens, strict=True))
        self._slots.reserve(written + MOST_PROPOSED)  # what fills up shorter rows of a step stands past their end
        self._slots.prefilled = slice(first, first + len(prompts))
        ends = torch.tensor(lengths, device=self._base.device) - 1
        embeds = pad_sequence([prompt[0] for prompt in prompts], batch_first=True)
        try:
            logits: Tensor = self._language(inputs_embeds=embeds, logits_to_keep=ends, **self._kept).logits
        except BaseException:
            self._slots.room = room  # those that are being written fit as they were
            raise
        self._slots.lengths += lengths
        return logits.diagonal(dim1=0, dim2=1).T.float()

    def step(self, token_ids: Sequence[Sequence[int]]) -> Tensor:
        """Append one token or more to each row; gives the logits after each, float32 (rows, most tokens, vocabulary).

        They count as written once they are `kept`: the next step overwrites the others. Shorter rows are filled up with
        their last token, whose logits mean nothing.
        """
        slots, device = self._slots, self._base.device
        ids = [torch.tensor(row, device=device) for row in token_ids]
        ends = torch.tensor([len(row) - 1 for row in token_ids], device=device)[:, None]
        most = max(len(row) for row in token_ids)
        slots.place_step(most, device)
        is_written = torch.arange(slots.longest, device=device) <= slots.places[..., None]
        within = torch.minimum(torch.arange(most, device=device), ends)
        logits: Tensor = self._language(
            input_ids=pad_sequence(ids, batch_first=True).gather(1, within),
            attention_mask=is_written[:, None],
            position_ids=slots.places[:, :1] + within,
            **self._kept,
        ).logits
        return logits.float()

    def keep(self, row: int, tokens: int) -> None:
        """Count the first so many tokens of the last step as written."""
        self._slots.lengths[row] += tokens

    def leave(self, row: int) -> None:
        """Free a row; the last one takes its place."""
        lengths = self._slots.lengths
        last = len(lengths) - 1
        if row != last:
            for layer in self._layers:
                layer.move(last, row, lengths[last])
            lengths[row] = lengths[last]
        lengths.pop()
