"""Many answers to one film in one row: what a study begins with is computed once, whatever is said after it.

A row holds a beginning (image tokens and prompt) and any number of branches, each a text that could follow it. A token
sees the beginning and its own branch up to itself, and its position is counted along its branch: to the language model
each branch is what it would be alone. A report and a dozen short sentences of one film cost little more than the
report.
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


@dataclass(frozen=True)
class Branches:
    """Rows of beginnings and branches, (rows, length), and for each word that is said where it is foretold.

    `ids` and `positions` are int64, `sees` (rows, 1, length, length) says which token sees which. For each of all said
    words: `rows` and `places`, the token that foretells it, `words`, the word, and `branches`, the number of its branch
    counted over all rows.
    """

    ids: Tensor
    positions: Tensor
    sees: Tensor
    rows: Tensor
    places: Tensor
    words: Tensor
    branches: Tensor

    def word_losses(self, model: Any, image: Tensor) -> Tensor:
        """How unlikely each said word is, in nats, (words,), for the image tokens `image` (rows, image tokens, width).

        `model` is the InstructBLIP model: its language part alone is asked.
        """
        words = model.get_input_embeddings()(self.ids)
        embedded = torch.cat((image.to(words.dtype), words[:, image.shape[1] :]), 1)
        language = model.language_model
        states = language.model(
            inputs_embeds=embedded, attention_mask=self.sees, position_ids=self.positions, use_cache=False
        ).last_hidden_state
        logits = language.lm_head(states[self.rows, self.places])
        return functional.cross_entropy(logits.float(), self.words, reduction="none")

    def likelihoods(self, word_losses: Tensor) -> Tensor:
        """The log-likelihood of each branch, (branches,), in the order of rows and of the branches in each."""
        number = int(self.branches[-1]) + 1
        return -torch.zeros(number).index_add(0, self.branches, word_losses)


def branch(base: Base, films: int, prompts: Sequence[str], texts: Sequence[Sequence[Sequence[int]]]) -> Branches:
    """Lay out each prompt, after the image tokens of `films` films, with its texts, given as token ids, as branches."""
    image = [base.image_token_id] * (base.num_query_tokens * films)
    laid: list[tuple[list[int], list[int], list[int]]] = []
    foretold: list[tuple[int, int, int, int]] = []
    number = 0
    for row, (prompt, branches) in enumerate(zip(prompts, texts, strict=True)):
        ids = image + prompt_token_ids(base, prompt)
        beginning = len(ids)
        own, positions = [-1] * beginning, list(range(beginning))
        for text in branches:
            for place, word in enumerate(text):
                foretold.append((row, beginning - 1 if place == 0 else len(ids) - 1, word, number))
                ids.append(word)
                own.append(number)
                positions.append(beginning + place)
            number += 1
        laid.append((ids, own, positions))
    length = max(len(ids) for ids, _, _ in laid)

    def padded(which: int, padding: int) -> Tensor:
        return torch.tensor([each[which] + [padding] * (length - len(each[0])) for each in laid])

    branch_of = padded(1, -2)
    before = torch.ones(length, length, dtype=torch.bool).tril()
    # Padding, -2, sees the beginning as well: a row of the softmax must not be empty.
    sees = before & ((branch_of[:, None, :] == -1) | (branch_of[:, None, :] == branch_of[:, :, None]))
    said = (torch.tensor(column) for column in zip(*foretold, strict=True))
    return Branches(padded(0, base.pad_token_id), padded(2, 0), sees[:, None], *said)
