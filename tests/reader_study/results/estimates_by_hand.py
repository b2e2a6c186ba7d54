"""Estimates of a report as it prints them, and what plain least squares say in their place."""

import re
from collections.abc import Callable

from tests.fixtures.report_tables import Line


def bounds(cell: str) -> tuple[float, float, float]:
    """An estimate with its interval."""
    value, low, high = re.fullmatch(r"(\S+)(?: %| points)? \[(\S+), (\S+)\]", cell).groups()  # type: ignore[union-attr]
    return float(value), float(low), float(high)


def least_squares(rows: list[Line], value: Callable[[Line], float | None], arm: str, against: str) -> float:
    """The difference of two arms within readers and cases, by least squares over dummies."""
    import numpy as np

    kept = [row for row in rows if value(row) is not None]
    arms, readers, cases = (sorted({row[name] for row in kept}) for name in ("arm", "reader", "case"))
    columns = [
        *([float(row["arm"] == each) for row in kept] for each in arms if each != against),
        *([float(row["reader"] == each) for row in kept] for each in readers),
        *([float(row["case"] == each) for row in kept] for each in cases[1:]),
    ]
    found, *_ = np.linalg.lstsq(np.array(columns).T, np.array([value(row) for row in kept]), rcond=None)
    return float(found[[each for each in arms if each != against].index(arm)])
