"""What simulated readers do to a report is seen by the labeler, and nothing else is."""

import pytest

from clinicalblip.labeler import findings
from clinicalblip.radiology.finding import Degree, Finding, Laterality
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.radiology.report import Report
from clinicalblip.reader_study.design.design import ErrorsPart
from clinicalblip.reader_study.injection.fates import ErrorFate, fates
from clinicalblip.reader_study.injection.inject import inject_errors
from clinicalblip.reader_study.injection.injected_error import InjectedKind
from research.pilot.editing import say, take_back

_REPORT = Report(
    "The heart is enlarged. There is a small left pleural effusion. There is no pneumothorax.",
    "Cardiomegaly and small left pleural effusion.",
)
_EFFUSION = Finding(
    Observation.PLEURAL_EFFUSION, Certainty.PRESENT, frozenset({Laterality.RIGHT}), degree=Degree.MODERATE
)


def test_a_finding_is_said_instead_of_another() -> None:
    """The new finding stands alone, and what a sentence affirmed beside the old one stays."""
    changed = say(_REPORT, Observation.PLEURAL_EFFUSION, [_EFFUSION])
    said = findings(changed.text)
    assert [each for each in said if each.observation is Observation.PLEURAL_EFFUSION] == [_EFFUSION]
    assert any(each.observation is Observation.CARDIOMEGALY and each.certainty is Certainty.PRESENT for each in said)
    assert "no pneumothorax" in changed.findings


def test_no_finding_denies_it() -> None:
    """Without findings the observation is denied."""
    said = findings(say(_REPORT, Observation.PLEURAL_EFFUSION, ()).text)
    (effusion,) = [each for each in said if each.observation is Observation.PLEURAL_EFFUSION]
    assert effusion.certainty is Certainty.ABSENT


def test_a_normal_impression_goes_with_the_first_finding() -> None:
    """What is said to be normal is not left beside a finding."""
    changed = say(Report("Both lungs are clear.", "No acute finding."), Observation.PLEURAL_EFFUSION, [_EFFUSION])
    assert "No acute finding" not in changed.text


@pytest.mark.parametrize("kind", InjectedKind)
@pytest.mark.parametrize("seed", range(3))
def test_an_error_that_is_taken_back_is_caught(kind: InjectedKind, seed: int) -> None:
    """Whatever the kind of error, the report says of the finding what it said before."""
    report = Report(
        "There is a small left pleural effusion, unchanged. The heart is of normal size.",
        "Small left pleural effusion.",
    )
    injected = inject_errors(report, ErrorsPart(kinds=(kind,)), seed)
    (error,) = injected.errors
    assert fates(injected, injected.report) == (ErrorFate.MISSED,)
    assert fates(injected, take_back(injected.report, error)) == (ErrorFate.CAUGHT,)
