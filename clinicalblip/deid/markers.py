"""The words of side markers: a side, a projection, a posture, a bed; none of them says who the patient is."""

import re

from rapidfuzz.distance import Levenshtein

_ENGLISH = (
    "L R LT RT LEFT RIGHT AP PA LAT LATERAL LL RL PORT PORTABLE MOBILE BEDSIDE SUPINE PRONE ERECT UPRIGHT SEMI "
    "SEMIERECT SEMIUPRIGHT UPR SITTING STANDING DECUB DECUBITUS INSP EXP INSPIRATION EXPIRATION CHEST"
)
_OTHER_LANGUAGES = (
    "LINKS RECHTS LIEGEND STEHEND SITZEND BETTAUFNAHME AUF STATION ZITTEND LIGGEND STAAND "
    "DCHA DERECHA IZQ IZQUIERDA PORTATIL SUPINO DECUBITO SENTADO SEMISENTADO SEDESTACION SEDEST BIPEDESTACION "
    "GAUCHE DROITE DEBOUT COUCHE ASSIS DESTRA SINISTRA DIR DX SX A AL LETTO BARELLATO SEDUTO CLINO ORTO"
)
MARKERS = frozenset(f"{_ENGLISH} {_OTHER_LANGUAGES}".split())

_RUN_TOGETHER = re.compile(
    "(?:" + "|".join(sorted((m for m in MARKERS if len(m) > 2 or m in {"AP", "PA"}), key=len, reverse=True)) + ")+"
)
_MIN_FUZZY_LENGTH = 7
"""A marker of this length is known with one letter misread; a shorter one would be a name (Mobley is no MOBILE)."""

_LONG_MARKERS = frozenset(marker for marker in MARKERS if len(marker) >= _MIN_FUZZY_LENGTH)


def is_marker(text: str) -> bool:
    """Whether every word that was read is a side, a projection or a posture."""
    words = re.findall(r"[^\W_]+", re.sub(r"[-.'’]", "", text.upper()))
    return bool(words) and all(map(_is_marker_word, words))


def _is_marker_word(word: str) -> bool:
    if word in MARKERS:
        return True
    if any(Levenshtein.distance(word, marker, score_cutoff=1) <= 1 for marker in _LONG_MARKERS):
        return True
    return len(word) >= _MIN_FUZZY_LENGTH and _RUN_TOGETHER.fullmatch(word) is not None
