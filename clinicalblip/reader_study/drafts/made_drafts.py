"""MadeDrafts: the drafts of a study that is being prepared, each on disk as it comes, so that a kill loses none."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from clinicalblip.datasets.files.study_results import StudyResultsFile
from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.drafts.draft_file import draft_from_json, draft_to_json
from clinicalblip.reader_study.drafts.prepared_draft import PreparedDraft
from clinicalblip.reader_study.injection.injected_error import InjectedError
from clinicalblip.reader_study.injection.key_json import error_from_json, error_to_json


@dataclass(frozen=True)
class MadeDraft:
    """A draft as it is shown, the errors that were put into it, and its report without them."""

    prepared: PreparedDraft
    errors: tuple[InjectedError, ...]
    clean: Report


@dataclass(frozen=True)
class MadeDrafts(StudyResultsFile[MadeDraft]):
    """The file of what is made so far; instead of a study's id a line has its case and arm."""

    kind: ClassVar[str] = "drafts"

    def to_fields(self, result: MadeDraft) -> dict[str, Any]:
        """Draft, errors and the report without them."""
        return {
            "draft": draft_to_json(result.prepared),
            "errors": [error_to_json(error) for error in result.errors],
            "clean": vars(result.clean),
        }

    def from_fields(self, fields: Mapping[str, Any]) -> MadeDraft:
        """The draft of a line."""
        errors = tuple(error_from_json(values) for values in fields["errors"])
        return MadeDraft(draft_from_json(fields["draft"]), errors, Report(**fields["clean"]))

    def keep(self, made: MadeDraft) -> None:
        """Add a draft, which is on disk when this returns. Raises OSError."""
        self.append(0, [(name_of(made.prepared.case, made.prepared.arm), made)])

    def remove(self) -> None:
        """Take away the file and what stands beside it."""
        for file in (*self._parts(), self.about):
            file.unlink(missing_ok=True)


def name_of(case: int, arm: str) -> str:
    """What a draft is called in the file."""
    return f"{case} {arm}"
