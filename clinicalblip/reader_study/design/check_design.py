"""The rules that hold across the fields of a design, each with what would be possible."""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from clinicalblip.errors import ReaderStudyError
from clinicalblip.reader_study.design.arm_rules import arm_faults, error_faults
from clinicalblip.reader_study.design.comparison_rules import comparison_faults, pairwise_faults
from clinicalblip.reader_study.design.design import ReaderStudyDesign
from clinicalblip.reader_study.design.fault import DesignFault, field_name
from clinicalblip.reader_study.design.question_rules import question_faults
from clinicalblip.reader_study.design.strata import STRATA, find_stratum

_MOST_READINGS: Final = 100_000
_MOST_READERS: Final = 500
_MOST_CASES: Final = 5000


def check_design(design: ReaderStudyDesign) -> None:
    """Raise ReaderStudyError, with the field, for the first rule that a design breaks."""
    for fault in find_faults(design):
        raise ReaderStudyError(f"The design's {field_name(fault.place)}: {fault.what}.")


def find_faults(design: ReaderStudyDesign) -> Iterator[DesignFault]:
    """Yield what breaks a rule, in no order."""
    rules: tuple[Callable[[ReaderStudyDesign], Iterator[DesignFault]], ...] = (
        arm_faults,
        _stratum_faults,
        _case_faults,
        _reading_faults,
        _balance_faults,
        question_faults,
        pairwise_faults,
        comparison_faults,
    )
    return chain.from_iterable(rule(design) for rule in rules)


def _stratum_faults(design: ReaderStudyDesign) -> Iterator[DesignFault]:
    strata = design.studies.strata
    known = [find_stratum(name) for name in strata]
    for name, stratum in zip(strata, known, strict=True):
        if stratum is None:
            yield DesignFault(("studies", "strata", name), f"there is no such stratum; known are {', '.join(STRATA)}")
        elif known.count(stratum) > 1:
            yield DesignFault(("studies", "strata", name), f"{stratum} stands there twice; keep one")
    if (total := sum(strata.values())) > 1 + 1e-9:
        yield DesignFault(("studies", "strata"), f"the shares are {total:.3g} together; they can be 1 at most")


def _case_faults(design: ReaderStudyDesign) -> Iterator[DesignFault]:
    count, gold, main = design.studies.count, design.gold.count, design.main_count
    yield from error_faults(design.gold.errors, ("gold", "errors"))
    if gold >= count:
        cases = "case" if count == 1 else "cases"
        yield DesignFault(
            ("gold", "count"),
            f"{gold} gold cases cannot be among {count} {cases} and leave any to compare; "
            f"have at least {gold + 1} cases, or {_up_to(count - 1)} gold ones",
        )
    elif design.studies.repeated > main:
        yield DesignFault(
            ("studies", "repeated"),
            f"{design.studies.repeated} cases cannot come again where {main} are neither gold nor training; "
            f"{_up_to(main)} can",
        )
    if gold and not any(arm.shows_draft for arm in design.arms):
        yield DesignFault(
            ("gold", "count"), "no arm shows a draft that could have errors; add such an arm, or have no gold cases"
        )


def _reading_faults(design: ReaderStudyDesign) -> Iterator[DesignFault]:
    reading, arms = design.reading, design.arms
    if reading.periods == 2 and reading.kind == "parallel":
        yield DesignFault(
            ("reading", "periods"), "a second period has other arms, and in parallel each reader has one; have 1 period"
        )
    elif reading.periods == 2 and len(arms) == 1:
        yield DesignFault(
            ("reading", "periods"),
            "a second period has other arms, and there is one arm; have 1 period, or a second arm",
        )
    if reading.reader_first and not any(arm.shows_draft for arm in arms):
        yield DesignFault(
            ("reading", "reader_first"), "no arm shows a draft after the first impression; add such an arm, or say no"
        )


def _balance_faults(design: ReaderStudyDesign) -> Iterator[DesignFault]:
    if design.pairwise is not None and design.pairwise.alone:
        return
    reading, arms, gold, main = design.reading, len(design.arms), design.gold.count, design.main_count
    crossed = reading.kind == "crossover"
    if reading.readers % arms:
        fitting = _multiples(reading.readers, arms, 0, _MOST_READERS)
        what = "read each case under each arm equally often" if crossed else "have one arm each, equally often"
        yield DesignFault(
            ("reading", "readers"),
            f"{_readers(reading.readers)} cannot {what} with {arms} arms; {fitting} can",
        )
    if crossed and main > 0 and main % arms:
        less = f" ({design.studies.count} less {gold} gold ones)" if gold else ""
        yield DesignFault(
            ("studies", "count"),
            f"{main} {'case' if main == 1 else 'cases'} to compare{less} cannot be read under {arms} arms equally "
            f"often by each reader; a count of {_multiples(main, arms, gold, _MOST_CASES)} can",
        )
    once = (design.studies.count + design.studies.repeated) * reading.periods + design.studies.training
    if (readings := once * reading.readers) > _MOST_READINGS:
        yield DesignFault(
            ("reading", "readers"),
            f"{readings} readings by all readers are more than a study can have; {_MOST_READINGS} are possible",
        )


def _multiples(number: int, of: int, more: int, most: int) -> str:
    """The multiples below and above a number, each with so many `more`."""
    below = number // of * of
    fitting = [str(each + more) for each in (below, below + of) if each and each + more <= most]
    return " or ".join(fitting)


def _readers(count: int) -> str:
    return "1 reader" if count == 1 else f"{count} readers"


def _up_to(count: int) -> str:
    return f"up to {count}" if count else "no"
