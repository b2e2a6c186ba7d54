"""Values freed of what is the reader's and the case's own, so that arms are compared within both."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinicalblip.reader_study.statistics.measurements import Measurements

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Adjusted:
    """Values less the effects of their reader and case, (rows,), and which of them were taken away.

    What is left over is enlarged for the parameters that were fitted, so that its spread is not too small; means by arm
    are those of the fit.
    """

    values: Array
    of: tuple[str, ...]


def adjust(measurements: Measurements) -> Adjusted:
    """Fit arm, reader and case by least squares and take reader and case away, as far as arms stay comparable.

    Where each reader has one arm, readers' effects cannot be told from arms' and stay in; so with cases.
    """
    values = np.asarray(measurements.values, float)
    arms = indicators(measurements.arms)
    for of in (("reader", "case"), ("case",), ("reader",)):
        columns = [indicators({"reader": measurements.readers, "case": measurements.cases}[name]) for name in of]
        others = np.hstack(columns)
        whole = np.hstack([arms, others])
        rank = int(np.linalg.matrix_rank(whole))
        left = len(values) - rank
        # Indicators of arms and of others both sum up to a constant: one is shared.
        if rank == int(np.linalg.matrix_rank(others)) + arms.shape[1] - 1 and left > 0:
            fitted, *_ = np.linalg.lstsq(whole, values, rcond=None)
            residuals = values - whole @ fitted
            return Adjusted(arms @ fitted[: arms.shape[1]] + residuals * np.sqrt(len(values) / left), of)
    return Adjusted(values, ())


def indicators(labels: Sequence[Hashable]) -> Array:
    """One column of 0 and 1 a label, in the order in which they appear, (rows, labels)."""
    numbers = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    return np.eye(len(numbers))[[numbers[label] for label in labels]]
