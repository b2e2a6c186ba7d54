"""Token ids from a batch of studies: the model's `generate` with the options, the seed and the precision it needs."""

from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.generation import processors
from clinicalblip.radiology.draft import GenerationOptions


class TokenGenerator:
    """Generates with one model; `model` is the base's, with or without an adapter on it."""

    def __init__(self, base: Base, model: Any, options: GenerationOptions) -> None:
        self._base, self._model, self._options = base, model, options
        self._processors = processors.make_processors(options, base.tokenizer)

    def generate(self, batch: dict[str, Tensor], seed: int, **watchers: Any) -> Tensor:
        """Token ids, (studies, tokens), as transformers returns them; a decoder-only model repeats the prompt.

        `batch` is as `collate` makes it for drafting. `watchers` are a `streamer` and `stopping_criteria`. The same
        seed gives the same tokens; without a temperature every seed does. torch's own random state stays as it was.
        """
        config = self._config()
        with ExitStack() as around:
            if config.do_sample:
                around.enter_context(torch.random.fork_rng())
                torch.manual_seed(seed)
            around.enter_context(self._base.autocast())
            on_device = {name: tensor.to(self._base.device) for name, tensor in batch.items()}
            token_ids: Tensor = self._model.generate(
                **on_device, generation_config=config, logits_processor=self._processors, **watchers
            )
        return token_ids

    def _config(self) -> GenerationConfig:
        sampled = self._options.temperature > 0
        return GenerationConfig(
            max_new_tokens=self._options.max_new_tokens,
            num_beams=1,
            do_sample=sampled,
            **({"top_k": 0} if sampled else {}),  # the processors do it
            bos_token_id=self._base.bos_token_id,
            eos_token_id=self._base.eos_token_id,
            pad_token_id=self._base.pad_token_id,
        )
