"""Several drafts in the rows of one language model."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.engine.language_model import MOST_PROPOSED, BatchedLanguageModel


@dataclass
class _Draft:
    number: int
    tokens: list[int] = field(default_factory=list)


def prompt(base: Base, number: int) -> Tensor:
    """A prompt of random embeddings; each number has its own, of its own length."""
    generator = torch.Generator().manual_seed(number)
    length = 5 + 7 * number % 60
    return torch.randn(1, length, base.model.get_input_embeddings().weight.shape[1], generator=generator)


def alone(base: Base, number: int, steps: int) -> list[int]:
    """The likeliest tokens of a prompt without company."""
    model = BatchedLanguageModel(base, base.model, 1)
    tokens = [int(model.join([prompt(base, number)], [64])[0].argmax())]
    for _ in range(steps - 1):
        tokens += step(model, [tokens[-1]])
    return tokens


def step(model: BatchedLanguageModel, tokens: Sequence[int]) -> list[int]:
    """Write one token a row; gives the likeliest of the next."""
    logits = model.step([[token] for token in tokens])
    for row in range(len(tokens)):
        model.keep(row, 1)
    return [int(token) for token in logits[:, 0].argmax(-1).tolist()]


@given(events=st.lists(st.integers(-4, 5), min_size=1, max_size=30))
@settings(max_examples=40)
@torch.inference_mode()
def test_drafts_that_join_and_leave_at_random_are_written_as_alone(tiny_llama_base: Base, events: list[int]) -> None:
    """Whoever else comes, with it or later, goes or stays: the same tokens as without company."""
    base, size = tiny_llama_base, 4
    model, rows, written, next_number = BatchedLanguageModel(base, base.model, size), [], [], 0
    for event in events:
        if event > 0 and len(model) < model.size:
            joining = [_Draft(next_number + each) for each in range(min(event, size - len(model)))]
            logits = model.join([prompt(base, draft.number) for draft in joining], [64] * len(joining))
            for draft, token in zip(joining, logits.argmax(-1).tolist(), strict=True):
                draft.tokens.append(token)
            next_number += len(joining)
            rows += joining
        elif event < 0 and rows:
            row = -event % len(rows)
            model.leave(row)
            written.append(rows[row])
            last = rows.pop()
            if row < len(rows):
                rows[row] = last
        elif rows:
            for draft, token in zip(rows, step(model, [draft.tokens[-1] for draft in rows]), strict=True):
                draft.tokens.append(token)
        assert len(model) == len(rows)
    for draft in (*written, *rows):
        assert draft.tokens == alone(base, draft.number, len(draft.tokens))


@torch.inference_mode()
def test_logits_are_those_of_the_model_itself(tiny_llama_base: Base) -> None:
    """A prompt and two steps give what one forward pass over all of it gives."""
    base = tiny_llama_base
    model, embeds = BatchedLanguageModel(base, base.model, 2), prompt(base, 3)
    model.join([prompt(base, 1)], [8])
    (first,) = model.join([embeds], [8])
    second = model.step([[5], [6]])[1, 0]
    model.keep(0, 1)
    model.keep(1, 1)
    third = model.step([[7], [8]])[1, 0]
    tokens = base.model.get_input_embeddings()(torch.tensor([[6, 8]]))
    whole = base.model.language_model(inputs_embeds=torch.cat((embeds, tokens), dim=1)).logits[0]
    for found, place in ((first, -3), (second, -2), (third, -1)):
        torch.testing.assert_close(found, whole[place], atol=1e-4, rtol=1e-4)


@torch.inference_mode()
def test_a_step_moves_nothing_but_the_new_tokens(tiny_llama_base: Base) -> None:
    """The buffers stay where they are while there is room, and grow once there is none."""
    base = tiny_llama_base
    model = BatchedLanguageModel(base, base.model, 2)
    token = int(model.join([prompt(base, 0)], [20])[0].argmax())
    layer = model._layers[0]
    where = layer.keys.data_ptr()
    for _ in range(20):
        (token,) = step(model, [token])
    assert layer.keys.data_ptr() == where
    model.join([prompt(base, 1)], [300])
    assert layer.keys.shape[2] >= 300 + prompt(base, 1).shape[1]


def test_full_is_full(tiny_llama_base: Base) -> None:
    """There are as many rows as were asked for."""
    model = BatchedLanguageModel(tiny_llama_base, tiny_llama_base.model, 1)
    assert len(model) < model.size
    with torch.inference_mode():
        model.join([prompt(tiny_llama_base, 0)], [8])
    assert len(model) == model.size


@pytest.mark.parametrize("length", [33, 47, 64, 65, 90])
@torch.inference_mode()
def test_a_row_does_not_depend_on_how_long_the_others_are(tiny_llama_base: Base, length: int) -> None:
    """To the bit, where the rows are as many: only the length of the other one differs."""
    base = tiny_llama_base
    width = base.model.get_input_embeddings().weight.shape[1]

    def logits(other: int) -> Tensor:
        model = BatchedLanguageModel(base, base.model, 2)
        model.join([prompt(base, 2)], [8])
        model.join([torch.ones(1, other, width)], [8])
        return model.step([[5], [6]])[0]

    assert torch.equal(logits(20), logits(length))


@pytest.mark.parametrize("kept", range(MOST_PROPOSED + 1))
@torch.inference_mode()
def test_after_any_number_of_kept_tokens_a_row_goes_on_as_alone(tiny_llama_base: Base, kept: int) -> None:
    """What was written and not kept is forgotten, in this row and in a shorter one beside it."""
    base = tiny_llama_base
    right = alone(base, 4, MOST_PROPOSED + 4)
    model = BatchedLanguageModel(base, base.model, 2)
    model.join([prompt(base, 4)], [64])
    beside = [int(model.join([prompt(base, 9)], [64])[0].argmax())]
    wrong = [(token + 1) % base.tokenizer.vocab_size for token in right[1 + kept : 1 + MOST_PROPOSED]]
    logits = model.step([[*right[: 1 + kept], *wrong], beside])
    assert logits[0, : 1 + kept].argmax(-1).tolist() == right[1 : 2 + kept]
    beside.append(int(logits[1, 0].argmax()))
    model.keep(0, 1 + kept)
    model.keep(1, 1)
    tokens = right[: 2 + kept]
    while len(tokens) < len(right):
        own, other = step(model, [tokens[-1], beside[-1]])
        tokens.append(own)
        beside.append(other)
    assert tokens == right
    assert beside == alone(base, 9, len(beside))
