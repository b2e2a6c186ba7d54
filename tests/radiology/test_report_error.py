"""An error's significance fits its category, its passage is there unless a finding is missing."""

from typing import Any

import pytest

from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report_error import (
    ATTRIBUTE_SIGNIFICANCES,
    FINDING_CATEGORIES,
    FINDING_SIGNIFICANCES,
    REXVAL,
    ErrorCategory,
    ErrorOrigin,
    ErrorState,
    ReportError,
    ReXValCategory,
    Significance,
)


def _error(**changes: Any) -> ReportError:
    values: dict[str, Any] = {
        "category": ErrorCategory.FALSE_FINDING,
        "section": Section.FINDINGS,
        "start": 0,
        "end": 13,
        "origin": ErrorOrigin.PROPOSED,
        "state": ErrorState.CONFIRMED,
        "significance": Significance.URGENT,
        "observation": Observation.PNEUMOTHORAX,
    }
    return ReportError(**values | changes)


_NOWHERE = {"section": None, "start": None, "end": None}


def test_a_missing_finding_has_no_passage() -> None:
    """All other errors have one."""
    assert _error(category=ErrorCategory.MISSING_FINDING, **_NOWHERE).start is None
    for category in set(ErrorCategory) - {ErrorCategory.MISSING_FINDING}:
        with pytest.raises(ValueError, match="names a passage"):
            _error(category=category, significance=None, **_NOWHERE)


def test_a_significance_is_one_of_its_category() -> None:
    """Findings are urgent to benign, attributes significant or negligible, and both may be left open."""
    for category in ErrorCategory:
        place = _NOWHERE if category is ErrorCategory.MISSING_FINDING else {}
        allowed = FINDING_SIGNIFICANCES if category in FINDING_CATEGORIES else ATTRIBUTE_SIGNIFICANCES
        for significance in (None, *Significance):
            if significance is None or significance in allowed:
                assert _error(category=category, significance=significance, **place).significance is significance
            else:
                with pytest.raises(ValueError, match="is not called"):
                    _error(category=category, significance=significance, **place)


@pytest.mark.parametrize("state", [state for state in ErrorState if state is not ErrorState.CONFIRMED])
def test_what_was_named_by_hand_is_confirmed(state: ErrorState) -> None:
    """Nothing was proposed that could be changed, discarded or ignored."""
    with pytest.raises(ValueError, match="by hand"):
        _error(origin=ErrorOrigin.BY_HAND, state=state)


def test_only_confirmed_and_changed_ones_are_the_readers() -> None:
    """What was discarded or passed over is kept, and is nobody's judgement."""
    assert [state for state in ErrorState if _error(state=state).of_reader] == [
        ErrorState.CONFIRMED,
        ErrorState.CHANGED,
    ]


@pytest.mark.parametrize("changes", [{"start": 5, "end": 5}, {"end": -1}, {"section": Section.HISTORY}, {"end": None}])
def test_a_passage_that_no_report_has_is_refused(changes: dict[str, Any]) -> None:
    """Of no characters, of another section, or half of one."""
    with pytest.raises(ValueError, match=r"span|section|passage"):
        _error(**changes)


def test_every_category_is_led_to_rexval() -> None:
    """Those without a counterpart to None; of ReXVal's six, only what a draft omits of a change is reached by none."""
    assert set(REXVAL) == set(ErrorCategory)
    assert set(ReXValCategory) - set(REXVAL.values()) == {ReXValCategory.OMITTED_COMPARISON}
    assert sum(found is None for found in REXVAL.values()) == 5
