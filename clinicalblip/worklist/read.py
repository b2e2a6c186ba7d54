"""read_work_list: a studies file, or a folder of DICOM films, becomes a WorkList."""

from pathlib import Path

from clinicalblip.datasets.files.studies import read_studies
from clinicalblip.errors import DatasetError, DatasetNotFound
from clinicalblip.settings import LimitSettings
from clinicalblip.worklist import wording
from clinicalblip.worklist.film_folder import read_film_folder
from clinicalblip.worklist.work_list import WorkList, list_studies


def read_work_list(source: Path, key: bytes, limits: LimitSettings, *, shuffled: bool = False) -> WorkList:
    """Read the list of studies at a place; no film is decoded.

    `key`: of the digests that name studies. `shuffled`: each reader has an order of their own. Raises DatasetNotFound
    where there is nothing, MalformedStudy for a line of a studies file that breaks the format, and DatasetError for a
    list of which no study can be opened.
    """
    summary: list[str] = []
    if source.is_dir():
        folder = read_film_folder(source, key, limits)
        studies = folder.studies
        if not studies:
            raise DatasetError(wording.NO_FILMS_IN_FOLDER.format(count=folder.passed_over + folder.broken))
        said = ((folder.passed_over, wording.SUMMARY_OTHERS), (folder.broken, wording.SUMMARY_BROKEN))
        summary += [sentence.format(count=count) for count, sentence in said if count]
    elif source.is_file():
        studies = list(read_studies(source))
    else:
        raise DatasetNotFound(wording.NO_LIST)
    listed = list_studies(studies, key)
    if not listed:
        raise DatasetError(wording.EMPTY_LIST)
    faults = [study.fault for study in listed if study.fault]
    if len(faults) == len(listed):
        raise DatasetError(wording.NOTHING_TO_READ.format(count=len(listed), fault=faults[0]))
    if faults:
        summary.insert(0, wording.SUMMARY_FAULTS.format(count=len(faults)))
    summary.insert(0, wording.SUMMARY.format(studies=len(listed)))
    return WorkList(listed, shuffle_key=key if shuffled else b"", summary=" ".join(summary))
