"""A Reporter that recites: the page's tests need one whose words, speed and failures they choose."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from clinicalblip.radiology.draft import Draft, Examination, ModelIdentity
from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.observation import CHEXPERT, Observation
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import ClinicalContext, Report, parse_sections

TEXT = (
    "FINDINGS: The heart is of normal size. Both lungs are clear, without consolidation. There is no pleural effusion "
    "and no pneumothorax. IMPRESSION: No acute finding in the chest."
)
IDENTITY = ModelIdentity(
    base="recited",
    base_digest="b" * 64,
    adapter="by-heart",
    adapter_digest="a" * 64,
    precision="fp32",
    reason="nothing is computed",
    device="cpu",
    prompt_version="0",
)


@dataclass
class ScriptedReporter:
    """Recites `text` word by word, `seconds_per_word` apart, and raises `failure` after `fails_after` words.

    `contexts` and `radiographs` remember what it was asked; `active` how many drafts are being written right
    now; `doubted` says, under a film's digest, why it may be no chest radiograph.
    """

    text: str = TEXT
    seconds_per_word: float = 0.0
    failure: Exception | None = None
    fails_after: int = 0
    contexts: list[ClinicalContext] = field(default_factory=list)
    radiographs: list[tuple[Radiograph, ...]] = field(default_factory=list)
    active: int = 0
    most_active: int = 0
    identity: ModelIdentity = IDENTITY
    doubted: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def doubts(self, radiograph: Radiograph) -> tuple[str, ...]:
        """What `doubted` holds under the film's digest."""
        return self.doubted.get(radiograph.digest, ())

    def draft_many(self, examinations: Sequence[Examination], *, seed: int | None = None) -> list[Draft]:
        """Recite the text for each."""
        streams = (self.stream(films, context, seed=seed) for films, context in examinations)
        return [part for parts in streams for part in parts if isinstance(part, Draft)]

    def score(self, radiographs: Sequence[Radiograph], context: ClinicalContext) -> dict[Observation, float]:
        """Every observation as likely as not."""
        return dict.fromkeys(CHEXPERT, 0.5)

    def evidence(self, radiographs: Sequence[Radiograph], context: ClinicalContext, report: Report) -> list[Evidence]:
        """The whole text, from nowhere."""
        nowhere = tuple(np.zeros((2, 2), dtype=np.float32) for _ in radiographs)
        return [Evidence(report.text, 0.0, nowhere)]

    def stream(
        self,
        radiographs: Sequence[Radiograph],
        context: ClinicalContext,
        *,
        seed: int | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[Report | Draft]:
        """Yield the text as it grows, then the Draft."""
        self.contexts.append(context)
        self.radiographs.append(tuple(radiographs))
        self.active += 1
        self.most_active = max(self.most_active, self.active)
        try:
            yield from self._recite(radiographs, seed or 0, stop)
        finally:
            self.active -= 1

    def _recite(
        self, radiographs: Sequence[Radiograph], seed: int, stop: Callable[[], bool]
    ) -> Iterator[Report | Draft]:
        started, words, said = time.monotonic(), self.text.split(" "), 0
        while said < len(words) and not stop():
            if self.failure is not None and said == self.fails_after:
                raise self.failure
            time.sleep(self.seconds_per_word)
            said += 1
            yield parse_sections(" ".join(words[:said]))
        yield Draft(
            report=parse_sections(" ".join(words[:said])),
            prompt="recite",
            radiographs=tuple(film.digest for film in radiographs),
            model=self.identity,
            seed=seed,
            tokens=said,
            seconds=time.monotonic() - started,
            stopped=said < len(words),
        )
