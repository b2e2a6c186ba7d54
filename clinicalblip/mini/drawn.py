"""The drawn chests that the bundled model learns from: whose truth is known, with side, zone, degree and course.

Row `phantom_000012` of the films table is phantom 12 of the training set; `phantom_000012_prior` is an earlier film of
the same person, where there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinicalblip.mini.films import KINDS, PHANTOM_SET, Films
from clinicalblip.mini.phantoms import drawn_prior
from clinicalblip.phantom.choosing import random_finding, random_phantom
from clinicalblip.phantom.description import SIDED, ZONES, Finding, Kind, Phantom
from clinicalblip.phantom.phrases import DEGREES
from clinicalblip.phantom.report import affirm_finding, deny_kind, describe, name_finding
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
        self._phantoms = {study.row: study.phantom for study in studies}
        having = {kind: tuple(study for study in studies if study.phantom.finding(kind)) for kind in Kind}
        self._having = {kind: those for kind, those in having.items() if those}
        self._lacking = {kind: tuple(s for s in studies if not s.phantom.finding(kind)) for kind in self._having}

    def truth(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """What is true of these rows' films, (len(rows), 16 x 7); NaN for all that are not of `some`."""
        table = np.full((len(rows), len(KINDS) * len(ASPECTS)), np.nan, dtype=np.float32)
        for place, row in enumerate(rows):
            if phantom := self._phantoms.get(int(row)):
                table[place] = truth_of(phantom)
        return table

    def told_apart(self, random: np.random.Generator) -> tuple[DrawnStudy, DrawnStudy, str, str]:
        """Two studies, a sentence that is true of the first only, and one that is true of the second only.

        Half of the sided findings are told from the same finding elsewhere, left from right and upper from lower; the
        others from a chest without. Kinds are drawn evenly. Raises ValueError where no study has any finding.
        """
        if not self._having:
            raise ValueError("there is nothing to tell apart among films without a finding")
        kind = list(self._having)[int(random.integers(len(self._having)))]
        first = _one_of(self._having[kind], random)
        finding = _finding(first, kind)
        affirming = affirm_finding(finding, random)
        if kind in SIDED and random.random() < 0.5:
            place = _place(finding)
            others = [each for each in self._having[kind] if _place(_finding(each, kind)) != place]
            if others:
                second = _one_of(others, random)
                return first, second, affirming, affirm_finding(_finding(second, kind), random)
        return first, _one_of(self._lacking[kind], random), affirming, deny_kind(kind, random)

    def one(self, random: np.random.Generator) -> DrawnStudy:
        """A study of which only the present film is given."""
        study = _one_of(self.some, random)
        return DrawnStudy(study.row, study.phantom)

    def later(self, random: np.random.Generator) -> DrawnStudy:
        """A study with its prior film."""
        return _one_of(self.with_prior, random)


def _one_of(studies: Sequence[DrawnStudy], random: np.random.Generator) -> DrawnStudy:
    return studies[int(random.integers(len(studies)))]


def _finding(study: DrawnStudy, kind: Kind) -> Finding:
    return next(finding for finding in study.phantom.findings if finding.kind is kind)


def _place(finding: Finding) -> tuple[str, str]:
    return finding.side, finding.zone
