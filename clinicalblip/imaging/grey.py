"""Stored values -> uint16 values after the modality LUT, and the window over them.

The order is DICOM's (PS3.4 N.2): modality LUT or rescale, then VOI LUT or window; inversion is the reader's side.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.radiograph import LookupTable, Window

_LEVELS = 65535
_FUNCTIONS: dict[str, str] = {"LINEAR": "linear", "LINEAR_EXACT": "linear_exact", "SIGMOID": "sigmoid"}

Stored = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class Table:
    """A lookup table as a file has it: `first` is the value that its first entry stands for, `bits` its depth."""

    first: int
    entries: NDArray[np.uint16]
    bits: int

    def __post_init__(self) -> None:
        if self.entries.ndim != 1 or self.entries.size == 0 or not 1 <= self.bits <= 16:
            raise ValueError("a lookup table is one row of at least one entry of 1 to 16 bits")

    def look_up(self, stored: Stored) -> NDArray[np.uint16]:
        """Every stored value's entry; values outside the table get its first or last."""
        index = np.clip(stored.astype(np.int64) - self.first, 0, self.entries.size - 1)
        return self.entries[index]


@dataclass(frozen=True, eq=False)
class Scaled:
    """values = (modality output - offset) * scale, exactly or to the nearest of 65,536 levels."""

    values: NDArray[np.uint16]
    offset: float
    scale: float


def fit(stored: Stored, slope: float = 1.0, intercept: float = 0.0) -> Scaled:
    """Bring `stored * slope + intercept` into uint16 by a shift, and by a scale only where it must be.

    - Whole numbers that lie between 0 and 65,535 stay what they are.
    - Whole numbers elsewhere, spanning no more than 65,535, are shifted so that the smallest becomes 0.
    - A fractional slope or intercept, or a wider span made by the slope: the smallest becomes 0 and one stored
      step becomes 1, so that nothing is rounded. A negative slope turns the stored steps round.
    - Stored values that themselves span more (32 bits) are spread over 65,536 levels and rounded.

    `slope` must be finite and not 0, `intercept` finite: ValueError.
    """
    if not np.isfinite([slope, intercept]).all() or slope == 0:
        raise ValueError(f"a rescale cannot have slope {slope} and intercept {intercept}")
    slope, intercept = float(slope), float(intercept)
    low, high = int(stored.min()), int(stored.max())
    if slope == 1 and intercept == 0 and low >= 0 and high <= _LEVELS:  # as most films are
        return Scaled(stored.astype(np.uint16), 0.0, 1.0)
    wide = np.int32 if stored.dtype.itemsize <= 2 else np.int64
    steps = stored.astype(wide) - low if slope > 0 else high - stored.astype(wide)
    span, step = high - low, abs(slope)
    lowest = min(low * slope, high * slope) + intercept
    if slope.is_integer() and intercept.is_integer() and step <= _LEVELS and step * span <= _LEVELS:
        offset = 0.0 if lowest >= 0 and lowest + step * span <= _LEVELS else lowest
        return Scaled((steps * int(step) + int(lowest - offset)).astype(np.uint16), offset, 1.0)
    if span <= _LEVELS:
        return Scaled(steps.astype(np.uint16), lowest, 1.0 / step)
    return Scaled(np.rint(steps.astype(np.float64) * (_LEVELS / span)).astype(np.uint16), lowest, _LEVELS / span / step)


def window(centre: float, width: float, function: str, scaled: Scaled) -> Window | None:
    """The file's window in the units of the values; None where no such window can be (a width of 0, say)."""
    name = _FUNCTIONS.get(function, "linear")
    try:
        Window(centre, width, name)  # type: ignore[arg-type]
        if name == "linear":  # its ramp is width - 1 wide, around centre - 0.5
            centre = (centre - 0.5 - scaled.offset) * scaled.scale + 0.5
            width = (width - 1.0) * scaled.scale + 1.0
        else:
            centre, width = (centre - scaled.offset) * scaled.scale, width * scaled.scale
        return Window(centre, width, name)  # type: ignore[arg-type]
    except ValueError:
        return None


def lookup(table: Table, scaled: Scaled, *, signed: bool) -> LookupTable:
    """The file's VOI LUT over the values. `signed`: its input may be negative.

    Files disagree about how the table's first value is signed; it is read as what the input can be.
    """
    first = table.first
    if signed and first >= 2**15:
        first -= 2**16
    elif not signed and first < 0:
        first += 2**16
    top = max(int(table.entries.max()), 2**table.bits - 1)
    greys = (table.entries / np.float64(top)).astype(np.float32)
    if scaled.scale == 1.0 and float(scaled.offset).is_integer() and abs(scaled.offset) < 2**31:
        return LookupTable(first - int(scaled.offset), greys)
    levels = np.arange(int(scaled.values.max()) + 1) / scaled.scale + scaled.offset
    index = np.clip(np.rint(levels - first), 0, greys.size - 1).astype(np.int64)
    return LookupTable(0, greys[index])


def full_range(values: NDArray[np.uint16], shown: NDArray[np.bool_] | None = None) -> Window:
    """From the smallest value (black) to the largest (white), of those `shown`: what viewers do without a window."""
    seen = values if shown is None or not shown.any() else values[shown]
    low, high = float(seen.min()), float(seen.max())
    return Window((low + high) / 2, max(high - low, 1.0), "linear_exact")
