"""Whole reports as MIMIC-CXR sets them are read by the labeler as the data set reads them."""

import pytest

from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report_texts import read_report
from tests.fixtures.mimic_texts import mimic_texts


@pytest.mark.parametrize("slips", [False, True])
def test_of_a_thousand_reports_none_goes_unnamed(slips: bool) -> None:
    """With or without a heading over the findings, with headings as people type them: each says what was written."""
    texts = mimic_texts(1000, slips=slips)
    assert sum(not each.headed for each in texts) > 150
    for each in texts:
        said = observations(each.text)
        said.pop(Observation.NO_FINDING, None)
        assert said == each.said, each.text


@pytest.mark.parametrize("slips", [False, True])
def test_the_reference_of_a_report_says_what_the_report_says(slips: bool) -> None:
    """One reader of sections serves the data set and the labeler."""
    for each in mimic_texts(300, seed=1, slips=slips):
        assert observations(each.text) == observations(read_report(each.text).reference.text), each.text
