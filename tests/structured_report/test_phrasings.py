"""What is ticked is written, and read again as it was ticked."""

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings

from clinicalblip.labeler import observations
from clinicalblip.radiology.finding import MIDLINE, Change, Degree, Finding, Laterality, Zone
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.languages import read_sentences
from clinicalblip.structured_report.phrasings import APPLICABLE, NORMAL, combinations, phrase, restrict
from clinicalblip.structured_report.regions import OBSERVATIONS, REGION_OF, Region
from clinicalblip.structured_report.table import findings_of
from tests.fixtures.ticked_reports import any_findings

LEFT, RIGHT = frozenset({Laterality.LEFT}), frozenset({Laterality.RIGHT})
PRESENT, ABSENT, UNCERTAIN = Certainty.PRESENT, Certainty.ABSENT, Certainty.UNCERTAIN
O: Final = Observation  # noqa: E741 - one letter keeps the tables below tables


def read_rows(text: str) -> list[Finding]:
    """The findings that a text has rows of."""
    return list(findings_of(read_sentences(text)))


@pytest.mark.parametrize("observation", APPLICABLE)
def test_every_tick_is_read_back_as_ticked(observation: Observation) -> None:
    """Not samples: every certainty, side, zone, degree and change that applies, and nothing else is read."""
    wrong = {phrase(finding) for finding in combinations(observation) if read_rows(phrase(finding)) != [finding]}
    assert not wrong


@given(any_findings())
@settings(max_examples=200)
def test_what_is_not_offered_is_read_back_too(finding: Finding) -> None:
    """A text can say more than is offered (four zones, a degree of a fracture), and is rewritten without losing it."""
    assert read_rows(phrase(finding)) == [finding]


@given(any_findings())
@settings(max_examples=100)
def test_what_does_not_apply_is_left_out(finding: Finding) -> None:
    """What can be ticked stays, and what is left can be ticked, zone by zone where there are several."""
    restricted = restrict(finding)
    assert restrict(restricted) == restricted
    assert (restricted.observation, restricted.certainty) == (finding.observation, finding.certainty)
    zones = [frozenset({zone}) for zone in restricted.zones] or [frozenset[Zone]()]
    assert {replace(restricted, zones=zone) for zone in zones} <= set(combinations(finding.observation))
    small = Finding(O.PLEURAL_EFFUSION, PRESENT, LEFT, degree=Degree.SMALL, change=Change.UNCHANGED)
    assert restrict(replace(small, certainty=ABSENT)) == Finding(O.PLEURAL_EFFUSION, ABSENT, LEFT)


SENTENCES: Final = {
    "There is a small left basal pleural effusion, unchanged.": Finding(
        O.PLEURAL_EFFUSION, PRESENT, LEFT, frozenset({Zone.BASAL}), Degree.SMALL, Change.UNCHANGED
    ),
    "There may be new trace bilateral pneumothoraces.": Finding(
        O.PNEUMOTHORAX, UNCERTAIN, LEFT | RIGHT, degree=Degree.TRACE, change=Change.NEW
    ),
    "There is no left pneumothorax.": Finding(O.PNEUMOTHORAX, ABSENT, LEFT),
    "The left pleural effusion has resolved.": Finding(O.PLEURAL_EFFUSION, ABSENT, LEFT, change=Change.RESOLVED),
    "There is a support device on the right.": Finding(O.SUPPORT_DEVICES, PRESENT, RIGHT),
    "The support devices on both sides have been removed.": Finding(
        O.SUPPORT_DEVICES, ABSENT, LEFT | RIGHT, change=Change.RESOLVED
    ),
    "There is moderate cardiomegaly, increased from the prior study.": Finding(
        O.CARDIOMEGALY, PRESENT, degree=Degree.MODERATE, change=Change.LARGER
    ),
    "There is an opacity in the left upper and lower lung.": Finding(
        O.LUNG_OPACITY, PRESENT, LEFT, frozenset({Zone.UPPER, Zone.LOWER})
    ),
    "There is mild diffuse pulmonary edema.": Finding(
        O.EDEMA, PRESENT, zones=frozenset({Zone.DIFFUSE}), degree=Degree.SMALL
    ),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_one_that_a_radiologist_would_write(sentence: str) -> None:
    """Articles, plurals, and each attribute at the place where it is said."""
    assert phrase(SENTENCES[sentence]) == sentence


def test_every_observation_has_its_region_and_its_attributes() -> None:
    """`No Finding` apart, which is said of a text; what has no side is offered none."""
    assert set(APPLICABLE) == set(REGION_OF) == set(Observation) - {Observation.NO_FINDING}
    assert not any(APPLICABLE[name].sides or APPLICABLE[name].zones for name in MIDLINE - {Observation.NO_FINDING})
    with pytest.raises(ValueError, match="whole text"):
        phrase(Finding(Observation.NO_FINDING, PRESENT))
    with pytest.raises(ValueError, match="whole text"):
        next(combinations(Observation.NO_FINDING))


@pytest.mark.parametrize("region", NORMAL)
def test_a_normal_sentence_denies_findings_of_its_region_alone(region: Region) -> None:
    """So that filling in one region never answers for another."""
    said = observations(NORMAL[region])
    assert said.pop(Observation.NO_FINDING) is PRESENT
    assert said
    assert set(said) <= set(OBSERVATIONS[region])
    assert set(said.values()) == {ABSENT}
