"""ClinicalBLIP as a Reporter: films and context in, a report that grows word by word and then a Draft out."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from clinicalblip.errors import ModelError, SettingsError, UnsupportedRadiograph
from clinicalblip.evaluation.statistics.calibration import Scale
from clinicalblip.fair_queue import WAITING, FairQueue
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.engine.engine import Engine
from clinicalblip.instructblip.engine.generation import Generation, Priority, never
from clinicalblip.instructblip.engine.threads import use_one_thread
from clinicalblip.instructblip.generation.progress import GenerationProgress
from clinicalblip.instructblip.generation.written_report import WrittenReport, make_draft, refuse_degenerate
from clinicalblip.instructblip.loaded_model import LoadedModel, load_model
from clinicalblip.instructblip.prompt import Prompt, build_prompt, keep_printable
from clinicalblip.instructblip.scoring.attribution import Method
from clinicalblip.instructblip.scoring.score import probabilities
from clinicalblip.instructblip.vision.preprocess import film_to_square
from clinicalblip.instructblip.zerogpu.lent_engine import LentEngine
from clinicalblip.profiles import is_zero_gpu
from clinicalblip.radiology.draft import Draft, Examination, GenerationOptions, ModelIdentity
from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import ClinicalContext, Report, parse_sections
from clinicalblip.screening.ood_heuristics import heuristic_doubts
from clinicalblip.settings import GenerationSettings, Settings

# The beginning of a heading at the end of an unfinished report; it is not shown until the heading is complete.
_HEADING_BEGUN = re.compile(
    r"(?:^|(?<=[\s.;]))(?:"
    + "|".join(rf"{word[:n]}" for word in ("findings", "impression") for n in range(1, 11))
    + r")\s*$",
    re.IGNORECASE,
)

_DOUBTS = FairQueue(2, **WAITING)


class InstructBlipReporter:
    """Drafts for many readers at once, with one model that its engine's thread owns.

    `load` is called in that thread, with the first use at the latest. On ZeroGPU the model has no thread here, and each
    draft, score or evidence is a call with a GPU that is lent.
    """

    def __init__(self, load: Callable[[], LoadedModel], generation: GenerationSettings) -> None:
        self._settings = generation
        named = {field.name: getattr(generation, field.name) for field in fields(GenerationOptions)}
        self._options = GenerationOptions(**named)
        timeout = generation.timeout_seconds
        self._engine: Engine | LentEngine
        if is_zero_gpu(os.environ):
            self._engine = LentEngine(load, self._options, timeout=timeout)
        else:
            self._engine = Engine(load, self._options, size=generation.batch_size, timeout=timeout)

    @property
    def _base(self) -> Base:
        return self._engine.load().base

    def wait(self) -> None:
        """Wait until the model is loaded; raises what loading it raised."""
        self._engine.load()

    def check(self) -> None:
        """Have the engine's thread take a turn; raises ModelError where it does not run (any more)."""
        self._engine.check()

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is; waits until it is loaded."""
        return self._engine.load().identity

    @property
    def scale(self) -> Scale:
        """What calibrates its scores."""
        return self._engine.load().scale

    @property
    def book_digest(self) -> str:
        """The digest of its book of drafts, empty without one; in few bits a tie may go otherwise with another book."""
        book = self._engine.load().book
        return book.digest if book else ""

    @property
    def calibrated(self) -> frozenset[Observation]:
        """The observations whose score is calibrated."""
        return self._engine.load().calibrated

    @property
    def generation(self) -> GenerationOptions:
        """How it chooses its words, as the settings ask."""
        return self._options

    @property
    def seed(self) -> int:
        """The seed of a draft for which none is named."""
        return self._settings.seed

    @property
    def image_size(self) -> int:
        """Pixels a side of a film as the model's encoder gets it."""
        return self._base.image_size

    def doubts(self, radiograph: Radiograph) -> tuple[str, ...]:
        """Why the film may be no chest radiograph: whole sentences for the reader; none where nothing says so.

        It waits for no draft and needs no GPU: the detector has an encoder of its own.
        """
        detector = self._engine.load().ood_detector
        use_one_thread()
        with _DOUBTS.turn():
            return heuristic_doubts(radiograph) + (detector.doubts(radiograph) if detector else ())

    def seen(self, radiograph: Radiograph) -> NDArray[np.float32]:
        """The film as the model's encoder gets it: greys in [0, 1], a square of its size."""
        return film_to_square(radiograph, self.image_size)

    def stream(
        self,
        radiographs: Sequence[Radiograph],
        context: ClinicalContext,
        *,
        seed: int | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[Report | Draft]:
        """Yield the report as it grows, then the Draft, which is always last.

        `radiographs` are the frontal film, then a lateral and a prior one where there are any. `stop` is asked
        after every token, in the engine's thread: once true, what is there becomes the Draft. The same
        seed gives the same draft; without a temperature every seed does. Closing the iterator ends the generation.

        Raises:
            DegenerateDraft: nothing was written, or the same over and over.
            OutOfMemory: the draft did not fit.
            GpuNotLent: no GPU was lent for it.
            ModelError: the model failed; it can be asked again.
        """
        prompt = self.prompt_for(radiographs, context)
        seed = self.seed if seed is None else seed
        shown, progress = Report(), GenerationProgress()
        for progress in self.generate(radiographs, prompt, seed=seed, stop=stop):
            so_far = self.report_so_far(progress)
            if so_far != shown and not progress.finished:
                shown = so_far
                yield shown
        written = self.written_report(progress)
        refuse_degenerate(written)
        yield self._make_draft(radiographs, prompt, seed, written)

    def generate(
        self,
        radiographs: Sequence[Radiograph],
        prompt: Prompt,
        *,
        seed: int,
        stop: Callable[[], bool] = never,
        written: Sequence[int] = (),
        priority: Priority = Priority.INTERACTIVE,
    ) -> Iterator[GenerationProgress]:
        """Yield how far the report is after each token, last what is finished; closing the iterator ends it.

        `written`: the token ids that it begins with, of the same films, prompt and seed: a draft that another process
        began goes on where it was. They are neither chosen again nor yielded alone. Raises ModelError and OutOfMemory.
        """
        films = self._squares(radiographs)
        base = self._base
        if any(not 0 <= token_id < len(base.tokenizer) for token_id in written):
            raise ModelError("The words to go on from are none of this model's; draft anew.")
        if base.is_decoder_only and len(written) >= self._options.max_new_tokens:
            raise ModelError(f"{len(written)} tokens to go on from leave no room; draft anew.")
        begins = list(written) if base.is_decoder_only else []
        for progress in self._engine.stream(Generation(films, prompt.text, seed, stop, priority, written=begins)):
            # A T5 cannot be made to begin with words: it writes them anew, and they have to be the same.
            if progress.token_ids[: len(written)] != tuple(written)[: len(progress.token_ids)]:
                raise ModelError("The model now chooses other words than those it began with; draft anew.")
            if len(progress.token_ids) > len(written) or progress.finished:
                yield progress

    def report_so_far(self, progress: GenerationProgress) -> Report:
        """What can be shown of an unfinished report: without a heading that has just begun."""
        return parse_sections(_HEADING_BEGUN.sub("", self._decode(progress)))

    def written_report(self, progress: GenerationProgress) -> WrittenReport:
        """The report at its end."""
        return WrittenReport(
            report=parse_sections(self._decode(progress)),
            tokens=sum(token_id != self._base.eos_token_id for token_id in progress.token_ids),
            seconds=progress.seconds,
            stopped=progress.stopped,
            looping=progress.looping,
        )

    def draft_many(self, examinations: Sequence[Examination], *, seed: int | None = None) -> list[Draft]:
        """Draft several examinations, as many together as the engine has rows; each draft is what `stream` gives.

        A draft that is empty or loops is no error here, and its warnings say so. Each is drafted from the same seed.

        Raises:
            ModelError: the model failed.
            OutOfMemory: the drafts did not fit together.
        """
        seed = self.seed if seed is None else seed
        prompts = [self.prompt_for(films, context) for films, context in examinations]
        generations = [
            Generation(self._squares(films), prompt.text, seed, priority=Priority.BATCH)
            for (films, _), prompt in zip(examinations, prompts, strict=True)
        ]
        return [
            self._make_draft(films, prompt, seed, self.written_report(progress))
            for (films, _), prompt, progress in zip(
                examinations, prompts, self._engine.write_all(generations), strict=True
            )
        ]

    def score(self, radiographs: Sequence[Radiograph], context: ClinicalContext) -> dict[Observation, float]:
        """The probability of each of CheXpert's observations, by the likelihood of sentences that affirm or deny it.

        The context's hints are left out: a draft says what the reader hints, and a score what the film shows of it.
        Raises OutOfMemory and ModelError.
        """
        return probabilities(self.margins(radiographs, context), self.scale)

    def margins(self, radiographs: Sequence[Radiograph], context: ClinicalContext) -> dict[Observation, float]:
        """The log-likelihood ratios behind `score`, in nats and before calibration."""
        films, prompt = self._squares(radiographs), self.prompt_for(radiographs, replace(context, hints="")).text
        return self._engine.margins(films, prompt)

    def evidence(
        self,
        radiographs: Sequence[Radiograph],
        context: ClinicalContext,
        report: Report,
        *,
        method: Method = Method.OCCLUSION,
    ) -> list[Evidence]:
        """Where the model looked for each sentence of a report of these films, whoever wrote the report.

        Raises OutOfMemory and ModelError.
        """
        films, prompt = self._squares(radiographs), self.prompt_for(radiographs, context).text
        return self._engine.evidence(films, prompt, report, method)

    def _make_draft(
        self, radiographs: Sequence[Radiograph], prompt: Prompt, seed: int, written: WrittenReport
    ) -> Draft:
        return make_draft(radiographs, prompt, written, model=self.identity, generation=self._options, seed=seed)

    def prompt_for(self, radiographs: Sequence[Radiograph], context: ClinicalContext) -> Prompt:
        """The prompt for these films and this context, cut to what this model has room for."""
        if not radiographs:
            raise UnsupportedRadiograph("There is no radiograph; give a frontal one to draft from.")
        return build_prompt(
            context,
            [film.view for film in radiographs],
            count_tokens=self._base.count_tokens,
            budget=self._base.prompt_budget(len(radiographs), self._options.max_new_tokens),
            special_tokens=self._base.special_tokens,
            version=self.identity.prompt_version,
        )

    def _squares(self, radiographs: Sequence[Radiograph]) -> list[NDArray[np.float32]]:
        """The films at the model's size: what waits for the model, or is lent to another process, is small."""
        return [film_to_square(film, self.image_size) for film in radiographs]

    def _decode(self, progress: GenerationProgress) -> str:
        """The text of the tokens so far, without the half of a character that the next token will complete."""
        text = str(self._base.tokenizer.decode(progress.token_ids, skip_special_tokens=True))
        return keep_printable(text.rstrip("\ufffd"))


def load_reporter(settings: Settings, *, wait: bool = True) -> InstructBlipReporter:
    """A reporter with the base and the adapter that the settings name.

    Without `wait` it loads beside what follows, and its first use waits. The calling thread is left with one torch
    thread (engine/threads.py). Raises ModelUnavailable, OutOfMemory, AdapterNotFound, AdapterMismatch, and
    SettingsError where the settings name replicas instead.
    """
    if settings.model.at is not None:
        raise SettingsError("The setting model.at names replicas of the model, and this loads one here; leave it out.")
    use_one_thread()
    reporter = InstructBlipReporter(partial(load_model, settings), settings.generation)
    if wait:
        reporter.wait()
    return reporter
