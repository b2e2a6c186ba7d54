"""IU X-RAY (Open-i, Demner-Fushman et al. 2016): the original XML reports become studies.

Nothing is unpacked to disk and nothing in a report is changed but its white space: `XXXX`, where names were taken out,
stays. Every report is of a patient of its own. Tags are the MeSH terms that readers gave (`Opacity/lung/base/left`)
and, each after `automatic:`, those that a program found.
"""

import hashlib
import json
import logging
import tarfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from clinicalblip.datasets.iu_xray.film_archive import ARCHIVES, unpack_films
from clinicalblip.datasets.iu_xray.films import film_key, find_films, infer_views, read_views
from clinicalblip.datasets.preparation import Counts, Preparation
from clinicalblip.datasets.workers import batched, map_in_order
from clinicalblip.errors import DatasetNotFound, MalformedStudy
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import ClinicalContext, Report
from clinicalblip.radiology.study import Study, StudyImage

logger = logging.getLogger(__name__)

_ARCHIVE: Final = "NLMCXR_reports.tgz"
_LARGEST_REPORT: Final = 2**20  # bytes; the largest of the 3,955 has 12,000
_MOST_REPORTS: Final = 100_000
_LARGEST_SPLIT_FILE: Final = 2**28
_REPORTS_AT_ONCE: Final = 128  # for one worker
_SPLIT_FRACTIONS: Final = (("train", 0.7), ("validate", 0.8), ("test", 1.0))  # cumulative

NO_SPLIT: Final = "not in the split file"
NO_IMAGE: Final = "image missing"
NO_TEXT: Final = "neither findings nor impression"
MALFORMED: Final = "malformed report"
DUPLICATE: Final = "a second report of the same id"
NO_REPORT: Final = "in the split file, but without a report"


@dataclass(frozen=True)
class _ParsedReport:
    """One XML report as published: section texts by heading, tags, and the ids of its films in order."""

    study_id: str
    sections: Mapping[str, str]
    tags: tuple[str, ...]
    films: tuple[str, ...]


def prepare_iu_xray(
    source: Path, *, split_file: Path | None = None, without_images: bool = False, seed: int = 0, workers: int = 1
) -> Preparation:
    """Read the reports under `source`, from `NLMCXR_reports.tgz` or a folder where it was unpacked.

    With `split_file`, R2Gen's annotation.json, its ids decide who is kept and in which split; without it every patient
    is drawn by `seed`: 70 % train, 10 % validate, 20 % test. Films are looked for in the folders under `source` by
    their names; where there is none, the archive of films is unpacked there. A study of which a film is missing is left
    out, unless `without_images`: then nothing is unpacked, and those that are there are kept. Views come from
    `nlmcxr_dicom_metadata.csv.gz` where it is there. Studies come in the reports' order, whatever `workers` is.

    A malformed report is named in the log and counted, and the rest goes on. Raises DatasetNotFound where there are
    no reports, no films or no study for a split that the split file names; MalformedStudy for a malformed split file or
    archive.
    """
    if not source.is_dir():
        raise DatasetNotFound(f"The source is no folder; name the one that holds {_ARCHIVE} or its unpacked reports.")
    archive = source / _ARCHIVE
    files = [] if archive.is_file() else sorted(source.rglob("*.xml"))
    if not archive.is_file() and not files:
        raise DatasetNotFound(f"There is neither {_ARCHIVE} nor an unpacked XML report in the source folder.")
    splits = None if split_file is None else _read_split_file(split_file)
    images = find_films(source)
    if not images and not without_images:
        images = find_films(source) if unpack_films(source) else {}
        if not images:
            raise DatasetNotFound(
                "There is no film (PNG, DICOM or JPEG) in the source folder, and no archive of them; put "
                f"{' or '.join(ARCHIVES)} there, or ask for a preparation without images."
            )
    views = read_views(source)
    reports = _read_archive(archive) if archive.is_file() else _read_files(files)
    counts = Counts()

    def studies() -> Iterator[Study]:
        seen: set[str] = set()
        malformed_ids: set[str] = set()
        parsed = map_in_order(_parse_reports, batched(reports, _REPORTS_AT_ONCE), workers)
        for file_id, report in chain.from_iterable(parsed):
            counts.read["reports"] += 1
            if isinstance(report, str):
                logger.warning("%s is malformed: %s", file_id, report)
                malformed_ids.add(file_id)
                counts.left_out[MALFORMED] += 1
                continue
            counts.read.update(f"with {name}" for name in ("findings", "impression") if report.sections.get(name))
            study = _study(report, splits, images, views, without_images, seed, seen)
            seen.add(report.study_id)
            if isinstance(study, str):
                counts.left_out[study] += 1
            else:
                yield counts.keep(study)
        if splits is not None:
            if missing := len(splits.keys() - seen - malformed_ids):
                counts.left_out[NO_REPORT] = missing
            for split in sorted(set(splits.values()) - counts.kept.keys()):
                raise DatasetNotFound(f"The split {split!r} of the split file has no study in the source folder.")

    return Preparation(studies(), counts, len(files) or None)


