"""How often the intervals of a study's estimates hold the truth that simulated readers are drawn from."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import exp
from pathlib import Path

import numpy as np

from clinicalblip.datasets.files.atomic import write_atomically
from clinicalblip.reader_study.simulation.readers import Population, SimulatedReader
from clinicalblip.reader_study.simulation.simulate import SimulatedStudy, simulate_study
from clinicalblip.reader_study.statistics.agreement import Level, Weights, gwet_ac1, gwet_ac2, krippendorff_alpha
from clinicalblip.reader_study.statistics.differences import mean_differences
from clinicalblip.reader_study.statistics.estimate import Estimate
from clinicalblip.reader_study.statistics.measurements import Measurements
from clinicalblip.reader_study.statistics.mixed_times import time_ratios
from clinicalblip.reader_study.statistics.ordinal import decision_odds
from clinicalblip.reader_study.statistics.preference import preferences
from clinicalblip.reader_study.statistics.shares import shares

RESAMPLES = 400
"""Draws of each bootstrap: fewer than a study's own report takes, so that a hundred studies take minutes."""


@dataclass(frozen=True)
class Coverage:
    """One estimate over all seeds: how often its interval held the truth, how wide it was, how far off the value."""

    name: str
    truth: float
    seeds: int
    covered: int
    width: float
    bias: float
    without: int

    @property
    def share(self) -> float:
        """Of the intervals that there were, how many held the truth."""
        return self.covered / self.seeds if self.seeds else float("nan")


def cover(
    population: Population,
    seeds: Iterable[int],
    *,
    readers: int = 12,
    cases: int = 80,
    resamples: int = RESAMPLES,
    progress: Callable[[int], None] = lambda _: None,
) -> tuple[Coverage, ...]:
    """Simulate a study a seed, make all its estimates at 95 %, and count; `progress` is told of each seed done."""
    found: dict[str, list[tuple[Estimate, float]]] = {}
    for seed in seeds:
        study = simulate_study(population, seed=seed, readers=readers, cases=cases)
        truths = true_values(population, study.readers)
        for name, estimate in estimate_all(population, study, resamples=resamples, seed=seed).items():
            found.setdefault(name, []).append((estimate, truths[name]))
        progress(seed)
    return tuple(_count(name, pairs) for name, pairs in found.items())


def estimate_all(
    population: Population, study: SimulatedStudy, *, resamples: int = RESAMPLES, seed: int = 0
) -> dict[str, Estimate]:
    """Every estimate of a simulated study, by its name in the table."""
    first, second = population.arms[0].name, next(arm.name for arm in population.arms if arm.has_draft)
    seconds = study.measure(lambda reading: reading.seconds)
    decisions = study.measure(lambda reading: reading.decision)
    kept = study.measure(lambda reading: reading.kept_wrong)
    agreed = study.measure(lambda reading: reading.reference_agreement)
    words = study.measure(lambda reading: reading.edited_words)
    caught = study.measure(lambda reading: reading.caught)

    def differences(values: Measurements, against: str) -> tuple[Estimate, ...]:
        return mean_differences(values, against=against, resamples=resamples, seed=seed)

    preferred = preferences(study.choices, against=second, resamples=resamples, seed=seed)
    compared: list[tuple[str, str, Iterable[Estimate]]] = [
        ("seconds, ratio", first, time_ratios(seconds, against=first)),
        ("decision, odds ratio", first, decision_odds(decisions, against=first)),
        ("kept wrong, difference", first, differences(kept, first)),
        ("agreement with reference, difference", first, differences(agreed, first)),
        ("edited words, difference", second, differences(words, second)),
        ("caught, difference", second, differences(caught, second)),
        ("preference, odds", second, preferred),
    ]
    estimates = {f"{what}: {each.name} / {against}": each for what, against, own in compared for each in own}
    for what, values in (("kept wrong", kept), ("caught", caught)):
        own = shares(values, resamples=resamples, seed=seed)
        estimates |= {f"{what}, share: {each.name}": each for each in own}
    findings, degrees = study.ratings(lambda reading: reading.finding), study.ratings(lambda reading: reading.degree)
    estimates["Krippendorff's alpha, nominal"] = krippendorff_alpha(findings, Level.NOMINAL)
    estimates["Krippendorff's alpha, ordinal"] = krippendorff_alpha(degrees, Level.ORDINAL)
    estimates["Gwet's AC1"] = gwet_ac1(findings, categories=range(len(population.finding)))
    estimates["Gwet's AC2, quadratic"] = gwet_ac2(degrees, Weights.QUADRATIC, categories=range(len(population.degree)))
    return estimates


