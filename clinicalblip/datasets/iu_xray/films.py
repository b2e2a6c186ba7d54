"""The films of IU X-RAY: their files and their views."""

import csv
import gzip
import re
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clinicalblip.errors import MalformedStudy
from clinicalblip.radiology.radiograph import View

_METADATA: Final = "nlmcxr_dicom_metadata.csv.gz"
_IMAGE_SUFFIXES: Final = frozenset({".png", ".dcm", ".jpg", ".jpeg"})
_VIEWS: Final = {
    "PA": View.PA,
    "AP": View.AP,
    "LL": View.LATERAL,
    "RL": View.LATERAL,
    "LATERAL": View.LATERAL,
    "LARGE LATERAL": View.LATERAL,
}
_FILM: Final = re.compile(r"(\d{1,9})_(IM-\d{1,9}(?:-\d{1,9}){0,4})(?!\d)")


def film_key(name: str) -> str:
    """The part of a film's name that both archives have: of `CXR1_1_IM-0001-3001.png` it is `1_IM-0001-3001`."""
    match = _FILM.search(name)
    return f"{match[1]}_{match[2]}" if match else name


def is_film(name: str) -> bool:
    """Whether a file is one of IU X-RAY's films, by its name."""
    return Path(name).suffix.lower() in _IMAGE_SUFFIXES and bool(_FILM.search(name))


def find_films(source: Path) -> dict[str, Path]:
    """The films in all folders under the source, by their key; hidden folders are left out."""
    found: dict[str, Path] = {}
    for file in sorted(source.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(source).parts)
        if is_film(file.name) and not hidden and file.is_file():
            found.setdefault(film_key(file.name), file)
    return found


def read_views(source: Path) -> dict[str, View]:
    """The views that the films' DICOM headers give, by the film's key; none where the source has no such table."""
    metadata = source / _METADATA
    if not metadata.is_file():
        return {}
    try:
        with gzip.open(metadata, "rt", encoding="utf-8", newline="") as lines:
            rows = [(row["imageid"], row["View Position"]) for row in csv.DictReader(lines)]
    except (OSError, EOFError, zlib.error, csv.Error, KeyError, ValueError) as error:
        raise MalformedStudy(
            f"{_METADATA} cannot be read as a table with imageid and View Position; "
            "download it again, or take it away to do without views."
        ) from error
    return {film_key(name): _VIEWS[view] for name, view in rows if view in _VIEWS}


def infer_views(known: Sequence[View | None]) -> list[View]:
    """The views of a study's films in file order, some of them inferred.

    Of two films the first is frontal and the second lateral where the metadata do not say otherwise, because IU numbers
    them in this order; of one film, or three and more, an unknown view stays unknown.
    """
    views = [view or View.UNKNOWN for view in known]
    if len(views) == 2:
        if views[0] is View.UNKNOWN and views[1] in (View.UNKNOWN, View.LATERAL):
            views[0] = View.FRONTAL
        if views[1] is View.UNKNOWN and views[0] is not View.LATERAL:
            views[1] = View.LATERAL
    return views
