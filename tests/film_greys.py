"""What a film of the matrix has to look like: PS3.3 C.11 and C.7.6.3 written down once more, in plain numpy.

Nothing here calls the package under test.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from dicom_files import lut_item
from film_matrix import LEVELS, LOSSY, Cell
from pydicom.dataset import Dataset

ROWS, COLUMNS = 80, 96


def grey_film(cell: Cell) -> np.ndarray:
    """Stored values over the whole range of the cell's bits, no two corners alike; noise where nothing is lost.

    Lossy coders overshoot at the ends of the range, so there the film keeps away from them by 4 %.
    """
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    light = 0.55 * x / (COLUMNS - 1) + 0.45 * y / (ROWS - 1)
    if cell.is_lossless:
        light += np.random.default_rng(cell.bits).normal(0, 0.03, light.shape)
        light[10:14, 20:30], light[60:66, 5:9] = 0, 1
    else:
        light = 0.04 + 0.92 * light
    low = -(2 ** (cell.bits - 1)) if cell.signed else 0
    return np.rint(np.clip(light, 0, 1) * (2**cell.bits - 1)).astype(np.int64) + low


def colour_film(cell: Cell) -> np.ndarray:
    """Red, green and blue, (rows, columns, 3), with every hue."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS] / np.array([ROWS - 1, COLUMNS - 1]).reshape(2, 1, 1)
    rgb = np.stack((0.1 + 0.8 * x, 0.1 + 0.8 * y, 0.9 - 0.4 * (x + y)), axis=-1)
    return np.rint(rgb * (2**cell.bits - 1)).astype(np.int64)


def palette(cell: Cell) -> np.ndarray:
    """Red, green and blue of 256 or 4,096 indices, (entries, 3), 16 bits."""
    light = np.linspace(0, 1, 256 if cell.bits == 8 else 4096)
    return np.rint(np.stack((light, light**2, 1 - light), axis=-1) * 65535).astype(np.int64)


@dataclass(frozen=True, eq=False)
class Windowing:
    """The tags of a windowing, and what they do to a stored value: `modality`, then `voi` to [0, 1]."""

    tags: dict[str, Any]
    slope: float
    intercept: float
    modality_table: np.ndarray | None
    function: str | None
    centre: float
    width: float
    voi_first: int
    voi_table: np.ndarray | None

    def modality(self, stored: np.ndarray, low: int) -> np.ndarray:
        """PS3.3 C.11.1: the table's entry, or stored * slope + intercept. `low`: the smallest that can be stored."""
        if self.modality_table is not None:
            return self.modality_table[stored - low].astype(np.float64)
        return stored * self.slope + self.intercept

    def voi(self, x: np.ndarray, lowest: float, highest: float) -> np.ndarray:
        """PS3.3 C.11.2; without a window the film's `lowest` is black and its `highest` white."""
        if self.voi_table is not None:
            return self.voi_table[np.clip(x.astype(np.int64) - self.voi_first, 0, self.voi_table.size - 1)]
        c, w = self.centre, self.width
        if self.function == "LINEAR":
            return np.select(
                [x <= c - 0.5 - (w - 1) / 2, x > c - 0.5 + (w - 1) / 2], [0.0, 1.0], (x - (c - 0.5)) / (w - 1) + 0.5
            )
        if self.function == "LINEAR_EXACT":
            return np.select([x <= c - w / 2, x > c + w / 2], [0.0, 1.0], (x - c) / w + 0.5)
        if self.function == "SIGMOID":
            return 1 / (1 + np.exp(-4 * (x - c) / w))
        return np.clip((x - lowest) / (highest - lowest), 0, 1)


def windowing(cell: Cell) -> Windowing:
    """The cell's windowing, over the part of the range where its film has greys."""
    levels, low = 2**cell.bits, -(2 ** (cell.bits - 1)) if cell.signed else 0
    name, tags = cell.windowing, {}
    slope, intercept, table = 1.0, 0.0, None
    if "rescale" in name:
        slope, intercept = (0.5, 7.25) if "half" in name else (2.0, -1024.0)
        tags |= {"RescaleSlope": slope, "RescaleIntercept": intercept}
    if "modality lut" in name:
        light = np.linspace(0, 1, levels)
        table = np.rint((light + light**2) / 2 * 65535).astype(np.int64)
        tags["ModalityLUTSequence"] = [_lut_item(cell, low, table, 16, signed=cell.signed)]
        lowest, span = 0.0, 65535.0
    else:
        lowest, span = low * slope + intercept, (levels - 1) * slope
    functions = {"window": "LINEAR", "linear exact": "LINEAR_EXACT", "sigmoid": "SIGMOID"}
    function = functions.get(name.split(", ")[-1])
    centre, width = float(round(lowest + 0.45 * span)), float(round(0.6 * span))
    if function:
        tags |= {"WindowCenter": centre, "WindowWidth": width, "VOILUTFunction": function}
    first, voi = round(lowest + 0.2 * span), None
    if "voi lut" in name:
        entries = np.rint(np.linspace(0, 1, min(round(0.5 * span), 30_000)) ** 0.6 * 1023).astype(np.int64)
        voi = entries / 1023
        signed = cell.signed and table is None
        tags["VOILUTSequence"] = [_lut_item(cell, first, entries, 10, signed=signed)]
    return Windowing(tags, slope, intercept, table, function, centre, width, first, voi)


