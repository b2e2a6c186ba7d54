"""What a text says of the film, sentence by sentence, however it is set out.

Of a whole report only what was read from the film counts: findings, impression, and an addendum. Its indication,
history, technique and comparison are passed over, and so is a wet read where the final report follows. A line break
ends a statement, but not where running text is wrapped; so do bullets and the numbers of lists.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from clinicalblip.labeler.normalized_text import NormalizedText
from clinicalblip.labeler.spelling import correct
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.line_breaks import Statement, join_wrapped
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
_SIGNS: Final = {
    "\u2019": "'",
    "\u2013": "-",
    "\u2212": "-",
    "\u2014": " - ",
    "\uff1a": ":",
    "\uff1d": "=",
}
_SIGN: Final = re.compile(f"[{''.join(_SIGNS)}]")
_BLANKS: Final = re.compile(r"\s{2,}")
_VERSUS: Final = re.compile(r"vs\.")
_BAR: Final = re.compile(r"\|")
_LABEL: Final = re.compile(r"(?P<label>[a-z][a-z /&-]{0,40}):")
_DEVICES: Final = re.compile(r"(?:(?:support|and|lines?|tubes?|devices?|hardware|wires|drains?|[/,&]) ?)+:")
# "Size: [ ] small [x] large", and "Edema: none / [mild] / severe"
_TICKED: Final = re.compile(r"(?:\[x\]|[\u2611\u2612\u2713\u2714]) ?")
_OPTIONS: Final = re.compile(r"(?:^|: ?)(?:\[[x ]?\]|[\u2610-\u2612])")
_UNTICKED_OPTION: Final = re.compile(r"(?:\[ ?\]|\u2610)[^\[\];\u2610-\u2612]*")
_CHOICE: Final = re.compile(r": *(?:[a-z ]{1,30}/ ?){0,5}\[(?P<chosen>[a-z]{2,20})\](?: ?/[a-z ]{1,30}){0,5}")
_LONGEST_HEADER: Final = 120  # characters
_MOST_ROWS: Final = 8  # that say more of one finding
_OUTER_SIGNS: Final = " .;!:"
# "1.5 cm" goes on; "seen.no" (a missing space) does not; a question mark ends only what it is written to.
_END: Final = re.compile(r"(?<=[.;!]) |(?<=\w\?) |(?<=[a-z]{3}\.)(?=[a-z]{2})|;")
_ANSWER: Final = "(?:no|none|nil|neg|negative|yes|positive|pos|present|absent|uncertain|possible|equivocal|resolved)"
# "Edema ........ mild" is as "edema: mild", and "Effusion? No.", "effusion ..... no", "effusion => no" and a table's
# "effusion | no" are as "effusion: no".
_ANSWERED: Final = re.compile(
    rf" ?(?<!\.)\.{{4,}} ?(?=\w)| ?(?:[?|]|(?<!\.)\.{{2,}}|(?<!_)_{{2,}}|[=-]>)[ :]*(?={_ANSWER}(?:[.,;]|$))"
)
# "pneumothorax: no, effusion: yes": after an answer a comma before a name and its answer begins a statement, and after
# a single word it may be missing.
_IS_ANSWERED: Final = rf"(?: ?[:=] ?[^,:=]{{1,60}}| - {_ANSWER}| \([+-]\))"
_NAME: Final = r"[a-z][a-z /']{1,40}"
_NEXT_ANSWER: Final = re.compile(
    rf"(?P<answered>{_IS_ANSWERED}), ?(?={_NAME}(?: ?[:=]| - {_ANSWER}(?:[.,;]|$)))"
    rf"|(?P<word>[:=] ?{_ANSWER}) (?={_NAME} ?[:=] ?{_ANSWER}(?!\w))"
)


class StatedSentence(NamedTuple):
    """A sentence as the labeler reads it, in small letters without signs at its ends, and where it stands.

    `header` is the line above a list ("left lung:"), `label` what the line of the sentence begins with ("pleura:").
    """

    words: NormalizedText
    start: int
    end: int  # behind its full stop
    header: str = ""
    label: str = ""


# The row of a template that says more of the finding in the row above: "Side: left".
_ATTRIBUTE_ROW: Final = re.compile(
    r"(?:side|laterality|size|severity|degree|extent|location|zone|site|change|trend|course|(?P<certainty>certainty"
    r"|confidence)): ?(?=\w)"
)


def read_sentences(text: str) -> Iterator[StatedSentence]:
    """Yield the sentences of a text in order, without headings and without what is not said of the film."""
    last: StatedSentence | None = None
    rows = 0
    for sentence in _sentences(text):
        row = _ATTRIBUTE_ROW.match(sentence.words.text)
        rows = rows + 1 if row else 0
        if row and last and rows <= _MOST_ROWS:
            words = last.words.joined(": " if row["certainty"] else ", ", sentence.words[row.end() :])
            last = last._replace(words=words, end=sentence.end)
            continue
        if last:
            yield last
        last = sentence
    if last:
        yield last


def _sentences(text: str) -> Iterator[StatedSentence]:
    for paragraph in _paragraphs(text):
        header = ""
        for number, statement in enumerate(paragraph):
            folded = NormalizedText.fold(text, (line.span for line in statement.lines))
            words = _normalise(folded[statement.start : statement.end])
            if words.text.endswith(":"):
                header = words.text if len(words.text) <= _LONGEST_HEADER else ""
                if number + 1 < len(paragraph) and _DEVICES.fullmatch(header):
                    continue
            for sentence in _split(words):
                yield sentence if words.text == header else sentence._replace(header=header)


def _paragraphs(text: str) -> Iterator[list[Statement]]:
    blocks = read_blocks(text)
    final = max((number for number, block in enumerate(blocks) if block.final), default=0)
    for number, block in enumerate(blocks):
        if block.section in _SAID and not (number < final and block.section in _PRELIMINARY):
            yield from map(join_wrapped, block.lines)


def _normalise(words: NormalizedText) -> NormalizedText:
    """In small letters, with signs that people write alike, right spellings, and only the options that are ticked."""
    words = words.lower().sub(_SIGN, lambda sign: _SIGNS[sign[0]]).sub(_BLANKS, lambda _: " ").strip(" ")
    if _TICKED.search(words.text) and _OPTIONS.search(words.text):
        words = words.sub(_UNTICKED_OPTION, lambda _: "").sub(_TICKED, lambda _: "")
    return correct(words.sub(_CHOICE, lambda choice: f": {choice['chosen']}"))


def _split(statement: NormalizedText) -> Iterator[StatedSentence]:
    """Each sentence of a statement; one without a word is none."""
    plain = statement.sub(_VERSUS, lambda _: "vs").sub(_ANSWERED, lambda _: ": ").sub(_BAR, lambda _: ";")
    before, label = 0, ""
    for part in plain.split(_END):
        at = 0
        for answer in [*_NEXT_ANSWER.finditer(part.text), None]:
            written = part[at : answer.end(str(answer.lastgroup)) if answer else None].strip(" ")
            at = answer.end() if answer else at
            stripped = written.strip(_OUTER_SIGNS)
            if stripped.text:
                own = _LABEL.match(stripped.text)
                label = own["label"] if own else label
                start, end = stripped.starts[0], written.ends[-1]
                yield StatedSentence(stripped, max(start, before), end, label=label)
                before = end
