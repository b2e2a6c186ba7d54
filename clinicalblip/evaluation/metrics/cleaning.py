"""How a text is written before it is scored: as the line of work after R2Gen writes it, or as it stands."""

from enum import StrEnum


class Cleaning(StrEnum):
    """What happens to a text before it is compared; it moves scores by points, so a card names it."""

    R2GEN = "r2gen"
    RAW = "raw"


def clean(text: str, cleaning: Cleaning) -> str:
    """A text as it is compared.

    `raw` puts one space wherever white space is, and changes nothing else. `r2gen` writes what R2Gen (Chen et al.,
    EMNLP 2020) makes of IU X-RAY reports: repeated full stops become one; the numbers 1 to 5 of a list are taken out,
    wherever a "1. ", " 2. " and so on stands; all is put in lower case and parted into sentences at a full stop before
    a space; quotation marks, slashes, brackets and the rest of punctuation are deleted and leave nothing, but not
    hyphens ("x-ray" stays, "2.5" becomes "25", "and/or" becomes "andor"); and every sentence ends in a full stop that
    is a word of its own. Where two spaces come of that, they stay: COCO's ROUGE-L takes them for an empty word, which
    moves the constant impression's by half a point (.556; .561 with single spaces).

    Two things are otherwise here. A text without any word is empty, where R2Gen makes a lone full stop of it, which
    would then be found in every reference. And R2Gen's own scoring has one word for all that its training reports
    have less than three times, in drafts and references alike, which nothing here does.
    """
    return _clean_as_r2gen(text) if cleaning is Cleaning.R2GEN else " ".join(text.split())


def cut(text: str, tokens: int = 60) -> str:
    """The first `tokens` words of a cleaned text, full stops counted, with one space between them.

    R2Gen's line cuts references so for IU X-RAY, and its 60 count a sign for the beginning: what its references are
    left with is `cut(text, 59)`. Against whole references the constant report's BLEU-1 is a point lower.
    """
    if tokens < 1:
        raise ValueError(f"a text is cut to one word or more, not to {tokens}")
    return " ".join(text.split()[:tokens])


def _clean_as_r2gen(text: str) -> str:
    for found, put in _LISTS:
        text = text.replace(found, put)
    sentences = [
        sentence.translate(_QUOTES).strip().translate(_PUNCTUATION) for sentence in text.strip().lower().split(". ")
    ]
    return " . ".join(sentences) + " ." if any(sentence.strip() for sentence in sentences) else ""


_LISTS = (
    *(("..", "."),) * 3,
    ("1. ", ""),
    *((f". {number}. ", ". ") for number in range(2, 6)),
    *((f" {number}. ", ". ") for number in range(2, 6)),
)
"""What numbers a list, in the order in which it is replaced."""

_QUOTES = str.maketrans("", "", "\"'/\\")
_PUNCTUATION = str.maketrans("", "", ".,?;*!%^&_+():<=>@[]{}")
"""R2Gen's pattern has the range ":-[" in it: the signs :;<=>?@[ and the capitals, of which lower case left none."""
