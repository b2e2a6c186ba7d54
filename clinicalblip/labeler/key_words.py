"""The reader's own key words: "large heart, effusion R, pneumonia LLL?"."""

import re
from dataclasses import dataclass
from typing import Final

from clinicalblip.labeler.mentions import mentions
from clinicalblip.radiology.finding import Finding

_SEPARATOR: Final = re.compile(r"[,;\n]|(?<!\w)(?:and|plus|\+|&)(?!\w)")
# What people say to each other and hardly in a report, in a report's own words.
_EVERYDAY: Final = {
    r"(?:big|large|fat) heart": "cardiomegaly",
    r"heart (?:is )?(?:big|large)": "cardiomegaly",
    r"cardiomeg(?:aly)?": "cardiomegaly",
    r"(?:wet(?: lungs?)?|lungs? wet|water(?:logged)?|overload(?:ed)?|ccf|failure)": "pulmonary edema",
    r"fluid(?: overload)?(?! level)": "pleural effusion",
    r"effus|pl(?:\.|eural)? ?eff": "pleural effusion",
    r"ptx|pnx|pneumo(?!\w)|collapsed lung": "pneumothorax",
    r"pna|chest infection|infection": "pneumonia",
    r"(?:white|hazy) (?:patch|area|shadow)|shadow(?:ing)?|patch": "opacity",
    r"(?:coin lesion|spot|lump|growth|tumou?r)": "nodule",
    r"(?:broken|cracked) ribs?": "rib fracture",
    r"breaks?": "fracture",
    r"(?:pacer|ppm|icd)": "pacemaker",
    r"(?:lines? and tubes?|tubes?|lines?)": "catheter",
    r"scarring": "fibrosis",
    r"copd|coad": "emphysema",
}
_WORDS: Final = re.compile("|".join(f"(?P<w{n}>(?<!\\w)(?:{words})(?!\\w))" for n, words in enumerate(_EVERYDAY)))
_SIDES: Final = {r"\b[Rr](?:t\.?)?(?=\b|\s|$)": "right", r"\b[Ll](?:t\.?)?(?=\b|\s|$)": "left"}
_SHARP: Final = re.compile(r"#s?(?!\w)")  # how a fracture is written by hand
_NAMES: Final = tuple(_EVERYDAY.values())


@dataclass(frozen=True)
class KeyWord:
    """One of a reader's key words as it was written, and the findings that it names: none where nothing is known."""

    text: str
    findings: tuple[Finding, ...]


def read_key_words(hints: str) -> tuple[KeyWord, ...]:
    """Read a reader's key words, separated by commas, semicolons, lines or "and"; single letters can be sides."""
    words = (part.strip(" .") for part in _SEPARATOR.split(hints))
    return tuple(KeyWord(word, _findings(word)) for word in words if word)


def _findings(word: str) -> tuple[Finding, ...]:
    plain = word
    for letter, side in _SIDES.items():
        plain = re.sub(letter, side, plain)
    plain = _SHARP.sub("fracture", plain)
    plain = _WORDS.sub(lambda match: _NAMES[int(str(match.lastgroup)[1:])], plain.lower())
    return tuple(mention.finding for mention in mentions(plain))
