"""The films of MIMIC-CXR: their files and their views."""

from pathlib import Path
from typing import Final

from clinicalblip.radiology.radiograph import View

_SUFFIXES: Final = (".dcm", ".jpg")  # the DICOM file first: MIMIC-CXR-JPG's pictures are 8 bits, equalised
_LATERAL: Final = frozenset({"LATERAL", "LL", "RL", "XTABLE LATERAL"})
_MEANINGS: Final = {
    "postero-anterior": View.PA,
    "antero-posterior": View.AP,
    "lateral": View.LATERAL,
    "left lateral": View.LATERAL,
    "right lateral": View.LATERAL,
    "cross-table lateral": View.LATERAL,
}
_ORDER: Final = {View.PA: 0, View.AP: 0, View.FRONTAL: 0, View.LATERAL: 1, View.UNKNOWN: 2}


def parse_view(position: str, meaning: str) -> View:
    """The view by ViewPosition, or, where that is empty, by the meaning of the view code.

    AP and PA films keep their view however the patient lies ("AP LLD"); oblique films are of unknown view.
    """
    position = position.strip().upper()
    if not position:
        return _MEANINGS.get(meaning.strip().lower(), View.UNKNOWN)
    if position in _LATERAL:
        return View.LATERAL
    direction = position.split()[0]
    return View(direction) if direction in (View.PA, View.AP) else View.UNKNOWN


def view_order(view: View) -> int:
    """Where a film stands among those of its study: frontal, lateral, then those of unknown view."""
    return _ORDER[view]


def find_film(folder: Path, dicom: str) -> Path | None:
    """The file of a film in its study's folder, DICOM before JPEG; None where there is neither."""
    return next((path for suffix in _SUFFIXES if (path := folder / f"{dicom}{suffix}").is_file()), None)
