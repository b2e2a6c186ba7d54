"""Ticks: the fewest keys of the ticked view that make a draft say what a report says, and what is left to be typed.

F2 opens the view at its first row. PageDown goes to the next region, arrows go over the rows that it shows, the right
arrow shows those that say nothing. In a row P, A, U set the certainty, Delete takes the row away, L, R, B set the side,
1 to 4 the degree, Z and a letter the zone, C and a letter the change; + makes a row for a second finding of its kind.
Alt+N fills in the normal sentences of regions that are not mentioned.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from heapq import heappop, heappush
from itertools import count, permutations
from typing import Final

from clinicalblip.errors import FindingNotWritten
from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality, Zone
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.document import Document
from clinicalblip.structured_report.regions import OBSERVATIONS, ORDER
from clinicalblip.structured_report.row_changes import BOTH, Part, change_row
from clinicalblip.structured_report.table import Table, read_table
from research.benchmarks.edit_keys.typing import plain

_OPEN: Final = 1
_FILL_IN: Final = 2
_MOST_KEYS: Final = 12
_MOST_PAIRED: Final = 5
_KEYS: Final[tuple[tuple[Part, str, int], ...]] = (
    *((Part.CERTAINTY, value, 1) for value in ("", *Certainty)),
    *((Part.SIDE, value, 1) for value in (*Laterality, BOTH)),
    *((Part.DEGREE, value, 1) for value in Degree),
    *((Part.ZONE, value, 2) for value in Zone),
    *((Part.ZONE, f"+{value}", 3) for value in (Zone.UPPER, Zone.MIDDLE, Zone.LOWER)),
    *((Part.CHANGE, value, 2) for value in Change),
)


@cache
def keys_in_row(now: Finding | None, new: Finding | None, observation: Observation) -> int:
    """The fewest keys that change one row, the cursor being in it; of what no keys say a dozen."""
    order = count()
    waiting: list[tuple[int, int, Finding | None]] = [(0, next(order), now)]
    seen: set[Finding | None] = set()
    while waiting:
        cost, _, finding = heappop(waiting)
        if finding == new:
            return cost
        if finding in seen or cost > _MOST_KEYS:
            continue
        seen.add(finding)
        for part, value, keys in _KEYS:
            heappush(waiting, (cost + keys, next(order), change_row(finding, observation, part, value)))
    return _MOST_KEYS


@dataclass(frozen=True)
class RowChange:
    """A row of one observation, what it says now and what it is to say; None where it is not mentioned."""

    observation: Observation
    now: Finding | None
    new: Finding | None

    @property
    def keys(self) -> int:
        """The fewest keys in the row."""
        return keys_in_row(self.now, self.new, self.observation)


@dataclass(frozen=True)
class Ticked:
    """What ticks come to: the keys, the text that they make, and how many changes of rows could not be ticked."""

    keys: int
    text: str
    refused: int


def tick(before: str, after: str) -> Ticked:
    """Tick a draft until it says what a report says; normal sentences are filled in first where that saves keys."""
    document = Document.read(before)
    ways = [_tick(document, after, _OPEN)]
    with suppress(FindingNotWritten):  # then it is no way
        ways.append(_tick(document.fill_in(), after, _OPEN + _FILL_IN))
    return min(ways, key=lambda way: (way.refused, way.keys))


def _tick(document: Document, after: str, keys: int) -> Ticked:
    changes = _changes(document.table, read_table(after))
    keys += _keys_to_walk(document.table, changes)
    refused = 0
    for change in changes:
        has_row = any(row.finding for row in document.table.rows if row.observation is change.observation)
        try:
            document = document.tick(change.now, change.new)
        except FindingNotWritten:
            refused += 1
        else:
            keys += change.keys + (change.now is None and has_row)
    return Ticked(keys, document.text, refused)


def _changes(before: Table, after: Table) -> list[RowChange]:
    """The rows that say something else: those of one observation in pairs that need the fewest keys."""
    changes: list[RowChange] = []
    for name in ORDER:
        old, new = (
            [row.finding for row in table.rows if row.observation is name and row.finding] for table in (before, after)
        )
        gone, come = [each for each in old if each not in new], [each for each in new if each not in old]
        rows = max(len(gone), len(come))
        now, then = ([*each, *[None] * (rows - len(each))] for each in (gone, come))
        orders = permutations(then) if rows < _MOST_PAIRED else [tuple(then)]
        ways = [[RowChange(name, *pair) for pair in zip(now, order, strict=True)] for order in orders]
        changes += min(ways, key=lambda way: sum(change.keys for change in way))
    return changes


def _keys_to_walk(table: Table, changes: Sequence[RowChange]) -> int:
    """From the first row through all that are changed, region by region."""
    changed = {change.observation for change in changes}
    keys = at = 0
    for number, names in enumerate(OBSERVATIONS.values()):
        wanted = [name for name in names if name in changed]
        if not wanted:
            continue
        keys += number - at  # PageDown
        at = number
        shown = [row.observation for row in table.rows if row.observation in names and row.finding]
        start = 0
        if not set(wanted) <= set(
            shown or names[:1]
        ):  # the right arrow shows all, and goes to the first that says nothing
            keys += 1
            here = (shown or names)[0]
            shown = [row.observation for row in table.rows if row.observation in names]
            silent = {row.observation for row in table.rows if not row.finding}
            start = next(place for place, name in enumerate(shown) if name in silent and name is not here)
        shown = shown or list(names[:1])
        places = [shown.index(name) for name in wanted]
        first, last = min(places), max(places)
        keys += last - first + min(abs(start - first), abs(start - last))
    return keys


def type_the_rest(ticked: str, after: str) -> str:
    """The text that ticks made, with the report's sentences that have no row in the place of its own ones."""
    own, theirs = ([text[start:end] for start, end in read_table(text).not_ticked] for text in (ticked, after))
    for sentence in own:
        if sentence not in theirs:
            ticked = ticked.replace(sentence, "", 1)
    missing = [sentence for sentence in theirs if sentence not in own]
    return plain(" ".join((ticked, *missing)))
