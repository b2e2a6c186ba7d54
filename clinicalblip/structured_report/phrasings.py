"""A sentence for a finding: all that is ticked, in the words in which radiologists report it.

Names are as general as the observation: a ticked device can be a catheter or a pacemaker, so the sentence says neither.
`instructblip/phrasings.py` is another subject: how a model is asked for an observation.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from types import MappingProxyType
from typing import Final

from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality, Zone
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.regions import Region

O = Observation  # noqa: E741 - one letter keeps the tables below tables


@dataclass(frozen=True)
class Applicable:
    """What can be ticked of an observation that is there or doubted; of an absent one, `of_absent` says what."""

    sides: bool = False
    zones: frozenset[Zone] = frozenset()
    degree: bool = False
    changes: frozenset[Change] = frozenset()

    @property
    def zone_sets(self) -> tuple[frozenset[Zone], ...]:
        """No zone, one of them, or several heights together: places of other kinds are findings of their own."""
        heights = [zone for zone in _HEIGHTS if zone in self.zones]
        several = [
            frozenset(height for height, taken in zip(heights, picked, strict=True) if taken)
            for picked in product((True, False), repeat=len(heights))
            if sum(picked) > 1
        ]
        return (frozenset(), *(frozenset({zone}) for zone in Zone if zone in self.zones), *several)


_HEIGHTS: Final = (Zone.UPPER, Zone.MIDDLE, Zone.LOWER)
_SOLID: Final = frozenset(Zone) - {Zone.DIFFUSE}
_PLEURAL: Final = frozenset({Zone.APICAL, Zone.BASAL})
_ALL: Final = frozenset(Change)
_LASTING: Final = _ALL - {Change.RESOLVED}  # what may change, but goes only with an operation
_IN_LUNG: Final = Applicable(sides=True, zones=frozenset(Zone), degree=True, changes=_ALL)

APPLICABLE: Final[Mapping[Observation, Applicable]] = MappingProxyType(
    {
        O.LUNG_OPACITY: _IN_LUNG,
        O.CONSOLIDATION: _IN_LUNG,
        O.PNEUMONIA: Applicable(sides=True, zones=frozenset(Zone), changes=_ALL),
        O.INFILTRATION: _IN_LUNG,
        O.ATELECTASIS: _IN_LUNG,
        O.EDEMA: _IN_LUNG,
        O.LUNG_LESION: Applicable(sides=True, zones=_SOLID, degree=True, changes=_ALL),
        O.EMPHYSEMA: Applicable(sides=True, zones=frozenset(Zone), degree=True, changes=_LASTING - {Change.SMALLER}),
        O.FIBROSIS: Applicable(sides=True, zones=frozenset(Zone), degree=True, changes=_LASTING - {Change.SMALLER}),
        O.PNEUMOTHORAX: Applicable(sides=True, zones=_PLEURAL, degree=True, changes=_ALL),
        O.PLEURAL_EFFUSION: Applicable(sides=True, zones=_PLEURAL, degree=True, changes=_ALL),
        O.PLEURAL_OTHER: Applicable(sides=True, zones=_PLEURAL, degree=True, changes=_LASTING),
        O.CARDIOMEGALY: Applicable(degree=True, changes=_LASTING),
        O.ENLARGED_CARDIOMEDIASTINUM: Applicable(degree=True, changes=_ALL),
        O.HERNIA: Applicable(degree=True, changes=_LASTING),
        O.FRACTURE: Applicable(sides=True, changes=frozenset({Change.NEW, Change.UNCHANGED})),
        O.SUPPORT_DEVICES: Applicable(sides=True, changes=frozenset({Change.NEW, Change.UNCHANGED, Change.RESOLVED})),
    }
)
"""Which attributes apply to which observation, in one table. Of the change of an absent one only RESOLVED is said."""

NORMAL: Final[Mapping[Region, str]] = MappingProxyType(
    {
        Region.LUNGS: "The lungs are clear.",
        Region.PLEURA: "There is no pleural effusion or pneumothorax.",
        Region.HEART_AND_MEDIASTINUM: "The cardiomediastinal silhouette is normal in size.",
        Region.BONES: "There is no acute fracture.",
    }
)
"""What is written of a region without a finding. Nobody writes that there are no devices, so that region has none."""


def of_absent(applicable: Applicable) -> Applicable:
    """What can be ticked of an absent finding: where it is not, and that it has resolved. It has no degree."""
    return Applicable(applicable.sides, applicable.zones, changes=applicable.changes & {Change.RESOLVED})


def combinations(observation: Observation) -> Iterator[Finding]:
    """Yield every finding of an observation that can be ticked; ValueError for `No Finding`, which cannot."""
    if observation not in APPLICABLE:
        raise ValueError(f"{observation} is said of a whole text and is not ticked")
    for certainty in Certainty:
        absent = certainty is Certainty.ABSENT
        applicable = of_absent(APPLICABLE[observation]) if absent else APPLICABLE[observation]
        sides = _SIDES if applicable.sides else _SIDES[:1]
        degrees = (None, *Degree) if applicable.degree else (None,)
        changes = (
            change for change in Change if change in applicable.changes and (absent or change is not Change.RESOLVED)
        )
        for side, zones, degree, change in product(sides, applicable.zone_sets, degrees, (None, *changes)):
            yield Finding(observation, certainty, side, zones, degree, change)


def restrict(finding: Finding) -> Finding:
    """The finding without what cannot be ticked of it, as when "small, unchanged" becomes absent.

    Several zones stay where they can be ticked one by one. ValueError for `No Finding`.
    """
    if finding.observation not in APPLICABLE:
        raise ValueError(f"{finding.observation} is said of a whole text and is not ticked")
    applicable = APPLICABLE[finding.observation]
    if finding.certainty is Certainty.ABSENT:
        applicable = of_absent(applicable)
    return Finding(
        finding.observation,
        finding.certainty,
        finding.sides if applicable.sides else frozenset(),
        finding.zones & applicable.zones,
        finding.degree if applicable.degree else None,
        finding.change if finding.change in applicable.changes else None,
    )


_LEFT, _RIGHT = frozenset({Laterality.LEFT}), frozenset({Laterality.RIGHT})
_BOTH: Final = _LEFT | _RIGHT
_SIDES: Final = (frozenset[Laterality](), _LEFT, _RIGHT, _BOTH)


@dataclass(frozen=True)
class _Name:
    """How an observation is named: `plural` only where it can be counted; degrees in their order."""

    name: str
    plural: str = ""
    degrees: tuple[str, str, str, str] = ("minimal", "mild", "moderate", "severe")
    space: str = "lung"  # the part of the chest that it is in; where this is "", its side is said as "on the left"
    before: bool = False  # side and zone stand before the name: "left apical pneumothorax"


_SIZES: Final = ("trace", "small", "moderate", "large")
_SIZES_OF_ONE: Final = ("tiny", "small", "moderate-sized", "large")
_EXTENTS: Final = ("minimal", "mild", "moderate", "extensive")

_NAMES: Final = {
    O.LUNG_OPACITY: _Name("opacity", "opacities", _EXTENTS),
    O.CONSOLIDATION: _Name("consolidation", degrees=_EXTENTS),
    O.PNEUMONIA: _Name("pneumonia"),
    O.INFILTRATION: _Name("infiltrate", "infiltrates", _EXTENTS),
    O.ATELECTASIS: _Name("atelectasis", degrees=_EXTENTS),
    O.EDEMA: _Name("pulmonary edema"),
    O.LUNG_LESION: _Name("pulmonary lesion", "pulmonary lesions", _SIZES_OF_ONE),
    O.EMPHYSEMA: _Name("emphysema"),
    O.FIBROSIS: _Name("fibrosis"),
    O.PNEUMOTHORAX: _Name("pneumothorax", "pneumothoraces", _SIZES, space="hemithorax", before=True),
    O.PLEURAL_EFFUSION: _Name("pleural effusion", "pleural effusions", _SIZES, space="hemithorax", before=True),
    O.PLEURAL_OTHER: _Name("pleural thickening", space="hemithorax", before=True),
    O.CARDIOMEGALY: _Name("cardiomegaly"),
    O.ENLARGED_CARDIOMEDIASTINUM: _Name("mediastinal widening"),
    O.HERNIA: _Name("diaphragmatic hernia", "diaphragmatic hernias", _SIZES_OF_ONE, space=""),
    O.FRACTURE: _Name("fracture", "fractures", space=""),
    O.SUPPORT_DEVICES: _Name("support device", "support devices", _SIZES_OF_ONE, space=""),
}
_CHANGED: Final = {
    Change.UNCHANGED: "unchanged",
    Change.LARGER: "increased from the prior study",
    Change.SMALLER: "decreased from the prior study",
}


def phrase(finding: Finding, kind: tuple[str, str] | None = None) -> str:
    """One sentence that says all of a finding; ValueError for `No Finding`, which is said of a text.

    The labeler reads every finding of `combinations` back from it. Others, as a text may have them (a degree of a
    fracture, a fifth zone), are said as well as the same words can, and have to be read again. `kind` names one and
    several of a kind of the observation, `("pacemaker", "pacemakers")`; several are "" where it cannot be counted.
    """
    if finding.observation not in _NAMES:
        raise ValueError(f"{finding.observation} is said of a whole text and is not ticked")
    name = _NAMES[finding.observation]
    if kind:
        name = replace(name, name=kind[0], plural=kind[1])
    several = bool(name.plural) and len(finding.sides) > 1
    words = [
        "new" if finding.change is Change.NEW else "",
        name.degrees[tuple(Degree).index(finding.degree)] if finding.degree else "",
        *_place_before(name, finding),
        name.plural if several else name.name,
        _place_after(name, finding),
    ]
    what = " ".join(filter(None, words))
    if finding.change is Change.RESOLVED:
        have = "have" if several else "has"
        gone = "been removed" if finding.observation is O.SUPPORT_DEVICES else "resolved"
        return f"The {what} {have} {gone}."
    be = "are" if several else "is"
    change = _CHANGED.get(finding.change) if finding.change else None
    behind = f", {change}" if change else ""
    if finding.certainty is Certainty.ABSENT:
        return f"There {be} no {what}{behind}."
    article = _article(what) if name.plural and not several else ""
    verb = "may be" if finding.certainty is Certainty.UNCERTAIN else be
    return f"There {verb} {article}{what}{behind}."


def degree_words(observation: Observation) -> Mapping[Degree, str]:
    """How the degrees of an observation are called, beside its name."""
    return dict(zip(Degree, _NAMES[observation].degrees, strict=True))


def _article(noun: str) -> str:
    return "an " if noun[0] in "aeiou" else "a "


_ADJECTIVES: Final = {
    Zone.UPPER: "upper",
    Zone.MIDDLE: "mid",
    Zone.LOWER: "lower",
    Zone.APICAL: "apical",
    Zone.BASAL: "basal",
    Zone.PERIHILAR: "perihilar",
    Zone.RETROCARDIAC: "retrocardiac",
    Zone.DIFFUSE: "diffuse",
}


def _is_before(name: _Name, finding: Finding) -> bool:
    return name.before and finding.zones <= _PLEURAL


def _place_before(name: _Name, finding: Finding) -> list[str]:
    diffuse = [_ADJECTIVES[Zone.DIFFUSE]] if Zone.DIFFUSE in finding.zones else []
    if not _is_before(name, finding):
        return diffuse if not finding.sides or len(finding.zones) > 1 else []
    side = "bilateral" if len(finding.sides) > 1 else "".join(finding.sides)
    return [side, " and ".join(_ADJECTIVES[zone] for zone in Zone if zone in finding.zones)]


def _place_after(name: _Name, finding: Finding) -> str:
    """Where it is, with a word of place: "in the left upper lung", "at both bases", "on the left"."""
    if _is_before(name, finding) or not (finding.sides or finding.zones):
        return ""
    both = len(finding.sides) > 1
    side = "both" if both else " ".join(("the", *finding.sides))
    if not name.space and not finding.zones:
        return "on both sides" if both else f"on {side}"
    space = name.space or "hemithorax"
    spaces = f"{space}s" if both and space == "lung" else "hemithoraces" if both else space
    zones = [zone for zone in Zone if zone in finding.zones]
    if zones == [Zone.DIFFUSE]:
        return f"throughout {side} {spaces}" if finding.sides else ""
    heights = [_ADJECTIVES[zone] for zone in zones if zone in _HEIGHTS]
    places = [f"in {side} {_listed(heights)} {spaces}"] if heights else []
    for zone in zones:
        if zone in _ENDS:
            one, more = _ENDS[zone]
            places.append(f"at {side} {more if both else one if finding.sides else f'lung {one}'}")
        elif zone in (Zone.PERIHILAR, Zone.RETROCARDIAC):
            places.append(f"in {side} {zone} {'regions' if both else 'region'}")
    return " and ".join(places) or (f"in {side} {spaces}" if finding.sides else "")


_ENDS: Final = {Zone.APICAL: ("apex", "apices"), Zone.BASAL: ("base", "bases")}


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
