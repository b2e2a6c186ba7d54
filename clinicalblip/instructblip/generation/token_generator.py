"""Token ids from a batch of studies: the model's `generate` with the options, the seed and the precision it needs."""

from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig, LogitsProcessorList

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.generation.finding_bias import FindingBiasLogitsProcessor
from clinicalblip.radiology.draft import GenerationOptions


class TokenGenerator:
    """Generates with one model; `model` is the base's, with or without an adapter on it."""

    def __init__(self, base: Base, model: Any, options: GenerationOptions) -> None:
        self._base, self._model, self._options = base, model, options
        bias = options.finding_bias
        processors = LogitsProcessorList([FindingBiasLogitsProcessor(base.tokenizer, bias)])
        self._processors = {"logits_processor": processors} if bias else {}

    def generate(self, batch: dict[str, Tensor], seed: int, **watchers: Any) -> Tensor:
        """Token ids, (studies, tokens), as transformers returns them; `skip_prompt` leaves those of the report.

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
                **on_device, generation_config=config, **self._processors, **watchers
            )
        return token_ids

    def skip_prompt(self, token_ids: Tensor, batch: dict[str, Tensor]) -> Tensor:
        """The report's token ids, of what `generate` returned for this batch."""
        before = batch["input_ids"].shape[1] if self._base.is_decoder_only else 1  # the prompt, or T5's start token
        return token_ids[:, before:]

    def _config(self) -> GenerationConfig:
        options, base = self._options, self._base
        sampling = {"temperature": options.temperature, "top_p": options.top_p} if options.temperature > 0 else {}
        return GenerationConfig(
            max_new_tokens=options.max_new_tokens,
            num_beams=1,
            do_sample=bool(sampling),
            repetition_penalty=options.repetition_penalty,
            bos_token_id=base.bos_token_id,
            eos_token_id=base.eos_token_id,
            pad_token_id=base.pad_token_id,
            **sampling,
        )
