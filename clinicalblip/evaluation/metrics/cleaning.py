"""How a text is cleaned before it is scored: as R2Gen's line of work does, or not at all."""

from enum import StrEnum


class Cleaning(StrEnum):
    """How a text is cleaned before it is compared; it moves scores by points, so a card names it."""

    R2GEN = "r2gen"
    RAW = "raw"


def clean(text: str, cleaning: Cleaning) -> str:
    """A text as it is compared.

    `raw` makes white space single spaces, and changes nothing else. `r2gen` does what R2Gen (Chen et al., EMNLP 2020)
    does. Repeated full stops become one. The numbers 1 to 5 of a list are taken out, wherever a "1. ", " 2. " and so on
    stands. All is put in lower case and split into sentences at a full stop before a space. Quotation marks, slashes,
    brackets and other punctuation are deleted without a space in their place, but not hyphens ("x-ray" stays, "2.5"
    becomes "25", "and/or" becomes "andor"). Every sentence ends in a full stop that is a word of its own. Double spaces
    that result stay: COCO's ROUGE-L counts an empty word between them, which moves that of the constant impression by
    half a point (.556; .561 with single spaces).

    Two things differ. A text without any word is empty here; R2Gen makes it a full stop, which is found in every
    reference. And R2Gen's scoring replaces words that its training reports have less than three times by one token, in
    drafts and references alike; nothing here does.
    """
    return _clean_as_r2gen(text) if cleaning is Cleaning.R2GEN else " ".join(text.split())


def cut(text: str, tokens: int = 60) -> str:
    """The first `tokens` words of a cleaned text, full stops counted, with one space between them.

    R2Gen's line of work cuts references so for IU X-RAY. Its 60 tokens include one for the beginning, so its references
    are `cut(text, 59)`. Against whole references the constant report's BLEU-1 is a point lower.
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
"""What is replaced to take out the numbers of lists, in this order."""

_QUOTES = str.maketrans("", "", "\"'/\\")
_PUNCTUATION = str.maketrans("", "", ".,?;*!%^&_+():<=>@[]{}")
"""R2Gen's pattern has the range ":-[" in it: the signs :;<=>?@[ and the capitals, of which lower case left none."""
