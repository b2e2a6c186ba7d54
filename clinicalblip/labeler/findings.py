"""The observations that a report names, each present, absent or uncertain.

The rules are those of CheXpert's labeller (Irvin et al., AAAI 2019), from words alone: its mentions, its preference of
a present over an uncertain over an absent mention, its doubts (congestion alone is an uncertain edema, "A or B" doubts
both, "no new" is no denial, "likely" is no doubt). They differ in this:

- An infiltrate is a lung opacity, as there, and NIH's infiltration too. Emphysema, fibrosis and hernia stay themselves.
- Clear lungs deny opacity and consolidation, clear pleural spaces an effusion; for CheXpert neither is a mention.
- A cardiomediastinal silhouette of normal size denies cardiomegaly too: the heart is the larger part of it.
- A heart at the upper limit of normal is normal (IU's readers tag one in eight of them); a borderline one is uncertain.
- `No Finding` is never absent, only present or not there: present where nothing is present or uncertain, devices
  apart, no other abnormality is named (scoliosis, granuloma, ...), and something was said at all.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from clinicalblip.labeler.mentions import read
from clinicalblip.radiology.finding import Degree, Finding, Laterality, Zone, strongest
from clinicalblip.radiology.observation import Certainty, Observation

_NORMAL: Final = re.compile(
    r"(?<!\w)(?:(?:no|negative for|without) (?:[\w-]{1,20},? ){0,6}(?:abnormalit|disease|process|finding)"
    r"|(?:normal|negative|unremarkable|clear) (?:[\w-]{1,20} )?(?:chest|exam|study|radiograph|x-?ray|film)"
    r"|chest (?:x-?\w{1,8} |radiograph |film )?(?:is )?(?:normal|negative|unremarkable|clear)(?!\w))"
)


def observations(text: str) -> dict[Observation, Certainty]:
    """Name the observations that a report speaks of, in the order of `Observation`.

    `text` is a report or one section of it; headings are no findings, and of a whole report its indication, history,
    technique and comparison are passed over. `XXXX`, where names were taken out, is a word like any other. An
    observation that is mentioned several times is present before uncertain before absent.
    """
    mentioned, normal = _read_whole(text)
    said: dict[Observation, list[Certainty]] = {Observation.NO_FINDING: [Certainty.PRESENT]} if normal else {}
    for finding in mentioned:
        said.setdefault(finding.observation, []).append(finding.certainty)
    return {name: strongest(said[name]) for name in Observation if name in said}


def findings(text: str) -> tuple[Finding, ...]:
    """What a report says in sum of each observation, in the order of `Observation`: for each side where it says sides.

    "Small left and moderate right effusion" are two findings. Of several mentions of one the strongest counts, with the
    attributes of all that are as strong: every zone, the largest degree, the first change. What is said without a side
    is said of those sides that are as certain. `text` is read as `observations` reads it.
    """
    mentioned, normal = _read_whole(text)
    found = [Finding(Observation.NO_FINDING, Certainty.PRESENT)] if normal else []
    for name in Observation:
        of_side: dict[Laterality | None, list[Finding]] = {}
        for finding in (each for each in mentioned if each.observation is name):
            for side in each_side(finding):
                of_side.setdefault(side, []).append(finding)
        found += _join_sides(_sum(name, side, said) for side, said in _with_unsided(of_side).items())
    return tuple(found)


def each_side(finding: Finding) -> tuple[Laterality | None, ...]:
    """The sides of a finding, None alone where no side is said."""
    return tuple(sorted(finding.sides)) or (None,)


def _join_sides(found: Iterable[Finding]) -> list[Finding]:
    """Findings of one observation, those of either side as one where nothing else differs."""
    sides: dict[Finding, frozenset[Laterality]] = {}
    for finding in found:
        unsided = replace(finding, sides=frozenset())
        sides[unsided] = sides.get(unsided, frozenset()) | finding.sides
    return [replace(finding, sides=joined) for finding, joined in sides.items()]


def _with_unsided(of_side: Mapping[Laterality | None, list[Finding]]) -> dict[Laterality | None, list[Finding]]:
    """The findings of each side, with those that name no side where it is the same that they speak of."""
    unsided = of_side.get(None, [])
    if not unsided or len(of_side) == 1:
        return dict(of_side)
    certainty = strongest(finding.certainty for finding in unsided)
    joined: dict[Laterality | None, list[Finding]] = {}
    for side, said in of_side.items():
        if side is not None:
            same = strongest(finding.certainty for finding in said) is certainty
            joined[side] = [*said, *unsided] if same else said
    strongest_sided = strongest(finding.certainty for said in joined.values() for finding in said)
    if strongest((strongest_sided, certainty)) is not strongest_sided:
        joined[None] = unsided
    return joined


def _sum(name: Observation, side: Laterality | None, said: Sequence[Finding]) -> Finding:
    certainty = strongest(finding.certainty for finding in said)
    counting = [finding for finding in said if finding.certainty is certainty]
    degrees = [finding.degree for finding in counting if finding.degree]
    changes = [finding.change for finding in counting if finding.change]
    return Finding(
        name,
        certainty,
        frozenset({side} if side else ()),
        frozenset[Zone]().union(*(finding.zones for finding in counting)),
        max(degrees, key=tuple(Degree).index, default=None),
        next(iter(changes), None),
    )


def names_abnormality(text: str) -> bool:
    """Whether a text calls anything but a device abnormal, also what is none of the observations: a scoliosis."""
    return any(abnormal for _, abnormal, _ in read(text))


def _read_whole(text: str) -> tuple[list[Finding], bool]:
    """The findings of all mentions, and whether the text says that the film shows no finding."""
    found: list[Finding] = []
    abnormal = normal = False
    for sentence, names_abnormality, words in read(text):
        found += [mention.finding for mention in sentence.mentions]
        abnormal = abnormal or names_abnormality
        normal = normal or bool(_NORMAL.search(words))
    denies = any(finding.certainty is Certainty.ABSENT for finding in found)
    return found, not abnormal and (normal or denies)
