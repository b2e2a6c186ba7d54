"""predictions.jsonl: the drafts of a split, one study a line: study_id, findings, impression."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from clinicalblip.datasets.files.study_results import StudyResultsFile
from clinicalblip.radiology.report import Report


@dataclass(frozen=True)
class PredictionsFile(StudyResultsFile[Report]):
    """A file of drafts; predictions.about.json names base, adapter and prompt by digest, the films and slots given."""

    kind: ClassVar[str] = "predictions"

    def to_fields(self, result: Report) -> dict[str, Any]:
        """Findings and impression."""
        return {"findings": result.findings, "impression": result.impression}

    def from_fields(self, fields: Mapping[str, Any]) -> Report:
        """The report of a line."""
        return Report(fields["findings"], fields["impression"])
