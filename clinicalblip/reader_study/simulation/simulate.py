"""A study as simulated readers read it: every reader reads every case once, its arm by a Latin square."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations
from math import exp, log

import numpy as np

from clinicalblip.reader_study.simulation.readers import Population, SimulatedArm, SimulatedReader, draw_readers
from clinicalblip.reader_study.statistics.measurements import Measurements
from clinicalblip.reader_study.statistics.preference import Preference


@dataclass(frozen=True)
class SimulatedReading:
    """One reading; None where an arm has no draft, or a case no injected error."""

    reader: str
    case: int
    arm: str
    period: int
    position: int
    seconds: float
    decision: int
    kept_wrong: int
    reference_agreement: float
    caught: int | None
    edited_words: float | None
    finding: int
    degree: int


@dataclass(frozen=True)
class SimulatedStudy:
    """All readings and choices, and the readers who made them."""

    readers: tuple[SimulatedReader, ...]
    readings: tuple[SimulatedReading, ...]
    choices: tuple[Preference, ...]

    def measure(self, value: Callable[[SimulatedReading], float | None]) -> Measurements:
        """The readings' values as columns, without those that have none."""
        known = [(reading, found) for reading in self.readings if (found := value(reading)) is not None]
        return Measurements(
            [reading.reader for reading, _ in known],
            [reading.case for reading, _ in known],
            [reading.arm for reading, _ in known],
            [float(found) for _, found in known],
            [reading.period for reading, _ in known],
            [reading.position for reading, _ in known],
        )

    def ratings(self, value: Callable[[SimulatedReading], int]) -> list[list[int | None]]:
        """Units by cases, one value a reader."""
        by_cell = {(reading.case, reading.reader): value(reading) for reading in self.readings}
        cases = sorted({reading.case for reading in self.readings})
        return [[by_cell.get((case, reader.name)) for reader in self.readers] for case in cases]


def simulate_study(population: Population, *, seed: int, readers: int = 12, cases: int = 80) -> SimulatedStudy:
    """The study of a seed. Every other group of cases has an injected error; every fourth case is chosen over too.

    The arms of neighbouring readers and cases differ, so that arms are balanced over both where their number divides
    those of readers and cases.
    """
    rng = np.random.default_rng(seed)
    drawn = draw_readers(population, readers, rng)
    arms = population.arms
    tendencies = rng.normal(size=(cases, 6))  # of each case: difficulty, and one for each kind of outcome
    findings = rng.choice(len(population.finding), size=cases, p=population.finding)
    degrees = rng.choice(len(population.degree), size=cases, p=population.degree)
    readings = []
    for number, reader in enumerate(drawn):
        for position, case in enumerate(rng.permutation(cases).tolist()):
            arm = arms[(number + case) % len(arms)]
            spoken = reader.says(int(findings[case]), population.finding, rng)
            degree = reader.says(int(degrees[case]), population.degree, rng)
            readings.append(
                _read(population, reader, arm, case, position, tendencies[case], spoken, degree, rng, len(arms))
            )
    return SimulatedStudy(drawn, tuple(readings), tuple(_choices(population, drawn, tendencies, rng)))


def _read(
    population: Population,
    reader: SimulatedReader,
    arm: SimulatedArm,
    case: int,
    position: int,
    tendencies: np.ndarray[tuple[int], np.dtype[np.float64]],
    finding: int,
    degree: int,
    rng: np.random.Generator,
    arms: int,
) -> SimulatedReading:
    from scipy.stats import beta, gamma

    chances = rng.normal(size=6).tolist()

    def uniform(tendency: float, number: int) -> float:
        return reader.uniform(population, tendency, float(tendencies[number]), arm.name, chances[number])

    caught = None
    if arm.has_draft and case // arms % 2 == 0:
        caught = int(uniform(reader.care, 2) < arm.caught)
    kept = uniform(reader.bias, 3) < arm.kept_wrong
    agreed, words = uniform(reader.care, 4), uniform(reader.thoroughness, 5)
    mean = arm.reference_agreement
    return SimulatedReading(
        reader.name,
        case + 1,
        arm.name,
        1,
        position + 1,
        reader.seconds(population, arm, float(tendencies[0]), position, chances[0]),
        decide(population, arm, uniform(reader.strictness, 1)),
        int(kept),
        float(beta.ppf(agreed, 4 * mean, 4 * (1 - mean))),
        caught,
        float(gamma.ppf(words, 1.2, scale=arm.edited_words / 1.2)) if arm.has_draft else None,
        finding,
        degree,
    )


def decide(population: Population, arm: SimulatedArm, uniform: float) -> int:
    """A rank from 0 by cumulative odds: a logistic value, moved by the arm, among the cuts of the first one."""
    value = log(uniform / (1 - uniform)) + log(arm.decision_odds)
    return sum(value > log(cut / (1 - cut)) for cut in population.cuts)


def _choices(
    population: Population,
    readers: tuple[SimulatedReader, ...],
    tendencies: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    rng: np.random.Generator,
) -> list[Preference]:
    """Every reader's choices between all pairs of arms with a draft, of every fourth case."""
    pairs = list(combinations([arm for arm in population.arms if arm.has_draft], 2))
    choices = []
    for reader in readers:
        for case in range(0, len(tendencies), 4):
            for first, second in pairs:
                wins = 1 / (1 + exp(second.strength - first.strength))
                where = reader.uniform(
                    population, reader.taste, float(tendencies[case, 5]), first.name, float(rng.normal())
                )
                tie = abs(where - wins) < population.tie / 2
                names = (first.name, second.name) if where < wins else (second.name, first.name)
                choices.append(Preference(reader.name, case + 1, *names, tie=tie))
    return choices
