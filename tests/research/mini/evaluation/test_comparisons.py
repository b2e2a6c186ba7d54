"""What counts as saying the change between two drawn films."""

from collections import Counter

import numpy as np
import pytest

from research.mini.evaluation.comparisons import CONSTANT, draw_comparisons, is_right, said_changes
from research.phantom.reports.report import Change, changes, describe

COMPARISONS = list(draw_comparisons(6))


def test_every_change_has_as_many_pairs():
    """In each pair one finding has changed as it is said, or none; both films are of one person."""
    assert Counter(each.change for each in COMPARISONS) == dict.fromkeys(Change, 6)
    for each in COMPARISONS:
        happened = set(changes(each.now, each.before).values())
        assert happened - {Change.UNCHANGED} == {each.change} - {Change.UNCHANGED}
        assert happened


@pytest.mark.parametrize("comparison", COMPARISONS, ids=lambda each: f"{each.change}-{each.now.seed}")
def test_a_true_report_is_right(comparison):
    """The phantom's own report, with its prior film, says what happened and nothing else."""
    report = describe(comparison.now, np.random.default_rng(1), comparison.before)
    assert is_right(report.text, comparison.change), report.text


def test_a_report_that_says_every_change_is_wrong():
    """So is one that says nothing, and the constant one is right of what has not changed alone."""
    everything = "The effusion is new. The nodule is larger, the mass is smaller. The edema has resolved."
    assert not any(is_right(text, change) for change in Change for text in (everything, "", "The lungs are clear."))
    assert [change for change in Change if is_right(CONSTANT, change)] == [Change.UNCHANGED]


def test_a_denied_change_is_none():
    """ "No new infiltrate" says nothing new, and "unchanged" may stand beside what has changed."""
    assert said_changes("No new infiltrate. No change.") == {Change.UNCHANGED}
    assert is_right("The effusion is larger. The heart is unchanged.", Change.LARGER)
    assert not is_right("The effusion is larger. The heart is unchanged.", Change.UNCHANGED)
