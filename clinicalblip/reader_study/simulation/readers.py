"""Simulated readers: people who are drawn from stated parameters, and read as these say.

What happens in a reading is decided by a latent value: the reader's own tendency, the case's, what this arm does to
this reader, and chance, of stated shares of a variance of 1. Its normal distribution function is uniform over all
readers and cases, whatever the shares, so a share or an odds ratio that is stated is the true one of the population,
exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import erf, exp, log, sqrt

import numpy as np


@dataclass(frozen=True)
class SimulatedArm:
    """What is true of an arm over all readers and cases.

    `time_ratio` and `decision_odds`: against the first arm; `caught`: how often an injected error is found;
    `kept_wrong`: how often a wrong sentence survives (the readers' bias towards drafts); `edited_words` and
    `reference_agreement` are means, the latter from 0 to 1; `strength`: Bradley and Terry's, a logarithm. Arms without
    a draft have no errors in it, no edits and no preference.
    """

    name: str
    has_draft: bool
    time_ratio: float
    decision_odds: float
    kept_wrong: float
    reference_agreement: float
    caught: float = 0.0
    edited_words: float = 0.0
    strength: float = 0.0


@dataclass(frozen=True)
class Population:
    """Readers, cases and arms that a study draws from; the shares are of the latent variance of 1.

    `seconds`: the geometric mean of the first arm; `speed`, `difficulty`, `habit` and `chance` are standard deviations
    of log seconds: of readers, cases, reader by arm and readings; `learning`: log seconds a position. `cuts`:
    cumulative chances of the first arm's decisions. `agreement`: how often a reader says what is to be seen in a case,
    else at random by `finding` or `degree`; `agreement_spread`: its standard deviation over readers. `tie`: the chance
    of one.
    """

    arms: tuple[SimulatedArm, ...]
    seconds: float = 90.0
    speed: float = 0.35
    difficulty: float = 0.30
    habit: float = 0.08
    chance: float = 0.40
    learning: float = -0.002
    reader_share: float = 0.12
    case_share: float = 0.18
    habit_share: float = 0.03
    cuts: tuple[float, ...] = (0.45, 0.80)
    agreement: float = 0.85
    agreement_spread: float = 0.05
    finding: tuple[float, ...] = (0.55, 0.15, 0.30)
    degree: tuple[float, ...] = (0.40, 0.30, 0.20, 0.10)
    tie: float = 0.12

    def __post_init__(self) -> None:
        if not 0 <= self.reader_share + self.case_share + self.habit_share < 1:
            raise ValueError("the shares of readers, cases and habits leave some of the variance to chance")


POPULATION = Population(
    (
        SimulatedArm("none", False, 1.0, 1.0, 0.10, 0.70),
        SimulatedArm("draft", True, 0.80, 0.70, 0.25, 0.74, 0.60, 14.0),
        SimulatedArm("draft-marked", True, 0.85, 0.60, 0.18, 0.76, 0.75, 11.0, 0.4),
        SimulatedArm("reference", True, 0.70, 0.40, 0.08, 0.85, 0.65, 5.0, 0.9),
    )
)
"""What `reader-study simulate` draws from: an arm without a draft, and three with one."""


@dataclass(frozen=True)
class SimulatedReader:
    """One reader. `speed` is in log seconds; `care`, `bias`, `strictness` and `taste` are tendencies of variance 1."""

    name: str
    speed: float
    care: float
    bias: float
    strictness: float
    thoroughness: float
    agreement: float
    taste: float
    habits: Mapping[str, float] = field(default_factory=dict)
    """What each arm does to this reader, of variance 1."""

    def seconds(
        self, population: Population, arm: SimulatedArm, difficulty: float, position: int, chance: float
    ) -> float:
        """How long a reading takes; `difficulty` and `chance` are of variance 1."""
        return exp(
            log(population.seconds * arm.time_ratio)
            + self.speed
            + population.difficulty * difficulty
            + population.habit * self.habits[arm.name]
            + population.chance * chance
            + population.learning * position
        )

    def uniform(self, population: Population, tendency: float, of_case: float, habit: str, chance: float) -> float:
        """Where this reading stands in the population, from 0 to 1; the other numbers are of variance 1."""
        shares = (population.reader_share, population.case_share, population.habit_share)
        latent = sum(
            sqrt(share) * each
            for share, each in zip(
                (*shares, 1 - sum(shares)), (tendency, of_case, self.habits[habit], chance), strict=True
            )
        )
        return (1 + erf(latent / sqrt(2))) / 2

    def says(self, seen: int, chances: Sequence[float], rng: np.random.Generator) -> int:
        """What this reader calls something: what is to be seen, or else one of the values at random."""
        return seen if rng.random() < self.agreement else int(rng.choice(len(chances), p=chances))


def draw_readers(population: Population, number: int, rng: np.random.Generator) -> tuple[SimulatedReader, ...]:
    """Readers R01, R02, ... of a population."""
    return tuple(_draw_reader(population, f"R{each:02d}", rng) for each in range(1, number + 1))


def _draw_reader(population: Population, name: str, rng: np.random.Generator) -> SimulatedReader:
    speed = population.speed * float(rng.normal())
    care, bias, strictness, thoroughness = rng.normal(size=4).tolist()
    agreement = float(np.clip(rng.normal(population.agreement, population.agreement_spread), 0, 1))
    taste = float(rng.normal())
    habits = {arm.name: float(rng.normal()) for arm in population.arms}
    return SimulatedReader(name, speed, care, bias, strictness, thoroughness, agreement, taste, habits)
