"""The table of false findings: each says one finding, and its short form the same."""

import pytest

from clinicalblip.radiology.observation import Certainty
from clinicalblip.reader_study.injection.false_findings import FALSE_DEVICES, FALSE_FINDINGS, FalseFinding
from clinicalblip.reader_study.injection.significance import OF_FINDING
from clinicalblip.structured_report.rewriting import said


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("false", [*FALSE_FINDINGS, *FALSE_DEVICES], ids=lambda false: false.sentence[:40])
def test_a_false_finding_is_one_finding(false: FalseFinding, side: str) -> None:
    """In both forms the labeler reads the observation on the same side, present, and nothing else."""
    forms = [each.format(side=side, Side=side.capitalize()) for each in (false.sentence, false.short)]
    read = [said(form) for form in forms]
    assert [len(each) for each in read] == [1, 1]
    findings = [next(iter(each)) for each in read]
    assert {(each.observation, each.certainty, each.sides) for each in findings} == {
        (false.observation, Certainty.PRESENT, findings[0].sides)
    }
    if "{side}" in false.sentence:
        assert findings[0].sides == {side}
    assert false.observation in OF_FINDING
