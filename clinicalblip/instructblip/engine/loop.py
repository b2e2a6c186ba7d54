"""What the engine's thread does, a step at a time, and what it shares with those that ask it."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final, TypeVar

import torch

from clinicalblip.errors import ClinicalBlipError, ModelError
from clinicalblip.instructblip.engine.alone import write_alone
from clinicalblip.instructblip.engine.batch import DraftBatch, as_model_error, fail
from clinicalblip.instructblip.engine.generation import Generation, Priority
from clinicalblip.instructblip.engine.threads import choose_threads, use_all_threads
from clinicalblip.instructblip.loaded_model import LoadedModel
from clinicalblip.radiology.draft import GenerationOptions

Result = TypeVar("Result")
Load = Callable[[], LoadedModel]

_LOG = logging.getLogger(__name__)
_STEPS_BETWEEN_TASKS: Final = 16
_PATIENCE: Final = 10.0  # seconds after which one that waits goes first, whatever it is
_ENDS_WITHIN: Final = 5.0  # seconds that the end of the program waits for a step
_HEALED: Final = 600.0  # seconds after which a thread that was started again counts as the first
DIED = "The part of the program that runs the model failed and is started again; try again."
GONE = "The part of the program that runs the model failed twice; whoever runs this page has to start it again."
ENDED = "The program is ending; nothing more is drafted."


@dataclass(eq=False)
class _Task:
    """Something else than a draft that runs the model: scores, evidence."""

    run: Callable[[LoadedModel], Any]
    result: "Future[Any]"
    asked: float


class Loop:
    """Who waits for the model, and the thread that works for them; the arguments are the engine's.

    `rehearses`: measure how many threads are best before the first draft.
    """

    def __init__(self, load: Load, options: GenerationOptions, size: int, timeout: float, *, rehearses: bool) -> None:
        self._load, self._options, self._rehearses = load, options, rehearses
        self.size, self.timeout = size, timeout
        self._changed = threading.Condition()
        self._waiting: list[Generation] = []
        self._tasks: deque[_Task] = deque()
        self._loaded: Future[LoadedModel] = Future()
        self._model: LoadedModel | None = None
        self._thread: threading.Thread | None = None
        self._batch: DraftBatch | None = None
        self._one_by_one: set[Generation] = set()
        self._steps = 0
        self._since: float | None = None  # when the present pass through the model began
        self._failure: ClinicalBlipError | None = None
        self._closed = False
        self._starts, self._started = 0, 0.0

    def load(self) -> LoadedModel:
        """Wait until the model is loaded."""
        if self._model is not None:
            return self._model
        with self._changed:
            self._start()
        return self._loaded.result()

    def ask(self, generation: Generation) -> None:
        """Put a draft in line, unless it is there or has begun."""
        with self._changed:
            if generation.began or generation in self._waiting:
                return
            self._start()
            self._waiting.append(generation)
            self._changed.notify_all()

    def is_waiting(self, generation: Generation) -> bool:
        """Whether a draft is in line."""
        with self._changed:
            return generation in self._waiting

    def withdraw(self, generation: Generation) -> bool:
        """Take a draft out of the line; False where it is not in it (any more)."""
        with self._changed:
            if generation not in self._waiting:
                return False
            self._waiting.remove(generation)
            return True

    def run(self, task: Callable[[LoadedModel], Result]) -> Result:
        """Run a task in the engine's thread."""
        result: Future[Result] = Future()
        with self._changed:
            self._start()
            self._tasks.append(_Task(task, result, monotonic()))
            self._changed.notify_all()
        while not result.done():
            try:
                result.exception(timeout=1.0)
            except TimeoutError:
                self.check()
        return result.result()

    def step_seconds(self) -> float:
        """How long the present pass through the model has taken; 0 where there is none."""
        since = self._since
        return 0.0 if since is None else monotonic() - since

    def close(self) -> None:
        """End the thread after the step that it is in; whoever still waits is told."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(_ENDS_WITHIN)

    def check(self) -> None:
        """Notice that the thread has died or hangs in a step, tell all who wait, and let it be started again."""
        with self._changed:
            thread = self._thread
            hangs = self._model is not None and self.step_seconds() > self.timeout + 1.0
            if thread is None or (thread.is_alive() and not hangs) or self._closed:
                return
            _LOG.error("the engine's thread %s", "hangs" if hangs else "has died")
            if monotonic() - self._started > _HEALED:
                self._starts = 1
            self._tell_all(ModelError(DIED if self._starts < 2 else GONE))
            self._thread, self._since = None, None

    def _tell_all(self, error: BaseException) -> None:
        written = self._batch.generations if self._batch else []
        for generation in (*written, *self._waiting):
            fail(generation, error)
        for task in self._tasks:
            task.result.set_exception(as_model_error(error))
        self._waiting.clear()
        self._tasks.clear()
        self._one_by_one.clear()
        self._batch = None

    def _start(self) -> None:
        if self._failure is not None:
            raise as_model_error(self._failure)
        if self._thread is not None and self._thread.is_alive():
            return
        if self._starts > 1:
            raise ModelError(GONE)
        self._starts, self._started = self._starts + 1, monotonic()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self._thread.start()

    # ------------------------------------------------------------------------------------------- the engine's thread

    def _run(self) -> None:
        use_all_threads()
        try:
            loaded = self._model or self._load()
            with torch.inference_mode():
                batch = self._make_batch(loaded)
            # Only now: whoever waits for the model reads films next, which would disturb the measurement of threads.
            self._model = loaded
            if not self._loaded.done():
                self._loaded.set_result(loaded)
        except Exception as error:
            with self._changed:
                self._failure = error if isinstance(error, ClinicalBlipError) else as_model_error(error)
                self._tell_all(error)
                if not self._loaded.done():
                    self._loaded.set_exception(error)
            return
        with torch.inference_mode():
            self._batch = batch
            while self._is_wanted():
                self._work(loaded, batch)
                self._rest()

    def _make_batch(self, loaded: LoadedModel) -> DraftBatch | None:
        """The rows of a decoder-only language model, after a measurement of how many threads are best for it."""
        if not loaded.base.is_decoder_only:
            return None
        batch = DraftBatch(loaded.base, loaded.model, self._options, self.size, self._beat, book=loaded.book)
        if self._rehearses and loaded.base.device == "cpu":
            _LOG.info("the engine uses %d threads", choose_threads(batch.rehearse))
        if self._rehearses:
            batch.measure()
        self._since = None
        return batch

    def _beat(self) -> None:
        """A pass through the model begins; of a thread that hung and came back nobody wants to know."""
        if self._thread is threading.current_thread():
            self._since = monotonic()

    def _rest(self) -> None:
        if self._thread is threading.current_thread():
            self._since = None

    def _is_wanted(self) -> bool:
        """Wait for something to do; False where nothing will come any more."""
        with self._changed:
            while self._thread is threading.current_thread():
                if self._closed:
                    self._tell_all(ModelError(ENDED))
                    return False
                if self._waiting or self._tasks or self._batch:
                    return True
                self._changed.wait()
            return False  # it hung, and another thread has taken its place

    def _work(self, loaded: LoadedModel, batch: DraftBatch | None) -> None:
        if self._tasks and self._may_run_task(batch):
            self._run_task(loaded)
        elif batch is None:
            for generation in self._next_in_line(1):
                write_alone(loaded.base, loaded.model, self._options, generation, self._beat)
        else:
            joining = self._next_in_line(batch.room, at_once=batch.joins)
            if joining:
                self._return(batch.join(joining))
            if batch:
                self._return(batch.step())
                self._steps += 1
            self._restore(batch)

    def _may_run_task(self, batch: DraftBatch | None) -> bool:
        """A task waits until readers have their first words, and for some words after the task before it."""
        if not batch and not self._waiting:
            return True
        if monotonic() - self._tasks[0].asked > _PATIENCE:
            return self._steps > 0 or batch is None
        has_room = batch is None or batch.room > 0
        if has_room and any(generation.priority is Priority.INTERACTIVE for generation in self._waiting):
            return False
        return self._steps >= _STEPS_BETWEEN_TASKS

    def _run_task(self, loaded: LoadedModel) -> None:
        with self._changed:
            task = self._tasks.popleft()
        self._steps = 0
        try:
            with torch.inference_mode(False), torch.no_grad():  # evidence by gradient asks for them itself
                task.result.set_result(task.run(loaded))
        except BaseException as error:
            task.result.set_exception(error)

    def _next_in_line(self, room: int, at_once: int = 1) -> list[Generation]:
        """Those who may begin: readers who look before batches, but for one of a batch that has waited long.

        Those of a batch begin `at_once` together, or as many as there are.
        """
        now = monotonic()
        with self._changed:
            ordered = sorted(self._waiting, key=lambda generation: (generation.priority, generation.asked))
            readers = [one for one in ordered if one.priority is Priority.INTERACTIVE]
            batch = ordered[len(readers) :]
            late = [one for one in batch if now - one.asked > _PATIENCE][:1]
            chosen = [*late, *readers][:room]
            left = room - len(chosen)
            if left >= min(at_once, len(batch)):
                chosen += [one for one in batch if one not in chosen][:left]
            for generation in chosen:
                self._waiting.remove(generation)
                generation.began = generation.began or now
        return [generation for generation in chosen if not _is_over(generation)]

    def _return(self, generations: Sequence[Generation]) -> None:
        """Put drafts that memory or a failure beside them interrupted back into the line."""
        if not generations:
            return
        self._one_by_one.update(generations)
        with self._changed:
            self._waiting[:0] = generations

    def _restore(self, batch: DraftBatch) -> None:
        """Write together again once those that were interrupted are done."""
        if self._one_by_one:
            self._one_by_one &= {*batch.generations, *self._waiting}
            if not self._one_by_one:
                batch.size = batch.rows


def _is_over(generation: Generation) -> bool:
    """Whether a draft is stopped before it begins; a reader's function that raises is that reader's failure."""
    try:
        stopped = generation.is_stopped
    except Exception as error:
        fail(generation, error)
        return True
    if stopped:
        generation.tell(finished=True, stopped=True)
    return stopped
