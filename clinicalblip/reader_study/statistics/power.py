"""How often a study of so many readers and cases shows what is there: the power, by simulation.

Every simulated study is compared as `mean_differences` does it, within readers and cases, with the variance over both
that its bootstrap tends to. Times are logarithms there; of decisions mean ranks are compared, and of choices the share.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import log, sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.errors import ReaderStudyError
from clinicalblip.evaluation.statistics.wilson import wilson
from clinicalblip.reader_study.design.design import OutcomeName
from clinicalblip.reader_study.statistics.assumptions import LARGER_IS_WORSE, RATIOS, Assumptions

Array = NDArray[np.float64]

LEAST: Final = 3
MOST_READERS: Final = 32
MOST_CASES: Final = 400
_SWEEPS: Final = 6  # over readers, cases and arms; one where all are balanced
_HIGHER: Final = 0.35  # of the decisions that are not the lowest, those that are the highest


@dataclass(frozen=True)
class PowerPlan:
    """What is to be shown, and how a study is read.

    `margin`: that the arm is not worse by so much, or None for being better; `arms`: how many there are, of which two
    are compared; `crossover`: every reader has all of them; `periods`: how often every reader reads every case.
    """

    outcome: OutcomeName
    assumed: Assumptions
    margin: float | None = None
    arms: int = 2
    crossover: bool = True
    periods: int = 1
    confidence: float = 0.95

    def __post_init__(self) -> None:
        if self.outcome in RATIOS and self.assumed.effect <= 0:
            raise ReaderStudyError(f"A ratio is above 0, not {self.assumed.effect:g}; change the effect.")


@dataclass(frozen=True)
class Power:
    """The share of simulated studies that show it, with the 95 % interval of the simulation."""

    readers: int
    cases: int
    readings: int
    share: float
    low: float
    high: float


def simulate_power(plan: PowerPlan, *, readers: int, cases: int, simulations: int = 400, seed: int = 0) -> Power:
    """The power of a study of this size. Raises ValueError for fewer than `least_readers`, or than three cases."""
    if readers < least_readers(plan) or cases < LEAST:
        raise ValueError(f"a power is of {least_readers(plan)} readers and {LEAST} cases or more")
    rng = np.random.default_rng(seed)
    arms = _arms(plan, readers, cases)
    shown = 0
    for start in range(0, simulations, _AT_ONCE):
        number = min(_AT_ONCE, simulations - start)
        shown += int(np.sum(_shows(plan, _values(plan, arms, number, rng), arms)))
    share = shown / simulations
    return Power(readers, cases, arms.size, share, *wilson(shown, simulations))


def required_size(
    plan: PowerPlan, *, target: float = 0.8, simulations: int = 400, seed: int = 0, readers: int | None = None
) -> tuple[Power, ...]:
    """For each number of readers (or for one) the fewest cases with which the target is reached, in order of readers.

    Numbers are those at which the arms are balanced. A number of readers with which even the most cases do not suffice
    is left out. Raises ValueError for a target outside 0 to 1.
    """
    if not 0 < target < 1:
        raise ValueError("a power to be reached lies between 0 and 1")
    tried = [readers] if readers else [plan.arms * each for each in range(1, MOST_READERS // plan.arms + 1)]
    found = (_fewest_cases(plan, each, target, simulations, seed) for each in tried if each >= least_readers(plan))
    return tuple(each for each in found if each is not None)


def smallest(sizes: tuple[Power, ...]) -> Power | None:
    """Of sizes that suffice the one with the fewest readings, and of these the one with more readers."""
    return min(sizes, key=lambda size: (size.readings, -size.readers), default=None)


def least_readers(plan: PowerPlan) -> int:
    """The fewest readers that have an interval: two an arm, where each reader has one, or else three."""
    return LEAST if plan.crossover or plan.outcome == OutcomeName.PREFERENCE else max(LEAST, 2 * plan.arms)


_AT_ONCE: Final = 100


def _fewest_cases(plan: PowerPlan, readers: int, target: float, simulations: int, seed: int) -> Power | None:
    low, high = 0, MOST_CASES // plan.arms  # in multiples of the arms; `low` does not suffice
    best: Power | None = None
    while high - low > 0 and (best is None or high - low > 1):
        middle = high if best is None else (low + high) // 2
        tried = simulate_power(
            plan, readers=readers, cases=max(LEAST, middle * plan.arms), simulations=simulations, seed=seed
        )
        if tried.share >= target:
            best, high = tried, middle
        elif best is None:
            return None
        else:
            low = middle
    return best


def _arms(plan: PowerPlan, readers: int, cases: int) -> NDArray[np.int64]:
    """Which arm each reading has, (periods, readers, cases); the first two are compared."""
    period, reader, case = np.ogrid[: plan.periods, :readers, :cases]
    if plan.outcome == OutcomeName.PREFERENCE:
        return np.asarray((0 * (period + reader + case))[:1])
    return np.asarray((period + reader + (case if plan.crossover else 0 * case)) % plan.arms)


def _values(plan: PowerPlan, arms: NDArray[np.int64], number: int, rng: np.random.Generator) -> Array:
    """Simulated values, (studies, periods, readers, cases): log times, numbers, ranks or choices about their middle."""
    assumed = plan.assumed
    _, readers, cases = arms.shape
    habits = rng.normal(size=(number, readers, plan.arms))
    habit = np.take_along_axis(
        np.broadcast_to(habits[:, None], (number, arms.shape[0], readers, plan.arms)),
        np.broadcast_to(arms, (number, *arms.shape)),
        axis=3,
    )
    values = (
        assumed.reader * rng.normal(size=(number, 1, readers, 1))
        + assumed.case * rng.normal(size=(number, 1, 1, cases))
        + assumed.reader_arm * habit
        + assumed.residual * rng.normal(size=(number, *arms.shape))
    )
    own = (arms == 1).astype(float)  # the arm that is compared; the other is 0
    if plan.outcome == OutcomeName.READING_SECONDS:
        return np.asarray(values + log(assumed.effect) * own)
    if plan.outcome not in _LATENT:
        return np.asarray(values + assumed.effect * own)
    scale = sqrt(assumed.reader**2 + assumed.case**2 + assumed.reader_arm**2 + assumed.residual**2)
    uniform = _normal_share(values / scale)
    if plan.outcome == OutcomeName.PREFERENCE:
        return np.asarray((uniform < assumed.effect / (1 + assumed.effect)) - 0.5, float)
    if plan.outcome == OutcomeName.CAUGHT_ERRORS:
        return np.asarray(uniform < np.clip(assumed.base + assumed.effect * own, 0, 1), float)
    return np.asarray(sum(uniform > _below(cut, assumed.effect * own + 1 - own) for cut in _cuts(assumed)), float)


_LATENT: Final = frozenset({OutcomeName.DECISION, OutcomeName.CAUGHT_ERRORS, OutcomeName.PREFERENCE})


def _shows(plan: PowerPlan, values: Array, arms: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether the interval of each study lies on the right side of its bound, (studies,)."""
    from scipy.stats import t

    if plan.outcome == OutcomeName.PREFERENCE:
        estimate = values.mean(axis=(1, 2, 3))
        parts = (values - estimate[:, None, None, None]) / arms.size
    else:
        left = values.copy()
        effects = np.zeros((len(values), plan.arms))
        for _ in range(_SWEEPS):
            if plan.crossover:
                left -= left.mean(axis=(1, 3), keepdims=True)
            left -= left.mean(axis=(1, 2), keepdims=True)
            for arm in np.unique(arms).tolist():
                mean = left[:, arms == arm].mean(axis=1)
                left -= mean[:, None, None, None] * (arms == arm)
                effects[:, arm] += mean
        estimate = effects[:, 1] - effects[:, 0]
        weights = (arms == 1) / np.sum(arms == 1) - (arms == 0) / np.sum(arms == 0)
        parameters = arms.shape[2] + plan.arms + (arms.shape[1] if plan.crossover else 0) - 2
        parts = left * weights * sqrt(arms.size / max(1, arms.size - parameters))
    parts = parts.sum(axis=1)  # (studies, readers, cases)
    readers, cases = parts.shape[1:]
    lost = 1 if plan.outcome == OutcomeName.PREFERENCE else 2  # as in `two_way`
    of_readers = np.sum(parts.sum(axis=2) ** 2, axis=1) * readers / (readers - lost)
    of_cases = np.sum(parts.sum(axis=1) ** 2, axis=1) * cases / (cases - lost)
    of_readings = np.sum(parts**2, axis=(1, 2))
    variance = of_readers + of_cases - of_readings
    variance = np.where(variance > 0, variance, np.maximum(of_readers, of_cases))
    noise = of_readers**2 / (readers - lost) + of_cases**2 / (cases - lost)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.maximum(min(readers, cases) - lost, np.nan_to_num(variance**2 / noise))
    half = t.ppf((1 + plan.confidence) / 2, df) * np.sqrt(variance)
    bound, is_worse = _bound(plan), plan.outcome in LARGER_IS_WORSE
    return np.asarray((estimate + half < bound if is_worse else estimate - half > bound) & (variance > 0))


