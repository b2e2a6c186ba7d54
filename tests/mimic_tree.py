"""A small MIMIC-CXR of our own making: the published layout, with tables, texts and films written here."""

import csv
import gzip
import zipfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

SPLIT_COLUMNS = ("dicom_id", "study_id", "subject_id", "split")
METADATA_COLUMNS = (
    "dicom_id",
    "subject_id",
    "study_id",
    "PerformedProcedureStepDescription",
    "ViewPosition",
    "Rows",
    "Columns",
    "StudyDate",
    "StudyTime",
    "ProcedureCodeSequence_CodeMeaning",
    "ViewCodeSequence_CodeMeaning",
    "PatientOrientationCodeSequence_CodeMeaning",
)


@dataclass(frozen=True)
class Shot:
    """One film, with what the metadata say of its view."""

    dicom: str
    position: str = "PA"
    meaning: str = ""


@dataclass(frozen=True)
class Visit:
    """One study; without `text` it has no report, without films the tables do not know it."""

    patient: int
    study: int
    text: str | bytes | None = " FINDINGS:  The lungs are clear.\n \n IMPRESSION:  Normal.\n"
    split: str = "train"
    date: str = "21800506"
    time: str = "213014.531"
    films: tuple[Shot, ...] | None = None

    @property
    def shots(self) -> tuple[Shot, ...]:
        """The films; one, named after the study, where none were said."""
        return (Shot(f"{self.study:08d}-a"),) if self.films is None else self.films

    @property
    def folder(self) -> str:
        """The study's folder as MIMIC has it."""
        patient = f"{self.patient:08d}"
        return f"files/p{patient[:2]}/p{patient}/s{self.study:08d}"


def final_report(findings: str = "The lungs are clear.", impression: str = "Normal.", **sections: str) -> str:
    """A report as MIMIC sets it, with other sections by their headings."""
    texts = {**sections, "FINDINGS": findings, "IMPRESSION": impression}
    body = "".join(f" {heading}:  {text}\n \n" for heading, text in texts.items() if text)
    return f"{'FINAL REPORT':>45}\n{body}"


def write_tree(
    source: Path, visits: Iterable[Visit], *, zipped: bool = False, films: bool = False, suffix: str = ".jpg"
) -> Path:
    """Write tables and reports, in files/ or in the zip, and with `films` a file for every film; gives the folder."""
    source.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        split = _table(stack, source / "mimic-cxr-2.0.0-split.csv.gz", SPLIT_COLUMNS)
        metadata = _table(stack, source / "mimic-cxr-2.0.0-metadata.csv.gz", METADATA_COLUMNS)
        archive = None
        if zipped:
            path = source / "mimic-cxr-reports.zip"
            archive = stack.enter_context(zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1))
        for visit in visits:
            for shot in visit.shots:
                split.writerow((shot.dicom, visit.study, visit.patient, visit.split))
                row = (shot.dicom, visit.patient, visit.study, "CHEST (PA AND LAT)", shot.position, 3056, 2544)
                metadata.writerow((*row, visit.date, visit.time, "CHEST (PA AND LAT)", shot.meaning, "Erect"))
                if films:
                    _write(source / visit.folder / f"{shot.dicom}{suffix}", b"film")
            if visit.text is not None:
                content = visit.text.encode() if isinstance(visit.text, str) else visit.text
                if archive is not None:
                    archive.writestr(f"{visit.folder}.txt", content)
                else:
                    _write(source / f"{visit.folder}.txt", content)
    return source


def _table(stack: ExitStack, path: Path, columns: tuple[str, ...]):  # type: ignore[no-untyped-def]  # csv's writer
    lines = gzip.open(path, "wt", compresslevel=1, encoding="utf-8", newline="")  # noqa: SIM115 - the stack closes it
    stack.enter_context(lines)
    table = csv.writer(lines, lineterminator="\n")
    table.writerow(columns)
    return table


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
