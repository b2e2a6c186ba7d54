"""scores.jsonl: how likely each observation is, one study a line: study_id, then the observations by CheXpert's names.

A study whose films could not be read has null for every observation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from clinicalblip.datasets.files.study_results import StudyResultsFile
from clinicalblip.radiology.observation import CHEXPERT, Observation

Scores = Mapping[Observation, float]
"""A probability for each of CheXpert's observations."""


@dataclass(frozen=True)
class ScoresFile(StudyResultsFile[Scores | None]):
    """A file of scores; scores.about.json names base, adapter and prompt by digest, the scale, the films and slots."""

    kind: ClassVar[str] = "scores"

    def to_fields(self, result: Scores | None) -> dict[str, Any]:
        """A probability under each name, in CheXpert's order; unrounded, so that those near 0 or 1 keep their order."""
        return {name.value: None if result is None else result[name] for name in CHEXPERT}

    def from_fields(self, fields: Mapping[str, Any]) -> Scores | None:
        """The probabilities of a line."""
        values = {name: fields[name.value] for name in CHEXPERT}
        return None if None in values.values() else {name: float(value) for name, value in values.items()}
