"""Stored values -> uint16 values after the modality LUT, and the window over them.

The order is DICOM's (PS3.4 N.2): modality LUT or rescale, then VOI LUT or window; `Radiograph.pixels` inverts last.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.radiograph import LookupTable, Window

_UINT16_MAX = 65535
_SAMPLES = 256
_ONE_GREY = 0.03
"""Greys nearer than this are one grey to the eye."""
_EVEN = 0.97
_ALIKE = 0.5
"""Correlation of neighbouring pixels, above which a picture is more than noise."""
_COMMON_DEPTHS = (8, 10, 12, 14, 16)
_FUNCTIONS: dict[str, str] = {"LINEAR": "linear", "LINEAR_EXACT": "linear_exact", "SIGMOID": "sigmoid"}

StoredValues = NDArray[np.integer[Any]]
"""(rows, columns) of one sample a pixel, signed where the file says so, or (rows, columns, 3) of colour."""


@dataclass(frozen=True, eq=False)
class Lut:
    """A lookup table as a file has it, PS3.3 C.11.1.1: the first value mapped, the entries, and their bits."""

    first_mapped: int
    entries: NDArray[np.uint16]
    bits: int

    def __post_init__(self) -> None:
        if self.entries.ndim != 1 or self.entries.size == 0 or not 1 <= self.bits <= 16:
            raise ValueError("a lookup table is one row of at least one entry of 1 to 16 bits")

    @property
    def depth(self) -> int:
        """How many bits the entries use: the bits that the file says, unless they fit into fewer that are common.

        Writers put 16 into the descriptor, the words' width, for entries of 12 bits; shown over 16 bits they are black.
        Entries that need more than the file says have as many as they need.
        """
        needed = int(self.entries.max()).bit_length()
        common = next((bits for bits in _COMMON_DEPTHS if bits >= needed), 16)
        return max(needed, min(self.bits, common))

    def first_for(self, highest: float, *, signed: bool) -> int:
        """The first value mapped, with the sign by which the table meets its input: files write it either way.

        `highest`: the largest value of the input. `signed`: the input may be negative.
        """
        first = self.first_mapped
        if signed and first >= 2**15 and highest < first:
            return first - 2**16
        if not signed and first < 0 and highest >= first + 2**16:
            return first + 2**16
        return first

    def apply(self, stored: StoredValues) -> NDArray[np.uint16]:
        """The entry of every stored value; values outside the table get its first or last entry."""
        first = self.first_for(int(stored.max()), signed=np.issubdtype(stored.dtype, np.signedinteger))
        index = np.clip(stored.astype(np.int64) - first, 0, self.entries.size - 1)
        return self.entries[index]


@dataclass(frozen=True, eq=False)
class ScaledValues:
    """values = (modality output - offset) * scale, exactly or to the nearest of 65,536 levels."""

    values: NDArray[np.uint16]
    offset: float
    scale: float


def fit_to_uint16(stored: StoredValues, slope: float = 1.0, intercept: float = 0.0) -> ScaledValues:
    """Bring `stored * slope + intercept` into uint16 by a shift, and by a scale only where it needs one.

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
    if slope == 1 and intercept == 0 and low >= 0 and high <= _UINT16_MAX:  # as most films are
        return ScaledValues(stored.astype(np.uint16), 0.0, 1.0)
    wide = np.int32 if stored.dtype.itemsize <= 2 else np.int64
    steps = stored.astype(wide) - low if slope > 0 else high - stored.astype(wide)
    span, step = high - low, abs(slope)
    lowest = min(low * slope, high * slope) + intercept
    if slope.is_integer() and intercept.is_integer() and step <= _UINT16_MAX and step * span <= _UINT16_MAX:
        offset = 0.0 if lowest >= 0 and lowest + step * span <= _UINT16_MAX else lowest
        return ScaledValues((steps * int(step) + int(lowest - offset)).astype(np.uint16), offset, 1.0)
    if span <= _UINT16_MAX:
        return ScaledValues(steps.astype(np.uint16), lowest, 1.0 / step)
    return ScaledValues(
        np.rint(steps.astype(np.float64) * (_UINT16_MAX / span)).astype(np.uint16), lowest, _UINT16_MAX / span / step
    )


def scaled_window(centre: float, width: float, function: str, scaled: ScaledValues) -> Window | None:
    """The file's window in the units of the values; None where it is impossible (a width of 0, say)."""
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


def scaled_lut(lut: Lut, scaled: ScaledValues, *, signed: bool) -> LookupTable:
    """The file's VOI LUT in the units of the values. `signed`: its input may be negative."""
    first = lut.first_for(int(scaled.values.max()) / scaled.scale + scaled.offset, signed=signed)
    top = 2**lut.depth - 1 if lut.depth <= lut.bits else int(lut.entries.max())
    greys = (lut.entries / np.float64(top)).astype(np.float32)
    if scaled.scale == 1.0 and float(scaled.offset).is_integer() and abs(scaled.offset) < 2**31:
        return LookupTable(first - int(scaled.offset), greys)
    levels = np.arange(int(scaled.values.max()) + 1) / scaled.scale + scaled.offset
    index = np.clip(np.rint(levels - first), 0, greys.size - 1).astype(np.int64)
    return LookupTable(0, greys[index])


def misses(window: Window | LookupTable, values: NDArray[np.uint16], shown: NDArray[np.bool_] | None = None) -> bool:
    """Whether a window shows nearly every pixel, of those `shown`, in one grey, though the film has more to show.

    It has where its full range spreads the greys and neighbouring pixels are alike: noise has nothing to show. Some of
    the rows are looked at.
    """
    step = -(-values.shape[0] // _SAMPLES)
    seen, mask = values[::step], None if shown is None else shown[::step]
    if not _is_even(window, seen, mask) or _is_even(full_range(values, shown), seen, mask):
        return False
    left, right = seen[:, :-1].astype(np.float64), seen[:, 1:].astype(np.float64)
    left, right = left - left.mean(), right - right.mean()
    return bool((left * right).sum() > _ALIKE * np.sqrt((left**2).sum() * (right**2).sum()))


def _is_even(window: Window | LookupTable, values: NDArray[np.uint16], shown: NDArray[np.bool_] | None) -> bool:
    greys = window.apply(values if shown is None or not shown.any() else values[shown])
    return bool((np.abs(greys - np.median(greys)) < _ONE_GREY).mean() > _EVEN)


def storable_range(scaled: ScaledValues, bits: int, *, signed: bool) -> Window:
    """From the smallest value that so many bits can hold (black) to the largest (white)."""
    low = -(2 ** (bits - 1)) if signed else 0
    bottom, top = ((level - scaled.offset) * scaled.scale for level in (low, low + 2**bits - 1))
    top = max(top, float(scaled.values.max()))
    return Window((bottom + top) / 2, max(top - bottom, 1.0), "linear_exact")


def full_range(values: NDArray[np.uint16], shown: NDArray[np.bool_] | None = None) -> Window:
    """From the smallest value (black) to the largest (white), of those `shown`: what viewers do without a window."""
    seen = values if shown is None or not shown.any() else values[shown]
    low, high = float(seen.min()), float(seen.max())
    return Window((low + high) / 2, max(high - low, 1.0), "linear_exact")
