"""The report's estimates held against what is true of the simulated readers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import exp
from pathlib import Path

from clinicalblip.datasets.files.atomic import write_atomically
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.reader_study.assignment.assignment import CaseKind
from clinicalblip.reader_study.results.estimates import Estimates, measure
from clinicalblip.reader_study.results.sections.automation import kept_wrong
from clinicalblip.reader_study.results.sections.injected import injected_readings, measure_caught
from clinicalblip.reader_study.results.sections.times import active_seconds
from clinicalblip.reader_study.results.study_data import StudyData, read_study
from clinicalblip.reader_study.simulation.readers import Population
from clinicalblip.reader_study.statistics.estimate import Estimate
from clinicalblip.reader_study.statistics.measurements import Measurements
from clinicalblip.reader_study.study_folder import StudyFolder


@dataclass(frozen=True)
class EstimateAndTruth:
    """An estimate of the report, and what is true."""

    name: str
    truth: float
    found: Estimate

    @property
    def holds(self) -> bool | None:
        """Whether its interval has the truth in it; None where there is no interval."""
        if self.found.low is None or self.found.high is None:
            return None
        return self.found.low <= self.truth <= self.found.high


def hold_against_truth(folder: Path, population: Population) -> tuple[EstimateAndTruth, ...]:
    """Every estimate that a parameter says the truth of, of a study that was read."""
    with StudyFolder.open(folder) as study, ReviewStore(study.reviews) as reviews:
        data = read_study(study, reviews)
    return tuple(_all(data, population, Estimates.of(data.design)))


def _all(data: StudyData, population: Population, ask: Estimates) -> Iterator[EstimateAndTruth]:
    arms = {arm.name: arm for arm in population.arms}
    base, first = arms[data.baseline], arms[data.drafted[0]]
    times = ask.time_ratios(measure(data.compared, active_seconds), base.name)
    odds = ask.decision_odds(measure(data.compared, lambda row: row.decision), first.name)
    for name, found in times.items():
        yield EstimateAndTruth(f"time ratio, {name} to {base.name}", arms[name].time_ratio / base.time_ratio, found)
    for name, found in odds.items():
        truth = arms[name].decision_odds / first.decision_odds
        yield EstimateAndTruth(f"decision odds ratio, {name} to {first.name}", truth, found)
    for kind in (CaseKind.MAIN, CaseKind.GOLD):
        errors = [each for each in injected_readings(data.rows) if each.row.kind is kind]
        for name, found in ask.shares(measure_caught(errors)).items():
            yield EstimateAndTruth(f"errors caught, {name}, {kind} cases", arms[name].caught, found)
    for name in data.drafted:
        kept = [each for each in kept_wrong(data, name) if each.row.arm in (name, base.name)]
        measured = Measurements(
            [each.row.reader for each in kept],
            [each.row.case for each in kept],
            [each.row.arm for each in kept],
            [float(each.kept) for each in kept],
        )
        for arm, found in sorted(ask.shares(measured).items(), key=lambda each: each[0] != name):
            beside = "" if arm == name else f", read without: {arm}"
            yield EstimateAndTruth(f"wrong findings kept, drafts of {name}{beside}", arms[arm].kept_wrong, found)
    if data.design.pairwise is not None:
        against, arm = data.design.pairwise.arms
        choices = [each for each in data.choices if each.kind is CaseKind.MAIN]
        truth = exp(arms[arm].strength - arms[against].strength)
        yield EstimateAndTruth(f"odds of preference, {arm} to {against}", truth, ask.preference(choices, arm, against))


def write_truth(path: Path, rows: tuple[EstimateAndTruth, ...]) -> None:
    """Write the table, with how many intervals hold the truth."""
    lines = ["# Estimates beside what is true of the simulated readers", ""]
    lines += ["| estimate | truth | found | 95 % interval | holds the truth |", "| --- | ---: | ---: | ---: | --- |"]
    for row in rows:
        low, high = row.found.low, row.found.high
        interval = "-" if low is None or high is None else f"{low:.3f} to {high:.3f}"
        found = "-" if row.found.value is None else f"{row.found.value:.3f}"
        holds = {None: "no interval", True: "yes", False: "no"}[row.holds]
        lines.append(f"| {row.name} | {row.truth:.3f} | {found} | {interval} | {holds} |")
    known = [row for row in rows if row.holds is not None]
    lines += ["", f"{sum(bool(row.holds) for row in known)} of {len(known)} intervals hold the truth.", ""]
    write_atomically(path, "\n".join(lines))