def _study(
    report: _ParsedReport,
    splits: Mapping[str, str] | None,
    images: Mapping[str, Path],
    views: Mapping[str, View],
    without_images: bool,
    seed: int,
    seen: set[str],
) -> Study | str:
    """The study of a report, or the reason why it is left out."""
    if report.study_id in seen:
        return DUPLICATE
    split = _draw_split(report.study_id, seed) if splits is None else splits.get(report.study_id)
    if split is None:
        return NO_SPLIT
    sections = report.sections
    reference = Report(sections.get("findings", ""), sections.get("impression", ""))
    if reference.empty:
        return NO_TEXT
    present = [film for film in report.films if film in images]
    if not without_images and (not present or len(present) < len(report.films)):
        return NO_IMAGE
    view_of = dict(zip(report.films, infer_views([views.get(film) for film in report.films]), strict=True))
    films = [StudyImage(images[film], view_of[film]) for film in present]
    return Study(
        study_id=report.study_id,
        patient_id=report.study_id,
        split=split,
        images=tuple(sorted(films, key=lambda film: film.view is View.LATERAL)),
        context=ClinicalContext(
            indication=sections.get("indication", ""),
            history=sections.get("history", ""),
            technique=sections.get("technique", ""),
            comparison=sections.get("comparison", ""),
        ),
        reference=reference,
        tags=report.tags,
    )


def _draw_split(patient_id: str, seed: int) -> str:
    fraction = int.from_bytes(hashlib.sha256(f"{seed}:{patient_id}".encode()).digest()[:8], "big") / 2**64
    return next(split for split, below in _SPLIT_FRACTIONS if fraction < below)


def _parse_reports(files: Sequence[tuple[str, bytes]]) -> list[tuple[str, _ParsedReport | str]]:
    """The study id of each file, with its report or with the reason why it is malformed."""
    parsed: list[tuple[str, _ParsedReport | str]] = []
    for name, content in files:
        try:
            parsed.append((_report_id(name), _parse_report(content)))
        except MalformedStudy as error:
            parsed.append((_report_id(name), str(error)))
    return parsed


def _parse_report(content: bytes) -> _ParsedReport:
    """Read one XML report. Raises MalformedStudy with a reason that names no text of it."""
    if len(content) > _LARGEST_REPORT:
        raise MalformedStudy(f"the report is larger than {_LARGEST_REPORT // 2**10} KiB.")
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise MalformedStudy("the report declares a DTD or entities, which no IU report does.") from error
    except (ParseError, ValueError, LookupError) as error:  # an unknown or false encoding is one of the latter
        raise MalformedStudy("the report is no XML that can be read.") from error
    uid = root.find("uId")
    study_id = "" if uid is None else uid.get("id", "").strip()
    texts = root.findall(".//AbstractText")
    if not study_id or not texts:
        raise MalformedStudy("the report lacks its id or its sections.")
    sections: dict[str, str] = {}
    for text in texts:
        name = text.get("Label", "").strip().lower()
        sections[name] = " ".join(f"{sections.get(name, '')} {_element_text(text)}".split())
    tags = [_element_text(tag) for tag in root.findall("./MeSH/major")]
    tags += [f"automatic:{_element_text(tag)}" for tag in root.findall("./MeSH/automatic")]
    films = [film_key(image.get("id", "")) for image in root.findall("parentImage")]
    return _ParsedReport(study_id, sections, tuple(tag for tag in tags if tag), tuple(sorted(set(films))))


def _element_text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _read_archive(archive: Path) -> Iterator[tuple[str, bytes]]:
    """Names and bytes of the reports in the archive, in its order, one in memory at a time."""
    count = 0
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                if member.isfile() and member.name.endswith(".xml"):
                    if (count := count + 1) > _MOST_REPORTS:
                        raise MalformedStudy(
                            f"The archive has more than {_MOST_REPORTS:,} reports; IU X-RAY has 3,955."
                        )
                    opened = tar.extractfile(member)
                    yield member.name, b"" if opened is None else opened.read(_LARGEST_REPORT + 1)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise MalformedStudy(
            f"{_ARCHIVE} breaks off or is no archive after {count:,} reports; download it again."
        ) from error


def _read_files(files: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    for file in files:
        try:
            with file.open("rb") as opened:
                content = opened.read(_LARGEST_REPORT + 1)
        except OSError as error:
            raise DatasetNotFound(
                f"The file of {_report_id(file.name)} cannot be opened ({error.strerror}); "
                "see to it that the source folder can be read."
            ) from error
        yield file.name, content


def _report_id(name: str) -> str:
    """The study id that a report's file name gives: IU numbers the files."""
    stem = Path(name).stem
    return f"CXR{stem}" if stem.isdigit() else "A report that has no number"


def _read_split_file(path: Path) -> dict[str, str]:
    """Study ids and their splits from R2Gen's annotation.json, whose `val` is `validate` here."""
    if not path.is_file():
        raise DatasetNotFound("There is no split file at that place; R2Gen's is called annotation.json.")
    splits: dict[str, str] = {}
    try:
        if path.stat().st_size > _LARGEST_SPLIT_FILE:
            raise ValueError(f"it is larger than {_LARGEST_SPLIT_FILE // 2**20} MiB")
        annotation = json.loads(path.read_text("utf-8"))
        for theirs, ours in (("train", "train"), ("val", "validate"), ("test", "test")):
            for entry in annotation[theirs]:
                study_id = entry["id"].partition("_")[0]
                if splits.setdefault(study_id, ours) != ours:
                    raise ValueError(f"study {study_id} is in two splits")
            if ours not in splits.values():
                raise ValueError(f"its split {theirs!r} is empty")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = str(error) if type(error) is ValueError else "it is no JSON with train, val and test"
        raise MalformedStudy(f"The split file cannot be used: {reason}. Take R2Gen's annotation.json.") from error
    return splits
