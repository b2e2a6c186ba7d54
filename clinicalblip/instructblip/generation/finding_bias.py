"""The knob between few false findings and few missed ones: what words of denial lose while a report is written.

Whether a sentence affirms or denies is decided where the model chooses between a word such as `no` or `clear` and any
other. `finding_bias` nats are taken from the log-odds of those words, at every place of the report: above 0 a model in
doubt writes the finding, below 0 it writes that there is none. What it is sure of, by more than the bias, stays.
"""

from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from transformers import LogitsProcessor

from clinicalblip.instructblip.phrasings import PHRASINGS
from clinicalblip.radiology.observation import Observation

DENIAL_WORDS = ("no", "not", "without", "normal", "clear", "unremarkable", "negative", "absent", "limits")
"""Words that a sentence without a finding is made with; `limits` are those that something is within."""


class FindingBiasLogitsProcessor(LogitsProcessor):  # type: ignore[misc]
    """Takes `bias` nats from each word of denial; a negative bias gives them."""

    def __init__(self, tokenizer: Any, bias: float) -> None:
        self._tokenizer, self._bias = tokenizer, bias

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores (rows, vocabulary) of the next word, changed in a copy."""
        changed = scores.clone()
        changed[:, self._words.to(scores.device)] -= self._bias
        return changed

    @cached_property
    def _words(self) -> Tensor:
        return torch.tensor(sorted(denial_tokens(self._tokenizer)), dtype=torch.long)


def denial_tokens(tokenizer: Any) -> set[int]:
    """The tokens of a vocabulary that are whole words of denial, small and capital.

    A word that the vocabulary has only in pieces is left out, and so is a token that a finding is also written with
    (`no` where `nodule` is `no` and `dule`): a bias on it would not tell the two apart.
    """
    findings = {
        token
        for what, each in PHRASINGS.items()
        if what is not Observation.NO_FINDING
        for text in each.affirming
        for token in _tokens(tokenizer, f"Findings: {text}")
    }
    words = (form for word in DENIAL_WORDS for form in (word, word.capitalize()))
    return {token for word in words if (token := _whole(tokenizer, word)) is not None} - findings


def _whole(tokenizer: Any, word: str) -> int | None:
    """The token of a word inside a sentence, where it is a single one."""
    before, both = _tokens(tokenizer, "is"), _tokens(tokenizer, f"is {word}")
    return both[-1] if len(both) == len(before) + 1 and both[:-1] == before else None


def _tokens(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])