def true_values(population: Population, readers: Iterable[SimulatedReader]) -> dict[str, float]:
    """What is true of each estimate. Agreement is that of these readers; all else is the population's."""
    first, second = population.arms[0], next(arm for arm in population.arms if arm.has_draft)
    truths = {}
    for arm in population.arms:
        truths[f"kept wrong, share: {arm.name}"] = arm.kept_wrong
        if arm is not first:
            of = f"{arm.name} / {first.name}"
            truths[f"seconds, ratio: {of}"] = arm.time_ratio / first.time_ratio
            truths[f"decision, odds ratio: {of}"] = arm.decision_odds / first.decision_odds
            truths[f"kept wrong, difference: {of}"] = arm.kept_wrong - first.kept_wrong
            truths[f"agreement with reference, difference: {of}"] = arm.reference_agreement - first.reference_agreement
        if arm.has_draft:
            truths[f"caught, share: {arm.name}"] = arm.caught
        if arm.has_draft and arm is not second:
            of = f"{arm.name} / {second.name}"
            truths[f"edited words, difference: {of}"] = arm.edited_words - second.edited_words
            truths[f"caught, difference: {of}"] = arm.caught - second.caught
            truths[f"preference, odds: {of}"] = exp(arm.strength - second.strength)
    # Two readers say the same for certain where both say what is to be seen, and by chance otherwise.
    certain = float(np.mean([one.agreement * other.agreement for one, other in combinations(readers, 2)]))
    truths["Krippendorff's alpha, nominal"] = truths["Krippendorff's alpha, ordinal"] = certain
    number = len(population.degree)
    apart = np.abs(np.arange(number)[:, None] - np.arange(number)[None, :]) / (number - 1)
    truths["Gwet's AC1"] = _ac2(certain, population.finding, np.eye(len(population.finding)))
    truths["Gwet's AC2, quadratic"] = _ac2(certain, population.degree, 1 - apart**2)
    return truths


def _ac2(
    certain: float, chances: tuple[float, ...], weights: np.ndarray[tuple[int, int], np.dtype[np.float64]]
) -> float:
    shares_of = np.asarray(chances)
    observed = certain + (1 - certain) * float(shares_of @ weights @ shares_of)
    chance = float(weights.sum()) / (len(chances) * (len(chances) - 1)) * float(np.sum(shares_of * (1 - shares_of)))
    return (observed - chance) / (1 - chance)


def _count(name: str, pairs: list[tuple[Estimate, float]]) -> Coverage:
    known = [
        (each.value, each.low, each.high, truth)
        for each, truth in pairs
        if each.value is not None and each.low is not None and each.high is not None
    ]
    number = max(len(known), 1)
    return Coverage(
        name,
        sum(truth for _, truth in pairs) / len(pairs),
        len(known),
        sum(low <= truth <= high for _, low, high, truth in known),
        sum(high - low for _, low, high, _ in known) / number,
        sum(value - truth for value, _, _, truth in known) / number,
        len(pairs) - len(known),
    )


def mean_share(rows: Iterable[Coverage]) -> float:
    """The mean coverage over all estimates."""
    own = [row.share for row in rows]
    return sum(own) / len(own)


def write_coverage(folder: Path, rows: tuple[Coverage, ...], about: Mapping[str, str]) -> None:
    """Write `coverage.md` and `coverage.csv`; `about` says what was simulated, one line each."""
    columns = ("estimate", "truth", "intervals", "coverage", "mean width", "bias", "without interval")
    table = [
        (
            row.name,
            f"{row.truth:.3f}",
            str(row.seeds),
            f"{row.share:.3f}",
            f"{row.width:.3f}",
            f"{row.bias:+.3f}",
            str(row.without),
        )
        for row in rows
    ]
    lines = ["# Coverage of the 95 % intervals", "", *(f"- {what}: {said}" for what, said in about.items()), ""]
    lines += [f"| {' | '.join(columns)} |", f"| --- |{' ---: |' * (len(columns) - 1)}"]
    lines += [f"| {' | '.join(row)} |" for row in table]
    lines += ["", f"Mean coverage over all {len(rows)} estimates: {mean_share(rows):.3f}.", ""]
    folder.mkdir(parents=True, exist_ok=True)
    write_atomically(folder / "coverage.md", "\n".join(lines))
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows([columns, *table])
    write_atomically(folder / "coverage.csv", written.getvalue())
