"""One generation in a thread of its own, watched token by token; and the line of readers who wait for the model."""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

import torch
from transformers import StoppingCriteria
from transformers.generation.streamers import BaseStreamer

from clinicalblip.errors import ClinicalBlipError, ModelError

LOOP_REPEATS, LOOP_TOKENS, LONGEST_LOOP = 3, 24, 80
"""The same tokens at least three times in a row, 24 or more together, are a loop; a loop has at most 80 tokens."""

LAST_TOKEN_SECONDS = 5.0
"""How long a reader who leaves waits for the token that is being written; the model ends after it either way."""


@dataclass(frozen=True)
class Progress:
    """How far a generation is: the tokens written so far, and, once it is `finished`, how it ended.

    `stopped`: the reader ended it; `looping`: it wrote the same over and over; `seconds` since the model began.
    """

    tokens: tuple[int, ...] = ()
    finished: bool = False
    stopped: bool = False
    looping: bool = False
    seconds: float = 0.0


Generate = Callable[[BaseStreamer, StoppingCriteria], Any]


def write(
    generate: Generate, *, stop: Callable[[], bool], ended: Callable[[], None], timeout: float
) -> Iterator[Progress]:
    """Run `generate` in a thread and yield after every token, last a finished Progress.

    `stop` is asked after every token. `ended` is called once, when the thread has ended and the model is free
    again, also where the reader left and this iterator was closed in the middle. What the thread raises is raised
    here, as a ModelError unless it is of this project's family. So is a token that takes longer than `timeout`
    seconds.
    """
    watch = _Watch(stop)
    began = monotonic()

    def run() -> None:
        failure: BaseException | None = None
        try:
            generate(watch, watch.criterion)
        except BaseException as error:
            failure = error  # raised in the reader's thread, which otherwise would wait for ever
        finally:
            ended()
            watch.news.put(failure or _END)

    thread = threading.Thread(target=run, name="draft", daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        ended()
        raise ModelError("The machine has no thread left to draft in; try again when it is less busy.") from error
    try:
        yield from _follow(watch, began, timeout)
    finally:
        watch.abandoned.set()
        thread.join(min(timeout, LAST_TOKEN_SECONDS))


def _follow(watch: "_Watch", began: float, timeout: float) -> Iterator[Progress]:
    tokens: list[int] = []
    while True:
        try:
            news = watch.news.get(timeout=timeout)
        except Empty as error:
            raise ModelError(
                f"The model has not written a word for {timeout:g} seconds; try again, or raise "
                "generation.timeout_seconds in the settings."
            ) from error
        if isinstance(news, ClinicalBlipError):
            raise news
        if isinstance(news, BaseException):
            raise ModelError(
                f"The model failed in the middle of the draft ({type(news).__name__}); draft again, and tell whoever "
                "runs this page if it fails again."
            ) from news
        if news is _END:
            yield Progress(tuple(tokens), True, watch.stopped, watch.looping, monotonic() - began)
            return
        tokens.extend(news)
        yield Progress(tuple(tokens), seconds=monotonic() - began)


_END = object()


class _Watch(BaseStreamer):  # type: ignore[misc]
    """What the generating thread tells the reader's, and is told by it."""

    def __init__(self, stop: Callable[[], bool]) -> None:
        self.news: SimpleQueue[Any] = SimpleQueue()
        self.abandoned = threading.Event()
        self.criterion = _Criterion(self)
        self.stopped = self.looping = False
        self.written: list[int] = []
        self._stop = stop
        self._prompt_is_next = True

    def put(self, value: torch.Tensor) -> None:
        """Take the next tokens; the first that come are the prompt, or T5's mark for the beginning."""
        if self._prompt_is_next:
            self._prompt_is_next = False
            return
        tokens = value.flatten().tolist()
        self.written.extend(tokens)
        self.news.put(tokens)

    def end(self) -> None:
        """The end is said by the thread, which knows whether it was one."""

    def must_end(self) -> bool:
        """Whether the generation ends here, and why."""
        self.stopped = self.stopped or self.abandoned.is_set() or self._stop()
        self.looping = self.looping or ends_in_loop(self.written)
        return self.stopped or self.looping


class _Criterion(StoppingCriteria):  # type: ignore[misc]
    def __init__(self, watch: _Watch) -> None:
        self._watch = watch

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        return torch.full((len(input_ids),), self._watch.must_end(), dtype=torch.bool, device=input_ids.device)


def ends_in_loop(tokens: Sequence[int]) -> bool:
    """Whether a text ends with the same tokens over and over."""
    for length in range(1, min(LONGEST_LOOP, len(tokens) // LOOP_REPEATS) + 1):
        repeats = max(LOOP_REPEATS, -(-LOOP_TOKENS // length))
        end = tokens[-length * repeats :]
        if len(end) == length * repeats and end[length:] == end[:-length]:
            return True
    return False


def cut_at_end(tokens: Sequence[int], end_token: int, seconds: float) -> Progress:
    """What of a row of a finished batch was written: up to its mark for the end, or to where it began to loop."""
    written: list[int] = []
    for token in tokens:
        written.append(token)
        if token == end_token:
            break
        if ends_in_loop(written):
            return Progress(tuple(written), finished=True, looping=True, seconds=seconds)
    return Progress(tuple(written), finished=True, seconds=seconds)


class Turns:
    """A line of readers in front of one model: first come, first served, and whoever gives up leaves the line."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._line: deque[object] = deque()

    def take(self, give_up: Callable[[], bool]) -> bool:
        """Wait for the turn; False where `give_up`, asked ten times a second, became true first."""
        ticket = object()
        with self._changed:
            self._line.append(ticket)
            try:
                while self._line[0] is not ticket:
                    if give_up():
                        self._leave(ticket)
                        return False
                    self._changed.wait(0.1)
            except BaseException:
                self._leave(ticket)
                raise
        return True

    def give_back(self) -> None:
        """End the turn of whoever has it; the next in line goes on."""
        with self._changed:
            self._leave(self._line[0])

    def _leave(self, ticket: object) -> None:
        self._line.remove(ticket)
        self._changed.notify_all()
