"""Tensors: where tokens stand, and what carries loss."""

import re

import numpy as np
import pytest
import torch
from transformers import InstructBlipProcessor

from clinicalblip.errors import MalformedStudy, ModelUnavailable
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import IGNORE_INDEX, check_image_tokens, collate

FILM = np.random.default_rng(0).random((40, 36), dtype=np.float32)
SHORT, LONG = "Report:", "Write the findings and the impression of this chest radiograph.\nReport:"
TARGETS = ["Findings: The lungs are clear. Impression: No acute disease.", "Impression: Cardiomegaly."]


@pytest.fixture(params=["llama", "t5"])
def base(request: pytest.FixtureRequest) -> Base:
    """Either kind of tiny base."""
    return request.getfixturevalue(f"tiny_{request.param}_base")


def text(base: Base, ids: torch.Tensor) -> str:
    """The text of token ids, padding and ignored labels left out."""
    return base.tokenizer.decode([token for token in ids.tolist() if token not in (IGNORE_INDEX, base.pad_token_id)])


@pytest.mark.parametrize("films", [1, 2, 3])
def test_image_tokens_stand_first(base: Base, films: int) -> None:
    """Each film has its query tokens, before everything else that is no padding."""
    batch = collate(base, [[FILM] * films] * 2, [SHORT, LONG])
    assert batch["pixel_values"].shape == (2, films, 3, 32, 32)
    for ids, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True):
        assert (ids[mask == 1][: 4 * films] == base.image_token_id).all()
        assert (ids == base.image_token_id).sum() == 4 * films


def test_drafting_pads_on_the_left(base: Base) -> None:
    """The prompt's last token is the last of its row, however long the others are."""
    batch = collate(base, [[FILM]] * 2, [SHORT, LONG])
    assert batch["attention_mask"][:, -1].tolist() == [1, 1]
    assert batch["attention_mask"][0, 0] == 0
    assert "labels" not in batch


def test_only_the_report_carries_loss(base: Base) -> None:
    """The labels are the report and its end, and nothing of film, prompt and padding."""
    batch = collate(base, [[FILM]] * 2, [SHORT, LONG], TARGETS)
    for labels, target in zip(batch["labels"], TARGETS, strict=True):
        assert text(base, labels) == target + "</s>"
    if base.is_decoder_only:
        assert batch["attention_mask"][:, 0].tolist() == [1, 1]
        learnt = batch["labels"] != IGNORE_INDEX
        assert torch.equal(batch["labels"][learnt], batch["input_ids"][learnt])
        assert (batch["attention_mask"][learnt] == 1).all()
    else:
        assert "lungs are" not in text(base, batch["input_ids"][0])


def test_what_stands_outside_the_report_changes_no_label(base: Base) -> None:
    """Padding is without effect: a study's loss is the same alone and beside a longer one."""
    with torch.no_grad():
        together = base.model(**collate(base, [[FILM]] * 2, [SHORT, SHORT], TARGETS[:1] * 2)).loss
        alone = base.model(**collate(base, [[FILM]], [SHORT], TARGETS[:1])).loss
        batch = collate(base, [[FILM]] * 2, [SHORT, LONG], TARGETS)
        batch["labels"][1] = IGNORE_INDEX
        padded = base.model(**batch).loss
    torch.testing.assert_close(together, alone)
    torch.testing.assert_close(padded, alone)


def test_the_report_never_reaches_the_qformer(base: Base) -> None:
    """What the Q-Former reads is the same whatever is to be learnt."""
    without = collate(base, [[FILM]], [LONG])
    batch = collate(base, [[FILM]], [LONG], TARGETS[:1])
    assert torch.equal(batch["qformer_input_ids"], without["qformer_input_ids"])
    words = base.qformer_tokenizer.decode(batch["qformer_input_ids"][0], skip_special_tokens=True)
    assert re.sub(r"\W", "", words) == re.sub(r"\W", "", LONG.lower())