def _bound(plan: PowerPlan) -> float:
    """What the interval has to lie beyond, in the unit of `_values`."""
    if plan.margin is None:
        return 0.0
    is_worse = plan.outcome in LARGER_IS_WORSE
    if plan.outcome not in RATIOS:
        return plan.margin if is_worse else -plan.margin
    ratio = max(plan.margin, 1 / plan.margin)
    if plan.outcome == OutcomeName.READING_SECONDS:
        return log(ratio)
    if plan.outcome == OutcomeName.PREFERENCE:
        return 1 / (1 + ratio) - 0.5
    cuts = _cuts(plan.assumed)  # the difference in mean rank that odds of the margin make
    return float(sum(cut - _below(cut, np.asarray(ratio)) for cut in cuts))


def _cuts(assumed: Assumptions) -> tuple[float, float]:
    return assumed.base, 1 - (1 - assumed.base) * _HIGHER


def _below(cut: float, odds: Array) -> Array:
    """The chance of a rank below a cut where odds of a higher one are multiplied."""
    return np.asarray(cut / (cut + (1 - cut) * odds))


def _normal_share(values: Array) -> Array:
    from scipy.special import ndtr

    return np.asarray(ndtr(values))


def no_effect(outcome: OutcomeName, assumed: Assumptions) -> Assumptions:
    """The same readers and cases where both arms are alike, which a margin is usually planned for."""
    return replace(assumed, effect=1.0 if outcome in RATIOS else 0.0)
