"""A Reporter whose model is still being loaded while the page is there already: what is asked of it waits."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from clinicalblip.errors import ClinicalBlipError, ModelError
from clinicalblip.radiology.draft import Draft, Examination, GenerationOptions, ModelIdentity, Reporter
from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.web import wording

_LOOKS_AGAIN = 0.25


class LoadingReporter:
    """The reporter that `load` gives, in a thread of its own once `start` is called, or in that of `load_here`."""

    def __init__(self, load: Callable[[], Reporter]) -> None:
        self._load = load
        self._loaded: Future[Reporter] = Future()

    def start(self) -> None:
        """Begin to load."""
        threading.Thread(target=self._run, name="loading", daemon=True).start()

    def load_here(self) -> None:
        """Load in the calling thread; raises what loading raised."""
        self._run()
        self._loaded.result()

    def _run(self) -> None:
        try:
            self._loaded.set_result(self._load())
        except BaseException as error:
            self._loaded.set_exception(error)

    def wait(self) -> Reporter:
        """The reporter, once it is loaded; raises what loading it raised."""
        while not self._loaded.done():
            with suppress(TimeoutError):  # without one, Windows would not hear of Ctrl-C
                self._loaded.exception(timeout=_LOOKS_AGAIN)
        return self._loaded.result()

    @property
    def is_ready(self) -> bool:
        """Whether the model is loaded."""
        return self._loaded.done() and self._loaded.exception() is None

    @property
    def failure(self) -> str:
        """Why the model cannot be loaded, in a sentence; "" as long as nothing says so."""
        error = self._loaded.exception() if self._loaded.done() else None
        if error is None:
            return ""
        return str(error) if isinstance(error, ClinicalBlipError) else wording.MODEL_BROKEN

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""
        return self._reporter().identity

    @property
    def generation(self) -> GenerationOptions:
        """How it chooses its words."""
        return self._reporter().generation

    @property
    def calibrated(self) -> frozenset[Observation]:
        """The observations whose score is calibrated."""
        return self._reporter().calibrated

    def doubts(self, radiograph: Radiograph) -> tuple[str, ...]:
        """Why the film may be no chest radiograph."""
        return self._reporter().doubts(radiograph)

    def seen(self, radiograph: Radiograph) -> NDArray[np.float32]:
        """The film as the model's encoder gets it."""
        return self._reporter().seen(radiograph)

    def stream(
        self,
        radiographs: Sequence[Radiograph],
        context: ClinicalContext,
        *,
        seed: int | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[Report | Draft]:
        """Yield the report as it grows, then the Draft. Raises ModelError if stopped before the model is there."""
        while not self._loaded.done():
            if stop():
                raise ModelError(wording.STOPPED_BEFORE)
            with suppress(TimeoutError):
                self._loaded.exception(timeout=_LOOKS_AGAIN)
        yield from self._reporter().stream(radiographs, context, seed=seed, stop=stop)

    def draft_many(self, examinations: Sequence[Examination], *, seed: int | None = None) -> list[Draft]:
        """Draft several examinations."""
        return self._reporter().draft_many(examinations, seed=seed)

    def score(self, radiographs: Sequence[Radiograph], context: ClinicalContext) -> Mapping[Observation, float]:
        """The probability of each of CheXpert's observations."""
        return self._reporter().score(radiographs, context)

    def evidence(
        self, radiographs: Sequence[Radiograph], context: ClinicalContext, report: Report
    ) -> Sequence[Evidence]:
        """Where on the films each sentence of a report was taken from."""
        return self._reporter().evidence(radiographs, context, report)

    def _reporter(self) -> Reporter:
        """The reporter for whoever uses the page, with a sentence of ours where there is none."""
        try:
            return self.wait()
        except ClinicalBlipError as error:
            raise type(error)(*error.args) from None  # one of its own for each who asks
        except Exception as error:
            raise ModelError(wording.MODEL_BROKEN) from error


class ModelState(StrEnum):
    """How far a model is."""

    LOADING = "loading"
    LOADED = "loaded"
    FAILED = "failed"


def model_state(reporter: Reporter) -> ModelState:
    """Whether a reporter can draft already."""
    if not isinstance(reporter, LoadingReporter) or reporter.is_ready:
        return ModelState.LOADED
    return ModelState.FAILED if reporter.failure else ModelState.LOADING
