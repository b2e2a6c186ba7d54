"""The examinations of each patient, with their films, times and reports: MIMIC-CXR's tables, joined on disk.

The tables need not be sorted and are not held in memory: they go into a temporary SQLite database that is gone when
the preparation ends. From it the patients come one after the other, each with all examinations.
"""

import csv
import gzip
import logging
import os
import re
import sqlite3
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from itertools import groupby
from pathlib import Path
from typing import IO, Any, Final

from clinicalblip.datasets.mimic_cxr.films import parse_view
from clinicalblip.datasets.mimic_cxr.report_archive import ArchiveMember, list_members
from clinicalblip.errors import DatasetError, DatasetNotFound, MalformedStudy
from clinicalblip.radiology.radiograph import View

logger = logging.getLogger(__name__)

SPLIT_TABLE: Final = "mimic-cxr-2.0.0-split.csv"
METADATA: Final = "mimic-cxr-2.0.0-metadata.csv"
ARCHIVE: Final = "mimic-cxr-reports.zip"

MALFORMED_LINE: Final = "a malformed line of a table"
DUPLICATE: Final = "a second report of the same id"

_REPORT: Final = re.compile(r"(?:^|/)p(\d{2})/p(\1\d{6})/s(\d{8})\.txt$")
_ID: Final = re.compile(r"[ps]?(\d{8})(?:\.0)?")
_DICOM: Final = re.compile(r"[0-9A-Za-z][\w.-]{0,127}")
_DATE: Final = re.compile(r"(\d{4})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:\.0)?")
_TIME: Final = re.compile(r"([01]\d|2[0-3])([0-5]\d)([0-5]\d)")
_TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -8000;
CREATE TABLE film (patient INTEGER, study INTEGER, dicom TEXT, split TEXT, PRIMARY KEY (patient, study, dicom, split))
  WITHOUT ROWID;
CREATE TABLE header (dicom TEXT PRIMARY KEY, view TEXT, time INTEGER) WITHOUT ROWID;
CREATE TABLE report (
  study INTEGER PRIMARY KEY, patient INTEGER,
  position INTEGER, packed INTEGER, size INTEGER, method INTEGER, crc INTEGER
);
"""
_EXAMINATIONS: Final = """
SELECT film.patient, film.study, film.split, film.dicom, header.view, header.time,
  report.position, report.packed, report.size, report.method, report.crc, report.study IS NOT NULL
FROM film LEFT JOIN header USING (dicom) LEFT JOIN report ON report.study = film.study AND report.patient = film.patient
ORDER BY film.patient, film.study, film.dicom
"""
_WITHOUT_FILM: Final = """
SELECT count(*) FROM report WHERE NOT EXISTS
  (SELECT 1 FROM film WHERE film.patient = report.patient AND film.study = report.study)
