"""The batches of a stage: order, slot dropout, and where the loss lies."""

import random
from collections.abc import Callable
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from transformers import InstructBlipForConditionalGeneration

from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.groups import Group
from clinicalblip.radiology.report import SLOTS, ClinicalContext
from clinicalblip.radiology.study import Study
from clinicalblip.training.data.dataset import BatchDataset, Collator, drop_slots, order_batches
from clinicalblip.training.stage import Stage
from clinicalblip.training.trainer import report_loss

STAGE = Stage("vision", frozenset({Group.VISION}), learning_rate=1e-3, epochs=2, batch=3, slot_dropout=0.5)


@pytest.fixture(scope="module", params=["llama", "t5"])
def base(request: pytest.FixtureRequest, tiny_folders: dict[str, Path]) -> Base:
    """A base of either kind of language model."""
    return load_base(tiny_folders[request.param], "fp32", "cpu")


@given(
    films=st.lists(st.integers(1, 3), min_size=1, max_size=40),
    epochs=st.floats(0.1, 3.5),
    batch=st.integers(1, 7),
    seed=st.integers(0, 2**31),
)
def test_every_epoch_sees_every_study_once(films: list[int], epochs: float, batch: int, seed: int) -> None:
    """A whole epoch has each study once, a fraction its share; no batch mixes film counts or is too large."""
    ordered = order_batches(films, epochs, batch, seed)
    assert ordered == order_batches(films, epochs, batch, seed)
    for epoch in range(ceil(epochs)):
        seen = [study for when, members in ordered if when == epoch for study in members]
        assert len(set(seen)) == len(seen)
        share = min(1.0, epochs - epoch)
        assert len(seen) == (len(films) if share == 1.0 else max(1, round(len(films) * share)))
    for _, members in ordered:
        assert 1 <= len(members) <= batch
        assert len({films[study] for study in members}) == 1


def test_epochs_and_seeds_order_differently() -> None:
    """Two epochs of one seed, and one epoch of two seeds, are different permutations."""
    first, second = ([m for e, m in order_batches([1] * 20, 2, 20, 0) if e == epoch] for epoch in (0, 1))
    assert first != second
    assert order_batches([1] * 20, 1, 20, 0) != order_batches([1] * 20, 1, 20, 1)


@given(share=st.sampled_from([0.0, 0.3, 1.0]), without=st.frozensets(st.sampled_from(SLOTS)), seed=st.integers(0, 999))
def test_slots_are_emptied_and_never_changed(share: float, without: frozenset[str], seed: int) -> None:
    """A slot stays as it was or is empty; those left out always are, and at a share of 0 no other."""
    context = ClinicalContext(*(f"text of {name}" for name in SLOTS))
    dropped = drop_slots(context, share, without, random.Random(seed))
    for name in SLOTS:
        text = getattr(dropped, name)
        assert text in ("", getattr(context, name))
        if name in without or share == 1.0:
            assert text == ""
        elif share == 0.0:
            assert text


def test_slot_dropout_depends_on_study_and_epoch_alone(
    tiny_folders: dict[str, Path], studies: list[Study], draw_films: Any
) -> None:
    """The prompts of a batch are the same at every look, and differ between epochs and studies."""
    base = load_base(tiny_folders["llama"], "fp32", "cpu")
    batches = BatchDataset(replace(STAGE, epochs=6), studies, base=base, load_films=draw_films, seed=0)
    prompts = [[example.prompt for example in batches[number]] for number in range(len(batches))]
    again = [[example.prompt for example in batches[number]] for number in reversed(range(len(batches)))]
    assert again[::-1] == prompts
    with_indication = {"Indication: cough" in prompt for batch in prompts for prompt in batch}
    assert with_indication == {True, False}


def test_films_are_varied_anew_in_every_epoch(
    tiny_folders: dict[str, Path], make_study: Callable[..., Study], draw_films: Any
) -> None:
    """A stage with augmentation shows a study's film otherwise in each epoch, and the same at every look."""
    base = load_base(tiny_folders["llama"], "fp32", "cpu")
    stage = replace(STAGE, epochs=2, augmentation=0.5)
    batches = BatchDataset(stage, [make_study(1)], base=base, load_films=draw_films, seed=0)
    first, second, again = (batches[number][0].films[0] for number in (0, 1, 0))
    assert (first == again).all()
    assert not (first == second).all()


