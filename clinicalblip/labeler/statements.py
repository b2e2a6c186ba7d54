"""What a text says of the film, sentence by sentence, however it is set out.

Of a whole report only what was read from the film counts: findings, impression, and an addendum. Its indication,
history, technique and comparison are passed over, and so is a wet read where the final report follows. A line break
ends a statement, but not where running text is wrapped; so do bullets and the numbers of lists.
"""

import re
from collections.abc import Iterator
from typing import Final

from clinicalblip.labeler.spelling import correct
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.line_breaks import join_wrapped
from clinicalblip.radiology.sections import read_blocks

_SAID: Final = (
    Section.PREAMBLE,
    Section.FINDINGS,
    Section.VIEWS,
    Section.IMPRESSION,
    Section.WET_READ,
    Section.ADDENDUM,
)
_PRELIMINARY: Final = (Section.PREAMBLE, Section.WET_READ)

# Signs that people and programs write alike.
_SIGNS: Final = str.maketrans(
    {
        "\u2019": "'",
        "\u2013": "-",
        "\u2212": "-",
        "\u2014": " - ",
        "\uff1a": ":",
        "\uff1d": "=",
    }
)
# "1.5 cm" goes on; "seen.no" (a missing space) does not; a question mark ends only what it is written to.
_END: Final = re.compile(r"(?<=[.;!]) |(?<=\w\?) |(?<=[a-z]{3}\.)(?=[a-z]{2})|;")
_ANSWER: Final = "(?:no|none|nil|neg|negative|yes|positive|pos|present|absent)"
# "Effusion? No.", "effusion ..... no", "effusion => no" and a table's "effusion | no" are as "effusion: no".
_ANSWERED: Final = re.compile(rf" ?(?:[?|]|(?<!\.)\.{{2,}}|(?<!_)_{{2,}}|[=-]>)[ :]*(?={_ANSWER}(?:[.,;]|$))")
# "pneumothorax: no, effusion: yes": after an answer a comma before a name and its answer begins a statement, and after
# a single word it may be missing.
_IS_ANSWERED: Final = rf"(?: ?[:=] ?[^,:=]{{1,60}}| - {_ANSWER}| \([+-]\))"
_NAME: Final = r"[a-z][a-z /']{1,40}"
_NEXT_ANSWER: Final = re.compile(
    rf"(?P<answered>{_IS_ANSWERED}), ?(?={_NAME}(?: ?[:=]| - {_ANSWER}(?:[.,;]|$)))"
    rf"|(?P<word>[:=] ?{_ANSWER}) (?={_NAME} ?[:=] ?{_ANSWER}(?!\w))"
)


def sentences(text: str) -> Iterator[str]:
    """Yield lower-case sentences with single spaces, without headings and without what is not said of the film."""
    for statement in _statements(text):
        yield from _split(correct(" ".join(statement.lower().translate(_SIGNS).split())))


def _statements(text: str) -> Iterator[str]:
    blocks = read_blocks(text)
    final = max((number for number, block in enumerate(blocks) if block.final), default=0)
    for number, block in enumerate(blocks):
        if block.section not in _SAID or (number < final and block.section in _PRELIMINARY):
            continue
        for paragraph in block.lines:
            yield from join_wrapped(paragraph)


def _split(text: str) -> Iterator[str]:
    text = _ANSWERED.sub(": ", text.replace("vs.", "vs")).replace("|", ";")
    for part in _END.split(text):
        for sentence in _NEXT_ANSWER.sub(lambda match: f"{match['answered'] or match['word']}\n", part).split("\n"):
            if stripped := sentence.strip(" .;!:"):
                yield stripped
