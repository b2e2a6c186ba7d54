"""Typing errors in the long words that observations are named by.

A word that is one letter too many, too few or wrong, or two neighbours swapped, away from one of these words is taken
for it. The first letter has to be right, and another or one more last letter is no error: "effusions" and "pneumonic"
are words.
"""

import re
from itertools import groupby
from typing import Final

from rapidfuzz.distance import OSA

from clinicalblip.labeler.normalized_text import NormalizedText

_LONG: Final = (
    "atelectasis",
    "cardiomegaly",
    "cardiomediastinal",
    "consolidation",
    "effusion",
    "effusions",
    "emphysema",
    "fracture",
    "fractures",
    "granuloma",
    "infiltrate",
    "infiltrates",
    "mediastinal",
    "mediastinum",
    "opacities",
    "opacification",
    "opacity",
    "pacemaker",
    "pleural",
    "pneumonia",
    "pneumothoraces",
    "pneumothorax",
    "silhouette",
)
_BY_LETTER: Final = {letter: tuple(names) for letter, names in groupby(_LONG, lambda name: name[0])}
_SWAPPED_ONLY: Final = ("edema", "nodule", "nodules", "hernia")  # too short for more: an enema is none
_WORD: Final = re.compile(r"(?<![a-z])[a-z]{5,16}(?![a-z])")


def correct(text: NormalizedText) -> NormalizedText:
    """The lower-case text with mistyped names of observations corrected; the rest stays as it is."""
    return text.sub(_WORD, lambda word: _correct_word(word[0]))


def _correct_word(word: str) -> str:
    if word in _LONG or word in _SWAPPED_ONLY:
        return word
    for name in _BY_LETTER.get(word[0], ()):
        if _one_error(word, name):
            return name
    for name in _SWAPPED_ONLY:
        if word[0] == name[0] and sorted(word) == sorted(name) and _one_error(word, name):
            return name
    return word


def _one_error(typed: str, name: str) -> bool:
    """Whether one error turns `name` into `typed`, after its first letter and not at its end alone."""
    beginning = min(len(typed), len(name)) - (len(typed) == len(name))
    return typed[:beginning] != name[:beginning] and OSA.distance(typed, name, score_cutoff=1) == 1
