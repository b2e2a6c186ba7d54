"""The trade between few false findings and few missed ones: what words of denial lose in generation.

Whether a sentence affirms or denies is decided where the model chooses between a word such as `no` or `clear` and any
other. `finding_bias` nats are taken from the log-odds of those words, at every position of the report: above 0 a model
in doubt writes the finding, below 0 it writes that there is none. What it is sure of by more than the bias stays.
"""

from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from transformers import LogitsProcessor

from clinicalblip.instructblip.phrasings import PHRASINGS
from clinicalblip.radiology.observation import Observation

DENIAL_WORDS = ("no", "not", "without", "normal", "clear", "unremarkable", "negative", "absent", "limits")
"""Words in which sentences deny a finding; `limits` as in "within normal limits"."""


class FindingBiasLogitsProcessor(LogitsProcessor):  # type: ignore[misc]
    """Takes `bias` nats from the logit of each word of denial; a negative bias adds them."""

    def __init__(self, tokenizer: Any, bias: float) -> None:
        self._tokenizer, self._bias = tokenizer, bias

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """The logits of the next token, (rows, vocabulary), changed in a copy."""
        changed = scores.clone()
        changed[:, self._token_ids.to(scores.device)] -= self._bias
        return changed

    @cached_property
    def _token_ids(self) -> Tensor:
        return torch.tensor(sorted(denial_token_ids(self._tokenizer)), dtype=torch.long)


def denial_token_ids(tokenizer: Any) -> set[int]:
    """The token ids of a vocabulary that are whole words of denial, with small or capital first letter.

    A word of several tokens is left out, and so is a token that a finding is also written with (`no` where `nodule` is
    `no` and `dule`): a bias on it would not tell the two apart.
    """
    in_findings = {
        token_id
        for what, each in PHRASINGS.items()
        if what is not Observation.NO_FINDING
        for text in each.affirming
        for token_id in _encode(tokenizer, f"Findings: {text}")
    }
    words = (form for word in DENIAL_WORDS for form in (word, word.capitalize()))
    return {token_id for word in words if (token_id := _single_token_id(tokenizer, word)) is not None} - in_findings


def _single_token_id(tokenizer: Any, word: str) -> int | None:
    """The token id of a word inside a sentence, None where it takes several."""
    before, both = _encode(tokenizer, "is"), _encode(tokenizer, f"is {word}")
    return both[-1] if len(both) == len(before) + 1 and both[:-1] == before else None


def _encode(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
