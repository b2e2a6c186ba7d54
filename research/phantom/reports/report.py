"""A truthful report of a phantom: what was drawn, where and how much, and what changed since an earlier film."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import numpy as np

from clinicalblip.radiology.report import Report
from research.phantom.description import DEVICES, OBSERVATION, Finding, Kind, Phantom
from research.phantom.reports import phrases

# A difference in severity from which a reader would call a finding larger or smaller.
NOTICED: Final = 0.15
_MIDDLE_CM: Final = 1.0  # from here on a diameter is given in cm

_LUNGS: Final = (
    Kind.CONSOLIDATION,
    Kind.ATELECTASIS,
    Kind.NODULE,
    Kind.MASS,
    Kind.EDEMA,
    Kind.HYPERINFLATION,
    Kind.GRANULOMA,
)
_ORDER: Final = (
    Kind.CARDIOMEGALY,
    Kind.EDEMA,
    Kind.HYPERINFLATION,
    Kind.CONSOLIDATION,
    Kind.ATELECTASIS,
    Kind.NODULE,
    Kind.MASS,
    Kind.GRANULOMA,
    Kind.EFFUSION,
    Kind.PNEUMOTHORAX,
    Kind.RIB_FRACTURE,
    Kind.SCOLIOSIS,
    Kind.PACEMAKER,
    Kind.CENTRAL_LINE,
    Kind.ENDOTRACHEAL_TUBE,
    Kind.STERNOTOMY_WIRES,
)
_OFTEN_DENIED: Final = (Kind.EFFUSION, Kind.PNEUMOTHORAX)  # the others are denied now and then


class Change(StrEnum):
    """How a finding compares with the same finding on an earlier film."""

    NEW = "new"
    LARGER = "larger"
    SMALLER = "smaller"
    UNCHANGED = "unchanged"
    RESOLVED = "resolved"


def changes(phantom: Phantom, prior: Phantom) -> dict[Finding, Change]:
    """The change of each finding of either film, in reading order; one that moved is resolved there and new here.

    Raises ValueError where the films are of two persons.
    """
    if phantom.seed != prior.seed:
        raise ValueError(f"The prior film is of the person {prior.seed}, not of {phantom.seed}.")
    found: dict[Finding, Change] = {}
    for kind in _ORDER:
        now, before = phantom.finding(kind), prior.finding(kind)
        same_place = bool(now and before and (now.side, now.zone) == (before.side, before.zone))
        if before and not same_place:
            found[before] = Change.RESOLVED
        if now and before and same_place:
            grown = 0.0 if kind in DEVICES else now.severity - before.severity
            if abs(grown) < NOTICED:
                found[now] = Change.UNCHANGED
            else:
                found[now] = Change.LARGER if grown > 0 else Change.SMALLER
        elif now:
            found[now] = Change.NEW
    return found


def describe(
    phantom: Phantom,
    rng: np.random.Generator | None = None,
    prior: Phantom | None = None,
    *,
    omit: Finding | None = None,
) -> Report:
    """A report that is true of the phantom: its findings with side, zone, degree or size, and what is denied.

    The wording is drawn from `rng`, from the phantom's own seed where None. With `prior`, an earlier phantom of
    the same person, each finding is also called new, larger, smaller or unchanged, and resolved findings are named;
    without it nothing is compared. The findings leave out `omit`, which is said elsewhere.
    """
    rng = rng or np.random.default_rng((phantom.seed, 5))
    changed = changes(phantom, prior) if prior else {}
    gone = {finding.kind for finding, change in changed.items() if change is Change.RESOLVED}
    sentences: list[str] = []
    if not any(phantom.finding(kind) for kind in _LUNGS) and not gone & set(_LUNGS):
        lungs = [_one(phrases.CLEAR, rng)]
    else:
        lungs = []
    for kind in _ORDER:
        if kind is Kind.EDEMA:
            if rng.random() < 0.3:
                sentences.append(_one(phrases.MIDDLE, rng))
            sentences += lungs
        finding = phantom.finding(kind)
        if finding and finding == omit:
            continue
        if finding:
            sentences.append(affirm_finding(finding, rng))
            if finding in changed:
                sentences.append(_compare(finding, changed[finding], rng))
        elif kind in phrases.ABSENT and kind not in gone and not _has_same(phantom, kind):
            often = 0.85 if kind in _OFTEN_DENIED or kind is Kind.CARDIOMEGALY else 0.2
            if rng.random() < often:
                sentences.append(_one(phrases.ABSENT[kind], rng))
    sentences += [_compare(finding, change, rng) for finding, change in changed.items() if change is Change.RESOLVED]
    if not phantom.finding(Kind.RIB_FRACTURE) and not phantom.finding(Kind.SCOLIOSIS) and rng.random() < 0.35:
        sentences.append(_one(phrases.BONES, rng))
    return Report(" ".join(sentences), " ".join(_conclude(phantom, prior, changed, rng)))


def affirm_finding(finding: Finding, rng: np.random.Generator) -> str:
    """One sentence that says that the finding is there, with its side, zone, and degree or size."""
    return _say(_one(phrases.PRESENT[finding.kind], rng), finding)


def deny_kind(kind: Kind, rng: np.random.Generator) -> str:
    """One sentence that says that nothing of this kind is there."""
    return _one(phrases.ABSENT.get(kind, (f"No {kind}.", f"There is no {kind}.")), rng)


def name_finding(finding: Finding) -> str:
    """A finding's name within a sentence: "left pleural effusion", "nodule in the right upper zone"."""
    words = _words(finding)
    if finding.zone and finding.kind is not Kind.RIB_FRACTURE:
        return f"{finding.kind} in the {words['place']}"
    return f"{words['sided']} {finding.kind}" if finding.side else str(finding.kind)


