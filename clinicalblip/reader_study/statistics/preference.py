"""Which arm's drafts readers would rather start from: Bradley and Terry's strengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.reader_study.statistics.estimate import Estimate
from clinicalblip.reader_study.statistics.measurements import Measurements
from clinicalblip.reader_study.statistics.result import lone_reason, t_estimate, without_interval
from clinicalblip.reader_study.statistics.two_way import Sums, bootstrap_spread

METHOD: Final = "Bradley-Terry, ties as half wins, bootstrap over readers and cases, t"
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Preference:
    """One choice between two arms' drafts of a case; of a tie it does not matter which one stands first."""

    reader: str
    case: int
    winner: str
    loser: str
    tie: bool = False


def preferences(
    choices: Sequence[Preference],
    *,
    against: str,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
    arms: Sequence[str] | None = None,
) -> tuple[Estimate, ...]:
    """The odds with which each of the `arms` (default: all others) is preferred to `against`; a tie is half a win.

    Strengths are `choix`'s; how far their difference varies over readers and cases is a bootstrap's of one Newton step
    from them, so that a draw in which an arm never loses has a value too.
    """
    there = sorted({arm for choice in choices for arm in (choice.winner, choice.loser)})
    rows = Measurements(
        [choice.reader for choice in choices],
        [choice.case for choice in choices],
        [""] * len(choices),
        [0] * len(choices),
    )
    asked = [arm for arm in (there if arms is None else arms) if arm != against]
    estimates = []
    for arm in asked:
        reason = "there is no choice" if not choices else ""
        for each in (against, arm):
            if not reason and each not in there:
                reason = f"no choice with {each}"
        if not reason:
            used, group = _connected(choices, there, against)
            if arm not in group:
                reason = "one of both was never, or always, preferred: the odds have no bound"
        if reason:
            estimates.append(without_interval(arm, None, rows, confidence=confidence, method=METHOD, note=reason))
            continue
        estimates.append(_odds(arm, against, used, group, confidence, resamples, seed))
    return tuple(estimates)


def strengths(wins: Array) -> Array:
    """Logarithms of strengths, (arms,), which sum up to 0, from wins of the row's arm over the column's, (arms, arms).

    Every arm has to be reached from every other over wins: raises ValueError otherwise.
    """
    import choix

    try:
        found = np.asarray(choix.ilsr_pairwise_dense(wins), float)
    except RuntimeError as error:
        raise ValueError("the strengths did not converge") from error
    return found - float(found.mean())


def _odds(
    arm: str,
    against: str,
    choices: Sequence[Preference],
    group: Sequence[str],
    confidence: float,
    resamples: int,
    seed: int,
) -> Estimate:
    wins = np.zeros((len(group), len(group)))
    for each in choices:
        winner, loser = group.index(each.winner), group.index(each.loser)
        wins[winner, loser] += 0.5 if each.tie else 1.0
        wins[loser, winner] += 0.5 if each.tie else 0.0
    rows = Measurements(
        [each.reader for each in choices], [each.case for each in choices], [""] * len(choices), [0] * len(choices)
    )
    try:
        found = strengths(wins)
    except ValueError as error:
        return without_interval(arm, None, rows, confidence=confidence, method=METHOD, note=str(error))
    value = float(found[group.index(arm)] - found[group.index(against)])
    steps = _steps(choices, group, found)
    terms = (steps[:, group.index(arm)] - steps[:, group.index(against)])[:, None]
    reason = lone_reason(rows)
    if not reason:
        spread = bootstrap_spread(terms, _total, rows.readers, rows.cases, resamples=resamples, seed=seed)
        reason = "" if spread.variance > _NOTHING else "choices do not vary"
    if reason:
        return without_interval(arm, exp(value), rows, confidence=confidence, method=METHOD, note=reason)
    return t_estimate(arm, value, spread.variance, spread.df, rows, confidence=confidence, method=METHOD, log=True)


_NOTHING = 1e-18


def _steps(choices: Sequence[Preference], group: Sequence[str], found: Array) -> Array:
    """How one more of each choice would move the strengths, by one Newton step, (choices, arms)."""
    scores = np.zeros((len(choices), len(group)))
    information = np.zeros((len(group), len(group)))
    for number, each in enumerate(choices):
        winner, loser = group.index(each.winner), group.index(each.loser)
        chance = 1 / (1 + exp(found[loser] - found[winner]))
        score = (0.5 if each.tie else 1.0) - chance
        scores[number, winner] += score
        scores[number, loser] -= score
        pair = np.zeros(len(group))
        pair[winner], pair[loser] = 1.0, -1.0
        information += chance * (1 - chance) * np.outer(pair, pair)
    return np.asarray(scores @ np.linalg.pinv(information))


def _total(sums: Sums) -> NDArray[np.float64]:
    return np.asarray(sums[:, 0])


def _connected(choices: Sequence[Preference], there: Sequence[str], against: str) -> tuple[list[Preference], list[str]]:
    """The choices among arms whose strengths beside that of `against` have bounds, and these arms."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    wins = np.zeros((len(there), len(there)))
    for each in choices:
        winner, loser = there.index(each.winner), there.index(each.loser)
        wins[winner, loser] = 1
        if each.tie:
            wins[loser, winner] = 1
    _, labels = connected_components(csr_array(wins), directed=True, connection="strong")
    group = [arm for arm, label in zip(there, labels, strict=True) if label == labels[there.index(against)]]
    return [each for each in choices if each.winner in group and each.loser in group], group
