"""StudyFolder: a prepared study on disk, opened only as it was prepared, with the records of those who read it."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from clinicalblip.datasets.files.file_lock import lock_file
from clinicalblip.datasets.files.studies import read_studies
from clinicalblip.errors import DatasetError, ReaderStudyError
from clinicalblip.radiology.study import Study
from clinicalblip.reader_study.assignment.assign import add_row
from clinicalblip.reader_study.assignment.assignment import AssignedReading, Assignment
from clinicalblip.reader_study.assignment.assignment_file import read_assignment, replace_assignment, write_assignment
from clinicalblip.reader_study.design.design import DraftSource, ReaderStudyDesign
from clinicalblip.reader_study.design.read_design import read_design
from clinicalblip.reader_study.drafts.draft_file import read_drafts, read_key
from clinicalblip.reader_study.drafts.prepared_draft import PreparedDraft
from clinicalblip.reader_study.injection.injected_error import InjectedError
from clinicalblip.reader_study.records.record_store import RecordStore
from clinicalblip.reader_study.records.records import Enrolment, EventKind, StudyEvent
from clinicalblip.reader_study.study_manifest import (
    ASSIGNMENT,
    DESIGN,
    DRAFTS,
    KEY,
    STUDIES,
    digest_file,
    read_manifest,
)

RECORDS: Final = "records.sqlite3"
REVIEWS: Final = "reviews.sqlite3"
RESULTS: Final = "results"

_LOCK: Final = ".lock"
_DOES_NOT_FIT: Final = "{name} of the study's folder is of another study; put it back as it was prepared."


@dataclass(frozen=True)
class StudyFolder:
    """A study that can be read.

    `studies` by case number, `drafts` by case and arm, and in `key` the errors in drafts that have some, by the draft's
    id. `reviews`: the file of the study's ReviewStore, which may not be there yet. Close it, or use it in a `with`.
    """

    path: Path
    design: ReaderStudyDesign
    assignment: Assignment
    studies: Mapping[int, Study]
    drafts: Mapping[tuple[int, str], PreparedDraft]
    key: Mapping[str, tuple[InjectedError, ...]]
    records: RecordStore
    reviews: Path

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open a study that was prepared.

        Raises ReaderStudyError, in a sentence that names the file, where one was changed or is missing, where they are
        not of one study, and where a newer version made them.
        """
        path = path.absolute()
        manifest = read_manifest(path)
        found = manifest.check(path)
        design, assignment = read_design(path / DESIGN), read_assignment(path / ASSIGNMENT)
        if assignment.design != found[DESIGN] or assignment.studies != found[STUDIES]:
            raise ReaderStudyError(_DOES_NOT_FIT.format(name=ASSIGNMENT))
        studies = _read_studies(path / STUDIES, assignment)
        drafts = {(each.case, each.arm): each for each in read_drafts(path / DRAFTS)}
        wanted = {
            (case.number, arm.name)
            for case in assignment.cases
            for arm in design.arms
            if arm.draft is not DraftSource.NONE
        }
        if drafts.keys() != wanted:
            raise ReaderStudyError(_DOES_NOT_FIT.format(name=DRAFTS))
        key = read_key(path / KEY)
        if not key.keys() <= {draft.id for draft in drafts.values()}:
            raise ReaderStudyError(_DOES_NOT_FIT.format(name=KEY))
        if not (path / RECORDS).is_file():  # one that is made anew would look like a study that nobody has read
            raise ReaderStudyError(f"{RECORDS} of the study's folder is missing; put it back from a backup.")
        records = RecordStore(path / RECORDS, assignment.rows)
        return cls(path, design, assignment, studies, drafts, key, records, path / REVIEWS)

    def of_reader(self, reader: str) -> tuple[AssignedReading, ...]:
        """What somebody who is enrolled reads, in order. Raises ReaderStudyError for anybody else."""
        row = next((each.row for each in self.records.enrolments() if each.reader == reader), None)
        if row is None:
            raise ReaderStudyError("Nobody is enrolled in this study under that pseudonym; check it.")
        return tuple(self.assignment.of_row(row))

    def add_reader(self) -> tuple[Self, Enrolment]:
        """Add a further row to the assignment and enrol its reader; that it was done is recorded.

        Returns the folder with the longer assignment, whose records are this one's. Whoever else has the folder open
        opens it again to see the row. Raises ReaderStudyError where the study has ended, or the disk refuses.
        """
        if self.records.has_ended:
            raise ReaderStudyError("The study has ended, and nobody can be added; extend it first.")
        try:
            with lock_folder(self.path):
                longer = self._lengthen()
        except OSError as error:
            raise ReaderStudyError(
                f"The study's folder cannot be written to ({(error.strerror or type(error).__name__).lower()}); no "
                "reader was added."
            ) from error
        self.records.offer(longer.rows)
        enrolled = self.records.enrol(longer.rows)
        self.record(EventKind.READER_ADDED, enrolled.reader)
        return replace(self, assignment=longer), enrolled

    def _lengthen(self) -> Assignment:
        """Write the assignment with a row more; a kill in between leaves one that is right with the manifest."""
        manifest = read_manifest(self.path)
        manifest.check(self.path, (ASSIGNMENT,))
        longer = add_row(read_assignment(self.path / ASSIGNMENT), self.design)
        tried = self.path / f".{ASSIGNMENT}.longer"
        tried.unlink(missing_ok=True)
        write_assignment(longer, tried)
        manifest = manifest.begin_replacing(self.path, ASSIGNMENT, digest_file(tried))
        tried.unlink()
        manifest.write(self.path)
        replace_assignment(longer, self.path / ASSIGNMENT)
        (self.path / ASSIGNMENT).chmod(0o600)
        replace(manifest, replaced={}).write(self.path)
        return longer

    def record(self, kind: EventKind, reader: str | None = None, detail: str = "") -> None:
        """Record that something happened to the study now. Raises ReaderStudyError."""
        self.records.add_event(StudyEvent(kind, datetime.now(UTC), reader, detail))

    def close(self) -> None:
        """Close the records."""
        self.records.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def lock_folder(path: Path) -> AbstractContextManager[None]:
    """Hold a folder, as `lock_file` does. Raises ReaderStudyError where another process has it, OSError."""
    taken = ReaderStudyError("The study's folder is in use by another command; wait for its end.")
    return lock_file(path / _LOCK, taken, private=True)


def _read_studies(path: Path, assignment: Assignment) -> dict[int, Study]:
    try:
        by_id = {study.study_id: study for study in read_studies(path)}
        return {case.number: by_id[case.study_id] for case in assignment.cases}
    except (DatasetError, KeyError) as error:
        raise ReaderStudyError(_DOES_NOT_FIT.format(name=STUDIES)) from error
