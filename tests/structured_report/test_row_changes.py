"""What one tick makes of a row."""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality, Zone
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.phrasings import APPLICABLE, combinations, restrict
from clinicalblip.structured_report.row_changes import Part, change_row

EFFUSION = Observation.PLEURAL_EFFUSION
LEFT, RIGHT = frozenset({Laterality.LEFT}), frozenset({Laterality.RIGHT})
SMALL_LEFT = Finding(EFFUSION, Certainty.PRESENT, LEFT, degree=Degree.SMALL)


@pytest.mark.parametrize(
    ("now", "part", "value", "expected"),
    [
        (None, Part.CERTAINTY, "absent", Finding(EFFUSION, Certainty.ABSENT)),
        (None, Part.SIDE, "left", Finding(EFFUSION, Certainty.PRESENT, LEFT)),
        (None, Part.CHANGE, "resolved", Finding(EFFUSION, Certainty.ABSENT, change=Change.RESOLVED)),
        (None, Part.SIDE, "", None),
        (None, Part.ZONE, "retrocardiac", None),
        (SMALL_LEFT, Part.CERTAINTY, "", None),
        (SMALL_LEFT, Part.CERTAINTY, "absent", Finding(EFFUSION, Certainty.ABSENT, LEFT)),
        (SMALL_LEFT, Part.SIDE, "right", Finding(EFFUSION, Certainty.PRESENT, RIGHT, degree=Degree.SMALL)),
        (SMALL_LEFT, Part.SIDE, "left", Finding(EFFUSION, Certainty.PRESENT, degree=Degree.SMALL)),
        (SMALL_LEFT, Part.SIDE, "both", Finding(EFFUSION, Certainty.PRESENT, LEFT | RIGHT, degree=Degree.SMALL)),
        (SMALL_LEFT, Part.DEGREE, "small", Finding(EFFUSION, Certainty.PRESENT, LEFT)),
        (SMALL_LEFT, Part.CHANGE, "resolved", Finding(EFFUSION, Certainty.ABSENT, LEFT, change=Change.RESOLVED)),
        (Finding(EFFUSION, Certainty.ABSENT), Part.DEGREE, "large", Finding(EFFUSION, Certainty.ABSENT)),
        (
            Finding(EFFUSION, Certainty.ABSENT, change=Change.RESOLVED),
            Part.CERTAINTY,
            "present",
            Finding(EFFUSION, Certainty.PRESENT),
        ),
    ],
)
def test_a_tick_changes_its_row(now: Finding | None, part: Part, value: str, expected: Finding | None) -> None:
    """An attribute of what is not mentioned says that it is there; ticked again it is gone; resolved is absent."""
    assert change_row(now, EFFUSION, part, value) == expected


def test_a_zone_takes_the_place_of_another_and_heights_can_be_joined() -> None:
    """Several only of upper, middle and lower."""
    upper = change_row(None, Observation.CONSOLIDATION, Part.ZONE, "upper")
    lower = change_row(upper, Observation.CONSOLIDATION, Part.ZONE, "lower")
    both = change_row(lower, Observation.CONSOLIDATION, Part.ZONE, "+upper")
    assert lower is not None
    assert both is not None
    assert (lower.zones, both.zones) == ({Zone.LOWER}, {Zone.UPPER, Zone.LOWER})
    assert change_row(both, Observation.CONSOLIDATION, Part.ZONE, "+upper") == lower
    basal = change_row(both, Observation.CONSOLIDATION, Part.ZONE, "+basal")
    assert basal is not None
    assert basal.zones == {Zone.BASAL}


@pytest.mark.parametrize(("part", "value"), [(Part.SIDE, "up"), (Part.CERTAINTY, "maybe"), (Part.ZONE, "+")])
def test_a_word_that_is_none_is_refused(part: Part, value: str) -> None:
    """As it can come from outside."""
    with pytest.raises(ValueError):
        change_row(SMALL_LEFT, EFFUSION, part, value)


@cache
def _combinations(observation: Observation) -> frozenset[Finding]:
    return frozenset(combinations(observation))


_VALUES = {
    Part.CERTAINTY: ["", *Certainty],
    Part.SIDE: ["", "both", *Laterality],
    Part.ZONE: ["", *Zone, *(f"+{zone}" for zone in Zone)],
    Part.DEGREE: ["", *Degree],
    Part.CHANGE: ["", *Change],
}
_TICKS = st.sampled_from(list(Part)).flatmap(lambda part: st.tuples(st.just(part), st.sampled_from(_VALUES[part])))


@given(st.sampled_from(list(APPLICABLE)), st.lists(_TICKS, max_size=8))
def test_whatever_is_ticked_is_one_of_the_combinations(observation: Observation, ticks: list[tuple[Part, str]]) -> None:
    """So there is a sentence for it that is read back, of which another test has every one."""
    finding: Finding | None = None
    for part, value in ticks:
        finding = change_row(finding, observation, part, value)
        if finding is not None:
            assert finding == restrict(finding)
    if finding is not None:
        assert finding in _combinations(observation)
