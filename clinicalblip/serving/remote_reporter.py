"""A Reporter whose model runs in replicas elsewhere: a draft that one of them loses goes on at another."""

import logging
import secrets
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from functools import partial
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import SecretStr

from clinicalblip.errors import (
    DegenerateDraft,
    ModelError,
    ModelUnavailable,
    OutOfMemory,
    Overloaded,
    UnsupportedRadiograph,
)
from clinicalblip.instructblip.generation.written_report import make_draft, refuse_degenerate
from clinicalblip.instructblip.vision.preprocess import film_to_square
from clinicalblip.radiology.draft import Draft, Examination, GenerationOptions, ModelIdentity
from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.serving.address import check_address
from clinicalblip.serving.connection import NO_ANSWER_OF_OURS, CutOff, ReplicaConnection
from clinicalblip.serving.film_frames import pack_films
from clinicalblip.serving.patience import Patience
from clinicalblip.serving.protocol import (
    FINAL,
    Attributed,
    Beat,
    Doubted,
    DoubtsRequest,
    EvidenceRequest,
    Failed,
    Line,
    Request,
    Scored,
    ScoreRequest,
    ServedModel,
    Words,
)
from clinicalblip.serving.resumable_draft import ResumableDraft
from clinicalblip.serving.secret import require_secret
from clinicalblip.settings import ModelSettings

_Answer = TypeVar("_Answer", Scored, Attributed, Doubted)

_LOG = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 60.0
"""How long a draft waits for a replica: as long as one takes that is started in the place of a lost one."""

START_SECONDS: Final = 15.0
"""How long the first question waits: an address that is wrong is said soon."""

_MOST_TOGETHER: Final = 64
_ERRORS: Final = {
    error.__name__: error
    for error in (ModelError, ModelUnavailable, OutOfMemory, DegenerateDraft, UnsupportedRadiograph, Overloaded)
}
STOPPED_BEFORE: Final = "The draft was stopped before a replica of the model had begun it."


def _never() -> bool:
    return False


def connect(settings: ModelSettings) -> "RemoteReporter":
    """The reporter that asks the replicas at `model.at`, of which none is asked yet. Raises SettingsError."""
    return RemoteReporter(check_address(settings.at or ""), require_secret(settings.secret))


