"""The drawn chests that the bundled model learns from: whose truth is known, with side, zone, degree and course.

Row `phantom_000012` of the films table is phantom 12 of the training set; `phantom_000012_prior` is an earlier film of
the same person, where there is one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clinicalblip.mini.films import PHANTOM_SET, Films
from clinicalblip.mini.phantoms import drawn_prior
from clinicalblip.phantom.choosing import random_finding, random_phantom
from clinicalblip.phantom.description import Finding, Kind, Phantom
from clinicalblip.phantom.phrases import DEGREES
from clinicalblip.phantom.report import describe, name_finding
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

    def one(self, random: np.random.Generator) -> DrawnStudy:
        """A study of which only the present film is given."""
        study = self.some[int(random.integers(len(self.some)))]
        return DrawnStudy(study.row, study.phantom)

    def later(self, random: np.random.Generator) -> DrawnStudy:
        """A study with its prior film."""
        return self.with_prior[int(random.integers(len(self.with_prior)))]