def _lut_item(cell: Cell, first: int, entries: np.ndarray, bits: int, *, signed: bool) -> Dataset:
    """A lookup table, its entries as numbers (US), and long ones as bytes (OW): PS3.3 C.11.1 has both."""
    if len(entries) <= 4096:
        return lut_item(first, entries.tolist(), bits, signed=signed)
    item = lut_item(first, [0], bits, signed=signed)
    item.LUTDescriptor = [len(entries) % 2**16, first, bits]
    item.add_new("LUTData", "OW", entries.astype(">u2" if cell.syntax == "big endian" else "<u2").tobytes())
    return item


@dataclass(frozen=True, eq=False)
class Expected:
    """Bounds for `values` and `pixels` of a cell, (rows, columns) each; where nothing is lost they are one value."""

    cell: Cell
    values: tuple[np.ndarray, np.ndarray]
    pixels: tuple[np.ndarray, np.ndarray]

    def check(self, values: np.ndarray, pixels: np.ndarray) -> None:
        """Assert that a film lies between the bounds."""
        assert (values.dtype, pixels.dtype) == (np.uint16, np.float32)
        assert values.shape == pixels.shape == (ROWS, COLUMNS)
        for found, (least, most), rounding in ((values, self.values, 0), (pixels, self.pixels, 1e-6)):
            too_low, too_high = (least - found).max(), (found - most).max()
            assert max(too_low, too_high) <= rounding, f"{self.cell}: off by {max(too_low, too_high)}"


def expected(cell: Cell) -> Expected:
    """What the film of a cell has to look like."""
    return _expected_colour(cell) if cell.is_colour else _expected_grey(cell)


def loss(cell: Cell) -> int:
    """How many levels a stored value may be away from what was encoded."""
    return 0 if cell.is_lossless else LEVELS + int(LOSSY[cell.syntax] * (2**cell.bits - 1))


def _expected_grey(cell: Cell) -> Expected:
    stored, shown, away = grey_film(cell), windowing(cell), loss(cell)
    low = -(2 ** (cell.bits - 1)) if cell.signed else 0
    ends = [np.clip(stored + change, low, low + 2**cell.bits - 1) for change in (-away, away)]
    outputs = [shown.modality(end, low) for end in ends]
    middle = shown.modality(stored, low)
    lowest, highest = middle.min(), middle.max()
    is_whole = all(float(number).is_integer() for number in (shown.slope, shown.intercept))
    offset, step = 0.0, 1.0
    if not is_whole or highest - lowest > 65535:
        offset, step = lowest, shown.slope  # one stored step is one level
    elif lowest < 0 or highest > 65535:
        offset = lowest
    slack = away * shown.slope / step if offset else 0  # the smallest itself may be away
    values = [(output - offset) / step for output in outputs]
    pixels = [shown.voi(output, lowest, highest) for output in outputs]
    if shown.function is None and shown.voi_table is None and away:
        stretch = float(max((middle - outputs[0]).max(), (outputs[1] - middle).max())) / (highest - lowest)
        pixels = [pixels[0] - stretch, pixels[1] + stretch]
    if cell.photometric == "MONOCHROME1":
        pixels = [1 - pixels[1], 1 - pixels[0]]
    return Expected(cell, (values[0] - slack, values[1] + slack), (pixels[0], pixels[1]))


def _expected_colour(cell: Cell) -> Expected:
    rgb, full, away = colour_film(cell), 2**cell.bits - 1, loss(cell)
    if cell.photometric == "PALETTE COLOR":
        rgb, full = palette(cell)[palette_film(cell)], 65535
    grey = rgb @ np.array([0.299, 0.587, 0.114])  # ITU-R BT.601, which PS3.3 C.7.6.3.1.2 uses
    away += cell.photometric in ("YBR_FULL", "YBR_FULL_422", "YBR_ICT")  # rounded to whole numbers, there and back
    least, most = np.floor(grey - away + 0.5 - 1e-9), np.floor(grey + away + 0.5 + 1e-9)
    return Expected(cell, (least, most), (least / full, most / full))


def palette_film(cell: Cell) -> np.ndarray:
    """Indices into the palette."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    return (x * 37 + y * 11) % len(palette(cell))
