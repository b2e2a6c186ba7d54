"""One generation in a thread of its own, watched token by token."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

import torch
from transformers import StoppingCriteria
from transformers.generation.streamers import BaseStreamer

from clinicalblip.errors import ClinicalBlipError, ModelError
from clinicalblip.instructblip.generation.loops import ends_in_loop

LAST_TOKEN_SECONDS = 5.0
"""How long a reader who leaves waits for the token that is being written; the generation ends after it either way."""


@dataclass(frozen=True)
class GenerationProgress:
    """How far a generation is: the tokens written so far, and, once it is `finished`, how it ended.

    `stopped`: the reader ended it; `looping`: it wrote the same over and over; `seconds` since the model began.
    """

    token_ids: tuple[int, ...] = ()
    finished: bool = False
    stopped: bool = False
    looping: bool = False
    seconds: float = 0.0


Generate = Callable[[BaseStreamer, StoppingCriteria], Any]
"""Calls the model's `generate` with this streamer and this stopping criterion."""


def run_generation(
    generate: Generate, *, stop: Callable[[], bool], on_end: Callable[[], None], timeout: float
) -> Iterator[GenerationProgress]:
    """Run `generate` in a thread and yield after every token, last a finished GenerationProgress.

    `stop` is asked after every token. `on_end` is called once, when the thread has ended and the model is free
    again, also where the reader left and this iterator was closed in the middle. What the thread raises is raised
    here, as a ModelError unless it is of this project's family. So is a token that takes longer than `timeout`
    seconds.
    """
    streamer = _QueueStreamer(stop)
    began = monotonic()

    def run() -> None:
        failure: BaseException | None = None
        try:
            generate(streamer, streamer.criterion)
        except BaseException as error:
            failure = error  # raised in the reader's thread, which otherwise would wait for ever
        finally:
            on_end()
            streamer.queue.put(failure or _END)

    thread = threading.Thread(target=run, name="draft", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        on_end()
        raise ModelError("The machine has no thread left to draft in; try again when it is less busy.") from error
    try:
        yield from _follow(streamer, began, timeout)
    finally:
        streamer.abandoned.set()
        thread.join(min(timeout, LAST_TOKEN_SECONDS))


def _follow(streamer: "_QueueStreamer", began: float, timeout: float) -> Iterator[GenerationProgress]:
    token_ids: list[int] = []
    while True:
        try:
            item = streamer.queue.get(timeout=timeout)
        except Empty as error:
            raise ModelError(
                f"The model has not written a word for {timeout:g} seconds; try again, or raise "
                "generation.timeout_seconds in the settings."
            ) from error
        if isinstance(item, ClinicalBlipError):
            raise item
        if isinstance(item, BaseException):
            raise ModelError(
                f"The model failed in the middle of the draft ({type(item).__name__}); draft again, and tell whoever "
                "runs this page if it fails again."
            ) from item
        if item is _END:
            yield GenerationProgress(
                tuple(token_ids), True, streamer.stopped, streamer.looping, seconds=monotonic() - began
            )
            return
        token_ids.extend(item)
        yield GenerationProgress(tuple(token_ids), seconds=monotonic() - began)


_END = object()


class _QueueStreamer(BaseStreamer):  # type: ignore[misc]
    """Hands the generating thread's tokens to the reader's thread, and the reader's wish to stop to the generation.

    `queue` holds lists of token ids, then _END or the exception that ended the thread.
    """

    def __init__(self, stop: Callable[[], bool]) -> None:
        self.queue: SimpleQueue[Any] = SimpleQueue()
        self.abandoned = threading.Event()
        self.criterion = _StopCriterion(self)
        self.stopped = self.looping = False
        self._written: list[int] = []
        self._stop = stop
        self._prompt_is_next = True

    def put(self, value: torch.Tensor) -> None:
        """Take the next tokens; the first that come are the prompt, or T5's start token."""
        if self._prompt_is_next:
            self._prompt_is_next = False
            return
        token_ids = value.flatten().tolist()
        self._written.extend(token_ids)
        self.queue.put(token_ids)

    def end(self) -> None:
        """Nothing: the thread itself reports the end, because it knows of failures too."""

    def should_stop(self) -> bool:
        """Whether the generation ends here; sets `stopped` or `looping` to say why."""
        self.stopped = self.stopped or self.abandoned.is_set() or self._stop()
        self.looping = self.looping or ends_in_loop(self._written)
        return self.stopped or self.looping


class _StopCriterion(StoppingCriteria):  # type: ignore[misc]
    def __init__(self, streamer: _QueueStreamer) -> None:
        self._streamer = streamer

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        return torch.full((len(input_ids),), self._streamer.should_stop(), dtype=torch.bool, device=input_ids.device)


def cut_at_eos(token_ids: Sequence[int], eos_token_id: int, seconds: float) -> GenerationProgress:
    """One row of a finished batch, cut after its end-of-sequence token or where it began to loop."""
    written: list[int] = []
    for token_id in token_ids:
        written.append(token_id)
        if token_id == eos_token_id:
            break
        if ends_in_loop(written):
            return GenerationProgress(tuple(written), finished=True, looping=True, seconds=seconds)
    return GenerationProgress(tuple(written), finished=True, seconds=seconds)
