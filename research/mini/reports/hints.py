"""Hints and prior films, and the sentences with which a report answers them.

These sentences come first in the report, and each repeats the finding's name before it says what is true: "The hinted
left pleural effusion is not seen.", "The mass in the left upper zone is larger." A small language model copies well and
decides one thing at a time. It forgets a hint that is answered late in the report, and where a sentence begins with "No
remaining" it would have to decide before it has copied the name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Final

import numpy as np

from clinicalblip.radiology.observation import Observation
from research.mini.reports.sentences import REPORTED
from research.phantom.description import Finding, Kind
from research.phantom.reports.phrases import DEGREES
from research.phantom.reports.report import Change, name_finding

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
"""The beginning of a sentence that answers a hint or compares with a prior film, up to the name that it repeats."""

# Sides that a hint of a real film may add: no label says one, so the report repeats the hint's.
_SIDES: Final = {
    Observation.PLEURAL_EFFUSION: ("left", "right", "bilateral"),
    Observation.ATELECTASIS: ("left", "right", "bilateral"),
    Observation.CONSOLIDATION: ("left", "right", "bilateral"),
    Observation.INFILTRATION: ("left", "right", "bilateral"),
    Observation.PNEUMOTHORAX: ("left", "right"),
}
_NAMES: Final = {what: what.value.lower() for what in REPORTED} | {
    Observation.LUNG_LESION: "nodule",
    Observation.INFILTRATION: "infiltrate",
    Observation.PLEURAL_OTHER: "pleural thickening",
    Observation.HERNIA: "hiatal hernia",
}


@dataclass(frozen=True)
class Question:
    """Two sentences about a film and the log odds of the first against the second, infinite where the first is true."""

    affirming: str
    denying: str
    log_odds: float


def hint_of(finding: Finding, rng: np.random.Generator) -> str:
    """A finding in the words of a hint, sometimes with its degree: "small left pleural effusion"."""
    degree = DEGREES[finding.kind][finding.degree] if finding.kind in _GRADED and rng.random() < 0.6 else ""
    return f"{degree} {name_finding(finding)}".strip()


def hint_of_observation(what: Observation, rng: np.random.Generator) -> str:
    """An observation of a real film in the words of a hint, often with a side and a degree."""
    side = str(rng.choice(_SIDES[what])) if what in _SIDES and rng.random() < 0.7 else ""
    sized = what in (Observation.PLEURAL_EFFUSION, Observation.PNEUMOTHORAX) and rng.random() < 0.5
    degree = str(rng.choice(HINTED_DEGREES)) if sized else ""
    several = side == "bilateral" and what is Observation.PLEURAL_EFFUSION
    return " ".join(filter(None, (degree, side, f"{_NAMES[what]}s" if several else _NAMES[what])))


def answer_hint(hint: str, holds: bool, rng: np.random.Generator) -> str:
    """The sentence that says whether the hinted finding is there."""
    verb = "are" if hint.endswith(_SEVERAL) else "is"
    seen = _SEEN[int(rng.integers(len(_SEEN)))]
    return f"The hinted {hint} {verb} {seen if holds else f'not {seen}'}."


def hint_question(hint: str, holds: bool, rng: np.random.Generator) -> Question:
    """Whether the hinted finding is there."""
    return Question(answer_hint(hint, holds, rng), answer_hint(hint, not holds, rng), inf)


def compare_sentence(finding: Finding, change: Change, rng: np.random.Generator) -> str:
    """The sentence that says how a finding has changed since the prior film."""
    name = name_finding(finding)
    words = _COMPARED[change]
    return f"The {name} {'are' if name.endswith(_SEVERAL) else 'is'} {words[int(rng.integers(len(words)))]}."


def change_question(finding: Finding, change: Change, rng: np.random.Generator) -> Question:
    """How a finding has changed since the prior film: the true change, and another one."""
    others = [other for other in Change if other is not change]
    false = others[int(rng.integers(len(others)))]
    return Question(compare_sentence(finding, change, rng), compare_sentence(finding, false, rng), inf)
