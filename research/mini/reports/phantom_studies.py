"""The drawn films as studies: what is true of each, with side, zone, degree and change, and questions about it.

Row `phantom_000012` of the table of films is phantom 12 of the training set; `phantom_000012_prior` is an earlier film
of the same person, where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.instructblip.phrasings import PHRASINGS
from clinicalblip.radiology.observation import Observation
from research.mini.films.phantom_films import KINDS, PHANTOM_SET
from research.mini.films.prior_films import prior_phantom
from research.mini.films.table import Films
from research.mini.reports.sentences import AIRSPACE, REPORTED
from research.mini.reports.statements import Statement, state_drawn
from research.mini.reports.voice import Voice, random_voice
from research.phantom.choosing import random_finding, random_phantom
from research.phantom.description import SIDED, SIDES, ZONES, Finding, Kind, Phantom
from research.phantom.reports.report import Change, changes
from research.phantom.reports.truth import observations_of

O = Observation  # noqa: E741 - one letter keeps the table below a table

GRADED: Final = 0.75  # of voices give a degree
_PRESENT_IN_BOTH: Final = (Change.LARGER, Change.SMALLER, Change.UNCHANGED)
# What a drawn finding leaves undecided: a reader would not call the film free of these.
_UNDECIDED: Final = {
    Kind.HYPERINFLATION: frozenset({O.EMPHYSEMA}),
    Kind.GRANULOMA: frozenset({O.LUNG_LESION}),
    Kind.SCOLIOSIS: frozenset({O.FRACTURE}),
    Kind.CARDIOMEGALY: frozenset({O.ENLARGED_CARDIOMEDIASTINUM}),
    Kind.ATELECTASIS: AIRSPACE,
    Kind.EDEMA: AIRSPACE,
    Kind.NODULE: frozenset({O.LUNG_OPACITY}),
    Kind.MASS: frozenset({O.LUNG_OPACITY}),
}
_ALL: Final = frozenset(REPORTED) | {O.ENLARGED_CARDIOMEDIASTINUM, O.LUNG_OPACITY, O.FRACTURE}


@dataclass(frozen=True)
class Question:
    """Two sentences about a film and the log odds of the first against the second, infinite where the first is true."""

    affirming: str
    denying: str
    log_odds: float


@dataclass(frozen=True)
class PhantomStudy:
    """A drawn film by its row and phantom, and the row and phantom of its prior film where it has one."""

    row: int
    phantom: Phantom
    prior: int | None = None
    earlier: Phantom | None = None

    def statements(self, voice: Voice) -> list[Statement]:
        """What a report says of it; with a prior film, how each finding of either film has changed."""
        graded = voice.happens("degree", GRADED)
        if self.earlier is None:
            return [state_drawn(finding, graded) for finding in self.phantom.in_order]
        changed = changes(self.phantom, self.earlier)
        # How much of it there is has to be said where it has changed: it is compared with the prior report.
        return [state_drawn(finding, True, change) for finding, change in changed.items()]

    def absent(self) -> frozenset[Observation]:
        """What is not in the film, and may be denied."""
        found = {observation for finding in self.phantom.findings if (observation := finding.observation)}
        return _ALL.difference(found, *(_UNDECIDED.get(finding.kind, frozenset()) for finding in self.phantom.findings))

    def change_questions(self, voice: Voice, rng: np.random.Generator) -> tuple[Question, ...]:
        """A question for each finding of either film: how has it changed? Mostly against what is easily mistaken."""
        if self.earlier is None:
            raise ValueError("the study has no prior film")
        questions = []
        for finding, change in changes(self.phantom, self.earlier).items():
            near = [other for other in _PRESENT_IN_BOTH if other is not change]
            others = [other for other in Change if other is not change]
            pool = near if change in _PRESENT_IN_BOTH and rng.random() < 0.8 else others
            false = pool[int(rng.integers(len(pool)))]
            true, other = (state_drawn(finding, True, how).sentence(voice) for how in (change, false))
            questions.append(Question(true, other, inf))
        return tuple(questions)


ASPECTS = ("present", "right", "left", *ZONES, "third", "much", "two_thirds")
"""What `truth_of` gives for each kind."""


def truth_of(phantom: Phantom) -> NDArray[np.float32]:
    """The `ASPECTS` of each kind in a drawn film, 0 or 1, (16 x 9,).

    The last three are a severity of a third, a half and two thirds or more: what grew has to be seen to have grown.
    """
    truth = np.zeros((len(KINDS), len(ASPECTS)), dtype=np.float32)
    for finding in phantom.findings:
        sides = (-1 in finding.signs, 1 in finding.signs)
        zones = (finding.zone == zone for zone in ZONES)
        degrees = (finding.severity >= least for least in (1 / 3, 1 / 2, 2 / 3))
        truth[KINDS.index(finding.kind)] = (True, *sides, *zones, *degrees)
    return truth.flatten()


class PhantomStudies:
    """The drawn studies of the training split.

    Of two films of a person each is once the present and once the prior one: what grew has then shrunk.
    """

    def __init__(self, films: Films) -> None:
        places = {name: row for row, name in enumerate(films.ids)}
        studies, with_prior = [], []
        for row in films.rows("train", (PHANTOM_SET,)):
            number = int(films.ids[row].removeprefix("phantom_"))
            study = PhantomStudy(int(row), random_phantom(number))
            studies.append(study)
            prior = places.get(f"{films.ids[row]}_prior")
            if prior is not None and (earlier := prior_phantom(number)):
                with_prior.append(replace(study, prior=prior, earlier=earlier))
                with_prior.append(PhantomStudy(prior, earlier, study.row, study.phantom))
        self.studies, self.with_prior = tuple(studies), tuple(with_prior)
        self.phantoms = {study.row: study.phantom for study in (*studies, *with_prior)}

    def truth(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """`truth_of` the films of these rows, (len(rows), 16 x 9); NaN for films that are not in `studies`."""
        table = np.full((len(rows), len(KINDS) * len(ASPECTS)), np.nan, dtype=np.float32)
        for place, row in enumerate(rows):
            if phantom := self.phantoms.get(int(row)):
                table[place] = truth_of(phantom)
        return table

    def true_and_false(self, row: int, number: int, rng: np.random.Generator) -> list[tuple[str, str]]:
        """`number` pairs of sentences about the film of this row: the first is true of it and the second is not.

        Half are about a finding of the film, if it has any. Where that finding has a side, the false sentence puts it
        in another place three times in four. The other pairs affirm and deny a finding, in the words of reports or of
        `score`.
        """
        phantom = self.phantoms[row]
        return [_true_and_false(phantom, rng) for _ in range(number)]

    def random(self, rng: np.random.Generator) -> PhantomStudy:
        """A random study without its prior film."""
        return _random(self.studies, rng)

    def random_with_prior(self, rng: np.random.Generator) -> PhantomStudy:
        """A random study with its prior film."""
        return _random(self.with_prior, rng)


def _random(studies: Sequence[PhantomStudy], rng: np.random.Generator) -> PhantomStudy:
    return studies[int(rng.integers(len(studies)))]


def _true_and_false(phantom: Phantom, rng: np.random.Generator) -> tuple[str, str]:
    here, voice = phantom.in_order, random_voice(rng)
    if here and rng.random() < 0.5:
        finding = here[int(rng.integers(len(here)))]
        said = state_drawn(finding, voice.happens("degree", GRADED))
        if finding.kind in SIDED and rng.random() < 0.75:
            elsewhere = state_drawn(_elsewhere(finding, rng), voice.happens("degree", GRADED))
            return said.plain(), elsewhere.plain()
        if finding.observation is None or rng.random() < 0.5:
            return said.plain(), said.denied().plain()
        return _in_score_words(finding.observation, True, rng)
    if rng.random() < 0.5:
        missing = [kind for kind in Kind if not phantom.finding(kind)]
        said = state_drawn(random_finding(missing[int(rng.integers(len(missing)))], rng), True)
        return said.denied().plain(), said.plain()
    decided = {what: holds for what, holds in observations_of(phantom).items() if holds is not None}
    if not decided[O.NO_FINDING]:  # to deny it is to affirm any finding, and most are not there
        del decided[O.NO_FINDING]
    return _in_score_words(*list(decided.items())[int(rng.integers(len(decided)))], rng)


def _elsewhere(finding: Finding, rng: np.random.Generator) -> Finding:
    """The same finding in another place: on the other side or, for half of those with a zone, in another zone."""
    if finding.zone and rng.random() < 0.5:
        zones = [zone for zone in ZONES if zone != finding.zone]
        return replace(finding, zone=zones[int(rng.integers(len(zones)))])
    others = [side for side in SIDES[:2] if side != finding.side]
    return replace(finding, side=others[int(rng.integers(len(others)))])


def _in_score_words(what: Observation, holds: bool, rng: np.random.Generator) -> tuple[str, str]:
    both = PHRASINGS[what].affirming, PHRASINGS[what].denying
    affirming, denying = (str(rng.choice(sentences)) for sentences in both)
    return (affirming, denying) if holds else (denying, affirming)
