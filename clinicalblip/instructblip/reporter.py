"""ClinicalBLIP as a Reporter: films and context in, a report that grows word by word and then a Draft out."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from time import monotonic
from typing import Any

from torch import Tensor
from transformers import StoppingCriteria, StoppingCriteriaList
from transformers.generation.streamers import BaseStreamer

from clinicalblip.errors import DegenerateDraft, UnsupportedRadiograph
from clinicalblip.evaluation.statistics.calibration import Scale
from clinicalblip.instructblip.adapter import find_adapter, load_adapter
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.checkpoint_files import find_checkpoint
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.generation.hint_check import UNGIVEN_HINT, answers_ungiven_hint
from clinicalblip.instructblip.generation.model_lock import ModelLock
from clinicalblip.instructblip.generation.streaming import GenerationProgress, cut_at_eos, run_generation
from clinicalblip.instructblip.generation.token_generator import TokenGenerator
from clinicalblip.instructblip.generation.zerogpu import Films, on_zero_gpu
from clinicalblip.instructblip.hardware.memory import catch_out_of_memory
from clinicalblip.instructblip.named_base import is_shape, load_named_base
from clinicalblip.instructblip.prompt import PROMPT_VERSION, Prompt, build_prompt, keep_printable
from clinicalblip.instructblip.scoring.attribution import Method, attribute_sentences
from clinicalblip.instructblip.scoring.score import UNSCALED, load_scale, margins, probabilities
from clinicalblip.instructblip.vision.ood import OodDetector, load_ood_detector
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

LOOPED = "The model wrote the same words over and over"
WROTE_NOTHING = "The model wrote nothing"


class InstructBlipReporter:
    """Drafts with one model for one reader at a time; others wait for the lock.

    `model` is the base's, with or without an adapter on it; `ood_detector` knows the base's training films, None
    where nothing does; `scale` calibrates the scores.
    """

    def __init__(
        self,
        base: Base,
        model: Any,
        identity: ModelIdentity,
        generation: GenerationSettings,
        ood_detector: OodDetector | None = None,
        scale: Scale = UNSCALED,
    ) -> None:
        self._base, self._model, self._identity, self._settings = base, model.eval(), identity, generation
        self._ood_detector, self.scale = ood_detector, scale
        named = {field.name: getattr(generation, field.name) for field in fields(GenerationOptions)}
        self._options = GenerationOptions(**named)
        self._generator = TokenGenerator(base, self._model, self._options)
        self._lock = ModelLock()
        self._generate = on_zero_gpu(self._generate_here)

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""
        return self._identity

    @property
    def generation(self) -> GenerationOptions:
        """How it chooses its words, as the settings ask."""
        return self._options

    def doubts(self, radiograph: Radiograph) -> tuple[str, ...]:
        """Why the film may be no chest radiograph: whole sentences for the reader; none where nothing says so.

        It waits for no draft and needs no GPU: the detector has an encoder of its own.
        """
        return heuristic_doubts(radiograph) + (self._ood_detector.doubts(radiograph) if self._ood_detector else ())

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
        between two words, and while others draft: once true, what is there becomes the Draft. The same
        seed gives the same draft; without a temperature every seed does. Closing the iterator ends the generation.

        Raises:
            DegenerateDraft: nothing was written, or the same over and over.
            OutOfMemory: the draft did not fit.
            ModelError: the model failed; it can be asked again.
        """
        prompt = self.prompt_for(radiographs, context)
        seed = self._settings.seed if seed is None else seed
        shown, progress = Report(), GenerationProgress()
        for progress in self._generate([film.pixels for film in radiographs], prompt.text, seed, stop):
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
        """Draft several examinations with equally many films together; each draft is what `stream` would give alone.

        In 16 bits or fewer, rounding may change a word where two are about equally likely. A draft that is empty or
        loops is no error here, and its warnings say so; one that loops is cut where `stream` would have ended it.
        Where the settings ask for a temperature, each is drafted by itself, from the same seed.

        Raises:
            ModelError: the model failed.
            OutOfMemory: the drafts did not fit together.
        """
        seed = self._settings.seed if seed is None else seed
        if self._options.temperature > 0 and len(examinations) > 1:
            return [draft for each in examinations for draft in self.draft_many([each], seed=seed)]
        prompts = [self.prompt_for(films, context) for films, context in examinations]
        batch = collate(
            self._base, [[film.pixels for film in films] for films, _ in examinations], [p.text for p in prompts]
        )
        with self._model_locked(), catch_out_of_memory("The drafts", "draft fewer together, or in the precision nf4"):
            began = monotonic()
            rows = self._generator.skip_prompt(self._generator.generate(batch, seed), batch).tolist()
        seconds = (monotonic() - began) / len(examinations)
        drafts = []
        for (films, _), prompt, row in zip(examinations, prompts, rows, strict=True):
            progress = cut_at_eos(row, self._base.eos_token_id, seconds)
            drafts.append(self._make_draft(films, prompt, seed, progress))
        return drafts

    def score(self, radiographs: Sequence[Radiograph], context: ClinicalContext) -> dict[Observation, float]:
        """The probability of each of CheXpert's observations, by the likelihood of sentences that affirm or deny it.

        Raises OutOfMemory and ModelError.
        """
        return probabilities(self.margins(radiographs, context), self.scale)

    def margins(self, radiographs: Sequence[Radiograph], context: ClinicalContext) -> dict[Observation, float]:
        """The log-likelihood ratios behind `score`, in nats and before calibration."""
        batch = self._collate(radiographs, context)
        with (
            self._model_locked(),
            catch_out_of_memory("The scores", "use fewer films, a smaller model or the precision nf4"),
        ):
            return margins(self._base, self._model, batch)

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
        batch = self._collate(radiographs, context)
        with (
            self._model_locked(),
            catch_out_of_memory("The evidence", "use fewer films, a smaller model or the precision nf4"),
        ):
            return attribute_sentences(self._base, self._model, batch, report, method=method)

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
        )

    def _collate(self, radiographs: Sequence[Radiograph], context: ClinicalContext) -> dict[str, Tensor]:
        prompt = self.prompt_for(radiographs, context)
        return collate(self._base, [[film.pixels for film in radiographs]], [prompt.text])

    @contextmanager
    def _model_locked(self) -> Iterator[None]:
        """Wait for the model, however long it takes, and free it afterwards."""
        self._lock.acquire()
        try:
            yield
        finally:
            self._lock.release()

    def _generate_here(
        self, films: Films, prompt: str, seed: int, stop: Callable[[], bool]
    ) -> Iterator[GenerationProgress]:
        """Wait for the model, then generate in a thread; the model is free again when the thread has ended."""
        batch = collate(self._base, [films], [prompt])

        def generate(streamer: BaseStreamer, criterion: StoppingCriteria) -> None:
            with catch_out_of_memory("The draft", "use fewer films, a smaller model or the precision nf4"):
                self._generator.generate(
                    batch, seed, streamer=streamer, stopping_criteria=StoppingCriteriaList([criterion])
                )

        if not self._lock.acquire(stop):
            yield GenerationProgress(finished=True, stopped=True)
            return
        yield from run_generation(
            generate, stop=stop, on_end=self._lock.release, timeout=self._settings.timeout_seconds
        )

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
            model=self._identity,
            generation=self._options,
            seed=seed,
            tokens=tokens,
            seconds=progress.seconds,
            stopped=progress.stopped,
            warnings=tuple(dict.fromkeys(warnings)),
        )


