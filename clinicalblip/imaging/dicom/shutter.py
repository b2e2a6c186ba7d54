"""Display shutters (PS3.3 C.7.6.11) and collimators (C.8.7.3): what lies outside is shown black.

Both are drawn in the file's own rows and columns, counted from 1, before the film is turned. Where a file has several
apertures, what all of them leave open is shown. The shutter presentation value is not obeyed: outside is black whatever
the photometric interpretation is, as it is on nearly every workstation.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from clinicalblip.imaging.dicom.tags import Tags
from clinicalblip.imaging.grey import ScaledValues
from clinicalblip.radiology.radiograph import LookupTable, Window

_MAX_VERTICES = 1000
_MIN_OPEN_FRACTION = 0.01
"""An aperture that leaves less of the film open is damaged, or written in other units than pixels."""


class Aperture(Protocol):
    """An opening in a shutter."""

    def open_mask(self, rows: int, columns: int) -> NDArray[np.bool_]:
        """The pixels that are shown, (rows, columns)."""


@dataclass(frozen=True)
class Rectangle:
    """Edges in rows and columns, the edges themselves shown."""

    top: float
    left: float
    bottom: float
    right: float

    def open_mask(self, rows: int, columns: int) -> NDArray[np.bool_]:
        """The pixels between the edges."""
        y, x = np.ogrid[1 : rows + 1, 1 : columns + 1]
        return np.asarray((y >= self.top) & (y <= self.bottom) & (x >= self.left) & (x <= self.right))


@dataclass(frozen=True)
class Circle:
    """A centre (row, column) and a radius counted in columns; `aspect` is a row's height in columns."""

    row: float
    column: float
    radius: float
    aspect: float

    def open_mask(self, rows: int, columns: int) -> NDArray[np.bool_]:
        """The pixels whose middle lies in the circle."""
        y, x = np.ogrid[1 : rows + 1, 1 : columns + 1]
        return np.asarray(((y - self.row) * self.aspect) ** 2 + (x - self.column) ** 2 <= self.radius**2)


@dataclass(frozen=True)
class Polygon:
    """Corners (row, column), in order."""

    corners: tuple[tuple[float, float], ...]

    def open_mask(self, rows: int, columns: int) -> NDArray[np.bool_]:
        """The pixels inside, the outline included."""
        mask = Image.new("L", (columns, rows))
        ImageDraw.Draw(mask).polygon([(column - 1, row - 1) for row, column in self.corners], fill=1, outline=1)
        return np.asarray(mask, dtype=np.bool_)


def read_apertures(tags: Tags, kind: str, *, aspect: float) -> list[Aperture]:
    """The apertures of the file's "Shutter" or "Collimator"; a damaged one is left out and kept in `tags.malformed`."""
    names, malformed = dict.fromkeys(tags.codes(f"{kind}Shape")), len(tags.malformed)
    apertures = [_aperture(tags, name, kind, aspect) for name in names if name]
    if None in apertures and len(tags.malformed) == malformed:
        tags.malformed.append(f"{kind}Shape")
    return [aperture for aperture in apertures if aperture is not None]


def hidden_mask(apertures: Sequence[Aperture], rows: int, columns: int) -> NDArray[np.bool_] | None:
    """The pixels that are not shown, (rows, columns); None where that is nearly all of them, which cannot be meant."""
    opening = np.ones((rows, columns), dtype=np.bool_)
    for aperture in apertures:
        opening &= aperture.open_mask(rows, columns)
    return None if opening.mean() < _MIN_OPEN_FRACTION else ~opening


def raise_values(
    scaled: ScaledValues, hidden: NDArray[np.bool_], windows: Sequence[Window | LookupTable]
) -> ScaledValues:
    """The same film with its values raised as far as every window needs to show the value 0 black.

    Only as far as 16 bits allow; a film whose windows are all black at 0, as most are, stays as it is.
    """
    missing = -min(_ramp(window)[0] for window in windows)
    if missing <= 0:
        return scaled
    up = min(math.ceil(missing), 65535 - int(scaled.values[~hidden].max()))
    values = np.minimum(scaled.values, 65535 - up) + np.uint16(up)
    return ScaledValues(values, scaled.offset - up / scaled.scale, scaled.scale)


def blacken(
    values: NDArray[np.uint16], hidden: NDArray[np.bool_], windows: Sequence[Window | LookupTable], *, inverted: bool
) -> NDArray[np.uint16]:
    """The values with all that is hidden set to the end that the first window shows black.

    That is the value where the windows' ramps begin (end, where high values are dark), or the film's own smallest
    (largest) one if that lies beyond.
    """
    ends = [_ramp(window) for window in windows]
    shown = values[~hidden]
    low = max(0, min(int(shown.min()), *(math.floor(bottom) for bottom, _ in ends)))
    high = min(65535, max(int(shown.max()), *(math.ceil(top) for _, top in ends)))
    at_low, at_high = windows[0].apply(np.array([low, high], dtype=np.uint16))
    is_low = bool(at_low <= at_high) != inverted
    return np.where(hidden, np.uint16(low if is_low else high), values)


def is_dark_low(window: Window | LookupTable, *, inverted: bool) -> bool:
    """Whether small values are the dark ones."""
    rises = not isinstance(window, LookupTable) or bool(window.greys[0] <= window.greys[-1])
    return rises != inverted


def _ramp(window: Window | LookupTable) -> tuple[float, float]:
    """The values where a window's ramp begins and ends, bounded: a stranger's window may have any width."""
    if isinstance(window, LookupTable):
        bottom, top = float(window.first), float(window.first + window.greys.size - 1)
    elif window.function == "linear":
        bottom = window.centre - 0.5 - (window.width - 1) / 2
        top = bottom + max(window.width - 1, 1)
    else:
        reach = 0.5 if window.function == "linear_exact" else 1.6  # a sigmoid is within 1/500 of its ends there
        bottom, top = window.centre - reach * window.width, window.centre + reach * window.width
    return max(bottom, -1e9), min(top, 1e9)


def _aperture(tags: Tags, name: str, kind: str, aspect: float) -> Aperture | None:
    if name == "RECTANGULAR":
        return _rectangle(tags, kind)
    if name == "CIRCULAR":
        centre, radius = tags.numbers(f"CenterOfCircular{kind}"), tags.number(f"RadiusOfCircular{kind}")
        if len(centre) != 2 or radius is None or radius <= 0:
            return None
        return Circle(centre[0], centre[1], radius, aspect)
    if name == "POLYGONAL":
        places = tags.numbers(f"VerticesOfThePolygonal{kind}")
        corners = tuple(zip(places[::2], places[1::2], strict=False))
        enough = 3 <= len(corners) <= _MAX_VERTICES and len(places) % 2 == 0
        return Polygon(corners) if enough and all(abs(place) < 1e6 for place in places) else None
    return None


def _rectangle(tags: Tags, kind: str) -> Rectangle | None:
    edges: list[Any] = [
        tags.number(f"{kind}{edge}Edge")
        for edge in ("UpperHorizontal", "LeftVertical", "LowerHorizontal", "RightVertical")
    ]
    if None in edges or edges[0] > edges[2] or edges[1] > edges[3]:
        return None
    return Rectangle(*edges)