class RemoteReporter:
    """Drafts by asking replicas at an address, for any number of threads at once.

    What they run is asked once; a replica that runs anything else is refused from then on. `patience`: seconds that a
    draft waits for one that answers.
    """

    def __init__(self, address: str, secret: SecretStr, *, patience: float = PATIENCE_SECONDS) -> None:
        self._connection, self._patience = ReplicaConnection(address, secret), patience
        self._lock = threading.Lock()
        self._served: ServedModel | None = None

    def close(self) -> None:
        """Close its connections."""
        self._connection.close()

    def wait(self) -> None:
        """Wait until a replica has said what it runs. Raises ModelError, and ModelUnavailable for another version."""
        with self._lock:
            patience = Patience(min(START_SECONDS, self._patience))
            while self._served is None:
                try:
                    self._served = self._connection.model()
                except CutOff as cut:
                    patience.wait(cut, _never)

    @property
    def _model(self) -> ServedModel:
        if self._served is None:
            self.wait()
        if self._served is None:
            raise ModelError(NO_ANSWER_OF_OURS)
        return self._served

    @property
    def identity(self) -> ModelIdentity:
        """Which model the replicas run."""
        return self._model.identity

    @property
    def generation(self) -> GenerationOptions:
        """How they choose its words."""
        return self._model.generation

    @property
    def calibrated(self) -> frozenset[Observation]:
        """The observations whose score is calibrated."""
        return self._model.calibrated

    def doubts(self, radiograph: Radiograph) -> tuple[str, ...]:
        """Why the film may be no chest radiograph. Raises ModelError."""
        return self._last(DoubtsRequest, [radiograph], Doubted).sentences

    def seen(self, radiograph: Radiograph) -> NDArray[np.float32]:
        """The film as the model's encoder gets it, made here."""
        return film_to_square(radiograph, self._model.image_size)

    def stream(
        self,
        radiographs: Sequence[Radiograph],
        context: ClinicalContext,
        *,
        seed: int | None = None,
        stop: Callable[[], bool] = _never,
    ) -> Iterator[Report | Draft]:
        """Yield the report as it grows, then the Draft, which is always last; what was yielded stays as it is.

        `stop` is asked after every answer of a replica, twice a second at least. Closing the iterator, or `stop`, ends
        the work at the replica. Raises ModelError and DegenerateDraft.
        """
        draft = ResumableDraft(radiographs, context, self._model.seed if seed is None else seed)
        yield from self._write(draft, stop)
        refuse_degenerate(draft.written)
        yield self._make_draft(draft)

    def draft_many(self, examinations: Sequence[Examination], *, seed: int | None = None) -> list[Draft]:
        """Draft several examinations at once, spread over the replicas; one that is empty or loops is no error here.

        Raises what the first that fails raises; the others are then given up.
        """
        seed = self._model.seed if seed is None else seed
        given_up = threading.Event()

        def draft(examination: Examination) -> Draft:
            films, context = examination
            resumable = ResumableDraft(films, context, seed, batch=True)
            for _ in self._write(resumable, given_up.is_set):
                pass
            return self._make_draft(resumable)

        with ThreadPoolExecutor(min(_MOST_TOGETHER, len(examinations) or 1)) as threads:
            drafts = [threads.submit(draft, examination) for examination in examinations]
            try:
                for done in as_completed(drafts):
                    done.result()
            finally:
                given_up.set()
        return [done.result() for done in drafts]

    def score(self, radiographs: Sequence[Radiograph], context: ClinicalContext) -> dict[Observation, float]:
        """The probability of each of CheXpert's observations, in their order. Raises ModelError."""
        return self._last(partial(ScoreRequest, context=context), radiographs, Scored).probabilities

    def evidence(self, radiographs: Sequence[Radiograph], context: ClinicalContext, report: Report) -> list[Evidence]:
        """Where on the films each sentence of a report was taken from. Raises ModelError."""
        asks = partial(EvidenceRequest, context=context, report=report)
        try:
            return [each.evidence() for each in self._last(asks, radiographs, Attributed).evidence]
        except ValueError:
            raise ModelError(NO_ANSWER_OF_OURS) from None

    def _write(self, draft: ResumableDraft, stop: Callable[[], bool]) -> Iterator[Report]:
        """Have a draft written to its end, or to a stop; yields the report whenever it has grown."""
        with closing(self._ask(draft.request, draft.radiographs, stop)) as lines:
            for line in lines:
                shown = draft.report
                draft.take(line)
                if draft.report != shown:
                    yield draft.report
        if draft.prompt is None:
            raise ModelError(STOPPED_BEFORE)

    def _make_draft(self, draft: ResumableDraft) -> Draft:
        if draft.prompt is None:
            raise ModelError(NO_ANSWER_OF_OURS)
        return make_draft(
            draft.radiographs,
            draft.prompt,
            draft.written,
            model=self._model.identity,
            generation=self._model.generation,
            seed=draft.seed,
        )

    def _last(self, request: Callable[[str], Request], films: Sequence[Radiograph], kind: type[_Answer]) -> _Answer:
        """The answer of one line to a request."""
        for line in self._ask(request, films, _never):
            if isinstance(line, kind):
                return line
        raise ModelError(NO_ANSWER_OF_OURS)

    def _ask(
        self, request: Callable[[str], Request], radiographs: Sequence[Radiograph], stop: Callable[[], bool]
    ) -> Generator[Line]:
        """Ask until there is a whole answer, each time with a new id; yields its lines but beats, until `stop`."""
        model, patience = self._model, Patience(self._patience)
        films = pack_films(radiographs)
        while not stop():
            try:
                asked = request(secrets.token_hex(16))
                with closing(self._connection.ask(asked, films, model.fingerprint)) as lines:
                    for line in lines:
                        if isinstance(line, Failed):
                            raise _ERRORS.get(line.error, ModelError)(line.sentence)
                        if isinstance(line, Words):
                            patience.restore()
                        if not isinstance(line, Beat):
                            yield line
                        if isinstance(line, FINAL) or stop():
                            return
            except CutOff as cut:
                _LOG.warning("an answer of the replicas was cut (%s); asking again", cut)
                patience.wait(cut, stop)
