"""Writes a study's results into its folder: the report, methods, CLAIM, pictures and data, the same bytes each time."""

from collections.abc import Mapping
from pathlib import Path

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.errors import ReaderStudyError
from clinicalblip.feedback.databases.refusals import reason_of
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.reader_study.records.records import EventKind
from clinicalblip.reader_study.results.claim import write_claim
from clinicalblip.reader_study.results.csv_files import write_csv
from clinicalblip.reader_study.results.dictionary import write_dictionary
from clinicalblip.reader_study.results.estimates import Estimates
from clinicalblip.reader_study.results.methods import write_methods
from clinicalblip.reader_study.results.plots import plots
from clinicalblip.reader_study.results.report import write_report
from clinicalblip.reader_study.results.study_data import StudyData, read_study
from clinicalblip.reader_study.study_folder import RESULTS, StudyFolder


def report_study(folder: StudyFolder, reviews: ReviewStore) -> tuple[Path, ...]:
    """Write all results, put on record that it was done, and return the files.

    Before the study's end that is refused unless the design lets outcomes by arm be seen, and then it is put on record
    as an unblinding before anything is computed. Raises ReaderStudyError, and ReviewNotSaved where the reviews cannot
    be read.
    """
    data = read_study(folder, reviews)
    if not data.ended:
        if not folder.design.owner.unblinded_before_end:
            raise ReaderStudyError(
                "The study has not ended, and its design lets nobody see outcomes by arm before that; end it with "
                "`reader-study end`, or report it then."
            )
        folder.record(EventKind.UNBLINDED, detail="report")
        data = read_study(folder, reviews)
    files = result_files(data)
    written = _write(files, folder.path / RESULTS)
    folder.record(EventKind.REPORTED)
    return written


def result_files(data: StudyData) -> Mapping[str, bytes]:
    """Every file by its name."""
    ask = Estimates.of(data.design)
    pictures = plots(data, ask)
    texts = {
        "report.md": write_report(data, ask, pictures),
        "methods.md": write_methods(data),
        "claim.md": write_claim(data),
        "dictionary.md": write_dictionary(),
    }
    return {**{name: text.encode() for name, text in texts.items()}, **write_csv(data), **pictures}


def _write(files: Mapping[str, bytes], folder: Path) -> tuple[Path, ...]:
    """Write files, each whole and readable by its owner alone; pictures of an earlier report go where none is now."""
    try:
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            with open_atomically(folder / name, "wb", private=True) as file:
                file.write(content)
        for old in folder.glob("*.svg"):
            if old.name not in files:
                old.unlink()
    except OSError as error:
        raise ReaderStudyError(
            f"The results were not written ({reason_of(error)}); make room in the study's folder, and let it be "
            "written."
        ) from error
    return tuple(folder / name for name in files)
