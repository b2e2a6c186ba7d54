"""A decoder-only language model that writes several drafts at once, which join and leave between two steps."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from transformers.cache_utils import Cache

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.engine.slots import SlotLayer, Slots
from clinicalblip.instructblip.language_inputs import cache_arguments


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
        self._slots.reserve(max(length + new for length, new in zip(lengths, new_tokens, strict=True)))
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

    def step(self, token_ids: list[int]) -> Tensor:
        """Append a token to each row; gives the logits of the tokens after them, (rows, vocabulary), float32."""
        slots, device = self._slots, self._base.device
        slots.place_step(device)
        is_written = torch.arange(slots.longest, device=device) <= slots.places[:, None]
        logits: Tensor = self._language(
            input_ids=torch.tensor(token_ids, device=device)[:, None],
            attention_mask=is_written[:, None, None, :],
            position_ids=slots.places[:, None],
            **self._kept,
        ).logits
        slots.lengths = [length + 1 for length in slots.lengths]
        return logits[:, -1].float()

    def leave(self, row: int) -> None:
        """Free a row; the last one takes its place."""
        lengths = self._slots.lengths
        last = len(lengths) - 1
        if row != last:
            for layer in self._layers:
                layer.move(last, row, lengths[last])
            lengths[row] = lengths[last]
        lengths.pop()
