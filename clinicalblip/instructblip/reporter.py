"""ClinicalBLIP as a Reporter: films and context in, a report that grows word by word and then a Draft out."""

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from clinicalblip.errors import DegenerateDraft, UnsupportedRadiograph
from clinicalblip.evaluation.statistics.calibration import Scale
from clinicalblip.fair_queue import WAITING, FairQueue
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.engine.batch import ADVICE
from clinicalblip.instructblip.engine.engine import Engine
from clinicalblip.instructblip.engine.generation import Generation, Priority
from clinicalblip.instructblip.engine.threads import use_one_thread
from clinicalblip.instructblip.generation.hint_check import UNGIVEN_HINT, answers_ungiven_hint
from clinicalblip.instructblip.generation.progress import GenerationProgress
from clinicalblip.instructblip.generation.zerogpu import Films, is_zero_gpu, on_zero_gpu
from clinicalblip.instructblip.hardware.memory import catch_out_of_memory
from clinicalblip.instructblip.loaded_model import LoadedModel, load_model
from clinicalblip.instructblip.prompt import Prompt, build_prompt, keep_printable
from clinicalblip.instructblip.scoring.attribution import Method, attribute_sentences
from clinicalblip.instructblip.scoring.score import margins, probabilities
from clinicalblip.instructblip.vision.preprocess import film_to_square
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

LOOPED = "The model wrote the same words over and over"
WROTE_NOTHING = "The model wrote nothing"


class InstructBlipReporter:
    """Drafts for many readers at once, with one model that its engine's thread owns.

    `load` is called in that thread, with the first use at the latest.
    """

    def __init__(self, load: Callable[[], LoadedModel], generation: GenerationSettings) -> None:
        self._settings = generation
        named = {field.name: getattr(generation, field.name) for field in fields(GenerationOptions)}
        self._options = GenerationOptions(**named)
        self._engine = Engine(load, self._options, size=generation.batch_size, timeout=generation.timeout_seconds)
        self._process = os.getpid()
        self._generate = on_zero_gpu(self._generate_here)

    @property
    def _base(self) -> Base:
        return self._engine.load().base

    def wait(self) -> None:
        """Wait until the model is loaded; raises what loading it raised."""
        self._engine.load()

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is; waits until it is loaded."""
        return self._engine.load().identity

    @property
    def scale(self) -> Scale:
        """What calibrates its scores."""
        return self._engine.load().scale

    @property
    def calibrated(self) -> frozenset[Observation]:
        """The observations whose score is calibrated; none on ZeroGPU, whose GPU is lent for drafts alone."""
        return frozenset() if is_zero_gpu() else self._engine.load().calibrated

    @property
    def generation(self) -> GenerationOptions:
        """How it chooses its words, as the settings ask."""
        return self._options

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
        return film_to_square(radiograph, self._base.image_size)

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
            ModelError: the model failed; it can be asked again.
        """
        prompt = self.prompt_for(radiographs, context)
        seed = self._settings.seed if seed is None else seed
        shown, progress = Report(), GenerationProgress()
        for progress in self._generate(self._squares(radiographs), prompt.text, seed, stop):
            so_far = parse_sections(_HEADING_BEGUN.sub("", self._decode(progress)))
            if so_far != shown and not progress.finished:
                shown = so_far
                yield shown
        draft = self._make_draft(radiographs, prompt, seed, progress)
        if progress.looping and not progress.stopped:
            raise DegenerateDraft(f"{LOOPED}; draft again with another seed or a repetition penalty.")
        if draft.report.empty and not progress.stopped:
            raise DegenerateDraft(f"{WROTE_NOTHING}; draft again with another seed or another film.")
        yield draft

    def draft_many(self, examinations: Sequence[Examination], *, seed: int | None = None) -> list[Draft]:
        """Draft several examinations, as many together as the engine has rows; each draft is what `stream` gives.

        A draft that is empty or loops is no error here, and its warnings say so. Each is drafted from the same seed.

        Raises:
            ModelError: the model failed.
            OutOfMemory: the drafts did not fit together.
        """
        seed = self._settings.seed if seed is None else seed
        prompts = [self.prompt_for(films, context) for films, context in examinations]
        generations = [
            Generation(self._squares(films), prompt.text, seed, priority=Priority.BATCH)
            for (films, _), prompt in zip(examinations, prompts, strict=True)
        ]
        return [
            self._make_draft(films, prompt, seed, progress)
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

        def weigh(loaded: LoadedModel) -> dict[Observation, float]:
            with catch_out_of_memory("The scores", ADVICE):
                return margins(loaded.base, loaded.model, collate(loaded.base, [films], [prompt]))

        return self._engine.run(weigh)

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

        def attribute(loaded: LoadedModel) -> list[Evidence]:
            batch = collate(loaded.base, [films], [prompt])
            with catch_out_of_memory("The evidence", ADVICE):
                return attribute_sentences(loaded.base, loaded.model, batch, report, method=method)

        return self._engine.run(attribute)

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
        return [film_to_square(film, self._base.image_size) for film in radiographs]

    def _generate_here(
        self, films: Films, prompt: str, seed: int, stop: Callable[[], bool]
    ) -> Iterator[GenerationProgress]:
        if os.getpid() != self._process:  # a fork has the model, and none of the threads
            self._engine, self._process = self._engine.fork(), os.getpid()
        yield from self._engine.stream(Generation(films, prompt, seed, stop))

    def _decode(self, progress: GenerationProgress) -> str:
        """The text of the tokens so far, without the half of a character that the next token will complete."""
        text = str(self._base.tokenizer.decode(progress.token_ids, skip_special_tokens=True))
        return keep_printable(text.rstrip("\ufffd"))

    def _make_draft(
        self, radiographs: Sequence[Radiograph], prompt: Prompt, seed: int, progress: GenerationProgress
    ) -> Draft:
        report = parse_sections(self._decode(progress))
        warnings = [warning for film in radiographs for warning in film.warnings]
        warnings.extend(prompt.warnings)
        tokens = sum(token_id != self._base.eos_token_id for token_id in progress.token_ids)
        if tokens >= self._options.max_new_tokens:
            warnings.append(f"The draft was cut at {self._options.max_new_tokens} tokens.")
        if progress.looping:
            warnings.append(f"{LOOPED}.")
        if report.empty and not progress.stopped:
            warnings.append(f"{WROTE_NOTHING}.")
        if answers_ungiven_hint(report, prompt.text):
            warnings.append(UNGIVEN_HINT)
        return Draft(
            report=report,
            prompt=prompt.text,
            radiographs=tuple(film.digest for film in radiographs),
            model=self.identity,
            generation=self._options,
            seed=seed,
            tokens=tokens,
            seconds=progress.seconds,
            stopped=progress.stopped,
            warnings=tuple(dict.fromkeys(warnings)),
        )


def load_reporter(settings: Settings, *, wait: bool = True) -> InstructBlipReporter:
    """A reporter with the base and the adapter that the settings name.

    Without `wait` it loads beside what follows, and its first use waits. The calling thread is left with one torch
    thread (engine/threads.py). Raises ModelUnavailable, OutOfMemory,
    AdapterNotFound and AdapterMismatch.
    """
    use_one_thread()
    reporter = InstructBlipReporter(partial(load_model, settings), settings.generation)
    if wait:
        reporter.wait()
    return reporter