def test_slots_left_out_reach_no_prompt(tiny_folders: dict[str, Path], studies: list[Study], draw_films: Any) -> None:
    """A plan without prior knowledge gives prompts with none of it."""
    base = load_base(tiny_folders["llama"], "fp32", "cpu")
    stage = replace(STAGE, slot_dropout=0.0)
    for without, expected in ((frozenset[str](), True), (frozenset(SLOTS), False)):
        batches = BatchDataset(stage, studies, base=base, load_films=draw_films, seed=0, without=without)
        for batch in (batches[number] for number in range(len(batches))):
            assert all(("cough" in example.prompt) is expected for example in batch)


def test_loss_lies_on_the_report_alone(base: Base, studies: list[Study], draw_films: Any) -> None:
    """The loss has a gradient at the positions that predict the report and its end, and at no other."""
    batches = BatchDataset(STAGE, studies, base=base, load_films=draw_films, seed=0)
    for number in range(len(batches)):
        examples = batches[number]
        tensors = Collator(base)([examples])
        labels = tensors.pop("labels")
        with torch.no_grad():
            logits = base.model(**tensors).logits
        logits.requires_grad_(True)
        report_loss(logits, labels, is_decoder_only=base.is_decoder_only).backward()
        learnt = logits.grad.abs().sum(-1) > 0
        shift = 1 if base.is_decoder_only else 0
        for row, example in enumerate(examples):
            predicted = labels[row][learnt[row].nonzero().flatten() + shift]
            assert base.tokenizer.decode(predicted) == example.target + base.tokenizer.eos_token


def test_one_film_loses_what_the_image_class_loses(
    base: Base, tiny_folders: dict[str, Path], make_study: Callable[..., Study], draw_films: Any
) -> None:
    """For studies of one film the loss is the one that transformers' class for single images computes itself."""
    batches = BatchDataset(
        STAGE, [make_study(number) for number in (1, 2, 4)], base=base, load_films=draw_films, seed=0
    )
    tensors = Collator(base)([batches[0]])
    image_class = InstructBlipForConditionalGeneration.from_pretrained(tiny_folders[base.name.removeprefix("tiny-")])
    with torch.no_grad():
        expected = image_class.eval()(**{**tensors, "pixel_values": tensors["pixel_values"][:, 0]}).loss
        labels = tensors.pop("labels")
        found = report_loss(base.model(**tensors).logits, labels, is_decoder_only=base.is_decoder_only)
    torch.testing.assert_close(found, expected)


def test_labels_elsewhere_change_nothing(base: Base, studies: list[Study], draw_films: Any) -> None:
    """Query, prompt and padding positions carry no label, so no input there can be learnt as an answer."""
    batches = BatchDataset(STAGE, studies, base=base, load_films=draw_films, seed=0)
    examples = batches[0]
    labels = Collator(base)([examples])["labels"]
    for row, example in enumerate(examples):
        kept = labels[row][labels[row] != -100]
        assert kept.tolist() == [
            *base.tokenizer(example.target, add_special_tokens=False)["input_ids"],
            base.eos_token_id,
        ]


def test_every_token_of_a_step_counts_the_same() -> None:
    """Batches of different lengths that make one step sum to the loss of all of them together."""
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(4, 9, 11, generator=generator)
    labels = torch.randint(0, 11, (4, 9), generator=generator)
    labels[:, :3] = -100
    labels[2:, 5:] = -100
    tokens = int((labels != -100).sum())
    whole = report_loss(logits, labels, is_decoder_only=True)
    parts = [
        report_loss(logits[rows], labels[rows], is_decoder_only=True, tokens=tokens)
        for rows in (slice(0, 2), slice(2, 4))
    ]
    torch.testing.assert_close(sum(parts), whole)
