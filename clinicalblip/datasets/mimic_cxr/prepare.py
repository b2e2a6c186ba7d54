"""MIMIC-CXR (Johnson et al. 2019): the original tables, reports and films become studies.

The official split is kept, and nothing in a report is changed but its white space. Every study brings along what the
same patient's previous study said, so that it can stand in the prompt.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from clinicalblip.datasets.mimic_cxr.films import find_film, view_order
from clinicalblip.datasets.mimic_cxr.index import ARCHIVE, Examination, Patient, index_tables
from clinicalblip.datasets.mimic_cxr.report_archive import read_member
from clinicalblip.datasets.preparation import Counts, Preparation
from clinicalblip.datasets.workers import batched, map_in_order
from clinicalblip.errors import DatasetNotFound, MalformedStudy
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.report_texts import ReportTexts, read_report
from clinicalblip.radiology.study import SPLITS, Study, StudyImage

logger = logging.getLogger(__name__)

_LARGEST_REPORT: Final = 2**20  # bytes; MIMIC's have some 1,000
_PATIENTS_AT_ONCE: Final = 64  # for one worker; they have three to four studies each, the busiest some 170

NO_SPLIT: Final = "not in the split table"
NO_REPORT: Final = "in the split table, but without a report"
NO_IMAGE: Final = "image missing"
NO_TEXT: Final = "neither findings nor impression"
MALFORMED: Final = "malformed report"
SPLITS_DIFFER: Final = "in no split, or in two"

PRIOR: Final = "previous study's report"
FIRST: Final = "none: the patient's first study"
NO_TIME: Final = "none: no date and time"
OTHER_SPLIT: Final = "none: previous study in another split"
PRIOR_WITHOUT_TEXT: Final = "none: previous study without a report text"
SAME_TEXT: Final = "blanked: word for word the study's own report"


@dataclass(frozen=True)
class _WorkerTask:
    """Patients for one worker, and where their reports (a zip or a folder) and films lie."""

    patients: Sequence[Patient]
    reports: Path
    films: Path
    without_images: bool


def prepare_mimic_cxr(source: Path, *, without_images: bool = False, workers: int = 1) -> Preparation:
    """Read the reports under `source`: `mimic-cxr-reports.zip`, or `files/` where it was unpacked.

    Splits come from `mimic-cxr-2.0.0-split.csv.gz`, views and times from `mimic-cxr-2.0.0-metadata.csv.gz`, films from
    `files/p10/p10000032/s50414267/`, as DICOM or JPEG; a study of which a film is missing is left out, unless
    `without_images`: then those that are there are kept. Studies come by patient and time, whatever `workers` is, and
    as many patients are in memory as the workers have before them.

    The prior report is that of the same patient's last study that ended before this one began, by date and time; a
    previous study in another split, or with the same words, gives none.

    A malformed report is named in the log and counted, and the rest goes on. Raises DatasetNotFound where there are
    no tables, no reports or no study is left of a split; MalformedStudy for a broken table or archive.
    """
    if not source.is_dir():
        raise DatasetNotFound("The source is no folder; name the one that holds MIMIC-CXR's tables and reports.")
    reports = _find_reports(source)
    if not without_images and not any((source / "files").glob("p??/p????????/s????????")):
        raise DatasetNotFound(
            "There is no folder of films in the source folder, such as files/p10/p10000032/s50414267; put the DICOM or "
            "JPEG files there, or ask for a preparation without images."
        )
    logger.info("Joining the tables.")
    index = index_tables(source, reports)
    if not index.reports:
        index.connection.close()
        raise DatasetNotFound("There is no report in the source folder, such as files/p10/p10000032/s50414267.txt.")
    counts = Counts(left_out=index.left_out)

    def studies() -> Iterator[Study]:
        with closing(index.connection):
            tasks = (
                _WorkerTask(patients, reports, source / "files", without_images)
                for patients in batched(index.patients(), _PATIENTS_AT_ONCE)
            )
            for result in map_in_order(_read_patients, tasks, workers):
                counts.add(result.counts)
                for line in result.warnings:
                    logger.warning("%s", line)
                yield from map(counts.keep, result.studies)
            if rest := index.without_film:
                counts.left_out[NO_SPLIT] += rest
            counts.read["reports"] = index.reports
            for split in [split for split in SPLITS if not counts.kept[split] and index.has_split(split)]:
                reasons = ", ".join(f"{count:,} {reason}" for reason, count in counts.left_out.most_common(3))
                raise DatasetNotFound(f"No study of the split {split!r} is left; left out were {reasons or 'none'}.")

    return Preparation(studies(), counts, index.reports)


def _find_reports(source: Path) -> Path:
    places = (source / ARCHIVE, source / Path(ARCHIVE).stem / "files", source / "files")
    for place in places:
        if place.is_file() if place.suffix else place.is_dir():
            return place
    raise DatasetNotFound(f"There is neither {ARCHIVE} nor the folder files/ with reports in the source folder.")


@dataclass(frozen=True)
class _WorkerResult:
    """What a worker made of its patients: studies in order, counts, and a warning for each malformed report."""

    studies: list[Study]
    counts: Counts
    warnings: list[str]


def _read_patients(task: _WorkerTask) -> _WorkerResult:
    result = _WorkerResult([], Counts(), [])
    with ExitStack() as stack:
        archive = stack.enter_context(task.reports.open("rb")) if task.reports.is_file() else None
        for patient in task.patients:
            texts = dict(_read_reports(task, patient, archive, result))
            for examination in sorted(patient.examinations, key=lambda each: (each.first or 0, each.study)):
                if examination.study not in texts:
                    continue
                study = _study(task, patient, examination, texts, result.counts)
                if isinstance(study, str):
                    result.counts.left_out[study] += 1
                else:
                    result.studies.append(study)
                    result.counts.set_aside.update(texts[examination.study].set_aside)
    return result


def _read_reports(
    task: _WorkerTask, patient: Patient, archive: BinaryIO | None, result: _WorkerResult
) -> Iterator[tuple[int, ReportTexts]]:
    """The reports of a patient by their studies' numbers; what cannot be read is counted and named."""
    counts = result.counts
    for examination in patient.examinations:
        if not examination.has_report:
            counts.left_out[NO_REPORT] += 1
            continue
        counts.read["reports"] += 1
        try:
            texts = read_report(_decode(_read_content(task, patient, examination, archive)))
        except MalformedStudy as error:
            counts.left_out[MALFORMED] += 1
            result.warnings.append(f"{_name(examination)} is malformed: {error}")
            continue
        counts.read.update(f"with {name}" for name in ("findings", "impression") if getattr(texts.reference, name))
        yield examination.study, texts