def load_reporter(settings: Settings) -> InstructBlipReporter:
    """Load the base and the adapter that the settings name.

    Paths are relative to the settings' folder. In 32 bits the adapter is merged into the base's weights, which
    makes drafting a third faster; in fewer bits it stays beside them, because merging would round it away.
    Raises ModelUnavailable, OutOfMemory, AdapterNotFound and AdapterMismatch.
    """
    asked = settings.model
    name = settings.locate(asked.base)
    base = load_named_base(name, asked.precision, asked.device)
    checkpoint = None if is_shape(name) else find_checkpoint(name)
    ood_detector = load_ood_detector(checkpoint, base) if checkpoint else None
    identity = ModelIdentity(
        base=base.name,
        base_digest=base.digest,
        adapter=None,
        adapter_digest=None,
        precision=base.precision,
        reason=base.reason,
        device=base.device,
        prompt_version=PROMPT_VERSION,
    )
    model = base.model
    if asked.adapter is not None:
        model, digest = load_adapter(base, find_adapter(settings.locate(asked.adapter)))
        if base.precision == "fp32":
            model.merge_adapter()
        identity = replace(identity, adapter=Path(asked.adapter).name, adapter_digest=digest)
    scale = load_scale(checkpoint, base, identity.adapter_digest) if checkpoint else UNSCALED
    return InstructBlipReporter(base, model, identity, settings.generation, ood_detector, scale)
