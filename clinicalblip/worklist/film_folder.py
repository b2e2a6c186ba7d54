"""A folder of DICOM films as studies, with the earlier study of the same patient as prior."""

import os
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clinicalblip.errors import DatasetError, RadiographError
from clinicalblip.imaging.entries import read_entry_of_file
from clinicalblip.imaging.film_entry import FilmEntry
from clinicalblip.imaging.sandbox.pool import SIZE
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.settings import LimitSettings
from clinicalblip.worklist import wording

_Films = list[tuple[Path, FilmEntry]]
_PREFERRED: Final = (View.PA, View.AP, View.FRONTAL)


@dataclass(frozen=True)
class FilmFolder:
    """The studies of a folder, in the order of their files' names.

    `passed_over`: how many files are no DICOM. `broken`: how many DICOM files are damaged or no radiographs.
    """

    studies: list[Study]
    passed_over: int
    broken: int


def read_film_folder(folder: Path, key: bytes, limits: LimitSettings) -> FilmFolder:
    """Group the DICOM radiographs in a folder, and in those below it, by study.

    A study's prior film is the frontal one of the latest earlier study of the same patient. Studies and patients are
    known by digests under `key`; no tag leaves the worker process that reads it. Raises DatasetError for a folder that
    cannot be read.
    """
    paths = sorted(_files(folder))

    def look_at(path: Path) -> FilmEntry | RadiographError | None:
        try:
            return read_entry_of_file(path, key, limits)
        except RadiographError as error:
            return error

    with ThreadPoolExecutor(SIZE) as threads:
        found = list(zip(paths, threads.map(look_at, paths), strict=True))
    grouped: dict[str, _Films] = defaultdict(list)
    for path, entry in found:
        if isinstance(entry, FilmEntry):
            grouped[entry.study].append((path, entry))
    return FilmFolder(
        studies=_with_priors(grouped),
        passed_over=sum(entry is None for _, entry in found),
        broken=sum(isinstance(entry, RadiographError) for _, entry in found),
    )


def _files(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        if Path(error.filename or "") == folder:
            reason = (error.strerror or type(error).__name__).lower()
            raise DatasetError(wording.FOLDER_UNREADABLE.format(reason=reason)) from error

    for place, _folders, names in os.walk(folder, onerror=refuse):
        yield from (Path(place, name) for name in names)


def _with_priors(grouped: dict[str, _Films]) -> list[Study]:
    of_patient: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for digest, films in grouped.items():
        rank, patient = min((entry.rank for _, entry in films if entry.rank), default=""), films[0][1].patient
        if rank and patient and all(entry.patient == patient for _, entry in films):
            of_patient[patient].append((rank, digest))
    priors: dict[str, str] = {}
    for examinations in of_patient.values():
        for rank, digest in examinations:
            earlier = [other for other in examinations if other[0] < rank]
            if earlier:
                priors[digest] = max(earlier)[1]
    studies = []
    for digest, films in grouped.items():
        before = grouped[priors[digest]] if digest in priors else []
        images = (*_images(films), *_images(before, prior=True))
        studies.append(Study(digest, films[0][1].patient, split="test", images=images))
    return studies


def _images(films: _Films, *, prior: bool = False) -> tuple[StudyImage, ...]:
    """The films, those whose view is known to be frontal before those that do not say it."""
    images = (StudyImage(path, entry.view, prior) for path, entry in films)
    return tuple(sorted(images, key=lambda image: image.view not in (*_PREFERRED, View.LATERAL)))
