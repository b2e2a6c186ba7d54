"""The tags by which films are grouped into studies and patients, as keyed digests that name neither."""

import hashlib
import hmac
from datetime import date
from typing import Final

from clinicalblip.errors import UnreadableRadiograph
from clinicalblip.imaging.decode_errors import translate_errors
from clinicalblip.imaging.dicom.dataset import is_dicom, parse_file
from clinicalblip.imaging.dicom.header import read_identity, read_positioning
from clinicalblip.imaging.dicom.modality import check_modality
from clinicalblip.imaging.dicom.patient import read_date
from clinicalblip.imaging.dicom.tags import Tags
from clinicalblip.imaging.dicom.views import find_view
from clinicalblip.imaging.film_entry import FilmEntry
from clinicalblip.settings import LimitSettings

_DATES: Final = (("StudyDate", "StudyTime"), ("SeriesDate", "SeriesTime"), ("AcquisitionDate", "AcquisitionTime"))
_NOBODY: Final = frozenset(
    (
        *("0", "ANON", "ANONYM", "ANONYMIZED", "ANONYMISED", "ANONYMOUS", "DEIDENTIFIED", "NA", "N/A", "NONE", "NULL"),
        *("PATIENT", "REMOVED", "UNKNOWN", "XXX"),
    )
)
"""What de-identification leaves in the place of an id: one text for all patients."""

_TIME_BITS: Final = 39  # seconds from the year 1 to the year 9999
_RANK_BITS: Final = 128


def read_entry(data: bytes, key: bytes, limits: LimitSettings) -> FilmEntry:
    """Read which study and patient a DICOM film belongs to; the first MiB of its file is enough.

    Patients are told apart by id, its issuer, birth date and sex together, so that two people with one id are never
    taken for one. A file without a study's UID is a study of its own. Raises RadiographError for what is no DICOM file,
    and for a modality that `read_radiograph` refuses.
    """
    if not is_dicom(data):
        raise UnreadableRadiograph("The file is no DICOM file; a work list is made of DICOM files.")
    with translate_errors("its DICOM structure is damaged"):
        parsed = parse_file(data, limits)
        tags = Tags(parsed.dataset, little_endian=parsed.is_little_endian)
        check_modality(read_identity(tags, parsed))
        if tags.integer("Rows") is None:
            raise UnreadableRadiograph("The file has no picture in it.")
        position = read_positioning(tags)
        study = tags.code("StudyInstanceUID") or hashlib.sha256(data).hexdigest()
        patient = _patient(tags)
        return FilmEntry(
            study=_digest(key, "study", study),
            patient=_digest(key, "patient", patient) if patient else "",
            rank=_rank(key, patient, _moment(tags)),
            view=find_view(position.view_positions, position.view_codes, position.orientation, position.described_view),
        )


def _patient(tags: Tags) -> str:
    identifier = tags.code("PatientID") or ""
    if identifier.strip(" -_.*^").upper() in ("", *_NOBODY):
        return ""
    others = (tags.code(keyword) or "" for keyword in ("IssuerOfPatientID", "PatientBirthDate", "PatientSex"))
    return "\0".join((identifier, *others))


def _digest(key: bytes, kind: str, text: str) -> str:
    return hmac.new(key, f"{kind}\0{text}".encode(), "sha256").hexdigest()


def _moment(tags: Tags) -> int | None:
    """The study's time in seconds since the year 1; midnight where the file has the date alone."""
    for day_keyword, time_keyword in _DATES:
        day = read_date(tags.code(day_keyword))
        if day is not None:
            return (day - date.min).days * 86_400 + _seconds(tags.code(time_keyword) or "")
    return None


def _seconds(text: str) -> int:
    digits = text.replace(":", "").partition(".")[0].strip()
    if not (digits.isascii() and digits.isdigit()):
        return 0
    hours, minutes, seconds = (int(digits[at : at + 2] or 0) for at in (0, 2, 4))
    return min(86_399, hours * 3600 + minutes * 60 + seconds)


def _rank(key: bytes, patient: str, moment: int | None) -> str:
    """A text that keeps the order of moments of one patient and nothing else of them.

    Each bit of the moment, the highest first, chooses one side of a cut that the key makes at a place of its own.
    """
    if moment is None or not patient:
        return ""
    low, size, before = 0, 1 << _RANK_BITS, ""
    for bit in f"{moment:0{_TIME_BITS}b}":
        chance = hmac.new(key, f"rank\0{patient}\0{before}".encode(), "sha256").digest()
        cut = size * (64 + chance[0] // 2) // 256  # between a quarter and three quarters
        low, size = (low, cut) if bit == "0" else (low + cut, size - cut)
        before += bit
    return f"{low:0{_RANK_BITS // 4}x}"
