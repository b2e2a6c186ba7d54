"""What differs between the findings of two texts: which came, went, turned round, and what else is said of them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from clinicalblip.labeler.findings import each_side, findings
from clinicalblip.radiology.finding import Finding, Laterality
from clinicalblip.radiology.observation import Certainty, Observation


class FindingDifference(StrEnum):
    """How one finding differs between two texts.

    `DENIED` was affirmed or doubted and is denied now, `AFFIRMED` the other way round. `DOUBTED` was certain and is
    doubted now, `CONFIRMED` was doubted and is certain now. The others name the attribute.
    """

    ADDED = "added"
    REMOVED = "removed"
    DENIED = "denied"
    AFFIRMED = "affirmed"
    DOUBTED = "doubted"
    CONFIRMED = "confirmed"
    SIDE = "side"
    ZONE = "zone"
    DEGREE = "degree"
    CHANGE = "change"


@dataclass(frozen=True)
class FindingChange:
    """One finding in two texts, None in a text that does not name it, and how it differs, where it does.

    Where a finding is denied in one text, or is not in it, nothing but that is a difference.
    """

    old: Finding | None
    new: Finding | None
    differences: tuple[FindingDifference, ...]

    @property
    def observation(self) -> Observation:
        """What is found in either text."""
        return _either(self.old, self.new).observation

    @property
    def before(self) -> Certainty | None:
        """The certainty in the first text."""
        return self.old.certainty if self.old else None

    @property
    def after(self) -> Certainty | None:
        """The certainty in the second text."""
        return self.new.certainty if self.new else None


@dataclass(frozen=True)
class FindingChanges:
    """The findings that either text names, in the order of `Observation`: those that are the same, and others."""

    same: tuple[FindingChange, ...]
    different: tuple[FindingChange, ...]


_Pair = tuple[Finding | None, Finding | None]


def compare_findings(before: str, after: str) -> FindingChanges:
    """Compare what two reports, or two sections, say of each finding.

    Findings are the same one by observation and, where sides are said, by side: a small left and a moderate right
    effusion are two. One that is on another side in the second text has moved, where nothing else can be meant.
    """
    old, new = findings(before), findings(after)
    changes = [
        FindingChange(*pair, tuple(_differences(*pair)))
        for name in Observation
        for pair in _pairs(
            [finding for finding in old if finding.observation is name],
            [finding for finding in new if finding.observation is name],
        )
    ]
    return FindingChanges(
        same=tuple(change for change in changes if not change.differences),
        different=tuple(change for change in changes if change.differences),
    )


def _either(old: Finding | None, new: Finding | None) -> Finding:
    finding = old or new
    if finding is None:
        raise ValueError("a finding is named in one of two texts at least")
    return finding


def _pairs(old: Sequence[Finding], new: Sequence[Finding]) -> Iterator[_Pair]:
    """Pair what two texts say of one observation: side by side, then what is left as one that moved."""
    olds, news = _by_side(old), _by_side(new)
    yield from _join_pairs((olds[side], news[side]) for side in olds if side in news)
    left_old = _join(finding for side, finding in olds.items() if side not in news)
    left_new = _join(finding for side, finding in news.items() if side not in olds)
    for theirs, others, turned in ((left_old, left_new, False), (left_new, left_old, True)):
        # "no effusion" is said of every effusion that the other text has
        if len(theirs) == 1 and _is_denied(theirs[0]) and not theirs[0].sides:
            denied = [other for other in others if not _is_denied(other)]
            yield from ((other, theirs[0]) if turned else (theirs[0], other) for other in denied)
            others[:] = [other for other in others if _is_denied(other)]
            if denied:
                theirs.clear()
    while left_old and left_new and _may_have_moved(left_old[0], left_new[0]):
        yield left_old.pop(0), left_new.pop(0)
    yield from ((finding, None) for finding in left_old)
    yield from ((None, finding) for finding in left_new)


def _by_side(found: Iterable[Finding]) -> dict[Laterality | None, Finding]:
    return {
        side: replace(finding, sides=frozenset({side} if side else ()))
        for finding in found
        for side in each_side(finding)
    }


def _join(found: Iterable[Finding]) -> list[Finding]:
    return [finding for _, finding in _join_pairs((None, finding) for finding in found) if finding]


def _join_pairs(pairs: Iterable[_Pair]) -> Iterator[_Pair]:
    """Pairs of one side each, those of both sides as one where nothing else differs."""
    sides: dict[_Pair, frozenset[Laterality]] = {}
    for old, new in pairs:
        key = _without_sides(old), _without_sides(new)
        sides[key] = sides.get(key, frozenset()) | _either(old, new).sides
    for (old, new), joined in sides.items():
        yield old and replace(old, sides=joined), new and replace(new, sides=joined)


def _without_sides(finding: Finding | None) -> Finding | None:
    return finding and replace(finding, sides=frozenset())


def _is_denied(finding: Finding) -> bool:
    return finding.certainty is Certainty.ABSENT


def _may_have_moved(old: Finding, new: Finding) -> bool:
    return _is_denied(old) == _is_denied(new) or not (old.sides and new.sides)


_TURNS: Mapping[tuple[Certainty, Certainty], FindingDifference] = {
    (Certainty.PRESENT, Certainty.ABSENT): FindingDifference.DENIED,
    (Certainty.UNCERTAIN, Certainty.ABSENT): FindingDifference.DENIED,
    (Certainty.ABSENT, Certainty.PRESENT): FindingDifference.AFFIRMED,
    (Certainty.ABSENT, Certainty.UNCERTAIN): FindingDifference.AFFIRMED,
    (Certainty.PRESENT, Certainty.UNCERTAIN): FindingDifference.DOUBTED,
    (Certainty.UNCERTAIN, Certainty.PRESENT): FindingDifference.CONFIRMED,
}


def _differences(old: Finding | None, new: Finding | None) -> Iterator[FindingDifference]:
    if old is None or new is None:
        yield FindingDifference.ADDED if old is None else FindingDifference.REMOVED
        return
    if turn := _TURNS.get((old.certainty, new.certainty)):
        yield turn
    if _is_denied(old) != _is_denied(new):
        return
    for difference, was, now in (
        (FindingDifference.SIDE, old.sides, new.sides),
        (FindingDifference.ZONE, old.zones, new.zones),
        (FindingDifference.DEGREE, old.degree, new.degree),
        (FindingDifference.CHANGE, old.change, new.change),
    ):
        if was != now:
            yield difference
