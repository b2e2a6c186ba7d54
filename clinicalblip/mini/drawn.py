"""The drawn chests that the bundled model learns from: whose truth is known, with side, zone, degree and course.

Row `phantom_000012` of the films table is phantom 12 of the training set; `phantom_000012_prior` is an earlier film of
the same person, where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clinicalblip.mini.films import KINDS, PHANTOM_SET, Films
from clinicalblip.mini.phantoms import drawn_prior
from clinicalblip.phantom.choosing import random_finding, random_phantom
from clinicalblip.phantom.description import SIDED, SIDES, ZONES, Finding, Kind, Phantom
from clinicalblip.phantom.phrases import DEGREES
from clinicalblip.phantom.report import affirm_finding, deny_kind, describe, name_finding
from clinicalblip.phantom.truth import observations_of
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.phrasings import PHRASINGS
from clinicalblip.radiology.report import Report

_TRUE_HINTS = 0.65
_GRADED = (Kind.CARDIOMEGALY, Kind.EFFUSION, Kind.PNEUMOTHORAX, Kind.EDEMA)
_UNCONFIRMED = (
    "The suspected {} is not seen.",
    "No {} is seen, contrary to the hint.",
    "The hinted {} is not confirmed.",
)


@dataclass(frozen=True)
class DrawnStudy:
    """A drawn film by its row, with the row of the prior film and what both were drawn from."""

    row: int
    phantom: Phantom
    prior: int | None = None
    earlier: Phantom | None = None

    def report(self, random: np.random.Generator) -> Report:
        """A true report, in one of many wordings; it compares only where there is a prior film."""
        return describe(self.phantom, random, self.earlier)

    def prior_report(self, random: np.random.Generator) -> str:
        """What was written of the earlier film."""
        if self.earlier is None:
            raise ValueError("a study without a prior film has no prior report")
        return describe(self.earlier, random).text

    def hint_and_report(self, random: np.random.Generator) -> tuple[str, Report]:
        """A hint that names a finding of the film; or one that the film contradicts, and then the report says so."""
        report = self.report(random)
        findings = self.phantom.in_order
        if findings and random.random() < _TRUE_HINTS:
            return hint_of(findings[int(random.integers(len(findings)))], random), report
        kinds = [kind for kind in Kind if self.phantom.finding(kind) is None]
        suspected = random_finding(kinds[int(random.integers(len(kinds)))], random)
        denial = _UNCONFIRMED[int(random.integers(len(_UNCONFIRMED)))].format(name_finding(suspected))
        return hint_of(suspected, random), Report(f"{denial} {report.findings}", report.impression)


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


def hint_of(finding: Finding, random: np.random.Generator) -> str:
    """A finding as a hint names it, now and then with its degree: "small left pleural effusion"."""
    degree = DEGREES[finding.kind][finding.degree] if finding.kind in _GRADED and random.random() < 0.6 else ""
    return f"{degree} {name_finding(finding)}".strip()


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
