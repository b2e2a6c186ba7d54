"""The drawn films as studies: reports, hints and questions whose truth is known, with side, zone, degree and change.

Row `phantom_000012` of the table of films is phantom 12 of the training set; `phantom_000012_prior` is an earlier film
of the same person, where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clinicalblip.instructblip.phrasings import PHRASINGS
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report import Report
from research.mini.films.phantom_films import KINDS, PHANTOM_SET
from research.mini.films.prior_films import prior_phantom
from research.mini.films.table import Films
from research.mini.reports.hints import Question, answer_hint, change_question, compare_sentence, hint_of, hint_question
from research.phantom.choosing import random_finding, random_phantom
from research.phantom.description import SIDED, SIDES, ZONES, Finding, Kind, Phantom
from research.phantom.reports.report import affirm_finding, changes, deny_kind, describe
from research.phantom.reports.truth import observations_of

_TRUE_HINTS = 0.85  # of the hints about a film with findings; those about a normal film are all false


@dataclass(frozen=True)
class PhantomStudy:
    """A drawn film by its row and phantom, and the row and phantom of its prior film where it has one."""

    row: int
    phantom: Phantom
    prior: int | None = None
    earlier: Phantom | None = None

    def report(self, rng: np.random.Generator) -> Report:
        """A true report in one of many wordings; with a prior film it begins with what has changed."""
        report = describe(self.phantom, rng)
        if self.earlier is None:
            return report
        changed = changes(self.phantom, self.earlier)
        compared = [compare_sentence(finding, change, rng) for finding, change in changed.items()]
        impression = describe(self.phantom, rng, self.earlier).impression
        return Report(" ".join((*compared, report.findings)), impression)

    def prior_report(self, rng: np.random.Generator) -> str:
        """A report of the prior film."""
        return describe(self._prior_phantom(), rng).text

    def change_questions(self, rng: np.random.Generator) -> tuple[Question, ...]:
        """A question for each finding of either film: how has it changed?"""
        changed = changes(self.phantom, self._prior_phantom())
        return tuple(change_question(finding, change, rng) for finding, change in changed.items())

    def with_hint(self, rng: np.random.Generator) -> tuple[str, Report, Question]:
        """A true or false hint, a report that answers it first, and a question about it."""
        findings = self.phantom.in_order
        holds = bool(findings) and rng.random() < _TRUE_HINTS
        if holds:
            finding = findings[int(rng.integers(len(findings)))]
        else:
            kinds = [kind for kind in Kind if self.phantom.finding(kind) is None]
            finding = random_finding(kinds[int(rng.integers(len(kinds)))], rng)
        hint = hint_of(finding, rng)
        report = describe(self.phantom, rng, omit=finding)
        answered = Report(f"{answer_hint(hint, holds, rng)} {report.findings}", report.impression)
        return hint, answered, hint_question(hint, holds, rng)

    def _prior_phantom(self) -> Phantom:
        if self.earlier is None:
            raise ValueError("the study has no prior film")
        return self.earlier


ASPECTS = ("present", "right", "left", *ZONES, "much")
"""What `truth_of` gives for each kind."""


def truth_of(phantom: Phantom) -> NDArray[np.float32]:
    """The `ASPECTS` of each kind in a drawn film, 0 or 1, (16 x 7,); "much" is a severity of a half or more."""
    truth = np.zeros((len(KINDS), len(ASPECTS)), dtype=np.float32)
    for finding in phantom.findings:
        sides = (-1 in finding.signs, 1 in finding.signs)
        zones = (finding.zone == zone for zone in ZONES)
        truth[KINDS.index(finding.kind)] = (True, *sides, *zones, finding.severity >= 0.5)
    return truth.flatten()


class PhantomStudies:
    """The drawn studies of the training split."""

    def __init__(self, films: Films) -> None:
        places = {name: row for row, name in enumerate(films.ids)}
        studies = []
        for row in films.rows("train", (PHANTOM_SET,)):
            number = int(films.ids[row].removeprefix("phantom_"))
            prior = places.get(f"{films.ids[row]}_prior")
            earlier = prior_phantom(number) if prior is not None else None
            studies.append(PhantomStudy(int(row), random_phantom(number), prior, earlier))
        self.studies = tuple(studies)
        self.with_prior = tuple(study for study in studies if study.prior is not None)
        self.phantoms = {study.row: study.phantom for study in studies}

    def truth(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """`truth_of` the films of these rows, (len(rows), 16 x 7); NaN for films that are not in `studies`."""
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
        study = _random(self.studies, rng)
        return PhantomStudy(study.row, study.phantom)

    def random_with_prior(self, rng: np.random.Generator) -> PhantomStudy:
        """A random study with its prior film."""
        return _random(self.with_prior, rng)


def _random(studies: Sequence[PhantomStudy], rng: np.random.Generator) -> PhantomStudy:
    return studies[int(rng.integers(len(studies)))]


def _true_and_false(phantom: Phantom, rng: np.random.Generator) -> tuple[str, str]:
    here = phantom.in_order
    if here and rng.random() < 0.5:
        finding = here[int(rng.integers(len(here)))]
        if finding.kind in SIDED and rng.random() < 0.75:
            return affirm_finding(finding, rng), affirm_finding(_elsewhere(finding, rng), rng)
        if finding.observation is None or rng.random() < 0.5:
            return affirm_finding(finding, rng), deny_kind(finding.kind, rng)
        return _in_score_words(finding.observation, True, rng)
    if rng.random() < 0.5:
        missing = [kind for kind in Kind if not phantom.finding(kind)]
        kind = missing[int(rng.integers(len(missing)))]
        return deny_kind(kind, rng), affirm_finding(random_finding(kind, rng), rng)
    decided = {what: holds for what, holds in observations_of(phantom).items() if holds is not None}
    if not decided[Observation.NO_FINDING]:  # to deny it is to affirm any finding, and most are not there
        del decided[Observation.NO_FINDING]
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
