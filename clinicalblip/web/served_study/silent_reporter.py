"""A Reporter that drafts nothing: all drafts of a study were made before it began, and no model is loaded."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from clinicalblip.errors import ModelError
from clinicalblip.radiology.draft import Draft, Examination, GenerationOptions, ModelIdentity
from clinicalblip.radiology.evidence import Evidence
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.radiograph import Radiograph
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.web.served_study import wording

_NOBODY: Final = ModelIdentity("none", "", None, None, "none", wording.NO_MODEL, "none", "0")


class SilentReporter:
    """It has no doubts, scores nothing, and refuses to draft in a sentence."""

    identity: ModelIdentity = _NOBODY
    generation: GenerationOptions = GenerationOptions(max_new_tokens=1)
    calibrated: frozenset[Observation] = frozenset()

    def doubts(self, radiograph: Radiograph) -> tuple[str, ...]:
        """None: films of a study were chosen by whoever made it."""
        return ()

    def seen(self, radiograph: Radiograph) -> NDArray[np.float32]:
        """Raises ModelError."""
        _refuse()

    def stream(
        self,
        radiographs: Sequence[Radiograph],
        context: ClinicalContext,
        *,
        seed: int | None = None,
        stop: Callable[[], bool] = lambda: False,
    ) -> Iterator[Report | Draft]:
        """Raises ModelError."""
        _refuse()

    def draft_many(self, examinations: Sequence[Examination], *, seed: int | None = None) -> list[Draft]:
        """Raises ModelError."""
        _refuse()

    def score(self, radiographs: Sequence[Radiograph], context: ClinicalContext) -> Mapping[Observation, float]:
        """Raises ModelError."""
        _refuse()

    def evidence(
        self, radiographs: Sequence[Radiograph], context: ClinicalContext, report: Report
    ) -> Sequence[Evidence]:
        """Raises ModelError."""
        _refuse()


def _refuse() -> NoReturn:
    raise ModelError(wording.NO_MODEL)
