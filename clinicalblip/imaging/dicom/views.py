"""The view of a film: by its position, its codes, its orientation, and last by the words of its descriptions."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

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
_LATERAL_WORD = re.compile(r"(?:[LR]|LT|RT|LEFT|RIGHT|X)?LAT(?:ERAL)?[LR]?")
_OBLIQUE = ("OBL", "OBLIQUE", "LAO", "RAO", "LPO", "RPO")
_LYING = ("LLD", "RLD")
_SIDES = ("L", "R", "LT", "RT", "LEFT", "RIGHT", "LL", "RL")


def find_view(
    positions: Sequence[str],
    codes: Iterable[tuple[str, str]],
    orientation: tuple[str, str] | None,
    described: View,
) -> View:
    """The view by ViewPosition, ViewCodeSequence, PatientOrientation, or what `described` found; else unknown.

    ViewPosition may be any text that names one view ("AP SUPINE", "P.A.", "LLAT"), in one value or several; one that
    names two, or an oblique, counts as absent. Rows that run from front to back or back to front are a lateral's, rows
    between left and right a frontal's: which of the two frontals it is, the descriptions may say.
    """
    stated = _view_of_positions(positions)
    if stated is not View.UNKNOWN:
        return stated
    for code in codes:
        if code in _CODES:
            return _CODES[code]
    sides = "".join(orientation or ())
    if "A" in sides or "P" in sides:
        return View.LATERAL
    if "L" in sides or "R" in sides:
        return described if described in _FRONTAL else View.FRONTAL
    return described


def is_lying_on_side(positions: Sequence[str]) -> bool:
    """Whether ViewPosition says that the patient lies on the side: LLD, RLD, or a lateral decubitus in words."""
    words = [word for text in positions for word in _words(text)]
    return any(word in _LYING for word in words) or _is_lateral_decubitus(words)


def _view_of_positions(positions: Sequence[str]) -> View:
    views = set()
    for text in positions:
        words = _words(text)
        if any(word in _OBLIQUE for word in words):
            return View.UNKNOWN
        views |= {_POSITIONS[text]} if text in _POSITIONS else _views_of(words)
    if len(views & {View.PA, View.AP}) == 1:
        views.discard(View.FRONTAL)
    return views.pop() if len(views) == 1 else View.UNKNOWN


def _views_of(words: Sequence[str]) -> set[View]:
    """The views that words name; a lateral decubitus is a frontal view of a patient who lies on the side."""
    views = {_WORDS[word] for word in words if word in _WORDS}
    if any(_LATERAL_WORD.fullmatch(word) for word in words):
        views.add(View.LATERAL)
    if _is_lateral_decubitus(words):
        views = (views - {View.LATERAL}) or {View.FRONTAL}
    elif any(word in _LYING for word in words):
        views.add(View.FRONTAL)
    return views


def _is_lateral_decubitus(words: Sequence[str]) -> bool:
    """Whether the patient lies on the side; on the back or the front, a horizontal beam makes a lateral view."""
    is_lying = any(word.startswith("DECUB") for word in words)
    is_lateral = any(_LATERAL_WORD.fullmatch(word) or word in _SIDES for word in words)
    return is_lying and is_lateral and not {"DORSAL", "VENTRAL", "SUPINE", "PRONE"} & set(words)


def view_from_descriptions(texts: Iterable[str]) -> View:
    """The view that the first text names which names just one; unknown where none does.

    A study of two views ("PA and lateral") says nothing about one film of it.
    """
    for text in texts:
        views = _views_of(_words(text))
        if len(views & {View.PA, View.AP}) == 1:
            views.discard(View.FRONTAL)
        if len(views) == 1:
            return views.pop()
    return View.UNKNOWN


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode("ascii").upper()
    plain = re.sub(r"\b([PA])\.?\s?[./-]\s?([PA])\b", r"\1\2", plain)  # P.A., A-P, P/A
    plain = re.sub(r"^\s*([PA])\s([PA])\b", r"\1\2", plain)
    plain = re.sub(r"\b(POSTER|ANTER)(?:O|IOR)[\s_/-]*(POSTERIOR|ANTERIOR)\b", r"\1O\2", plain)
    return re.findall(r"[A-Z]+", plain)