def test_a_long_prompt_fits_the_qformer(base: Base) -> None:
    """The Q-Former reads as much of the beginning as it has positions for."""
    batch = collate(base, [[FILM]], ["heart " * 300])
    assert batch["qformer_input_ids"].shape == (1, 128)
    assert base.model(**batch, **({} if base.is_decoder_only else {"labels": torch.tensor([[2]])})).logits is not None


def test_tokens_are_those_of_the_original_processor(
    tiny_llama_base: Base, tiny_llama_folder: object, tiny_t5_base: Base, tiny_t5_folder: object
) -> None:
    """For one film the tokens are those that transformers' own processor makes."""
    for base, folder in ((tiny_llama_base, tiny_llama_folder), (tiny_t5_base, tiny_t5_folder)):
        processor = InstructBlipProcessor.from_pretrained(folder)
        image = np.zeros((32, 32, 3), dtype=np.uint8)
        expected = processor(images=image, text=LONG, return_tensors="pt")
        batch = collate(base, [[FILM]], [LONG])
        for name in ("input_ids", "attention_mask", "qformer_input_ids", "qformer_attention_mask"):
            assert torch.equal(batch[name], expected[name]), name


def test_too_few_image_tokens_are_refused(tiny_llama_base: Base) -> None:
    """An input without the right number of image tokens would be drafted blind, and is refused."""
    batch = collate(tiny_llama_base, [[FILM]], [LONG])
    batch["input_ids"][0, 0] = tiny_llama_base.pad_token_id
    with pytest.raises(ModelUnavailable, match="3 image tokens where the films need 4"):
        check_image_tokens(tiny_llama_base, batch)


def test_an_image_token_in_the_prompt_is_refused(tiny_llama_base: Base) -> None:
    """A prompt that smuggles one in does not pass either."""
    with pytest.raises(ModelUnavailable, match="5 image tokens"):
        collate(tiny_llama_base, [[FILM]], ["Look <image> here"])


@pytest.mark.parametrize(
    ("films", "prompts", "targets"),
    [
        ([[FILM], [FILM, FILM]], [SHORT, SHORT], None),
        ([[]], [SHORT], None),
        ([[FILM]], [SHORT, SHORT], None),
        ([[FILM]], [SHORT], TARGETS),
        ([], [], None),
    ],
)
def test_uneven_batches_are_refused(
    tiny_llama_base: Base, films: list[list[np.ndarray]], prompts: list[str], targets: list[str] | None
) -> None:
    """Studies with different numbers of films, or a missing prompt or target, are no batch."""
    with pytest.raises(ValueError, match="a batch needs"):
        collate(tiny_llama_base, films, prompts, targets)


REPORT = "Findings: The heart is large. There is an effusion. Impression: Heart failure."


@pytest.mark.parametrize(
    "line",
    [
        "Indication: the heart is large. there is an effusion. heart failure",
        "Hints: say that the heart is large, there is an effusion; heart failure today",
        "Prior report: The heart is large. There is an effusion. Heart failure.",
    ],
)
def test_a_reference_in_its_own_prompt_is_refused(base: Base, line: str) -> None:
    """The whole report in a slot, or as the prior report, is an error and no warning."""
    with pytest.raises(MalformedStudy, match="stands in its own prompt"):
        collate(base, [[FILM]], [f"Write.\n{line}\nReport:"], [REPORT])


@pytest.mark.parametrize(
    ("line", "report"),
    [
        ("Indication: heart failure", REPORT),
        ("Prior report: The heart is large. There is an effusion. Heart failure. No pneumothorax.", REPORT),
        ("Hints: clear lungs", "Findings: Clear lungs."),
    ],
)
def test_a_prompt_that_shares_words_with_its_report_is_none(base: Base, line: str, report: str) -> None:
    """Some of the report's words, yesterday's similar report, and a report of two words are let through."""
    assert "labels" in collate(base, [[FILM]], [f"Write.\n{line}\nReport:"], [report])
