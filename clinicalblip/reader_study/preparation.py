"""prepare_study: a design becomes a folder that can be read, with cases drawn, rows assigned and every draft made."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.datasets.files.studies import read_studies, write_studies
from clinicalblip.errors import DatasetError, ReaderStudyError
from clinicalblip.progress import Log, write_line
from clinicalblip.radiology.study import Study
from clinicalblip.reader_study.assignment.assign import assign
from clinicalblip.reader_study.assignment.assignment import Assignment, StudyCase
from clinicalblip.reader_study.assignment.assignment_file import read_assignment, write_assignment
from clinicalblip.reader_study.assignment.select_cases import select_cases
from clinicalblip.reader_study.design.design import ReaderStudyDesign
from clinicalblip.reader_study.design.read_design import read_design
from clinicalblip.reader_study.drafts.draft_file import write_drafts, write_key
from clinicalblip.reader_study.drafts.made_drafts import MadeDrafts
from clinicalblip.reader_study.drafts.make_drafts import DraftMaker, Inject
from clinicalblip.reader_study.drafts.sources import LoadReporter, find_sources
from clinicalblip.reader_study.drafts.study_films import digest_films
from clinicalblip.reader_study.injection.inject import inject_errors
from clinicalblip.reader_study.records.record_store import RecordStore
from clinicalblip.reader_study.study_folder import RECORDS, lock_folder
from clinicalblip.reader_study.study_manifest import (
    ASSIGNMENT,
    DESIGN,
    DRAFTS,
    KEY,
    MANIFEST,
    STUDIES,
    StudyManifest,
    digest_file,
)
from clinicalblip.settings import LimitSettings
from clinicalblip.version import __version__

_MADE: Final = "preparing.jsonl"


@dataclass(frozen=True)
class _Written:
    """What is written down before any draft is made."""

    design: ReaderStudyDesign
    cases: Sequence[StudyCase]
    studies: dict[int, Study]


def prepare_study(
    design_file: Path,
    output: Path,
    load: LoadReporter,
    *,
    inject: Inject = inject_errors,
    limits: LimitSettings | None = None,
    log: Log = write_line,
) -> None:
    """Prepare a study in a folder that its owner alone can look into; a preparation that was killed goes on.

    `load` gives the model of an arm; all are loaded before the first draft is made. `inject` puts errors into reports.
    Raises ReaderStudyError where design, studies, predictions or a model
    cannot be used, where a study stands in the folder already or another one was begun there, and where the disk
    refuses; ModelError where a model fails.
    """
    design, limits = read_design(design_file), limits or LimitSettings()
    try:
        _make_private(output)
        with lock_folder(output):
            written = _write_down(design, design_file, output)
            films = digest_films(written.studies, limits)
            sources = find_sources(
                design,
                written.studies,
                load,
                folder=design_file.absolute().parent,
                studies_digest=digest_file(output / STUDIES),
                limits=limits,
            )
            maker = DraftMaker(design, written.studies, films, sources, inject)
            _make(maker, written, output, log)
    except OSError as error:
        raise ReaderStudyError(
            f"The study's folder cannot be written to ({(error.strerror or type(error).__name__).lower()}); make room "
            "or name another folder, and start the same command again: it goes on from the last draft that was made."
        ) from error
    except DatasetError as error:
        raise ReaderStudyError(str(error)) from error


def _make_private(output: Path) -> None:
    """Make the folder, or refuse one that has something else. Raises OSError."""
    if (output / MANIFEST).exists():
        raise ReaderStudyError("A study is prepared in that folder already; name another one.")
    if output.exists() and not output.is_dir():
        raise ReaderStudyError("The output that was named is no folder; name one that is empty or not there.")
    is_begun = (output / DESIGN).is_file()
    if output.is_dir() and not is_begun and any(each.name != ".lock" for each in output.iterdir()):
        raise ReaderStudyError("The output folder has other files in it; name one that is empty or not there.")
    output.mkdir(parents=True, exist_ok=True)
    output.chmod(0o700)


def _write_down(design: ReaderStudyDesign, design_file: Path, output: Path) -> _Written:
    """Draw the cases and assign them; of a preparation that was begun, read what was written. Raises OSError."""
    given = design_file.read_bytes()
    begun = output / DESIGN
    if begun.is_file() and begun.read_bytes() != given:
        raise ReaderStudyError(
            "Another design was begun in that folder; go on with the same one, or name another folder."
        )
    studies = list(read_studies(design_file.absolute().parent / design.studies.file, design.studies.split))
    cases = select_cases(design, studies)
    by_id = {study.study_id: study for study in studies}
    read = {case.number: by_id[case.study_id] for case in cases}
    if not begun.is_file():
        with open_atomically(begun, "wb", private=True) as file:
            file.write(given)
    _write_same_studies(list(read.values()), output / STUDIES)
    design_digest, studies_digest = digest_file(begun), digest_file(output / STUDIES)
    assignment = assign(design, cases, design_digest=design_digest, studies_digest=studies_digest)
    _write_same_assignment(assignment, output / ASSIGNMENT)
    return _Written(design, cases, read)


def _write_same_studies(studies: Sequence[Study], path: Path) -> None:
    if path.exists() and list(read_studies(path)) != studies:
        raise ReaderStudyError(
            "The studies file has changed since this preparation was begun; put it back, or name another folder."
        )
    write_studies(studies, path)


def _write_same_assignment(assignment: Assignment, path: Path) -> None:
    if path.exists() and path.stat().st_size == 0:  # of a process that was killed while it wrote
        path.unlink()
    if not path.exists():
        write_assignment(assignment, path)
        path.chmod(0o600)
    elif read_assignment(path) != assignment:
        raise ReaderStudyError("The assignment in that folder is of another study; name another folder.")


def _make(maker: DraftMaker, written: _Written, output: Path, log: Log) -> None:
    made = MadeDrafts(output / _MADE)
    fingerprint: dict[str, Any] = {
        "design": digest_file(output / DESIGN),
        "studies": digest_file(output / STUDIES),
        "films": {str(case): list(films) for case, films in maker.films.items()},
        "drafts": maker.fingerprint(),
        "package": __version__,
    }
    made.begin(fingerprint)
    drafts = maker.make(written.cases, made, log=log)
    write_drafts((draft.prepared for draft in drafts), output / DRAFTS)
    write_key({draft.prepared.id: draft.errors for draft in drafts if draft.errors}, output / KEY)
    RecordStore(output / RECORDS).close()
    StudyManifest.of(output).write(output)  # last: without it nothing is prepared
    made.remove()
