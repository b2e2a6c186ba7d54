"""A text cut into its sentences, each with what stands before it, so that it can be joined again to the letter."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from clinicalblip.radiology.finding import Finding, Sentence
from clinicalblip.structured_report.languages import read_sentences
from clinicalblip.structured_report.origins import MarkedText
from clinicalblip.structured_report.table import findings_of

_PART: Final = (
    r"(?:lungs?|pleurae?|pleural spaces?|heart|cardiac|mediastin\w+|cardiomediastin\w+|hila|bones?|bony|osseous"
    r"|structures?|soft tissues?|chest wall|airways?|diaphragms?|upper abdomen|support|devices?|lines?|tubes?|other)"
)
LABEL: Final = re.compile(rf"{_PART}(?:(?: and | ?[/&] ?|, | ){_PART}){{0,4}} ?: ?", re.IGNORECASE)
"""What a template has before a sentence: the part of the chest that it is about."""


@dataclass(frozen=True)
class Segment:
    """A sentence as it stood when it was read (`original`), what it said, and what stood between it and the last."""

    gap: MarkedText
    original: MarkedText
    findings: tuple[Finding, ...]


def cut(text: MarkedText, read: Sequence[Sentence] | None = None) -> tuple[tuple[Segment, ...], MarkedText]:
    """The segments of a text, and what stands behind the last; joined they are the text.

    `read`: its sentences, where they are known.

    Headings, the marks of lists and sections that do not speak of the film are gaps, and so is a template's label
    that is no part of what names a finding.
    """
    segments, at = [], 0
    for sentence in read_sentences(text.text) if read is None else read:
        start = _behind_label(text.text, sentence)
        segments.append(Segment(text[at:start], text[start : sentence.end], findings_of((sentence,))))
        at = sentence.end
    return tuple(segments), text[at:]


def _behind_label(text: str, sentence: Sentence) -> int:
    label = LABEL.match(text, sentence.start, sentence.end)
    if label is None or label.end() == sentence.end or any(label.end() > each.start for each in sentence.mentions):
        return sentence.start
    return label.end()
