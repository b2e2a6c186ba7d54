"""Whether probabilities mean what they say: calibration error, and one temperature with a bias for each observation.

Guo et al., On Calibration of Modern Neural Networks, ICML 2017. Neither a temperature nor the bias of an observation
changes the order of films; the bias makes up for reports denying an observation more often than they affirm it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS = 10
SLOPES = (1e-3, 1e3)
"""The allowed inverse temperatures: margins that run against the truth would otherwise fit a negative one."""

_PRIOR = 1e-2
"""Weight, in films, of a prior at temperature 1 and bias 0: the bias of an observation that no film has is finite."""

_STEPS, _CLOSE = 200, 1e-9


@dataclass(frozen=True)
class Scale:
    """Turns margins, in nats, into probabilities: sigmoid(margin / temperature + bias)."""

    temperature: float
    bias: tuple[float, ...]

    def __post_init__(self) -> None:
        if not 0 < self.temperature < float("inf") or not np.isfinite(self.bias).all():
            raise ValueError(f"a scale cannot have the temperature {self.temperature} and the bias {self.bias}")

    def probabilities(self, margins: ArrayLike) -> NDArray[np.float64]:
        """Margins (films, observations) to probabilities of the same shape."""
        return sigmoid(np.asarray(margins, dtype=np.float64) / self.temperature + np.asarray(self.bias))


def sigmoid(values: ArrayLike) -> NDArray[np.float64]:
    """1 / (1 + exp(-value)), without overflow."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -np.asarray(values, dtype=np.float64))))


def calibration_error(probabilities: ArrayLike, labels: ArrayLike, bins: int = BINS) -> float:
    """ECE: the mean distance between predicted and observed frequency, over bins of equally many probabilities.

    Labels are 1 (present), 0 (absent) or NaN (unknown, left out), of any shape that the probabilities have. Bins of
    equal width would put nearly all of a rare finding's films into one. NaN without a known label.
    """
    said, truth = np.asarray(probabilities, dtype=np.float64).ravel(), np.asarray(labels, dtype=np.float64).ravel()
    if said.shape != truth.shape or bins < 1:
        raise ValueError(f"{said.size} probabilities and {truth.size} labels do not make {bins} bins")
    known = ~np.isnan(truth)
    said, truth = said[known], truth[known]
    if not ((said >= 0) & (said <= 1)).all():
        raise ValueError("a probability lies between 0 and 1")
    if not said.size:
        return float("nan")
    order = np.argsort(said, kind="stable")
    parts = np.array_split(order, min(bins, said.size))
    return float(sum(abs(said[part].sum() - truth[part].sum()) for part in parts) / said.size)


def fit_scale(margins: ArrayLike, labels: ArrayLike, *, with_bias: bool = True) -> Scale:
    """The temperature for all observations, and the bias for each, that make the labels most likely.

    `margins` and `labels` are (films, observations), labels as in `calibration_error`. An observation without a known
    label keeps the bias 0. Newton's method; the loss is convex. Raises ValueError where no label is known.
    """
    values, truth = np.asarray(margins, dtype=np.float64), np.asarray(labels, dtype=np.float64)
    if values.ndim != 2 or values.shape != truth.shape:
        raise ValueError(f"margins and labels are tables of one shape, not {values.shape} and {truth.shape}")
    films, columns = np.nonzero(~np.isnan(truth))
    if not films.size or not np.isfinite(values[films, columns]).all():
        raise ValueError("a scale is fitted to known labels and to margins that are numbers")
    design = np.zeros((films.size, 1 + values.shape[1]))
    design[:, 0] = values[films, columns]
    if with_bias:
        design[np.arange(films.size), 1 + columns] = 1.0
    found = truth[films, columns]
    start = np.eye(design.shape[1])[0]  # temperature 1, bias 0
    weights = start
    loss = _loss(design, found, weights, start)
    for _ in range(_STEPS):
        said = sigmoid(design @ weights)
        slope = design.T @ (said - found) + _PRIOR * (weights - start)
        curve = (design * (said * (1 - said))[:, None]).T @ design + _PRIOR * np.eye(design.shape[1])
        step, stride = np.linalg.solve(curve, slope), 1.0
        while stride > _CLOSE:
            tried = weights - stride * step
            tried[0] = np.clip(tried[0], *SLOPES)
            reached = _loss(design, found, tried, start)
            if reached < loss:
                break
            stride /= 2
        else:
            break
        weights, gained, loss = tried, loss - reached, reached
        if gained < _CLOSE * max(1.0, loss):
            break
    return Scale(float(1 / weights[0]), tuple(float(each) for each in weights[1:]))


def _loss(
    design: NDArray[np.float64], found: NDArray[np.float64], weights: NDArray[np.float64], start: NDArray[np.float64]
) -> float:
    values = design @ weights
    return float((np.logaddexp(0.0, values) - found * values).sum() + _PRIOR / 2 * ((weights - start) ** 2).sum())
