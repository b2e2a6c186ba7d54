"""What was known beforehand, a hint or a prior film, and the sentences with which a report answers it.

They stand first in the report, and each repeats the name before it says what is so: "The hinted left pleural effusion
is not seen.", "The mass in the left upper zone is larger." A small language model copies well and decides one thing at
a time; it forgets a hint whose turn comes late, and a sentence that begins with "No remaining" is decided already.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np

from clinicalblip.radiology.observation import Observation
from research.mini.sentences import SPOKEN_OF
from research.phantom.description import Finding, Kind
from research.phantom.phrases import DEGREES
from research.phantom.report import Change, name_finding

HINTED_DEGREES: Final = ("small", "moderate", "large")
_GRADED: Final = (Kind.CARDIOMEGALY, Kind.EFFUSION, Kind.PNEUMOTHORAX, Kind.EDEMA)
_SEVERAL: Final = ("effusions", "wires")
_SEEN: Final = ("seen", "confirmed")
_COMPARED: Final[Mapping[Change, tuple[str, ...]]] = {
    Change.NEW: ("new",),
    Change.LARGER: ("larger", "larger than before"),
    Change.SMALLER: ("smaller", "smaller than before"),
    Change.UNCHANGED: ("unchanged", "stable"),
    Change.RESOLVED: ("no longer seen", "no longer present"),
}

_COURSE: Final = "|".join(word for words in _COMPARED.values() for word in words)
ANSWERS: Final = re.compile(rf"\bThe (?:hinted (?=\w)|(?=.* (?:is|are) (?:{_COURSE})\.$))")
"""What a sentence that answers something known beforehand begins with, up to the name that it repeats."""

# What a hint of a real film may say beyond the observation: no label says it, so it is all that is known of it.
_SIDES: Final = {
    Observation.PLEURAL_EFFUSION: ("left", "right", "bilateral"),
    Observation.ATELECTASIS: ("left", "right", "bilateral"),
    Observation.CONSOLIDATION: ("left", "right", "bilateral"),
    Observation.INFILTRATION: ("left", "right", "bilateral"),
    Observation.PNEUMOTHORAX: ("left", "right"),
}
_NAMES: Final = {what: what.value.lower() for what in SPOKEN_OF} | {
    Observation.LUNG_LESION: "nodule",
    Observation.INFILTRATION: "infiltrate",
    Observation.PLEURAL_OTHER: "pleural thickening",
    Observation.HERNIA: "hiatal hernia",
}


@dataclass(frozen=True)
class Question:
    """Two sentences of a film, and the log odds of the first against the second; infinite where the truth is known."""

    affirming: str
    denying: str
    log_odds: float


def hint_of(finding: Finding, random: np.random.Generator) -> str:
    """A finding as a hint names it, now and then with its degree: "small left pleural effusion"."""
    degree = DEGREES[finding.kind][finding.degree] if finding.kind in _GRADED and random.random() < 0.6 else ""
    return f"{degree} {name_finding(finding)}".strip()


def hint_of_observation(what: Observation, random: np.random.Generator) -> str:
    """An observation of a real film as a hint names it, often with a side and a degree."""
    side = str(random.choice(_SIDES[what])) if what in _SIDES and random.random() < 0.7 else ""
    sized = what in (Observation.PLEURAL_EFFUSION, Observation.PNEUMOTHORAX) and random.random() < 0.5
    degree = str(random.choice(HINTED_DEGREES)) if sized else ""
    several = side == "bilateral" and what is Observation.PLEURAL_EFFUSION
    return " ".join(filter(None, (degree, side, f"{_NAMES[what]}s" if several else _NAMES[what])))


def answer_hint(hint: str, holds: bool, random: np.random.Generator) -> str:
    """The sentence that says whether what is hinted is there."""
    verb = "are" if hint.endswith(_SEVERAL) else "is"
    seen = _SEEN[int(random.integers(len(_SEEN)))]
    return f"The hinted {hint} {verb} {seen if holds else f'not {seen}'}."


def ask_hint(hint: str, holds: bool, random: np.random.Generator) -> Question:
    """The question whether what is hinted is there."""
    return Question(answer_hint(hint, holds, random), answer_hint(hint, not holds, random), inf)


def compare(finding: Finding, change: Change, random: np.random.Generator) -> str:
    """The sentence that says what became of a finding since the prior film."""
    name = name_finding(finding)
    said = _COMPARED[change]
    return f"The {name} {'are' if name.endswith(_SEVERAL) else 'is'} {said[int(random.integers(len(said)))]}."


def ask_change(finding: Finding, change: Change, random: np.random.Generator) -> Question:
    """The question what became of a finding: the truth, and another course."""
    others = [other for other in Change if other is not change]
    false = others[int(random.integers(len(others)))]
    return Question(compare(finding, change, random), compare(finding, false, random), inf)
