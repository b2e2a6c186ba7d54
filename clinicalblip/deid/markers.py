"""The words of side markers: a side, a projection, a posture, a bed; none of them says who the patient is."""

import re

_ENGLISH = (
    "L R LT RT LEFT RIGHT AP PA LAT LATERAL LL RL PORT PORTABLE MOBILE BEDSIDE SUPINE PRONE ERECT UPRIGHT SEMI "
    "SEMIERECT SEMIUPRIGHT UPR SITTING STANDING DECUB DECUBITUS INSP EXP INSPIRATION EXPIRATION CHEST"
)
_OTHERS = (
    "LINKS RECHTS LIEGEND STEHEND SITZEND BETTAUFNAHME AUF STATION ZITTEND LIGGEND STAAND "
    "DCHA DERECHA IZQ IZQUIERDA PORTATIL SUPINO DECUBITO SENTADO SEMISENTADO SEDESTACION SEDEST BIPEDESTACION "
    "GAUCHE DROITE DEBOUT COUCHE ASSIS DESTRA SINISTRA DIR DX SX A AL LETTO BARELLATO SEDUTO CLINO ORTO"
)
MARKERS = frozenset(f"{_ENGLISH} {_OTHERS}".split())

_RUN_TOGETHER = re.compile(
    "(?:" + "|".join(sorted((m for m in MARKERS if len(m) > 2 or m in {"AP", "PA"}), key=len, reverse=True)) + ")+"
)
_LONG = 7
"""From this length on a marker is known with one letter misread; shorter, it would be a name (Mobley is no MOBILE)."""


def is_marker(words: str) -> bool:
    """Whether every word that was read is a side, a projection or a posture."""
    parts = re.findall(r"[^\W_]+", re.sub(r"[-.'’]", "", words.upper()))
    return bool(parts) and all(map(_is_marker_word, parts))


def _is_marker_word(word: str) -> bool:
    if word in MARKERS:
        return True
    if len(word) >= _LONG - 1 and any(_one_apart(word, marker) for marker in MARKERS if len(marker) >= _LONG):
        return True
    return len(word) >= _LONG and _RUN_TOGETHER.fullmatch(word) is not None


def _one_apart(one: str, other: str) -> bool:
    """Whether one letter changed, missing or too much makes the difference."""
    if abs(len(one) - len(other)) > 1:
        return False
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return one[same + (len(one) >= len(other)) :] == other[same + (len(other) >= len(one)) :]
