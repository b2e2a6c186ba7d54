"""The engine: drafts, scores and evidence for many threads at once, with one model that one thread owns."""

import weakref
from collections.abc import Callable, Iterator, Sequence
from queue import Empty
from typing import Final, TypeVar

from clinicalblip.errors import ModelError
from clinicalblip.instructblip.engine.generation import Films, Generation
from clinicalblip.instructblip.engine.loop import Load, Loop
from clinicalblip.instructblip.engine.study_tasks import study_evidence, study_margins
from clinicalblip.instructblip.generation.progress import GenerationProgress
from clinicalblip.instructblip.loaded_model import LoadedModel
from clinicalblip.instructblip.scoring.attribution import Method
from clinicalblip.radiology.draft import GenerationOptions
from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import Report

Result = TypeVar("Result")

_LOOKS_AGAIN: Final = 0.05


class Engine:
    """Drafts, scores and evidence for many threads at once, with one model in one thread.

    `load` is called in that thread. `size`: how many drafts are written together; `timeout`: the longest that one token
    may take, in seconds. Where the thread dies or hangs, all who wait are told, and it is started again once.
    """

    def __init__(
        self, load: Load, options: GenerationOptions, *, size: int, timeout: float, rehearses: bool = True
    ) -> None:
        self._options = options
        self._loop = Loop(load, options, size, timeout, rehearses=rehearses)
        weakref.finalize(self, self._loop.close)  # at the program's end, too

    def load(self) -> LoadedModel:
        """Wait until the model is loaded; raises what loading it raised."""
        return self._loop.load()

    def check(self) -> None:
        """Have the thread take a turn; raises ModelError where it does not run (any more)."""
        self.run(lambda loaded: None)

    def stream(self, generation: Generation) -> Iterator[GenerationProgress]:
        """Have a draft written, and yield after each token, last what is finished; closing the iterator ends it.

        Raises ModelError and OutOfMemory.
        """
        loop = self._loop
        loop.ask(generation)
        try:
            while True:
                item = self._next(generation)
                if isinstance(item, BaseException):
                    raise item
                yield item
                if item.finished:
                    return
        finally:
            generation.abandoned.set()
            loop.withdraw(generation)

    def _next(self, generation: Generation) -> GenerationProgress | BaseException:
        """The next of what is said about a draft. While it waits for the model, it can be stopped."""
        loop = self._loop
        while True:
            try:
                return generation.events.get(timeout=_LOOKS_AGAIN)
            except Empty:
                loop.check()
                if loop.is_waiting(generation):
                    if generation.stop() and loop.withdraw(generation):
                        return generation.progress(finished=True, stopped=True)
                elif loop.step_seconds() > loop.timeout:
                    return ModelError(
                        f"The model has not written a word for {loop.timeout:g} seconds; try again, or raise "
                        "generation.timeout_seconds in the settings."
                    )

    def write_all(self, generations: Sequence[Generation]) -> list[GenerationProgress]:
        """Have several drafts written, as many together as there are rows; gives how each ended, in their order.

        Raises what the first that fails raises; the others are then given up.
        """
        streams = [self.stream(generation) for generation in generations]
        for generation in generations:
            self._loop.ask(generation)
        ends = []
        try:
            for stream in streams:
                *_, last = stream
                ends.append(last)
        finally:
            for generation in generations:
                generation.abandoned.set()
                self._loop.withdraw(generation)
        return ends

    def run(self, task: Callable[[LoadedModel], Result]) -> Result:
        """Run something with the model between two steps of the drafts, and give its result; raises what it raises."""
        return self._loop.run(task)

    def margins(self, films: Films, prompt: str) -> dict[Observation, float]:
        """The log-likelihood ratios of a study's observations, in nats. Raises OutOfMemory and ModelError."""
        return self.run(lambda loaded: study_margins(loaded, films, prompt))

    def evidence(self, films: Films, prompt: str, report: Report, method: Method) -> list[Evidence]:
        """Where the model looked for each sentence of a report. Raises OutOfMemory and ModelError."""
        return self.run(lambda loaded: study_evidence(loaded, films, prompt, report, method))
