"""What a report, or a question, can say of a real film: what was read in it, and no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from clinicalblip.instructblip.phrasings import PHRASINGS
from clinicalblip.radiology.finding import Change
from clinicalblip.radiology.observation import Observation
from research.mini.reports.sentences import IN_LUNGS, REPORTED
from research.mini.reports.statements import Statement, state_observation
from research.mini.reports.voice import Voice, random_voice

O = Observation  # noqa: E741 - one letter keeps the sums below short

_PHRASINGS_FRACTION: Final = 0.5  # of questions are in the words that `score` compares, the others in the reports'


def absent_from(labels: Mapping[Observation, bool]) -> frozenset[Observation]:
    """What a report of a real film may deny: what is not read in it, and what goes with that."""
    absent = {what for what in REPORTED if not labels[what]}
    if O.CARDIOMEGALY in absent:
        absent.add(O.ENLARGED_CARDIOMEDIASTINUM)
    if not any(labels[what] for what in REPORTED if what in IN_LUNGS):
        absent.add(O.LUNG_OPACITY)
    return frozenset(absent)


def changed(present: Sequence[Observation], before: Sequence[Observation], voice: Voice) -> list[Statement]:
    """What is there now and what was, each with its change."""
    now = [state_observation(what, voice, Change.UNCHANGED if what in before else Change.NEW) for what in present]
    return [*now, *(state_observation(what, voice, Change.RESOLVED) for what in before if what not in present)]


def affirmed_and_denied(what: Observation, rng: np.random.Generator) -> tuple[str, str]:
    """A sentence that affirms an observation and one that denies it, in the words of `score` or of reports."""
    if what in PHRASINGS and rng.random() < _PHRASINGS_FRACTION:
        both = PHRASINGS[what].affirming, PHRASINGS[what].denying
        affirming, denying = (str(rng.choice(sentences)) for sentences in both)
        return affirming, denying
    said = state_observation(what, random_voice(rng))
    return said.plain(), said.denied().plain()
