"""How a draft chooses its next token: as transformers' `generate` would, from a generator of its own."""

from collections.abc import Sequence

import torch
from torch import Tensor
from transformers import LogitsProcessorList

from clinicalblip.radiology.draft import GenerationOptions


class TokenChoice:
    """The choices of one draft: greedy without a temperature, else sampled with a generator seeded for it."""

    def __init__(self, processors: LogitsProcessorList, options: GenerationOptions, seed: int, device: str) -> None:
        self._processors = processors
        self._drawn = 0
        self._generator: torch.Generator | None = None
        if options.temperature > 0:
            self._generator = torch.Generator(device).manual_seed(seed)

    @property
    def is_plain(self) -> bool:
        """Whether the likeliest token is taken as it is, so that rows can be chosen for together."""
        return not self._processors and self._generator is None

    def choose(self, logits: Tensor, prompt_ids: Tensor, written: Sequence[int]) -> int:
        """The next token of a draft: `logits` are (vocabulary,), `prompt_ids` (1, positions).

        Each token has a random number of its own, so that a draft that goes on elsewhere, after `written`, ends as it
        would have.
        """
        scores = logits[None]
        if self._processors:
            ids = torch.cat((prompt_ids, torch.tensor([written], dtype=torch.long, device=prompt_ids.device)), dim=1)
            scores = self._processors(ids, scores)
        if self._generator is None:
            return int(scores.argmax(-1))
        probabilities = scores.softmax(-1)
        while self._drawn < len(written):
            torch.multinomial(torch.ones_like(probabilities), 1, generator=self._generator)
            self._drawn += 1
        self._drawn += 1
        return int(torch.multinomial(probabilities, 1, generator=self._generator))
