"""The windows that a file offers, in the units of the film's values and under names that are safe to show."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.imaging import grey
from clinicalblip.radiology.radiograph import LookupTable, NamedWindow, Window

MAX_WINDOWS = 12
"""So many windows, and VOI LUTs, of one file are read: more than any reader chooses from."""

VOCABULARY = {
    "normal": "NORMAL NORM NORMALE STANDARD STD DEFAULT PADRAO ESTANDAR STANDAARD",
    "harder": "HARDER HARD HART HARTER HAERTER DUR DURO PLUSDUR HARDEST",
    "softer": "SOFTER SOFT WEICH WEICHER DOUX PLUSDOUX BLANDO MORBIDO SUAVE ZACHT ZACHTER",
    "bone": "BONE BONES KNOCHEN OS HUESO OSSO BOT SKELETON",
    "lung": "LUNG LUNGS LUNGE LUNGEN POUMON POUMONS PULMON POLMONE PULMAO THORAX CHEST",
    "mediastinum": "MEDIASTINUM MEDIASTIN MEDIASTINO MED",
    "soft tissue": "SOFTTISSUE SOFTTISSUES TISSUE WEICHTEIL WEICHTEILE WEICHGEWEBE TISSUSMOUS PARTESBLANDAS",
    "heart": "HEART HERZ COEUR CORAZON CUORE CORACAO",
    "spine": "SPINE WIRBELSAULE WIRBELSAEULE RACHIS COLUMNA COLONNA",
    "ribs": "RIB RIBS RIPPEN COTES COSTILLAS COSTE",
    "abdomen": "ABDOMEN ABDO",
    "optimised": "OPT OPTIMAL OPTIMUM OPTIMIZED OPTIMISED OPTIMIERT",
    "automatic": "AUTO AUTOMATIC AUTOMATISCH",
    "user": "USER BENUTZER USERDEFINED",
    "full range": "FULL FULLRANGE MINMAX MAX",
    "bright": "BRIGHT BRIGHTER LIGHT LIGHTER HELL HELLER",
    "dark": "DARK DARKER DUNKEL DUNKLER",
    "high contrast": "HIGHCONTRAST",
    "low contrast": "LOWCONTRAST",
}
_NAME_OF = {word: name for name, words in VOCABULARY.items() for word in words.split()}


@dataclass(frozen=True)
class VoiWindow:
    """A window as a file has it, over the modality output; `name` is one of VOCABULARY, or None."""

    centre: float
    width: float
    name: str | None = None


@dataclass(frozen=True, eq=False)
class VoiLut:
    """A VOI LUT as a file has it; `name` is one of VOCABULARY, or None."""

    lut: grey.Lut
    name: str | None = None


def window_name(explanation: str) -> str | None:
    """The name in English for an explanation that is in the vocabulary as a whole, whatever its case and language.

    None for all else: the tag is free text, and could name a patient. What is returned is never the file's own text.
    """
    spelled = explanation[:64].upper().replace("\N{LATIN CAPITAL LIGATURE OE}", "OE")
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode("ascii")
    return _NAME_OF.get(re.sub(r"[^A-Z]", "", plain))


def offered_windows(
    luts: Sequence[VoiLut], windows: Sequence[VoiWindow], function: str, scaled: grey.ScaledValues, *, signed: bool
) -> tuple[list[NamedWindow], int]:
    """All windows that are possible, VOI LUTs first as PS3.3 C.11.2 lets a viewer choose, and how many are impossible.

    `signed`: the modality's output may be negative. A window without a known name, or with the name of one before it,
    is called by its number ("window 2").
    """
    found: list[tuple[str | None, Window | LookupTable | None]] = [
        (stated.name, grey.scaled_lut(stated.lut, scaled, signed=signed)) for stated in luts
    ]
    found += [(stated.name, grey.scaled_window(stated.centre, stated.width, function, scaled)) for stated in windows]
    possible = [(name, window) for name, window in found if window is not None]
    named: dict[str, NamedWindow] = {}
    for number, (name, window) in enumerate(possible, start=1):
        unique = name if name is not None and name not in named else f"window {number}"
        named[unique] = NamedWindow(unique, window)
    return list(named.values()), len(found) - len(possible)


def free_name(name: str, windows: Sequence[NamedWindow]) -> str:
    """The name, or with a number behind it where one of the windows has it."""
    taken = {offered.name for offered in windows}
    return name if name not in taken else f"{name} {len(windows) + 1}"


def not_padding(stored: NDArray[np.integer[Any]], padding: tuple[int, int], allocated: int) -> NDArray[np.bool_]:
    """The pixels that are no padding (PS3.3 C.7.5.1.1.2, both ends of `padding` included), (rows, columns).

    The padding takes the sign of the pixels: files write it signed and unsigned alike.
    """
    signed = np.issubdtype(stored.dtype, np.signedinteger)
    low, high = sorted(_as_stored(value, allocated, signed=signed) for value in padding)
    return np.asarray((stored < low) | (stored > high))


def _as_stored(value: int, allocated: int, *, signed: bool) -> int:
    value %= 2**allocated
    return value - 2**allocated if signed and value >= 2 ** (allocated - 1) else value
