"""The drawn chests that the bundled model learns from: whose truth is known, with side, zone, degree and course.

Row `phantom_000012` of the films table is phantom 12 of the training set; `phantom_000012_prior` is an earlier film of
the same person, where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clinicalblip.instructblip.phrasings import PHRASINGS
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import Report
from research.mini.films import KINDS, PHANTOM_SET, Films
from research.mini.hints import Question, answer_hint, ask_change, ask_hint, compare, hint_of
from research.mini.phantoms import drawn_prior
from research.phantom.choosing import random_finding, random_phantom
from research.phantom.description import SIDED, SIDES, ZONES, Finding, Kind, Phantom
from research.phantom.report import affirm_finding, changes, deny_kind, describe
from research.phantom.truth import observations_of

_TRUE_HINTS = 0.85  # of the hints about a film that has findings; all about a normal one are false


@dataclass(frozen=True)
class DrawnStudy:
    """A drawn film by its row, with the row of the prior film and what both were drawn from."""

    row: int
    phantom: Phantom
    prior: int | None = None
    earlier: Phantom | None = None

    def report(self, random: np.random.Generator) -> Report:
        """A true report, in one of many wordings; where there is a prior film it begins with what changed since."""
        report = describe(self.phantom, random)
        if self.earlier is None:
            return report
        compared = [compare(finding, change, random) for finding, change in changes(self.phantom, self.earlier).items()]
        concluded = describe(self.phantom, random, self.earlier).impression
        return Report(" ".join((*compared, report.findings)), concluded)

    def prior_report(self, random: np.random.Generator) -> str:
        """What was written of the earlier film."""
        return describe(self._before(), random).text

    def ask_changes(self, random: np.random.Generator) -> tuple[Question, ...]:
        """A question for each finding of either film: what became of it?"""
        changed = changes(self.phantom, self._before())
        return tuple(ask_change(finding, change, random) for finding, change in changed.items())

    def hinted(self, random: np.random.Generator) -> tuple[str, Report, Question]:
        """A hint of a finding that is there or is not, the report, which answers the hint first, and a question."""
        findings = self.phantom.in_order
        holds = bool(findings) and random.random() < _TRUE_HINTS
        if holds:
            finding = findings[int(random.integers(len(findings)))]
        else:
            kinds = [kind for kind in Kind if self.phantom.finding(kind) is None]
            finding = random_finding(kinds[int(random.integers(len(kinds)))], random)
        hint = hint_of(finding, random)
        report = describe(self.phantom, random, told=finding)
        answered = Report(f"{answer_hint(hint, holds, random)} {report.findings}", report.impression)
        return hint, answered, ask_hint(hint, holds, random)

    def _before(self) -> Phantom:
        if self.earlier is None:
            raise ValueError("a study without a prior film has nothing from before")
        return self.earlier


ASPECTS = ("present", "right", "left", *ZONES, "much")
"""What `truth_of` says of each kind."""


def truth_of(phantom: Phantom) -> NDArray[np.float32]:
    """What is true of a drawn film, 0 or 1, (16 x 7,): for each kind its `ASPECTS`; much: half or more."""
    truth = np.zeros((len(KINDS), len(ASPECTS)), dtype=np.float32)
    for finding in phantom.findings:
        sides = (-1 in finding.signs, 1 in finding.signs)
        zones = (finding.zone == zone for zone in ZONES)
        truth[KINDS.index(finding.kind)] = (True, *sides, *zones, finding.severity >= 0.5)
    return truth.flatten()


class DrawnStudies:
    """The drawn studies of the training split."""

    def __init__(self, films: Films) -> None:
        places = {name: row for row, name in enumerate(films.ids)}
        studies = []
        for row in films.rows("train", (PHANTOM_SET,)):
            number = int(films.ids[row].removeprefix("phantom_"))
            prior = places.get(f"{films.ids[row]}_prior")
            earlier = drawn_prior(number) if prior is not None else None
            studies.append(DrawnStudy(int(row), random_phantom(number), prior, earlier))
        self.some = tuple(studies)
        self.with_prior = tuple(study for study in studies if study.prior is not None)
        self.phantoms = {study.row: study.phantom for study in studies}

    def truth(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """What is true of these rows' films, (len(rows), 16 x 7); NaN for all that are not of `some`."""
        table = np.full((len(rows), len(KINDS) * len(ASPECTS)), np.nan, dtype=np.float32)
        for place, row in enumerate(rows):
            if phantom := self.phantoms.get(int(row)):
                table[place] = truth_of(phantom)
        return table

    def true_and_false(self, row: int, number: int, random: np.random.Generator) -> list[tuple[str, str]]:
        """`number` pairs of sentences about the film of this row: the first is true of it and the second is not.

        Half are of what the film has, if it has anything. Of those with a side, three in four tell it from the same
        finding elsewhere; others tell what is there from what is not, in the words of reports and in those of `score`.
        """
        phantom = self.phantoms[row]
        return [_true_and_false(phantom, random) for _ in range(number)]

    def one(self, random: np.random.Generator) -> DrawnStudy:
        """A study of which only the present film is given."""
        study = _one_of(self.some, random)
        return DrawnStudy(study.row, study.phantom)

    def later(self, random: np.random.Generator) -> DrawnStudy:
        """A study with its prior film."""
        return _one_of(self.with_prior, random)


def _one_of(studies: Sequence[DrawnStudy], random: np.random.Generator) -> DrawnStudy:
    return studies[int(random.integers(len(studies)))]


def _true_and_false(phantom: Phantom, random: np.random.Generator) -> tuple[str, str]:
    here = phantom.in_order
    if here and random.random() < 0.5:
        finding = here[int(random.integers(len(here)))]
        if finding.kind in SIDED and random.random() < 0.75:
            return affirm_finding(finding, random), affirm_finding(_elsewhere(finding, random), random)
        if finding.observation is None or random.random() < 0.5:
            return affirm_finding(finding, random), deny_kind(finding.kind, random)
        return _in_score_words(finding.observation, True, random)
    if random.random() < 0.5:
        missing = [kind for kind in Kind if not phantom.finding(kind)]
        kind = missing[int(random.integers(len(missing)))]
        return deny_kind(kind, random), affirm_finding(random_finding(kind, random), random)
    decided = {what: holds for what, holds in observations_of(phantom).items() if holds is not None}
    if not decided[Observation.NO_FINDING]:  # what denies a normal chest is any finding, and most are not there
        del decided[Observation.NO_FINDING]
    return _in_score_words(*list(decided.items())[int(random.integers(len(decided)))], random)


def _elsewhere(finding: Finding, random: np.random.Generator) -> Finding:
    """The same finding on the other side or, half of those in a zone, on the same side in another zone."""
    if finding.zone and random.random() < 0.5:
        zones = [zone for zone in ZONES if zone != finding.zone]
        return replace(finding, zone=zones[int(random.integers(len(zones)))])
    others = [side for side in SIDES[:2] if side != finding.side]
    return replace(finding, side=others[int(random.integers(len(others)))])


def _in_score_words(what: Observation, holds: bool, random: np.random.Generator) -> tuple[str, str]:
    both = PHRASINGS[what].affirming, PHRASINGS[what].denying
    affirming, denying = (str(random.choice(sentences)) for sentences in both)
    return (affirming, denying) if holds else (denying, affirming)
