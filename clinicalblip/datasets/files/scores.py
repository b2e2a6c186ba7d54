"""scores.jsonl: how likely each observation is, one study a line: study_id, then the observations by CheXpert's names.

A study whose films could not be read has null for every observation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from clinicalblip.datasets.files.study_lines import StudyLines
from clinicalblip.radiology.observation import CHEXPERT, Observation

Scores = Mapping[Observation, float]
"""A probability for each of CheXpert's observations."""


@dataclass(frozen=True)
class ScoresFile(StudyLines[Scores | None]):
    """A file of scores; scores.about.json names base, adapter and prompt by digest, the scale, the films and slots."""

    kind: ClassVar[str] = "scores"

    def pack(self, said: Scores | None) -> dict[str, Any]:
        """A probability under each name, in CheXpert's order; unrounded, for films far to one side keep their order."""
        return {what.value: None if said is None else said[what] for what in CHEXPERT}

    def unpack(self, fields: Mapping[str, Any]) -> Scores | None:
        """The probabilities of a line."""
        values = {what: fields[what.value] for what in CHEXPERT}
        return None if None in values.values() else {what: float(value) for what, value in values.items()}
