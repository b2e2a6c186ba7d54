"""The machine's draft, where it came from, and what writes it."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import ClinicalContext, Report


@dataclass(frozen=True)
class ModelIdentity:
    """Which model writes: names for people, digests for those who study it.

    `base` and `adapter` are the names the settings gave (a folder's last part, never its path); `adapter` is
    None without one. Digests are SHA-256 in hexadecimal, of weights and configuration. `precision` is one of
    nf4, int8, bf16, fp32, and `reason` one clause that says why.
    """

    base: str
    base_digest: str
    adapter: str | None
    adapter_digest: str | None
    precision: str
    reason: str
    device: str
    prompt_version: str


@dataclass(frozen=True)
class GenerationOptions:
    """How the model chose its words, beside the seed; two drafts are comparable where these are equal too.

    `max_new_tokens` is the longest report in tokens. A `temperature` of 0 is greedy decoding, in which `top_p`, the
    probability mass that is sampled from, has no effect. A `repetition_penalty` of 1 is none. `finding_bias` is in
    nats: what words of denial lose, 0 for none.
    """

    max_new_tokens: int
    temperature: float = 0.0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    finding_bias: float = 0.0

    def __post_init__(self) -> None:
        if self.max_new_tokens < 1:
            raise ValueError(f"a report has at least one token, not {self.max_new_tokens}")
        if not (0 <= self.temperature < math.inf and 0 < self.top_p <= 1 and 0 < self.repetition_penalty < math.inf):
            raise ValueError(
                f"the temperature {self.temperature}, top_p {self.top_p} or repetition penalty "
                f"{self.repetition_penalty} is out of range"
            )
        if not math.isfinite(self.finding_bias):
            raise ValueError(f"the finding bias is a finite number, not {self.finding_bias}")


@dataclass(frozen=True)
class Draft:
    """What the machine wrote, never changed afterwards.

    `prompt` is the text the model was given; `radiographs` the digests of its films, in order; `generation` and
    `seed` how its words were chosen; `tokens` how many it wrote in `seconds`; `stopped` says that the reader ended it
    early.
    """

    report: Report
    prompt: str
    radiographs: tuple[str, ...]
    model: ModelIdentity
    generation: GenerationOptions
    seed: int
    tokens: int
    seconds: float
    stopped: bool = False
    warnings: tuple[str, ...] = ()


Examination = tuple[Sequence[Radiograph], ClinicalContext]
"""The films of one examination in the model's order, and its context."""


class Reporter(Protocol):
    """Anything that drafts. The page and the command line know no more of a model than this."""

    @property
    def identity(self) -> ModelIdentity:
        """Which model this is."""

    @property
    def generation(self) -> GenerationOptions:
        """How it chooses its words."""

    @property
    def calibrated(self) -> frozenset[Observation]:
        """The observations whose `score` means what it says, on films like those that it was measured on.

        None where it was not measured.
        """

    def doubts(self, radiograph: Radiograph) -> tuple[str, ...]:
        """Why the film may be no chest radiograph: whole sentences for the reader; none where nothing says so."""

    def seen(self, radiograph: Radiograph) -> NDArray[np.float32]:
        """The film as the model's encoder gets it: greys in [0, 1], (rows, columns) at the encoder's size."""

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
        between two words: once true, what is there becomes the Draft. Raises ModelError.
        """

    def draft_many(self, examinations: Sequence[Examination], *, seed: int | None = None) -> list[Draft]:
        """Draft several examinations with equally many films together; each draft is what `stream` would give alone.

        A draft in which the model wrote nothing, or the same over and over, is no error here: its warnings say so.
        Raises ModelError.
        """

    def score(self, radiographs: Sequence[Radiograph], context: ClinicalContext) -> Mapping[Observation, float]:
        """The probability of each of CheXpert's observations, in their order. Raises ModelError."""

    def evidence(
        self, radiographs: Sequence[Radiograph], context: ClinicalContext, report: Report
    ) -> Sequence[Evidence]:
        """Where on the films each sentence of a report was taken from, findings first. Raises ModelError."""