"""


@dataclass(frozen=True)
class Film:
    """One film of an examination."""

    dicom: str
    view: View


@dataclass(frozen=True)
class Examination:
    """One study as the tables have it.

    `splits` are those of its films: one, unless the table contradicts itself. `first` and `last` are when its films
    were taken, as numbers that sort as the times do, or None where no film has a date and a time. `member` is the
    report's place in the archive, None in a folder.
    """

    study: int
    splits: tuple[str, ...]
    films: tuple[Film, ...]
    first: int | None
    last: int | None
    has_report: bool
    member: ArchiveMember | None


@dataclass(frozen=True)
class Patient:
    """One patient with all examinations, by number."""

    number: int
    examinations: tuple[Examination, ...]


@dataclass(frozen=True)
class Index:
    """The joined tables, how many reports there are, and how much was left out already, by reason."""

    connection: sqlite3.Connection
    reports: int
    left_out: Counter[str]

    @property
    def without_film(self) -> int:
        """How many reports belong to no study of the split table."""
        return int(self.connection.execute(_WITHOUT_FILM).fetchone()[0])

    def has_split(self, split: str) -> bool:
        """Whether the table names a split."""
        return self.connection.execute("SELECT 1 FROM film WHERE split = ? LIMIT 1", (split,)).fetchone() is not None

    def patients(self) -> Iterator[Patient]:
        """All patients of the split table, by number, one in memory at a time."""
        rows = self.connection.execute(_EXAMINATIONS)
        for number, of_patient in groupby(rows, key=lambda row: row[0]):
            studies = groupby(of_patient, key=lambda row: row[1])
            yield Patient(int(number), tuple(_examination(study, list(of_study)) for study, of_study in studies))


def index_tables(source: Path, reports: Path) -> Index:
    """Join the tables in `source` with the reports that `reports`, a zip or a folder, has.

    Raises DatasetNotFound where a table is missing, MalformedStudy where it cannot be read as one, DatasetError where
    the temporary database has no room.
    """
    connection = sqlite3.connect("")  # a private file that SQLite removes itself
    try:
        connection.executescript(_TABLES)
        count, left_out = 0, Counter[str]()
        films = _read_table(source, SPLIT_TABLE, ("subject_id", "study_id", "dicom_id", "split"), _film_row, left_out)
        connection.executemany("INSERT OR IGNORE INTO film VALUES (?, ?, ?, ?)", films)
        headers = _read_table(
            source, METADATA, ("dicom_id", "ViewPosition", "StudyDate", "StudyTime"), _header_row, left_out
        )
        connection.executemany("INSERT OR IGNORE INTO header VALUES (?, ?, ?)", headers)
        for patient, study, member in _list_reports(reports):
            count += 1
            place = astuple(member) if member else (None,) * 5
            done = connection.execute(
                "INSERT OR IGNORE INTO report VALUES (?, ?, ?, ?, ?, ?, ?)", (study, patient, *place)
            )
            if not done.rowcount:
                logger.warning("s%08d has a second report, which is left out.", study)
                left_out[DUPLICATE] += 1
        connection.commit()
    except sqlite3.Error as error:
        connection.close()
        raise DatasetError(
            "The tables cannot be joined in the folder for temporary files; see to it that it can be written to and "
            "has 200 MB of room, or name another in SQLITE_TMPDIR."
        ) from error
    except BaseException:
        connection.close()
        raise
    return Index(connection, count, left_out)


def parse_time(date: str, time: str) -> int | None:
    """A number that sorts as StudyDate and StudyTime do, or None where either cannot be read.

    A time is HHMMSS with a fraction, of which milliseconds count; in a table that was read as numbers it has lost its
    leading zeros.
    """
    day = _DATE.fullmatch(date.strip())
    whole, _, fraction = time.strip().partition(".")
    of_day = _TIME.fullmatch(whole.zfill(6)) if whole else None
    if not day or not of_day or not (fraction or "0").isdecimal():
        return None
    return int(f"{day[1]}{day[2]}{day[3]}{of_day[0]}{fraction[:3].ljust(3, '0')}")


def _examination(study: int, rows: list[Any]) -> Examination:
    films = {row[3]: Film(row[3], View(row[4] or View.UNKNOWN)) for row in rows}
    times = [row[5] for row in rows if row[5] is not None]
    *place, has_report = rows[0][6:]
    return Examination(
        study=study,
        splits=tuple(sorted({row[2] for row in rows})),
        films=tuple(films.values()),
        first=min(times, default=None),
        last=max(times, default=None),
        has_report=bool(has_report),
        member=None if place[0] is None else ArchiveMember(*place),
    )


def _film_row(row: Mapping[str, str]) -> tuple[int, int, str, str]:
    return (
        _parse_id(row["subject_id"]),
        _parse_id(row["study_id"]),
        _dicom_id(row["dicom_id"]),
        row["split"].strip().lower(),
    )


def _header_row(row: Mapping[str, str]) -> tuple[str, str, int | None]:
    view = parse_view(row["ViewPosition"], row.get("ViewCodeSequence_CodeMeaning") or "")
    return _dicom_id(row["dicom_id"]), str(view), parse_time(row["StudyDate"], row["StudyTime"])


def _parse_id(text: str) -> int:
    match = _ID.fullmatch(text.strip())
    if not match:
        raise ValueError
    return int(match[1])


def _dicom_id(text: str) -> str:
    if not _DICOM.fullmatch(text.strip()):
        raise ValueError
    return text.strip()


def _read_table(
    source: Path,
    name: str,
    columns: Iterable[str],
    convert: Callable[[Mapping[str, str]], tuple[Any, ...]],
    left_out: Counter[str],
) -> Iterator[tuple[Any, ...]]:
    """The rows of a table, packed or not, converted; a row that cannot be is named by its line and counted."""
    try:
        with _open_table(source, name) as lines:
            rows = csv.DictReader(lines)
            if lacking := [column for column in columns if column not in (rows.fieldnames or ())]:
                raise MalformedStudy(f"{name} lacks the column {', '.join(lacking)}; download it again.")
            for row in rows:
                try:
                    converted = convert(row)
                except (ValueError, TypeError, AttributeError, KeyError):  # a cell that is missing is None
                    logger.warning("Line %d of %s is malformed and is left out.", rows.line_num, name)
                    left_out[MALFORMED_LINE] += 1
                    continue
                yield converted
    except (OSError, EOFError, zlib.error, csv.Error, ValueError) as error:
        raise MalformedStudy(f"{name} breaks off or is no table; download it again.") from error


def _open_table(source: Path, name: str) -> IO[str]:
    packed, plain = source / f"{name}.gz", source / name
    if packed.is_file():
        return gzip.open(packed, "rt", encoding="utf-8", newline="")
    if plain.is_file():
        return plain.open(encoding="utf-8", newline="")
    raise DatasetNotFound(f"There is no {name}.gz in the source folder; MIMIC-CXR-JPG has it, put it there.")


def _list_reports(reports: Path) -> Iterator[tuple[int, int, ArchiveMember | None]]:
    """Patient, study and place of every report."""
    if reports.is_file():
        for name, member in list_members(reports):
            if match := _REPORT.search(name):
                yield int(match[2]), int(match[3]), member
        return
    try:
        for group in _folders(reports):
            for patient in _folders(Path(group.path)):
                with os.scandir(patient.path) as entries:
                    names = sorted(entry.name for entry in entries if entry.name.endswith(".txt"))
                for name in names:
                    if match := _REPORT.search(f"{group.name}/{patient.name}/{name}"):
                        yield int(match[2]), int(match[3]), None
    except OSError as error:
        raise DatasetNotFound(
            f"A folder of reports cannot be opened ({error.strerror}); see to it that the source can be read."
        ) from error


def _folders(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(
            (entry for entry in entries if entry.name.startswith("p") and entry.is_dir()), key=lambda e: e.name
        )
