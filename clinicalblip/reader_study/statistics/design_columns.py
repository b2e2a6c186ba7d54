"""The fixed effects of a model: arms, and periods and positions where they vary."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from clinicalblip.reader_study.statistics.adjusted import Array, indicators
from clinicalblip.reader_study.statistics.measurements import Measurements


def fixed_effects(measurements: Measurements, arms: Sequence[str]) -> Array:
    """A column an arm, then one a period but the first, and one of positions around their mean, (rows, columns).

    A period or position that cannot be told from what stands before is left out. There is no constant.
    """
    columns = [np.array([each == arm for each in measurements.arms], float) for arm in arms]
    constant = np.ones(len(measurements.values))
    for column in _covariates(measurements):
        if np.linalg.matrix_rank(np.column_stack([constant, *columns, column])) == len(columns) + 2:
            columns.append(column)
    return np.column_stack(columns)


def _covariates(measurements: Measurements) -> list[Array]:
    columns: list[Array] = list(indicators(measurements.periods)[:, 1:].T) if measurements.periods else []
    if measurements.positions:
        positions = np.asarray(measurements.positions, float)
        columns.append((positions - positions.mean()) / (np.std(positions) or 1.0))
    return columns
