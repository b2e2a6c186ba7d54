"""One draft on its way through the engine: what it is made of, how far it is, and how its reader hears of it."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from queue import SimpleQueue
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from clinicalblip.instructblip.generation.progress import GenerationProgress

Films = Sequence[NDArray[np.float32]]
"""The films of one study at the model's size, greys in [0, 1], in its order."""


class Priority(IntEnum):
    """Who comes first: somebody who looks at the page, or a whole split of a data set."""

    INTERACTIVE = 0
    BATCH = 1


def never() -> bool:
    """A reader who does not stop the draft."""
    return False


@dataclass(eq=False)
class Generation:
    """A draft that was asked for: films at the model's size, prompt and seed, and what has become of it.

    `stop` is asked after every token, in the engine's thread, and while the draft waits in the reader's. `events` holds
    the progress for the reader, last one that is finished or the error that ended it. `began`: when the model first
    took it, in seconds of the monotonic clock, 0 until then.
    """

    films: Films
    prompt: str
    seed: int
    stop: Callable[[], bool] = never
    priority: Priority = Priority.INTERACTIVE
    asked: float = field(default_factory=monotonic)
    began: float = 0.0
    written: list[int] = field(default_factory=list)
    events: SimpleQueue[GenerationProgress | BaseException] = field(default_factory=SimpleQueue)
    abandoned: threading.Event = field(default_factory=threading.Event)

    @property
    def is_stopped(self) -> bool:
        """Whether the reader wants no further words."""
        return self.abandoned.is_set() or self.stop()

    def tell(self, *, finished: bool = False, stopped: bool = False, looping: bool = False) -> None:
        """Let the reader know how far it is."""
        self.events.put(self.progress(finished=finished, stopped=stopped, looping=looping))

    def progress(self, *, finished: bool, stopped: bool, looping: bool = False) -> GenerationProgress:
        """How far it is now."""
        seconds = monotonic() - self.began if self.began else 0.0
        return GenerationProgress(tuple(self.written), finished, stopped, looping, seconds)