def _read_content(task: _WorkerTask, patient: Patient, examination: Examination, archive: BinaryIO | None) -> bytes:
    if archive is not None and examination.member is not None:
        return read_member(archive, examination.member, _LARGEST_REPORT)
    try:
        with _folder(task.reports, patient, examination).with_suffix(".txt").open("rb") as file:
            content = file.read(_LARGEST_REPORT + 1)
    except OSError as error:
        raise MalformedStudy(f"the report cannot be opened ({error.strerror}).") from error
    if len(content) > _LARGEST_REPORT:
        raise MalformedStudy(f"the report is larger than {_LARGEST_REPORT // 2**10} KiB.")
    return content


def _decode(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedStudy("the report is no text in UTF-8.") from error
    if "\0" in text:
        raise MalformedStudy("the report is no text, but has zero bytes in it.")
    if not text.strip():
        raise MalformedStudy("the report is empty.")
    return text


def _study(
    task: _WorkerTask, patient: Patient, examination: Examination, texts: Mapping[int, ReportTexts], counts: Counts
) -> Study | str:
    """The study of an examination, or the reason why it is left out."""
    (split, *others) = examination.splits
    if others or split not in SPLITS:
        return SPLITS_DIFFER
    own = texts[examination.study]
    if own.reference.empty:
        return NO_TEXT
    folder = _folder(task.films, patient, examination)
    films = [(find_film(folder, film.dicom), film.view) for film in examination.films]
    present = [StudyImage(path, view) for path, view in films if path is not None]
    if not task.without_images and len(present) < len(films):
        return NO_IMAGE
    prior_report, source = _prior_report(patient, examination, texts)
    counts.priors[source] += 1
    return Study(
        study_id=_name(examination),
        patient_id=f"p{patient.number:08d}",
        split=split,
        images=tuple(sorted(present, key=lambda film: view_order(film.view))),
        context=replace(own.context, prior_report=prior_report),
        reference=own.reference,
    )


def _prior_report(patient: Patient, examination: Examination, texts: Mapping[int, ReportTexts]) -> tuple[str, str]:
    """The text of the previous study's report, and where it comes from, or why it is empty."""
    if examination.first is None:
        return "", NO_TIME
    earlier = [(each.last, each.study, each) for each in patient.examinations if each.last is not None]
    previous = max((each for each in earlier if each[0] < examination.first), default=None)
    if previous is None:
        return "", FIRST
    if previous[2].splits != examination.splits:
        return "", OTHER_SPLIT
    found = texts.get(previous[1])
    if found is None or found.reference.empty:
        return "", PRIOR_WITHOUT_TEXT
    if _is_own(found.reference.text, texts[examination.study].reference):
        return "", SAME_TEXT
    return found.reference.text, PRIOR


def _is_own(prior: str, own: Report) -> bool:
    """Whether a prior report has the words of the study's own, which Study refuses."""
    forms = (own.text, f"{own.findings} {own.impression}", own.findings)
    return _normalise(prior) in map(_normalise, forms)


def _normalise(text: str) -> str:
    return " ".join(text.lower().split())


def _folder(root: Path, patient: Patient, examination: Examination) -> Path:
    number = f"{patient.number:08d}"
    return root / f"p{number[:2]}" / f"p{number}" / _name(examination)


def _name(examination: Examination) -> str:
    return f"s{examination.study:08d}"
