"""Line breaks: those that end a statement, and those where running text was only wrapped.

A line is wrapped running text where the next one goes on in the middle of a sentence: the first ends with a word or
sign that cannot end a statement ("no evidence of"), or the second begins with one that cannot begin one ("or", "is"),
or in small letters. Where capitals say nothing, in a report that is written in capitals or without any, the width
decides: a writer's program wraps a line because the next word does not fit. Bullets and the numbers of lists always
begin a statement.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple


class Line(NamedTuple):
    """A line of text with its white space folded, and the column at which it ended.

    `span`: where it stands in the whole text, there perhaps with more white space.
    """

    text: str
    end: int
    span: tuple[int, int]


class Statement(NamedTuple):
    """A part of wrapped lines: `start` and `end` are places in their texts joined by a space."""

    lines: tuple[Line, ...]
    start: int
    end: int

    @property
    def text(self) -> str:
        """The statement in one line."""
        return _joined(self.lines)[self.start : self.end]


_NARROWEST: Final = 40  # columns; nothing wraps running text to less

# What cannot end a statement.
_OPEN_WORDS_TEXT: Final = (
    "a an the this that these those any some each no not without with and or nor but of in on at to from for by as "
    "than into over within through near between under above below along is are was were be been has have had do does "
    "did may might can could should would cannot which who whose when while where since because although though if "
    "versus vs via evidence suggestion likely possible possibly probable probably mild moderate severe minimal small "
    "tiny large trace focal acute chronic new old bilateral pleural pulmonary interstitial vascular cardiac "
    "mediastinal hilar pericardial apical basilar bibasilar basal retrocardiac perihilar lobar lower upper middle mid "
    "medial lateral anterior posterior patchy streaky subtle definite overt significant interval slight slightly "
    "mildly moderately severely very more less greater too also its his her their"
)
_OPEN_WORDS: Final = frozenset(_OPEN_WORDS_TEXT.split())
_OPEN_SIGNS: Final = (",", "/", "(", "-", "&", "+", ":", "=")
# What cannot begin one.
_CONTINUING_WORDS_TEXT: Final = (
    "and or nor of in on at to from for by than into within is are was were be been has have had may might can could "
    "should would which who whose that versus vs due secondary seen noted identified"
)
_CONTINUING_WORDS: Final = frozenset(_CONTINUING_WORDS_TEXT.split())
_CONTINUING_SIGNS: Final = (",", ".", ";", ")", "/", "&", ":", "=", "%")
# What begins one, where it is written small like all else.
_OPENERS_TEXT: Final = (
    "no the there heart lungs lung cardiac cardiomediastinal mediastinum mediastinal trachea bones osseous pleura "
    "pleural normal clear negative none mild moderate severe minimal small tiny trace stable unchanged"
)
_OPENERS: Final = frozenset(_OPENERS_TEXT.split())
_SURE_OPENERS: Final = frozenset({"no", "none", "there"})  # also after a full line, for it hardly matters there
# Names with a capital in running text.
_NAMES_TEXT: Final = (
    "swan swan-ganz dobbhoff dobhoff kerley hickman legionella pneumocystis mycobacterium aspergillus hodgkin "
    "hampton foley port-a-cath broviac groshong bochdalek morgagni monday tuesday wednesday thursday friday "
    "saturday sunday january february march april may june july august september october november december dr i"
)
_NAMES: Final = frozenset(_NAMES_TEXT.split())

_SIGN_AND_WORD: Final = re.compile(r"(?:[:=?|>]|\.\.| -)\s*\w+$")
_NAME_AND_ANSWER: Final = re.compile(
    r"\w+(?: \w+){0,2}[ .:=-]+(?:no|yes|none|nil|neg|negative|positive)\.?", re.IGNORECASE
)
_BULLET: Final = re.compile(
    r"(?:[*\u2022\u00b7\u25aa\u25cf\u25cb\u25e6\u2023>\u2192]+|[-\u2013\u2014](?!ve\b)) ?(?=\S)"
)
_BOX: Final = re.compile(r"\[ ?[xX]? ?\]|[\u2610-\u2612\u2713\u2714\u2717\u2718]")  # it stays, because it is an answer
_ROW: Final = re.compile(  # of a template: a name and its answer
    r"(?:[A-Z\u2610-\u2612][\w /,()&-]{0,40}|[a-z][\w /&-]{0,25}):|[A-Z][\w /()-]{1,40} ?(?:\.{3,}|_{3,}|\|)"
)
_ROMAN: Final = re.compile(r"(?:\((?P<in>[ivx]{1,5})\)|(?P<closed>[ivx]{1,5})[.)])\s+", re.IGNORECASE)
_MARKER: Final = re.compile(
    r"(?:\((?P<in>\d{1,2}|[a-hA-H])\)|(?P<closed>\d{1,2}|[a-hA-H])\)|(?P<dot>\d{1,2}|[a-hA-H])\.(?!\d))\s*"
    r"|(?P<bare>\d{1,2})\s+(?=[A-Za-z])"
)
_UNITS: Final = re.compile(
    r"\d{1,2}\s+(?:mm|cm|m|x|or|to|and|of|days?|weeks?|months?|years?|hours?|views?|films?|images?|small|tiny|large|new|"
    r"nodules?|lesions?|ribs?|tubes?|lines?|leads?|clips?|chest|more|other|th|st|nd|rd|french|fr|am|pm)(?!\w)",
    re.IGNORECASE,
)
_INLINE: Final = re.compile(
    r"(?<!\S)(?:\((?P<in>\d{1,2}|[a-hA-H])\)|(?P<closed>\d{1,2}|[a-hA-H])\)|(?P<dot>\d{1,2})\.(?=[A-Za-z])"
    r"|(?P<bare>\d{1,2}) (?=[A-Z][a-z]))\s*"
)


def join_wrapped(lines: Sequence[Line]) -> list[Statement]:
    """The statements of a paragraph: wrapped lines as one, without the marks of bullets and lists.

    A statement may still have several sentences. `lines` are those between two blank lines.
    """
    return [
        Statement(wrapped, start, end)
        for wrapped, mark in _statements(lines)
        for start, end in _split_list(_joined(wrapped), mark)
        if start < end
    ]


def fold_wrapped(paragraphs: Iterable[Sequence[Line]]) -> str:
    """Paragraphs with white space folded, but a line break wherever a statement ends without a sign of its end."""
    folded = ""
    for text in (_joined(wrapped) for lines in paragraphs for wrapped, _ in _statements(lines)):
        between = "" if not folded else " " if folded.endswith((".", "!", "?", ";", ":")) else "\n"
        folded += between + text
    return folded


def _joined(lines: Iterable[Line]) -> str:
    return " ".join(line.text for line in lines)


def _statements(lines: Sequence[Line]) -> Iterator[tuple[tuple[Line, ...], int]]:
    """The lines of each statement of a paragraph, with the length of the mark of a list that it begins with."""
    if not lines:
        return
    width = max(_NARROWEST, *(line.end for line in lines))
    cased = _capitals_tell(lines)
    numbers = _list_numbers(lines)
    parts: list[Line] = []
    mark = 0
    for place, line in enumerate(lines):
        bullet = _BULLET.match(line.text)
        own = numbers.get(place, bullet.end() if bullet else 0)
        if parts and (own or _BOX.match(line.text) or ends_statement(lines[place - 1], line, width=width, cased=cased)):
            yield tuple(parts), mark
            parts = []
        if not parts:
            mark = own
        parts.append(line)
    yield tuple(parts), mark


def ends_statement(above: Line, below: Line, *, width: int, cased: bool) -> bool:
    """Whether the break between two lines ends a statement; `cased` where capitals tell the beginning of one."""
    last, first = _word(above.text.split()[-1]), below.text.split()[0]
    word = _word(first)
    if above.text.endswith((".", "!", ";", "?")):  # a sentence that has its end; "Dr." and "vs." do not end one
        return False
    unfinished = above.text.endswith((",", "-")) and not above.text.endswith(": -")
    if _ROW.match(above.text) and _ROW.match(below.text) and not unfinished:
        return True
    if above.text.endswith(_OPEN_SIGNS) or below.text.startswith(_CONTINUING_SIGNS):
        return False
    if last in _OPEN_WORDS and not _is_answered(above, below, cased=cased):
        return False
    begins_with_capital = first[0].isupper()
    if word in _CONTINUING_WORDS and not (cased and begins_with_capital):
        return False
    fits = above.end + 1 + len(first) <= width
    if not cased:
        return fits or word in _SURE_OPENERS
    if first[0].islower():
        return fits and word in _OPENERS
    if begins_with_capital and first[1:2].islower() and word not in _NAMES:
        return True
    return fits


def _is_answered(above: Line, below: Line, *, cased: bool) -> bool:
    """Whether a line is a name with its answer ("Effusion: no", "Effusion No"), and not the beginning of a denial."""
    if _SIGN_AND_WORD.search(above.text):
        return True
    answered = cased and above.text.split()[-1][0].isupper() and len(above.text.split()) > 1
    return answered or all(_NAME_AND_ANSWER.fullmatch(line.text) for line in (above, below))


def _word(text: str) -> str:
    return text.lower().strip("\"'()[]*")


def _capitals_tell(lines: Sequence[Line]) -> bool:
    """Whether there are small letters and capitals, and most words inside the lines begin small."""
    inside = [word for line in lines for word in line.text.split()[1:] if word[0].isalpha()]
    first = [word for line in lines for word in line.text.split()[:1] if word[0].isalpha()]
    words = inside + first
    if not any(word[0].isupper() for word in words) or not any(letter.islower() for word in words for letter in word):
        return False
    return 2 * sum(word[0].isupper() for word in inside) <= len(inside)


def _list_numbers(lines: Sequence[Line]) -> dict[int, int]:
    """The lines that begin with the number or letter of a list, each with the length of it.

    A figure without a sign ("1 No effusion") has to be the next of a list, so that "2 nodules" is none.
    """
    found = {place: match for place, line in enumerate(lines) if (match := _MARKER.match(line.text))}
    bare = {place: int(match["bare"]) for place, match in found.items() if match["bare"]}
    values = set(bare.values())
    kept: dict[int, int] = {}
    for place, match in found.items():
        if place in bare:
            value = bare[place]
            listed = (value == 1 and 2 in values) or (value > 1 and value - 1 in values)
            if not listed or _UNITS.match(lines[place].text):
                continue
        kept[place] = match.end()
    roman = {place: match for place, line in enumerate(lines) if (match := _ROMAN.match(line.text))}
    if len(roman) > 1:
        kept |= {place: match.end() for place, match in roman.items()}
    return kept


def _split_list(statement: str, mark: int) -> Iterator[tuple[int, int]]:
    """The parts of a statement behind its mark, cut at the numbers of a list that was written into one line.

    As in "1) No effusion 2) Cardiomegaly"; a part without words is empty.
    """
    text = statement[mark:]
    cuts: list[tuple[int, int]] = []
    expected = 1
    for match in _INLINE.finditer(text):
        number = match["in"] or match["closed"] or match["dot"] or match["bare"]
        value = int(number) if number.isdigit() else ord(number.lower()) - ord("a") + 1
        # The first mark of a list may have been taken off with the beginning of its line.
        if value == expected or (not cuts and value == 2 and not match["bare"]):
            cuts.append(match.span())
            expected = value + 1
    if len(cuts) == 1 and cuts[0][0] > 0 and expected == 2:  # one figure within a sentence
        cuts = []
    at = 0
    for start, end in [*cuts, (len(text), len(text))]:
        part = text[at:start]
        first = mark + at + len(part) - len(part.lstrip())
        yield first, max(first, mark + at + len(part.rstrip()))
        at = end
