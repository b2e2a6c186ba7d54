"""The engine of a Space on ZeroGPU: each draft, score or evidence is one lent call, and nothing is batched."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, replace
from typing import Final

from clinicalblip import errors
from clinicalblip.errors import ClinicalBlipError, GpuNotLent, ModelError
from clinicalblip.instructblip.engine.batch import as_model_error
from clinicalblip.instructblip.engine.engine import Engine
from clinicalblip.instructblip.engine.generation import Films, Generation
from clinicalblip.instructblip.generation.progress import GenerationProgress
from clinicalblip.instructblip.loaded_model import LoadedModel
from clinicalblip.instructblip.scoring.attribution import Method
from clinicalblip.instructblip.zerogpu.lending import (
    Message,
    draft_seconds,
    evidence_seconds,
    lend,
    score_seconds,
)
from clinicalblip.instructblip.zerogpu.lent_call import LentCall
from clinicalblip.instructblip.zerogpu.refusals import as_refusal
from clinicalblip.instructblip.zerogpu.wording import TAKEN_BACK
from clinicalblip.radiology.draft import GenerationOptions
from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import Report

_DRAFT: Final = "draft"
_MARGINS: Final = "margins"
_EVIDENCE: Final = "evidence"
_ERROR: Final = "error"
_LOOKS_AGAIN: Final = 0.05
_ENDS_WITHIN: Final = 1.0


class LentEngine:
    """Drafts, scores and evidence for many threads, with a model that runs in the process of a lent call alone.

    `load` is called by the first `load`, in its thread, which has to be the one that makes this and comes before the
    page is launched. `timeout`: as the engine's. There is no thread here, so that a fork finds no lock taken; the
    process that has the GPU makes an engine for each call, and is left without state.
    """

    def __init__(self, load: Callable[[], LoadedModel], options: GenerationOptions, *, timeout: float) -> None:
        self._load, self._options, self._timeout = load, options, timeout
        self._loading = threading.Lock()
        self._loaded: LoadedModel | None = None
        self._lent = lend(self._answer, self._seconds)

    def load(self) -> LoadedModel:
        """The model, built on the first call; raises what building it raised."""
        if self._loaded is None:
            with self._loading:
                if self._loaded is None:
                    self._loaded = self._load()
        return self._loaded

    def check(self) -> None:
        """Nothing: whether a GPU can be had is known once one is asked for."""

    def stream(self, generation: Generation) -> Iterator[GenerationProgress]:
        """Have a draft written, and yield after each token, last what is finished.

        Stop ends it here with the words so far, or with none while a GPU is waited for; the lent call then ends by
        itself. Raises ModelError and OutOfMemory, and GpuNotLent where no GPU was to be had or was taken back.
        """
        self.load()
        values = (_plain(generation.films), generation.prompt, generation.seed, tuple(generation.written))
        call = LentCall(lambda: self._lent(_DRAFT, *values))
        progress = GenerationProgress(tuple(generation.written))
        try:
            while not progress.finished:
                message = call.next(_LOOKS_AGAIN)
                if message is not None:
                    progress = GenerationProgress(*_values(message, _DRAFT))
                if not progress.finished and generation.is_stopped:
                    progress = replace(progress, finished=True, stopped=True)
                if message is not None or progress.finished:
                    yield progress
            if not progress.stopped:
                call.next(_ENDS_WITHIN)  # so that the process is free for whoever is next
        finally:
            call.give_up()

    def write_all(self, generations: Sequence[Generation]) -> list[GenerationProgress]:
        """Have several drafts written, one call after the other; gives how each ended. Raises what `stream` raises."""
        ends = []
        for generation in generations:
            *_, last = self.stream(generation)
            ends.append(last)
        return ends

    def margins(self, films: Films, prompt: str) -> dict[Observation, float]:
        """As the engine's."""
        (found,) = self._ask(_MARGINS, _plain(films), prompt)
        return {Observation(name): margin for name, margin in found}

    def evidence(self, films: Films, prompt: str, report: Report, method: Method) -> list[Evidence]:
        """As the engine's."""
        values = (_plain(films), prompt, report.findings, report.impression, method.value)
        (found,) = self._ask(_EVIDENCE, *values)
        return [Evidence(sentence, likelihood, drops) for sentence, likelihood, drops in found]

    def _ask(self, kind: str, *values: object) -> Message:
        self.load()
        try:
            messages = list(self._lent(kind, *values))  # to the end, so that the process is free for the next call
        except Exception as error:
            raise as_refusal(error) from None
        return _values(messages[0] if messages else (), kind)

    def _seconds(self, kind: str, films: tuple[object, ...], *_: object) -> int:
        if kind == _DRAFT:
            return draft_seconds(self._options.max_new_tokens)
        return score_seconds() if kind == _MARGINS else evidence_seconds(len(films))

    # ------------------------------------------------------------------------------- the process that has the GPU

    def _answer(self, kind: str, *values: object) -> Iterator[Message]:
        """What a lent call yields; the model came with the fork, and everything else as `values`."""
        try:
            engine = Engine(self.load, self._options, size=1, timeout=self._timeout, rehearses=False)
            yield from _ANSWERS[kind](engine, *values)
        except Exception as error:
            failure = as_model_error(error)
            yield _ERROR, type(failure).__name__, str(failure)


def _draft(engine: Engine, films: Films, prompt: str, seed: int, written: Sequence[int]) -> Iterator[Message]:
    for progress in engine.stream(Generation(films, prompt, seed, written=list(written))):
        yield _DRAFT, *astuple(progress)


def _margins(engine: Engine, films: Films, prompt: str) -> Iterator[Message]:
    found = engine.margins(films, prompt)
    yield _MARGINS, tuple((what.value, margin) for what, margin in found.items())


def _evidence(
    engine: Engine, films: Films, prompt: str, findings: str, impression: str, method: str
) -> Iterator[Message]:
    found = engine.evidence(films, prompt, Report(findings, impression), Method(method))
    yield _EVIDENCE, tuple((one.sentence, one.likelihood, one.drops) for one in found)


_ANSWERS: Final[dict[str, Callable[..., Iterator[Message]]]] = {
    _DRAFT: _draft,
    _MARGINS: _margins,
    _EVIDENCE: _evidence,
}


def _plain(films: Films) -> tuple[object, ...]:
    return tuple(films)


def _values(message: Message, kind: str) -> Message:
    """The values of a message of this kind. Raises the error that it tells of, and GpuNotLent for the end of a call."""
    found, *values = message or ("",)
    if found == _ERROR:
        name, sentence = values
        family = getattr(errors, name, None)
        if isinstance(family, type) and issubclass(family, ClinicalBlipError):
            raise family(sentence)
        raise ModelError(sentence)
    if found != kind:
        raise GpuNotLent(TAKEN_BACK)
    return tuple(values)