def _conclude(
    phantom: Phantom, prior: Phantom | None, changed: dict[Finding, Change], rng: np.random.Generator
) -> list[str]:
    parts = []
    for kind in _ORDER:
        if finding := phantom.finding(kind):
            parts.append(_say(phrases.SHORT[kind], finding))
            if changed.get(finding, Change.UNCHANGED) is not Change.UNCHANGED:
                parts[-1] = f"{changed[finding].capitalize()} {_lower_first(parts[-1])}"
    if not parts:
        parts.append(_one(phrases.NORMAL, rng))
    if prior and set(changed.values()) <= {Change.UNCHANGED}:
        parts.append(_one(phrases.SAME, rng))
    return parts


def _has_same(phantom: Phantom, kind: Kind) -> bool:
    """Whether another finding of the phantom is the same observation or looks like it, so that denying it is false."""
    if kind is Kind.NODULE and phantom.finding(Kind.GRANULOMA):
        return True
    return any(finding.observation is OBSERVATION.get(kind) for finding in phantom.findings)


def _compare(finding: Finding, change: Change, rng: np.random.Generator) -> str:
    pool = {
        Change.NEW: phrases.NEW,
        Change.LARGER: phrases.LARGER,
        Change.SMALLER: phrases.SMALLER,
        Change.UNCHANGED: phrases.UNCHANGED,
        Change.RESOLVED: phrases.RESOLVED,
    }
    many = finding.kind is Kind.STERNOTOMY_WIRES
    verbs = {"is": "are", "was": "were", "has": "have"} if many else {verb: verb for verb in ("is", "was", "has")}
    return _one(pool[change], rng).format(name=name_finding(finding), **verbs)


def _say(template: str, finding: Finding) -> str:
    words = _words(finding)
    words |= {name.capitalize(): value[:1].upper() + value[1:] for name, value in words.items()}
    said = template.format(**words)
    return said[:1].upper() + said[1:]


def _words(finding: Finding) -> dict[str, str]:
    """The words that a sentence about this finding may use."""
    both = finding.side == "both"
    degrees = phrases.DEGREES.get(finding.kind, ("", "", ""))
    size = finding.diameter_cm
    return {
        "side": finding.side,
        "sided": "bilateral" if both else finding.side,
        "on_side": "on both sides" if both else f"on the {finding.side}",
        "zone": finding.zone,
        "place": f"{finding.zone} zones of both lungs" if both else f"{finding.side} {finding.zone} zone",
        "degree": degrees[finding.degree],
        "size": f"{size:.1f} cm" if size >= _MIDDLE_CM else f"{10 * size:.0f} mm",
    }


def _one(pool: tuple[str, ...], rng: np.random.Generator) -> str:
    return pool[int(rng.integers(len(pool)))]


def _lower_first(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
