"""Tensors from films, prompts and reports; image, prompt and padding positions never carry loss."""

import re
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from clinicalblip.errors import MalformedStudy, ModelUnavailable
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.prompt import SLOT_LABELS
from clinicalblip.instructblip.vision.preprocess import preprocess_film
from clinicalblip.radiology.report import parse_sections

IGNORE_INDEX = -100
"""The label that torch's cross entropy ignores."""

SHORTEST_REFERENCE = 4
"""Words. Fewer ("Clear lungs.") may stand in an indication by chance."""


def collate(
    base: Base,
    films: Sequence[Sequence[NDArray[np.float32]]],
    prompts: Sequence[str],
    targets: Sequence[str] | None = None,
) -> dict[str, Tensor]:
    """Make one batch of studies, each with its films, its prompt and, for training, its target text.

    `films` are pixels, float32 in [0, 1], in the model's order, equally many in every study. The Q-Former reads the
    beginning of the prompt, as far as it has positions, and never the target. Returned on the CPU:
    `pixel_values` float32 (studies, films, 3, size, size), `qformer_input_ids`, `qformer_attention_mask`,
    `input_ids` (the image tokens stand before everything else), `attention_mask`, and with targets `labels`, -100
    where nothing is to be learnt. Padding is on the left for drafting and on the right for training.

    Raises ModelUnavailable for a base whose image tokens do not fit, and MalformedStudy where a prompt holds the
    report that is to be learnt: the model would learn to copy instead of looking.
    """
    counts = {len(each) for each in films}
    if len(counts) != 1 or 0 in counts or len(films) != len(prompts) or len(targets or prompts) != len(prompts):
        raise ValueError(
            f"a batch needs a prompt for every study and the same number of films in each, at least one; "
            f"found {len(prompts)} prompts and films {[len(each) for each in films]}"
        )
    for prompt, target in zip(prompts, targets or (), strict=False):
        check_reference(prompt, target)
    shape = (base.image_size, base.image_mean, base.image_std)
    pixels = np.stack([np.stack([preprocess_film(film, *shape) for film in study]) for study in films])
    image_tokens = [base.image_token_id] * (base.num_query_tokens * counts.pop())
    inputs = [image_tokens + prompt_token_ids(base, prompt) for prompt in prompts]
    batch = {"pixel_values": torch.from_numpy(pixels), **tokenize_for_qformer(base, prompts)}
    if targets is None:
        batch |= _pad(inputs, base.pad_token_id, left=True)
    elif base.is_decoder_only:
        outputs = [target_token_ids(base, target) for target in targets]
        batch |= _pad([given + output for given, output in zip(inputs, outputs, strict=True)], base.pad_token_id)
        labels = [[IGNORE_INDEX] * len(given) + output for given, output in zip(inputs, outputs, strict=True)]
        batch["labels"] = _pad(labels, IGNORE_INDEX)["input_ids"]
    else:
        batch |= _pad(inputs, base.pad_token_id)
        batch["labels"] = _pad([target_token_ids(base, target) for target in targets], IGNORE_INDEX)["input_ids"]
    check_image_tokens(base, batch)
    return batch


def check_reference(prompt: str, target: str) -> None:
    """Raise MalformedStudy where the whole target, its headings aside, stands in a line of the prompt.

    Case, white space and punctuation do not count. A report of fewer than `SHORTEST_REFERENCE` words may stand in a
    prompt by chance and is not looked for. A prior report may hold today's sentences, as reports of an unchanged
    chest do; it may not be today's report.
    """
    report = parse_sections(target)
    wanted = _words(f"{report.findings} {report.impression}")
    if len(wanted) < SHORTEST_REFERENCE:
        return
    for line in prompt.splitlines():
        label, _, text = line.partition(":")
        found = _words(text)
        is_prior = label == SLOT_LABELS["prior_report"]
        if found == wanted or (not is_prior and f" {' '.join(wanted)} " in f" {' '.join(found)} "):
            raise MalformedStudy(
                f"The report to be learnt stands in its own prompt, under {label}; take it out of the study."
            )


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def check_image_tokens(base: Base, batch: dict[str, Tensor]) -> None:
    """Raise ModelUnavailable unless every study has one image token for each query token of each of its films.

    The model itself does not check: with too few of them the film is silently ignored.
    """
    expected = base.num_query_tokens * batch["pixel_values"].shape[1]
    for found in (batch["input_ids"] == base.image_token_id).sum(1).tolist():
        if found != expected:
            raise ModelUnavailable(
                f"The input holds {found} image tokens where the films need {expected}; "
                "the base's tokenizer does not fit its model."
            )


def prompt_token_ids(base: Base, prompt: str) -> list[int]:
    """The prompt between the image tokens and the report, with the BOS token (decoder-only) or the EOS token (T5)."""
    ids = encode_text(base, prompt)
    if not base.is_decoder_only:
        return [*ids, base.eos_token_id]
    return ids if base.bos_token_id is None else [base.bos_token_id, *ids]


def target_token_ids(base: Base, target: str) -> list[int]:
    """A whole report to be learnt, with the EOS token."""
    return [*encode_text(base, target), base.eos_token_id]


def encode_text(base: Base, text: str) -> list[int]:
    """The language model's token ids of a text, without special tokens."""
    return list(base.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])


def tokenize_for_qformer(base: Base, prompts: Sequence[str]) -> dict[str, Tensor]:
    """What the Q-Former reads of prompts: `qformer_input_ids` and `qformer_attention_mask`, int64 (prompts, tokens)."""
    rows = base.qformer_tokenizer(list(prompts), truncation=True, max_length=base.qformer_tokens)["input_ids"]
    padding = base.qformer_tokenizer.pad_token_id or 0
    return {f"qformer_{name}": tensor for name, tensor in _pad(rows, padding).items()}


def _pad(rows: Sequence[Sequence[int]], padding: int, *, left: bool = False) -> dict[str, Tensor]:
    """Rows of different lengths as one int64 tensor, with the attention mask, 0 where there is padding."""
    length = max(len(row) for row in rows)
    ids, mask = torch.full((len(rows), length), padding), torch.zeros(len(rows), length, dtype=torch.long)
    for index, row in enumerate(rows):
        columns = slice(length - len(row), length) if left else slice(0, len(row))
        ids[index, columns] = torch.tensor(row)
        mask[index, columns] = 1
    return {"input_ids": ids, "attention_mask": mask}
