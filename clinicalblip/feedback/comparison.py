"""Which words differ between two texts, and how many.

Words are aligned at those that both texts have exactly once (patience diff), and between these by a longest common
subsequence (rapidfuzz). Passages that were only added or removed are then moved to the ends of sentences, where the
words allow it. docs/evaluation.md compares this with the longest common subsequence alone. difflib takes cubic time
for texts of many repeated words; here the work has a bound, and a passage beyond it is shown as replaced.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import Indel

from clinicalblip.radiology.report import Report

# A word keeps its inner hyphens, apostrophes, slashes and decimal points: x-ray, patient's, 1.5, AP/lateral.
_TOKEN = re.compile(r"(\w+(?:(?:[-'\u2019/]|(?<=\d)[.,](?=\d))\w+)*|[^\w\s])(\s*)")
_LEADING = re.compile(r"\s*")
_MOST_CELLS = 20_000**2  # words by words of one passage: rapidfuzz keeps a bit for each, so 50 MB
_ENDS = frozenset(".;:!?")
_SPLITS = 12  # how often a passage is split again at words that have become unique in it

ChangeKind = Literal["same", "removed", "added", "replaced"]


@dataclass(frozen=True)
class WordChange:
    """A run of words that is the same, removed, added or replaced.

    `before` and `after` are the run in either text with the white space that follows it, so that all `before`
    joined are the first text and all `after` the second. Of runs that are the `same` only white space may differ.
    """

    kind: ChangeKind
    before: str
    after: str


@dataclass(frozen=True)
class EditCounts:
    """How many words an edit added and removed; a replaced word counts in both, punctuation in neither."""

    words_added: int
    words_removed: int


def compare_words(before: str, after: str) -> tuple[WordChange, ...]:
    """Compare two texts word by word, punctuation by itself; white space is kept, but no difference.

    The time is bounded whatever the texts contain. Equal texts are one `same` run, two empty ones none.
    """
    old, new = _tokens(before), _tokens(after)
    changes = []
    for same, (i, j), (k, m) in _runs([word for word, _ in old], [word for word, _ in new]):
        kind: ChangeKind = "same" if same else "added" if i == j else "removed" if k == m else "replaced"
        changes.append(WordChange(kind, "".join(text for _, text in old[i:j]), "".join(text for _, text in new[k:m])))
    return _with_blanks(changes, before, after)


def count_edits(before: Report, after: Report) -> EditCounts:
    """Count the words that were added and removed between two reports, section by section."""
    changes = [
        change
        for old, new in ((before.findings, after.findings), (before.impression, after.impression))
        for change in compare_words(old, new)
        if change.kind != "same"
    ]
    return EditCounts(
        words_added=sum(count_words(change.after) for change in changes),
        words_removed=sum(count_words(change.before) for change in changes),
    )


def words_of(text: str) -> list[str]:
    """The words of a text in order, and its punctuation; a word keeps its inner hyphens, slashes and decimal points."""
    return [word for word, _ in _tokens(text)]


def count_words(text: str) -> int:
    """How many words a text has, without its punctuation."""
    return sum(any(character.isalnum() for character in match[1]) for match in _TOKEN.finditer(text))


def _tokens(text: str) -> list[tuple[str, str]]:
    """Each word, and the same word with the white space after it."""
    return [(match[1], match[0]) for match in _TOKEN.finditer(text)]


def _with_blanks(changes: list[WordChange], before: str, after: str) -> tuple[WordChange, ...]:
    """Give the white space at the very start, which follows no word, to the first run."""
    blanks = [_LEADING.match(text)[0] for text in (before, after)]  # type: ignore[index]
    if not any(blanks):
        return tuple(changes)
    if not changes or changes[0].kind in ("removed", "added"):
        # A removed run has nothing in the second text, an added one nothing in the first.
        return (WordChange("same", blanks[0], blanks[1]), *changes)
    first = changes[0]
    return (WordChange(first.kind, blanks[0] + first.before, blanks[1] + first.after), *changes[1:])


_Span = tuple[int, int]


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, _Span, _Span]]:
    """Yield (same, span of old, span of new) from start to end, changed and same runs in turn."""
    i = k = 0
    for a, b, length in (*_whole_sentences(_matches(old, new), old, new), (len(old), len(new), 0)):
        if i < a or k < b:
            yield False, (i, a), (k, b)
        if length:
            yield True, (a, a + length), (b, b + length)
        i, k = a + length, b + length


def _matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """The runs that both have, in order, as (start in old, start in new, length)."""
    pairs: list[tuple[int, int]] = []
    todo = [(0, len(old), 0, len(new), _SPLITS)]
    while todo:
        a, b, c, d, splits = todo.pop()
        while a < b and c < d and old[a] == new[c]:
            pairs.append((a, c))
            a, c = a + 1, c + 1
        while a < b and c < d and old[b - 1] == new[d - 1]:
            b, d = b - 1, d - 1
            pairs.append((b, d))
        if a == b or c == d:
            continue
        anchors = _anchors(old[a:b], new[c:d]) if splits else []
        if not anchors:
            pairs.extend((a + i, c + k) for i, k in _longest_common(old[a:b], new[c:d]))
            continue
        start = (a, c)
        for i, k in anchors:
            pairs.append((a + i, c + k))
            todo.append((start[0], a + i, start[1], c + k, splits - 1))
            start = (a + i + 1, c + k + 1)
        todo.append((start[0], b, start[1], d, splits - 1))
    return _joined(sorted(pairs))


def _joined(pairs: list[tuple[int, int]]) -> list[tuple[int, int, int]]:
    runs: list[tuple[int, int, int]] = []
    for i, k in pairs:
        if runs and runs[-1][0] + runs[-1][2] == i and runs[-1][1] + runs[-1][2] == k:
            runs[-1] = (*runs[-1][:2], runs[-1][2] + 1)
        else:
            runs.append((i, k, 1))
    return runs


def _whole_sentences(
    matches: list[tuple[int, int, int]], old: Sequence[str], new: Sequence[str]
) -> list[tuple[int, int, int]]:
    """Slide what was only added or only removed until it ends with a sentence, where the words allow it.

    Of "A." and "A. B." the difference is as well ". B" as "B.": a reader expects the second.
    """
    settled: list[tuple[int, int, int]] = []
    for a, b, length in matches:
        if settled:
            i, k, before = settled.pop()
            if i + before == a or k + before == b:
                words, start, end = (new, k + before, b) if i + before == a else (old, i + before, a)
                slide = _slide_to_end(words, start, end, before, length)
                before, a, b, length = before + slide, a + slide, b + slide, length - slide
            if before:
                settled.append((i, k, before))
        if length:
            settled.append((a, b, length))
    return settled


def _slide_to_end(words: Sequence[str], start: int, end: int, before: int, after: int) -> int:
    """How far words[start:end] moves to end with a sentence: at most `before` to the left, `after` to the right."""
    for slide in range(after + 1):
        if words[end + slide - 1] in _ENDS:
            return slide
        if slide == after or words[start + slide] != words[end + slide]:
            break
    for slide in range(before + 1):
        if words[end - slide - 1] in _ENDS:
            return -slide
        if slide == before or words[start - slide - 1] != words[end - slide - 1]:
            break
    return 0


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of words that stand exactly once in both, as many as are in the same order in both."""
    in_old, in_new = Counter(old), Counter(new)
    place = {word: k for k, word in enumerate(new) if in_new[word] == 1 and in_old[word] == 1}
    pairs = [(i, place[word]) for i, word in enumerate(old) if word in place]
    # The longest increasing subsequence: the last element of the best one of each length, and links back.
    ends: list[int] = []
    at: list[int] = []
    back: list[int | None] = []
    for index, (_, k) in enumerate(pairs):
        length = bisect_left(ends, k)
        back.append(at[length - 1] if length else None)
        ends[length : length + 1], at[length : length + 1] = [k], [index]
    kept: list[tuple[int, int]] = []
    link = at[-1] if at else None
    while link is not None:
        kept.append(pairs[link])
        link = back[link]
    return kept[::-1]


def _longest_common(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The pairs of a longest common subsequence; none where the table would be too large."""
    if len(old) * len(new) > _MOST_CELLS:
        return []
    numbers: dict[str, int] = {}  # rapidfuzz compares hashes, and those of two words may be equal
    first, second = ([numbers.setdefault(word, len(numbers)) for word in words] for words in (old, new))
    blocks = Indel.opcodes(first, second).as_matching_blocks()
    return [(block.a + offset, block.b + offset) for block in blocks for offset in range(block.size)]
