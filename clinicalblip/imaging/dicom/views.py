"""The view of a film: by its position, its codes, its orientation, and last by the words of its descriptions."""

import re
import unicodedata
from collections.abc import Iterable

from clinicalblip.radiology.radiograph import View

_POSITIONS = {
    "PA": View.PA,
    "AP": View.AP,
    "LL": View.LATERAL,
    "RL": View.LATERAL,
    "LAT": View.LATERAL,
    "LATERAL": View.LATERAL,
    "LARGE LATERAL": View.LATERAL,
    "LEFT LATERAL": View.LATERAL,
    "RIGHT LATERAL": View.LATERAL,
    "FRONTAL": View.FRONTAL,
    "LLD": View.FRONTAL,  # lying on the left side: the beam is horizontal, the view a frontal one
    "RLD": View.FRONTAL,
    "POSTERO_ANTERIOR": View.PA,
    "ANTERO_POSTERIOR": View.AP,
}
_CODES = {  # PS3.16 CID 4010, SNOMED CT and the older SRT codes
    ("SCT", "272479007"): View.PA,
    ("SCT", "399348003"): View.AP,
    ("SCT", "399033003"): View.FRONTAL,
    ("SCT", "399067008"): View.LATERAL,
    ("SCT", "399173006"): View.LATERAL,
    ("SCT", "399198007"): View.LATERAL,
    ("SRT", "R-10214"): View.PA,
    ("SRT", "R-40888"): View.PA,
    ("SRT", "R-10206"): View.AP,
    ("SRT", "R-10202"): View.FRONTAL,
    ("SRT", "R-102CD"): View.LATERAL,
    ("SRT", "R-10232"): View.LATERAL,
    ("SRT", "R-10236"): View.LATERAL,
}
_WORDS = {
    **dict.fromkeys(("PA", "DV", "POSTEROANTERIOR"), View.PA),
    **dict.fromkeys(("AP", "VD", "ANTEROPOSTERIOR"), View.AP),
    **dict.fromkeys(("FRONTAL", "FRONTALE", "FACE"), View.FRONTAL),
    **dict.fromkeys(
        ("LAT", "LL", "RL", "LATERAL", "LATERALE", "SEITLICH", "SEITE", "PROFIL", "PROFILE", "PERFIL"), View.LATERAL
    ),
}
_FRONTAL = (View.PA, View.AP, View.FRONTAL)


def find_view(
    position: str | None,
    codes: Iterable[tuple[str, str]],
    orientation: tuple[str, str] | None,
    described: View,
) -> View:
    """The view by ViewPosition, ViewCodeSequence, PatientOrientation, or what `described` found; else unknown.

    Rows that run from front to back or back to front are a lateral's, rows between left and right a frontal's:
    which of the two frontals it is, the descriptions may say.
    """
    if position in _POSITIONS:
        return _POSITIONS[position]
    for code in codes:
        if code in _CODES:
            return _CODES[code]
    sides = "".join(orientation or ())
    if "A" in sides or "P" in sides:
        return View.LATERAL
    if "L" in sides or "R" in sides:
        return described if described in _FRONTAL else View.FRONTAL
    return described


def view_from_descriptions(texts: Iterable[str]) -> View:
    """The view that the first text names which names just one; unknown where none does.

    A study of two views ("PA and lateral") says nothing about one film of it.
    """
    for text in texts:
        views = {_WORDS[word] for word in _words(text) if word in _WORDS}
        if len(views & {View.PA, View.AP}) == 1:
            views.discard(View.FRONTAL)
        if len(views) == 1:
            return views.pop()
    return View.UNKNOWN


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode("ascii").upper()
    plain = re.sub(r"\b([PA])\.?\s?[./-]\s?([PA])\b", r"\1\2", plain)  # P.A., A-P, P/A
    return re.findall(r"[A-Z]+", plain)
