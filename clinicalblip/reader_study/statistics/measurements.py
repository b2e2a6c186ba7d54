"""Measurements: an outcome's values with the reader, the case and the arm of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Measurements:
    """Columns of the same length. `values` are numbers; of a decision its rank from 0, of a yes/no 1 or 0.

    `periods` and `positions` may be left empty; models take them in where they are there and vary.
    """

    readers: Sequence[str]
    cases: Sequence[int]
    arms: Sequence[str]
    values: Sequence[float]
    periods: Sequence[int] = ()
    positions: Sequence[int] = ()

    def __post_init__(self) -> None:
        columns = [self.readers, self.cases, self.arms, self.values]
        columns += [column for column in (self.periods, self.positions) if column]
        if len({len(column) for column in columns}) > 1:
            raise ValueError("the columns of measurements have one length")
        if not all(isfinite(value) for value in self.values):
            raise ValueError("measurements are numbers; what was not measured is left out")

    def keep(self, wanted: Sequence[bool]) -> Measurements:
        """The rows that are wanted, one flag a row."""

        def kept(column: Sequence[T]) -> Sequence[T]:
            return [value for value, is_wanted in zip(column, wanted, strict=True) if is_wanted] if column else ()

        return replace(
            self,
            readers=kept(self.readers),
            cases=kept(self.cases),
            arms=kept(self.arms),
            values=kept(self.values),
            periods=kept(self.periods),
            positions=kept(self.positions),
        )

    def of_arm(self, arm: str) -> Measurements:
        """The rows of one arm."""
        return self.keep([each == arm for each in self.arms])

    def compared(self, against: str, arms: Sequence[str] | None) -> tuple[str, ...]:
        """The arms that are compared with `against`: those that are asked for, or all that have a value."""
        return tuple(arm for arm in (sorted(set(self.arms)) if arms is None else arms) if arm != against)
