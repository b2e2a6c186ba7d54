"""What a report says of a finding that is there, doubted, denied or compared: one sentence in one of several wordings.

Findings that the encoder reads in a real film, those that were drawn, and those that a reader hints are all named as
`structured_report.phrasings` names them. So a hint stands in the prompt in the words that the report repeats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from clinicalblip.instructblip.hints import Hint
from clinicalblip.radiology.finding import Change, Degree, Finding, Laterality, Zone
from clinicalblip.radiology.observation import Certainty, Observation
from clinicalblip.structured_report.impression import URGENCY
from clinicalblip.structured_report.phrasings import phrase
from research.mini.reports.voice import Voice
from research.phantom.description import OBSERVATION, Kind
from research.phantom.description import Finding as Drawn
from research.phantom.reports.report import Change as DrawnChange

O = Observation  # noqa: E741 - one letter keeps the tables below tables

# What is drawn and has no observation of its own is named like one with the same attributes.
_LIKE: Final = {Kind.GRANULOMA: O.LUNG_LESION, Kind.HYPERINFLATION: O.EMPHYSEMA, Kind.SCOLIOSIS: O.FRACTURE}
_KINDS: Final = {
    Kind.NODULE: ("nodule", "nodules"),
    Kind.MASS: ("mass", "masses"),
    Kind.GRANULOMA: ("calcified granuloma", "calcified granulomas"),
    Kind.HYPERINFLATION: ("hyperinflation", ""),
    Kind.SCOLIOSIS: ("scoliosis", ""),
    Kind.RIB_FRACTURE: ("rib fracture", "rib fractures"),
    Kind.PACEMAKER: ("pacemaker", "pacemakers"),
    Kind.CENTRAL_LINE: ("central venous catheter", "central venous catheters"),
    Kind.ENDOTRACHEAL_TUBE: ("endotracheal tube", "endotracheal tubes"),
    Kind.STERNOTOMY_WIRES: ("set of median sternotomy wires", "sets of median sternotomy wires"),
}
_UNGRADED: Final = frozenset(
    {Kind.GRANULOMA, Kind.RIB_FRACTURE, Kind.PACEMAKER, Kind.CENTRAL_LINE, Kind.ENDOTRACHEAL_TUBE}
) | {Kind.STERNOTOMY_WIRES}
_DEGREES: Final = (Degree.SMALL, Degree.MODERATE, Degree.LARGE)
_SIDES: Final = {
    "": frozenset[Laterality](),
    "left": frozenset({Laterality.LEFT}),
    "right": frozenset({Laterality.RIGHT}),
    "both": frozenset(Laterality),
}
_SENTENCE: Final = re.compile(r"There (?P<be>is|are|may be) (?:no )?(?P<article>an? )?(?P<noun>.*)\.")

_PRESENT: Final = (
    ("There {be} {a}{noun}.", 4.0),
    ("{A}{noun} {be} present.", 1.0),
    ("{A}{noun} {be} seen.", 1.0),
    ("{A}{noun} {be} noted.", 1.0),
    ("{A}{noun} {be} identified.", 1.0),
    ("{A}{noun} {be} visualized.", 1.0),
    ("{A}{noun} {be} demonstrated.", 1.0),
    ("{A}{noun} {be} visible.", 1.0),
    ("The film shows {a}{noun}.", 1.0),
    ("The radiograph demonstrates {a}{noun}.", 1.0),
)
_DOUBTED: Final = (("There may be {a}{noun}.", 2.0), ("There {be} possible {noun}.", 1.0))
_ABSENT: Final = (("There {be} no {noun}.", 2.0), ("No {noun} {be} seen.", 1.0), ("No {noun} {be} identified.", 1.0))
# The name first: a small model copies it from the prior report, and decides after it how the finding has changed.
_CHANGED: Final = {
    Change.NEW: (("The {noun} {be} new.", 1.0), ("The {noun} {be} new since the prior study.", 1.0)),
    Change.LARGER: (("The {noun} {have} increased.", 1.0), ("The {noun} {be} larger than on the prior study.", 1.0)),
    Change.SMALLER: (("The {noun} {have} decreased.", 1.0), ("The {noun} {be} smaller than on the prior study.", 1.0)),
    Change.UNCHANGED: (("The {noun} {be} unchanged.", 1.0), ("The {noun} {be} stable.", 1.0)),
    Change.RESOLVED: (("The {noun} {have} resolved.", 1.0), ("The {noun} {be} no longer seen.", 1.0)),
}
_REMOVED: Final = (("The {noun} {have} been removed.", 1.0), ("The {noun} {be} no longer seen.", 1.0))
# How radiologists say some findings of whose place and size nothing is known.
_HEART: Final = (
    ("The heart is {mildly}enlarged.", 3.0),
    ("Heart size is {mildly}enlarged.", 2.0),
    ("The cardiac silhouette is {mildly}enlarged.", 2.0),
    ("There is {mild}cardiomegaly.", 3.0),
    ("{Mild}cardiomegaly is present.", 1.0),
)
_ADVERBS: Final = {Degree.TRACE: "minimally", Degree.SMALL: "mildly", Degree.MODERATE: "moderately"}


# What radiologists call a finding of which no more is known, beside the name that hints have.
_ALSO_CALLED: Final = {
    O.EDEMA: (("interstitial edema", ""),),
    O.CONSOLIDATION: (("airspace consolidation", ""), ("lung consolidation", "")),
    O.INFILTRATION: (("airspace infiltrate", "airspace infiltrates"), ("lung infiltrate", "lung infiltrates")),
    O.LUNG_LESION: (("lung lesion", "lung lesions"),),
    O.EMPHYSEMA: (("emphysematous change", ""),),
    O.FIBROSIS: (("pulmonary fibrosis", ""), ("fibrotic change", "")),
    O.PLEURAL_EFFUSION: (("pleural fluid", ""), ("effusion", "effusions")),
    O.HERNIA: (("hiatal hernia", "hiatal hernias"),),
}


@dataclass(frozen=True)
class Statement:
    """A finding that a report speaks of, and how it has changed where there is an earlier film or report.

    `said_of` and `kind` are what is named, in the labeler's terms. `observation` is None where none stands for it; the
    one of `said_of` has the same attributes then.
    """

    said_of: Finding
    observation: Observation | None
    kind: tuple[str, str] | None = None
    change: Change | None = None
    hinted: bool = False

    @property
    def name(self) -> str:
        """What tells it from other findings: the kind's name, or the observation's."""
        return self.kind[0] if self.kind else str(self.said_of.observation)

    @property
    def certainty(self) -> Certainty:
        """Whether it is there, doubted or denied."""
        return self.said_of.certainty

    @property
    def urgency(self) -> int:
        """Its rank in an impression, the most urgent first; what has no observation and devices come last."""
        order = tuple(URGENCY)
        return order.index(self.observation) if self.observation in order else len(order)

    def denied(self) -> Statement:
        """That nothing of this name is there: neither here nor elsewhere, neither much nor little."""
        return Statement(Finding(self.said_of.observation, Certainty.ABSENT), self.observation, self.kind)

    def sentence(self, voice: Voice) -> str:
        """What the findings say of it."""
        be, article, noun = self._parts()
        pool: tuple[tuple[str, float], ...]
        if self.change is Change.RESOLVED and self.observation is O.SUPPORT_DEVICES:
            pool = _REMOVED
        elif self.change:
            pool = _CHANGED[self.change]
        elif self.certainty is Certainty.ABSENT:
            pool = _ABSENT
        elif self.certainty is Certainty.UNCERTAIN:
            pool = _DOUBTED
        elif self.said_of.observation is O.CARDIOMEGALY and not self.hinted:
            return self._heart(voice)
        else:
            pool = _PRESENT
        template = voice.choose(f"{self.certainty} {self.said_of.observation}", pool)
        have = "have" if be == "are" else "has"
        said = template.format(be=be, have=have, a=article, A=article, noun=noun)
        return said[:1].upper() + said[1:]

    def plain(self) -> str:
        """That it is there, or denied, in the one wording of questions: they stand where a report begins."""
        return phrase(self.said_of, self.kind)

    def in_impression(self) -> tuple[str, str]:
        """Article and name in an impression: with its side, and with how it has changed, without place and degree."""
        plain = Finding(self.said_of.observation, Certainty.PRESENT, self.said_of.sides)
        _, article, noun = _split(phrase(plain, self.kind))
        if self.certainty is Certainty.UNCERTAIN:
            return "", f"possible {noun}"
        if not self.change:
            return article, noun
        word = {Change.LARGER: "increased", Change.SMALLER: "decreased"}.get(self.change, str(self.change))
        return ("an " if article and word[0] in "iu" else article and "a "), f"{word} {noun}"

    def _parts(self) -> tuple[str, str, str]:
        named = self.said_of
        if self.change is Change.RESOLVED:  # how much of it there was is past
            named = Finding(named.observation, Certainty.PRESENT, named.sides, named.zones)
        be, article, noun = _split(phrase(named, self.kind))
        return ("is" if be == "may be" else be), article, noun

    def _heart(self, voice: Voice) -> str:
        degree = self.said_of.degree
        mildly = f"{_ADVERBS.get(degree, 'severely')} " if degree else ""
        mild = f"{_split(phrase(self.said_of))[2].removesuffix('cardiomegaly')}" if degree else ""
        said = voice.choose("heart", _HEART).format(mildly=mildly, mild=mild, Mild=mild.capitalize())
        return said[:1].upper() + said[1:]


def state_observation(what: Observation, voice: Voice, change: Change | None = None) -> Statement:
    """An observation that a real film has, as this voice calls it: no label says where, or how much."""
    names = {"": None, **{kind[0]: kind for kind in _ALSO_CALLED.get(what, ())}}
    kind = names[voice.choose(f"name {what}", [(name, 1.0 if name else 2.0) for name in names])]
    return Statement(Finding(what, Certainty.PRESENT), what, kind, change)


def state_drawn(finding: Drawn, graded: bool, change: DrawnChange | None = None) -> Statement:
    """A finding that was drawn, with side and zone and, if it is graded, with its degree."""
    what = _LIKE.get(finding.kind) or OBSERVATION[finding.kind]
    degree = _DEGREES[finding.degree] if graded and finding.kind not in _UNGRADED else None
    zones = frozenset({Zone(finding.zone)}) if finding.zone else frozenset[Zone]()
    said = Finding(what, Certainty.PRESENT, _SIDES[finding.side], zones, degree)
    return Statement(said, finding.observation, _KINDS.get(finding.kind), Change(change) if change else None)


def state_hint(hint: Hint) -> Statement:
    """What a reader hints, in the words of the prompt. Raises ValueError for a hint of unknown words."""
    if hint.said is None:
        raise ValueError("nothing is known of this hint")
    return Statement(hint.said, hint.finding.observation if hint.finding else None, hint.kind, hinted=True)


def _split(sentence: str) -> tuple[str, str, str]:
    """Verb, article and noun of a sentence of `phrase`."""
    match = _SENTENCE.fullmatch(sentence)
    if match is None:
        raise ValueError(f"{sentence!r} names no finding in the form of phrase()")
    return match["be"], match["article"] or "", match["noun"]
