"""Drafts of bases whose language model is an encoder and a decoder (T5): one after another, by `generate` itself."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from transformers import StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.engine.batch import fail
from clinicalblip.instructblip.engine.generation import Generation
from clinicalblip.instructblip.generation.loops import ends_in_loop
from clinicalblip.instructblip.generation.token_generator import TokenGenerator
from clinicalblip.radiology.draft import GenerationOptions


def write_alone(
    base: Base, model: Any, options: GenerationOptions, generation: Generation, beat: Callable[[], None]
) -> None:
    """Write one draft to its end and tell its reader of each token; a failure is told, too.

    `beat` is called before each token, so that one that hangs is noticed.
    """
    beat()
    watch = _Watch(generation, beat)
    try:
        batch = collate(base, [generation.films], [generation.prompt])
        TokenGenerator(base, model, options).generate(
            batch, generation.seed, streamer=watch, stopping_criteria=StoppingCriteriaList([watch.criterion])
        )
    except Exception as error:
        fail(generation, error)
    else:
        generation.tell(finished=True, stopped=watch.stopped, looping=watch.looping)


class _Watch(BaseStreamer):  # type: ignore[misc]
    """Tells the reader of each token, and the generation of the reader's wish to stop."""

    def __init__(self, generation: Generation, beat: Callable[[], None]) -> None:
        self._beat = beat
        self.criterion = _Criterion(self)
        self.stopped = self.looping = False
        self._generation = generation
        self._start_is_next = True

    def put(self, value: Tensor) -> None:
        """Take the next tokens; the first that comes is the decoder's start token."""
        if self._start_is_next:
            self._start_is_next = False
            return
        self._beat()
        self._generation.written.extend(value.flatten().tolist())
        self._generation.tell()

    def end(self) -> None:
        """Nothing: how it ended is told where it was begun."""

    def should_stop(self) -> bool:
        """Whether the generation ends here."""
        self.stopped = self.stopped or self._generation.is_stopped
        self.looping = self.looping or ends_in_loop(self._generation.written)
        return self.stopped or self.looping


class _Criterion(StoppingCriteria):  # type: ignore[misc]
    def __init__(self, watch: _Watch) -> None:
        self._watch = watch

    def __call__(self, input_ids: Tensor, scores: Any, **_: Any) -> Tensor:
        return torch.full((len(input_ids),), self._watch.should_stop(), dtype=torch.bool, device=input_ids.device)
