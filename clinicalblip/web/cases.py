"""The sample cases: drawn films with what is known of them and a reference report."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from clinicalblip.errors import DatasetNotFound, MalformedStudy
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import SLOTS, ClinicalContext, Report
from clinicalblip.web import wording


@dataclass(frozen=True)
class SampleCase:
    """One sample case; `films` are the picture files of its films."""

    id: str
    title: str
    films: dict[FilmRole, Path]
    context: ClinicalContext = field(default_factory=ClinicalContext)
    reference: Report = field(default_factory=Report)


def read_cases(folder: Path) -> tuple[SampleCase, ...]:
    """Read cases.json and find the pictures beside it; a folder without that file has no cases.

    Raises MalformedStudy for a file that breaks the format and DatasetNotFound for a missing picture.
    """
    listing = folder / "cases.json"
    if not listing.is_file():
        return ()
    try:
        return tuple(_case(entry, folder) for entry in json.loads(listing.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MalformedStudy(wording.CASES_BROKEN.format(reason=type(error).__name__)) from error


def _case(entry: dict[str, object], folder: Path) -> SampleCase:
    films: dict[FilmRole, Path] = {}
    images = entry["images"]
    if not isinstance(images, list):
        raise TypeError("images is a list")
    for image in images:
        role = FilmRole.LATERAL if View(image["view"]) is View.LATERAL else FilmRole.FRONTAL
        if role in films:
            role = FilmRole.PRIOR
        films[role] = folder / image["path"]
        if not films[role].is_file():
            raise DatasetNotFound(wording.CASES_BROKEN.format(reason="a picture is missing"))
    context = {slot: str(entry.get(slot, "")) for slot in SLOTS}
    reference = Report(str(entry.get("findings", "")), str(entry.get("impression", "")))
    return SampleCase(str(entry["id"]), str(entry["title"]), films, ClinicalContext(**context), reference)
