"""What findings come to, and whether an impression still fits them."""

import re
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.radiology.finding import Degree, Finding, Laterality
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.impression import (
    NORMAL_IMPRESSION,
    URGENCY,
    ImpressionMatch,
    impression_matches,
    make_impression,
)
from clinicalblip.structured_report.languages import read_sentences
from clinicalblip.structured_report.phrasings import APPLICABLE
from clinicalblip.structured_report.table import findings_of
from tests.fixtures.ticked_reports import any_findings

O: Final = Observation  # noqa: E741 - one letter keeps the tables below tables
PRESENT, UNCERTAIN, ABSENT = Certainty.PRESENT, Certainty.UNCERTAIN, Certainty.ABSENT
LEFT = frozenset({Laterality.LEFT})


def read(text: str) -> tuple[Finding, ...]:
    """What the labeler reads."""
    return findings_of(read_sentences(text))


@given(st.lists(any_findings(), max_size=12))
@settings(max_examples=80)
def test_an_impression_says_what_is_there(findings: list[Finding]) -> None:
    """One to five sentences; of up to five findings all is said, of more every observation is named."""
    there = {finding for finding in findings if finding.certainty is not ABSENT and finding.observation in URGENCY}
    impression = make_impression(findings)
    assert 1 <= len(re.findall(r"\.(?: |$)", impression)) <= 5
    if not there:
        assert impression == NORMAL_IMPRESSION
    elif len(there) <= 5:
        assert set(read(impression)) == there
    else:
        assert {finding.observation for finding in read(impression)} == {finding.observation for finding in there}
        assert {finding.certainty for finding in read(impression)} <= {PRESENT, UNCERTAIN}
    order = [tuple(URGENCY).index(finding.observation) for finding in read(impression) if there]
    assert order[:3] == sorted(order)[:3]


def test_the_most_urgent_comes_first() -> None:
    """And the rest is named together, what is there apart from what is doubted."""
    findings = [
        Finding(O.EMPHYSEMA, UNCERTAIN),
        Finding(O.FIBROSIS, UNCERTAIN),
        Finding(O.CARDIOMEGALY, PRESENT, degree=Degree.SMALL),
        Finding(O.ATELECTASIS, PRESENT, LEFT),
        Finding(O.PLEURAL_EFFUSION, PRESENT, LEFT, degree=Degree.SMALL),
        Finding(O.SUPPORT_DEVICES, PRESENT),
        Finding(O.PNEUMONIA, UNCERTAIN, LEFT),
        Finding(O.PNEUMOTHORAX, PRESENT, LEFT),
        Finding(O.FRACTURE, ABSENT),
    ]
    assert make_impression(findings) == (
        "There is a left pneumothorax. There may be pneumonia in the left lung. "
        "There is a small left pleural effusion. There is also atelectasis and cardiomegaly. "
        "Possible emphysema or fibrosis."
    )


def test_urgency_has_every_observation_but_devices() -> None:
    """Each with the reason for its place."""
    assert set(URGENCY) == set(APPLICABLE) - {O.SUPPORT_DEVICES}
    assert all(URGENCY.values())


FINDINGS: Final = "Small left effusion. No pneumothorax. The heart is enlarged. Possible pneumonia."
MATCHES: Final = {
    (FINDINGS, "Small left pleural effusion."): ImpressionMatch(),
    (FINDINGS, "Effusion. Possible pneumonia."): ImpressionMatch(),
    (FINDINGS, "Effusion and cardiomegaly, no pneumothorax."): ImpressionMatch(),
    (FINDINGS, ""): ImpressionMatch(),
    (FINDINGS, NORMAL_IMPRESSION): ImpressionMatch(missing=(O.PLEURAL_EFFUSION,)),
    (FINDINGS, "Cardiomegaly."): ImpressionMatch(missing=(O.PLEURAL_EFFUSION,)),
    (FINDINGS, "Right effusion."): ImpressionMatch(otherwise=(O.PLEURAL_EFFUSION,)),
    (FINDINGS, "Large effusion."): ImpressionMatch(otherwise=(O.PLEURAL_EFFUSION,)),
    (FINDINGS, "No effusion."): ImpressionMatch(otherwise=(O.PLEURAL_EFFUSION,)),
    (FINDINGS, "Effusion. Pneumonia."): ImpressionMatch(otherwise=(O.PNEUMONIA,)),
    (FINDINGS, "Effusion. Rib fracture."): ImpressionMatch(otherwise=(O.FRACTURE,)),
    (FINDINGS, "No large effusion. Pneumothorax."): ImpressionMatch(otherwise=(O.PNEUMOTHORAX,)),
    ("The lungs are clear.", NORMAL_IMPRESSION): ImpressionMatch(),
    ("Left effusion.", "No right effusion."): ImpressionMatch(),
    ("Kein Erguss.", "Kein Erguss."): ImpressionMatch(),
}


@pytest.mark.parametrize(("findings", "impression"), MATCHES)
def test_whether_an_impression_still_fits(findings: str, impression: str) -> None:
    """It may say less than the findings, but nothing more, nothing else, and it may not leave out what is urgent."""
    found = impression_matches(findings, impression)
    assert found == MATCHES[findings, impression]
    assert found.fits == (found == ImpressionMatch())


@given(st.lists(any_findings(), max_size=5))
@settings(max_examples=40)
def test_a_made_impression_names_all_that_is_urgent(findings: list[Finding]) -> None:
    """Right after it is made nothing is missing from it."""
    text = " ".join(make_impression([finding]) for finding in findings if finding.certainty is PRESENT)
    assert impression_matches(text, make_impression(findings)).missing == ()
