"""What a row says after one thing in it was ticked: there or not, a side, a zone, a degree, a change."""

from enum import StrEnum

from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality, Zone
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.phrasings import APPLICABLE, Applicable, of_absent, restrict


class Part(StrEnum):
    """What can be ticked in a row."""

    CERTAINTY = "certainty"
    SIDE = "side"
    ZONE = "zone"
    DEGREE = "degree"
    CHANGE = "change"


BOTH = "both"
"""The value of Part.SIDE for left and right."""

_HEIGHTS = frozenset({Zone.UPPER, Zone.MIDDLE, Zone.LOWER})


def applicable_to(finding: Finding) -> Applicable:
    """What can be ticked of a finding as it is."""
    applicable = APPLICABLE[finding.observation]
    return of_absent(applicable) if finding.certainty is Certainty.ABSENT else applicable


def change_row(now: Finding | None, observation: Observation, part: Part, value: str) -> Finding | None:
    """What a row says once a value was ticked in it; None is not mentioned, as "" is for Part.CERTAINTY.

    A side, zone, degree or change that is ticked already, or "", is taken away, and what does not apply changes
    nothing. Of an observation that is not mentioned it is present. What has resolved is absent. A height with "+"
    before it joins the heights that are ticked. ValueError for an unknown value, and for `No Finding`.
    """
    if part is Part.CERTAINTY:
        return _with_certainty(now, observation, Certainty(value)) if value else None
    resolved = part is Part.CHANGE and value == Change.RESOLVED
    if now is None and not value:
        return None
    base = now or Finding(observation, Certainty.ABSENT if resolved else Certainty.PRESENT)
    if resolved and base.change is not Change.RESOLVED and Change.RESOLVED in APPLICABLE[observation].changes:
        base = _with_certainty(base, observation, Certainty.ABSENT)
    changed = _with_attribute(base, part, value)
    return changed if changed != base or now is not None else None


def _with_certainty(now: Finding | None, observation: Observation, certainty: Certainty) -> Finding:
    if now is None:
        return restrict(Finding(observation, certainty))
    change = None if now.change is Change.RESOLVED else now.change
    kept = now.change if certainty is now.certainty else change
    return restrict(Finding(observation, certainty, now.sides, now.zones, now.degree, kept))


def _with_attribute(base: Finding, part: Part, value: str) -> Finding:
    applicable = applicable_to(base)
    sides, zones, degree, change = base.sides, base.zones, base.degree, base.change
    if part is Part.SIDE and applicable.sides:
        new = frozenset(Laterality) if value == BOTH else frozenset({Laterality(value)} if value else ())
        sides = frozenset() if new == sides else new
    elif part is Part.ZONE:
        zones = _zones(zones, value) if not value or Zone(value.removeprefix("+")) in applicable.zones else zones
    elif part is Part.DEGREE and applicable.degree:
        degree = None if not value or Degree(value) is degree else Degree(value)
    elif part is Part.CHANGE and (not value or Change(value) in applicable.changes):
        change = None if not value or Change(value) is change else Change(value)
    return Finding(base.observation, base.certainty, sides, zones, degree, change)


def _zones(now: frozenset[Zone], value: str) -> frozenset[Zone]:
    if not value:
        return frozenset()
    zone = Zone(value.removeprefix("+"))
    if value.startswith("+") and zone in _HEIGHTS and now <= _HEIGHTS:
        return now ^ {zone}
    return frozenset() if now == {zone} else frozenset({zone})
