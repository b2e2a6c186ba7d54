"""Many continuations of one prefix in one row: image tokens and prompt are computed once, whatever follows them.

A row holds a prefix (image tokens and prompt) and any number of continuations, each a text that could follow it. A
token attends to the prefix and to its own continuation up to itself, and its position is counted along its
continuation: to the language model each continuation is what it would be alone. A report and a dozen short sentences
of one film cost little more than the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import prompt_token_ids

_PREFIX, _PADDING = -1, -2  # numbers of no continuation


@dataclass(frozen=True)
class PackedContinuations:
    """Rows of prefixes and continuations, and for each token of a continuation the place that predicts it.

    `token_ids` and `position_ids` are int64 (rows, length); `attention_mask` is bool (rows, 1, length, length). The
    others are int64 (targets,), one for each token of all continuations: `rows` and `places` of the token that predicts
    it, its id `targets`, and `continuation`, the number of its continuation counted over all rows.
    """

    token_ids: Tensor
    position_ids: Tensor
    attention_mask: Tensor
    rows: Tensor
    places: Tensor
    targets: Tensor
    continuation: Tensor

    def token_losses(self, model: Any, image: Tensor) -> Tensor:
        """The negative log-likelihood of each target, in nats, (targets,).

        `image` (rows, image tokens, width) takes the place of the image tokens; `model` is the InstructBLIP model, of
        which only the language model runs.
        """
        text = model.get_input_embeddings()(self.token_ids)
        embedded = torch.cat((image.to(text.dtype), text[:, image.shape[1] :]), 1)
        language = model.language_model
        states = language.model(
            inputs_embeds=embedded,
            attention_mask=self.attention_mask,
            position_ids=self.position_ids,
            use_cache=False,
        ).last_hidden_state
        logits = language.lm_head(states[self.rows, self.places])
        return functional.cross_entropy(logits.float(), self.targets, reduction="none")

    def log_likelihoods(self, token_losses: Tensor) -> Tensor:
        """The log-likelihood of each continuation, (continuations,), in the order of rows and within each row."""
        number = int(self.continuation[-1]) + 1
        return -torch.zeros(number).index_add(0, self.continuation, token_losses)


def pack_continuations(
    base: Base, films: int, prompts: Sequence[str], texts: Sequence[Sequence[Sequence[int]]]
) -> PackedContinuations:
    """Pack each prompt, after the image tokens of `films` films, with its continuations, given as token ids."""
    image = [base.image_token_id] * (base.num_query_tokens * films)
    packed: list[tuple[list[int], list[int], list[int]]] = []
    predicted: list[tuple[int, int, int, int]] = []
    number = 0
    for row, (prompt, continuations) in enumerate(zip(prompts, texts, strict=True)):
        ids = image + prompt_token_ids(base, prompt)
        prefix = len(ids)
        owner, positions = [_PREFIX] * prefix, list(range(prefix))
        for text in continuations:
            for place, token_id in enumerate(text):
                predicted.append((row, prefix - 1 if place == 0 else len(ids) - 1, token_id, number))
                ids.append(token_id)
                owner.append(number)
                positions.append(prefix + place)
            number += 1
        packed.append((ids, owner, positions))
    length = max(len(ids) for ids, _, _ in packed)

    def padded(which: int, padding: int) -> Tensor:
        return torch.tensor([each[which] + [padding] * (length - len(each[0])) for each in packed])

    owner_of = padded(1, _PADDING)
    causal = torch.ones(length, length, dtype=torch.bool).tril()
    # Padding attends to the prefix as well: a row of the softmax must not be empty.
    mask = causal & ((owner_of[:, None, :] == _PREFIX) | (owner_of[:, None, :] == owner_of[:, :, None]))
    columns = (torch.tensor(column) for column in zip(*predicted, strict=True))
    return PackedContinuations(padded(0, base.pad_token_id), padded(2, 0), mask[:, None], *columns)
