"""Rules of pairs of drafts, and of the comparisons that are named before the study."""

from collections.abc import Iterator
from typing import Final

from clinicalblip.reader_study.design.design import ComparisonPart, DraftSource, OutcomeName, ReaderStudyDesign
from clinicalblip.reader_study.design.fault import DesignFault, Place

_RATIOS: Final = frozenset({OutcomeName.READING_SECONDS, OutcomeName.DECISION})
_SHARES: Final = frozenset({OutcomeName.CAUGHT_ERRORS, OutcomeName.AGREEMENT_WITH_REFERENCE})
_OF_DRAFTS: Final = frozenset(
    {OutcomeName.EDIT_DISTANCE, OutcomeName.DECISION, OutcomeName.CONTENT_ERRORS, OutcomeName.CAUGHT_ERRORS}
)


def pairwise_faults(design: ReaderStudyDesign) -> Iterator[DesignFault]:
    """Yield what is wrong with the pairs of drafts."""
    pairwise = design.pairwise
    if pairwise is None:
        return
    drafting = {arm.name: arm.shows_draft for arm in design.arms}
    with_draft = ", ".join(name for name, shows in drafting.items() if shows) or "none"
    for number, name in enumerate(pairwise.arms):
        at: Place = ("pairwise", "arms", number)
        if name not in drafting:
            yield DesignFault(at, f"there is no arm {name}; arms with a draft: {with_draft}")
        elif not drafting[name]:
            yield DesignFault(at, f"the arm {name} shows no draft to choose; arms with one: {with_draft}")
    if pairwise.arms[0] == pairwise.arms[1]:
        yield DesignFault(("pairwise", "arms"), f"the arm {pairwise.arms[0]} stands beside itself; name two arms")
    if pairwise.alone:
        yield from _alone_faults(design, pairwise.cases)
    elif 0 < design.main_count < pairwise.cases:
        yield DesignFault(
            ("pairwise", "cases"),
            f"{pairwise.cases} pairs need as many cases that are neither gold nor training, and there are "
            f"{design.main_count}; up to {design.main_count} are possible",
        )


def _alone_faults(design: ReaderStudyDesign, pairs: int) -> Iterator[DesignFault]:
    for place, count in (
        (("gold", "count"), design.gold.count),
        (("studies", "training"), design.studies.training),
        (("studies", "repeated"), design.studies.repeated),
    ):
        if count:
            yield DesignFault(place, "with `pairwise.alone` nothing is read but pairs; have 0, or say no there")
    if design.reading.periods == 2:
        yield DesignFault(("reading", "periods"), "with `pairwise.alone` there is 1 period; have 1, or say no there")
    if not design.gold.count and design.studies.count != pairs:
        yield DesignFault(
            ("pairwise", "cases"),
            f"with `pairwise.alone` every study is a pair, and studies.count is {design.studies.count}; set both alike",
        )


def comparison_faults(design: ReaderStudyDesign) -> Iterator[DesignFault]:
    """Yield what is wrong with the comparisons."""
    arms = [arm.name for arm in design.arms]
    earlier: set[tuple[OutcomeName, frozenset[str]]] = set()
    for number, comparison in enumerate(design.analysis.comparisons):
        place: Place = ("analysis", "comparisons", number)
        names = {"arm": comparison.arm, "against": comparison.against}
        unknown = [field for field, name in names.items() if name not in arms]
        for field in unknown:
            yield DesignFault((*place, field), f"there is no arm {names[field]}; the arms are {', '.join(arms)}")
        if comparison.arm == comparison.against:
            yield DesignFault((*place, "against"), f"{comparison.arm} is compared with itself; name another arm")
        elif not unknown:
            yield from _outcome_faults(design, comparison, place)
        compared = (comparison.outcome, frozenset(names.values()))
        if compared in earlier:
            yield DesignFault(place, f"these arms are compared by {comparison.outcome} already; name it once")
        earlier.add(compared)
        yield from _margin_faults(comparison, (*place, "margin"))


def _outcome_faults(design: ReaderStudyDesign, comparison: ComparisonPart, place: Place) -> Iterator[DesignFault]:
    outcome, at = comparison.outcome, (*place, "outcome")
    compared = {comparison.arm, comparison.against}
    arms = [design.arm(name) for name in sorted(compared)]
    pairwise = design.pairwise
    if outcome is OutcomeName.PREFERENCE and (pairwise is None or set(pairwise.arms) != compared):
        yield DesignFault(at, "a preference is chosen between two drafts; name these two arms in `pairwise`")
    if outcome is not OutcomeName.PREFERENCE and pairwise is not None and pairwise.alone:
        yield DesignFault(at, "with `pairwise.alone` there is no other outcome than `preference`")
    without = [arm.name for arm in arms if not arm.shows_draft]
    if outcome in _OF_DRAFTS and without:
        yield DesignFault(
            at, f"this is said of a draft, and the arm {without[0]} shows none; name another arm, or another outcome"
        )
    elif (
        outcome is OutcomeName.CAUGHT_ERRORS
        and not design.gold.count
        and any(arm.draft is not DraftSource.INJECTED for arm in arms)
    ):
        yield DesignFault(
            at, "in both arms there have to be errors that can be caught; have gold cases, or errors in both arms"
        )


def _margin_faults(comparison: ComparisonPart, place: Place) -> Iterator[DesignFault]:
    outcome, margin = comparison.outcome, comparison.margin
    if margin is None:
        return
    if outcome in _RATIOS and margin <= 1:
        yield DesignFault(
            place,
            f"for {outcome} a margin is a ratio above 1 (1.1: worse by a tenth at most), and {margin:g} was found",
        )
    elif outcome in _SHARES and not 0 < margin < 1:
        yield DesignFault(
            place, f"for {outcome} a margin is a difference of shares between 0 and 1, and {margin:g} was found"
        )
    elif outcome not in _RATIOS and margin <= 0:
        yield DesignFault(
            place, f"for {outcome} a margin is how much worse is allowed, above 0, and {margin:g} was found"
        )
