"""Experiments on drawn films: what counts as affirmed, denied, and on the right side."""

import pytest

from research.mini.evaluation.counterfactuals import Count
from research.mini.reports.draft_findings import affirms, denies, sides_of
from research.phantom.choosing import random_phantom
from research.phantom.description import Kind
from research.phantom.reports.report import describe


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_a_true_report_names_what_was_drawn_and_nothing_else(seed):
    """A perfect draft passes every experiment: the phantom's own report names its kinds, on their sides."""
    phantom = random_phantom(seed)
    text = describe(phantom).findings
    lesions = {Kind.NODULE, Kind.MASS}
    for kind in Kind:
        there = phantom.finding(kind) is not None
        if kind in lesions:  # one observation
            there = any(phantom.finding(each) for each in lesions)
        assert affirms(text, kind) == there, (kind, text)
    for finding in phantom.in_order:
        if len(finding.signs) == 1 and finding.kind is not Kind.CENTRAL_LINE:
            assert sides_of(text, finding.kind) <= {finding.side}


def test_a_denied_finding_is_not_named():
    """Affirmed, denied and not spoken of are three things."""
    assert denies("No pneumothorax.", Kind.PNEUMOTHORAX)
    assert not affirms("No pneumothorax.", Kind.PNEUMOTHORAX)
    assert not denies("The lungs are clear.", Kind.PNEUMOTHORAX)
    assert not denies("There is a pneumothorax. No pneumothorax on the left.", Kind.PNEUMOTHORAX)
    assert not affirms("There is no longer a right pacemaker.", Kind.PACEMAKER)
    assert affirms("Right pacemaker with two leads.", Kind.PACEMAKER)
    assert denies("The hinted hyperinflation is not seen.", Kind.HYPERINFLATION)
    assert not denies("The lungs are clear.", Kind.HYPERINFLATION)
    assert not denies("The hinted hyperinflation is not seen. Mild hyperinflation.", Kind.HYPERINFLATION)


def test_the_chambers_that_leads_end_in_are_no_side():
    """A left pacemaker has its leads in the right heart."""
    text = "There is a left pacemaker with leads in the right atrium and right ventricle."
    assert sides_of(text, Kind.PACEMAKER) == {"left"}
    assert sides_of("A pacemaker lies over the right chest wall, its leads in the right heart.", Kind.PACEMAKER) == {
        "right"
    }


def test_counts_that_cannot_be_are_refused():
    """More right drafts than there are drafts is a mistake."""
    with pytest.raises(ValueError, match="cannot be"):
        Count(3, 4)
