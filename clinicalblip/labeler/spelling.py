"""Typing errors in the long words that observations are named by.

A word that is one letter too many, too few or wrong, or two neighbours swapped, away from one of them is taken for it.
The first letter has to be right, and an error in the last one is none: "effusions" and "pneumonic" are words.
Each word takes the same time whatever it is: it and what is left of it without one letter are looked up.
"""

import re
from collections.abc import Iterator
from typing import Final

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
_SWAPPED_ONLY: Final = ("edema", "nodule", "nodules", "hernia")  # too short for more: an enema is none
_WORD: Final = re.compile(r"(?<![a-z])[a-z]{5,16}(?![a-z])")


def correct(text: str) -> str:
    """The lower-case text with its mistyped names of observations as they are meant; the rest stays as it is."""
    return _WORD.sub(lambda word: _meant(word[0]), text)


def _meant(word: str) -> str:
    if word in _KNOWN:
        return word
    for shorter in (word, *_without_a_letter(word)):
        for meant in _FROM.get(shorter, ()):
            if _one_error(word, meant):
                return meant
    return _SWAPS.get(word, word)


def _one_error(typed: str, meant: str) -> bool:
    """Whether one error turns `meant` into `typed`, after its first and before its last letter."""
    first = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    if first == 0:
        return False
    if len(typed) == len(meant):
        rest, other = typed[first:], meant[first:]
        wrong_letter = rest[1:] == other[1:] and len(rest) > 1
        return wrong_letter or (rest[:2] == other[1::-1] and rest[2:] == other[2:])
    longer, shorter = (typed, meant) if len(typed) > len(meant) else (meant, typed)
    return first < len(shorter) and longer[first + 1 :] == shorter[first:]


def _without_a_letter(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1 :] for i in range(1, len(word)))


def _swapped(word: str) -> Iterator[str]:
    return (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1))


_KNOWN: Final = frozenset((*_LONG, *_SWAPPED_ONLY))
_FROM: Final[dict[str, tuple[str, ...]]] = {
    shorter: tuple(sorted({word for word in _LONG if shorter in {word, *_without_a_letter(word)}}))
    for long in _LONG
    for shorter in (long, *_without_a_letter(long))
}
_SWAPS: Final = {typed: word for word in _SWAPPED_ONLY for typed in _swapped(word) if typed != word}
