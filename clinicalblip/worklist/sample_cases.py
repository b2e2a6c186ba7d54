"""The sample cases: drawn films with what is known of them and a reference report."""

import json
from pathlib import Path

from clinicalblip.errors import DatasetNotFound, MalformedStudy
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import SLOTS, ClinicalContext, Report
from clinicalblip.radiology.study import StudyImage
from clinicalblip.worklist import wording
from clinicalblip.worklist.work_list import ListedStudy, WorkList


def read_sample_cases(folder: Path) -> WorkList:
    """Read cases.json and find the pictures beside it; a folder without that file has no cases.

    Raises MalformedStudy for a file that breaks the format and DatasetNotFound for a missing picture.
    """
    listing = folder / "cases.json"
    if not listing.is_file():
        return WorkList(is_sample=True)
    try:
        entries = json.loads(listing.read_text(encoding="utf-8"))
        cases = tuple(_case(number, entry, folder) for number, entry in enumerate(entries, start=1))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise MalformedStudy(wording.CASES_BROKEN.format(reason=type(error).__name__)) from error
    return WorkList(cases, is_sample=True)


def _case(number: int, entry: dict[str, object], folder: Path) -> ListedStudy:
    films: dict[FilmRole, StudyImage] = {}
    images = entry["images"]
    if not isinstance(images, list):
        raise TypeError("images is a list")
    for image in images:
        view = View(image["view"])
        role = FilmRole.LATERAL if view is View.LATERAL else FilmRole.FRONTAL
        if role in films:
            role = FilmRole.PRIOR
        films[role] = StudyImage(folder / image["path"], view, prior=role is FilmRole.PRIOR)
        if not films[role].path.is_file():
            raise DatasetNotFound(wording.CASES_BROKEN.format(reason="a picture is missing"))
    context = {slot: str(entry.get(slot, "")) for slot in SLOTS}
    reference = Report(str(entry.get("findings", "")), str(entry.get("impression", "")))
    return ListedStudy(
        number, str(entry["id"]), films, ClinicalContext(**context), reference, title=str(entry["title"])
    )
