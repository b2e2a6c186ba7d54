"""A radiograph as a reader sees it, with the grey levels a reader can window."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

_Grey = TypeVar("_Grey", np.float32, np.uint8)
_BLOCK = 2**18
"""Pixels that are looked up at once: numpy makes eight bytes an index of each."""


class View(StrEnum):
    """How the beam went through the patient. `FRONTAL` is frontal of unstated direction."""

    PA = "PA"
    AP = "AP"
    FRONTAL = "frontal"
    LATERAL = "lateral"
    UNKNOWN = "unknown"

    @property
    def is_frontal(self) -> bool:
        """Whether the beam went through from the back or from the front."""
        return self in (View.PA, View.AP, View.FRONTAL)


@dataclass(frozen=True)
class Window:
    """A window over the values, DICOM PS3.3 C.11.2.1.2 and C.11.2.1.3.

    `centre` and `width` are in the units of `Radiograph.values`. The function `linear` needs a width of at
    least 1, `linear_exact` and `sigmoid` one above 0.
    """

    centre: float
    width: float
    function: Literal["linear", "linear_exact", "sigmoid"] = "linear"

    def __post_init__(self) -> None:
        smallest = 1.0 if self.function == "linear" else 0.0
        if not np.isfinite(self.centre) or not np.isfinite(self.width) or self.width <= 0 or self.width < smallest:
            raise ValueError(f"a {self.function} window cannot have centre {self.centre} and width {self.width}")

    def apply(self, values: NDArray[np.uint16]) -> NDArray[np.float32]:
        """Map values to [0, 1], float32, the same shape."""
        return self.greys_up_to(int(values.max(initial=0)))[values]

    def greys_up_to(self, highest: int) -> NDArray[np.float32]:
        """The grey in [0, 1] of every value from 0 to the highest, float32."""
        with np.errstate(over="ignore"):  # a window narrower than a level is a step: infinity clips to its end
            return self._greys(np.arange(highest + 1, dtype=np.float64)).astype(np.float32)

    def _greys(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.function == "sigmoid":
            return np.asarray(1.0 / (1.0 + np.exp(-4.0 * ((x - self.centre) / self.width))))
        if self.function == "linear_exact":
            return np.asarray(np.clip((x - self.centre) / self.width + 0.5, 0.0, 1.0))
        if self.width == 1:  # C.11.2.1.2.1: a threshold, where the general formula divides by zero
            return (x > self.centre - 0.5).astype(np.float64)
        ramp = (x - (self.centre - 0.5)) / (self.width - 1.0) + 0.5
        return np.asarray(np.clip(ramp, 0.0, 1.0))


@dataclass(frozen=True, eq=False)
class LookupTable:
    """A VOI LUT: the grey of every value from `first` on, DICOM PS3.3 C.11.2.1.1.

    `greys` is float32 in [0, 1]; values below `first` get its first entry, values above its end the last.
    """

    first: int
    greys: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.greys.ndim != 1 or self.greys.size == 0 or self.greys.min() < 0 or self.greys.max() > 1:
            raise ValueError("a lookup table is one row of greys between 0 and 1")

    def apply(self, values: NDArray[np.uint16]) -> NDArray[np.float32]:
        """Map values to [0, 1], float32, the same shape."""
        return self.greys_up_to(int(values.max(initial=0)))[values]

    def greys_up_to(self, highest: int) -> NDArray[np.float32]:
        """The grey in [0, 1] of every value from 0 to the highest, float32."""
        index = np.clip(np.arange(highest + 1, dtype=np.int64) - self.first, 0, self.greys.size - 1)
        return self.greys[index].astype(np.float32)


class SpacingKind(StrEnum):
    """Where a pixel's size was measured, PS3.3 10.7.1.3."""

    CALIBRATED = "calibrated"
    DETECTOR = "at the detector"


class Sex(StrEnum):
    """PS3.3 C.7.1.1, Patient's Sex."""

    FEMALE = "F"
    MALE = "M"
    OTHER = "O"


class AgeGroup(StrEnum):
    """All that is kept of an age: groups wide enough to point at nobody."""

    CHILD = "under 18"
    ADULT = "18 to 64"
    OLDER = "65 or older"


@dataclass(frozen=True)
class PatientGroup:
    """What the page may say of the patient where the settings allow it (`privacy.show_age_and_sex`)."""

    age: AgeGroup | None = None
    sex: Sex | None = None


@dataclass(frozen=True)
class NamedWindow:
    """One of several windows that a file offers, under a name that is safe to show.

    `name` is a word of the field ("normal", "harder") or "window 2", never free text of the file.
    """

    name: str
    window: Window | LookupTable


@dataclass(frozen=True, order=True)
class Region:
    """A rectangle of pixels, half open: rows `top` to `bottom`, columns `left` to `right`."""

    top: int
    left: int
    bottom: int
    right: int

    def __post_init__(self) -> None:
        if not (0 <= self.top < self.bottom and 0 <= self.left < self.right):
            raise ValueError(f"a region cannot be {self.top}:{self.bottom}, {self.left}:{self.right}")


@dataclass(frozen=True, eq=False)
class Radiograph:
    """One film, and nothing about whose it is.

    `values`: uint16, (rows, columns), after the modality LUT, shifted so that the smallest fits; head up. What a
    shutter hides has one value, which every window shows black.
    `window`: what turns values into greys; `windows`: all that the file offers, by name, none where it offers none.
    `inverted`: high values are shown dark (MONOCHROME1).
    `spacing_mm`: row and column spacing, or None; `spacing_kind` says where it was measured, if the file does.
    `digest`: SHA-256 over shape and values, in hexadecimal. `warnings`: whole sentences for the reader.
    `says_burned_in`: the file itself says that text is burned into its picture.
    `patient`: only where the settings allow it.
    """

    values: NDArray[np.uint16]
    window: Window | LookupTable
    inverted: bool
    view: View
    spacing_mm: tuple[float, float] | None
    digest: str
    warnings: tuple[str, ...] = ()
    windows: tuple[NamedWindow, ...] = ()
    spacing_kind: SpacingKind | None = None
    says_burned_in: bool = False
    patient: PatientGroup | None = None

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.size == 0 or self.values.dtype != np.uint16:
            raise ValueError(
                f"a radiograph is a two-dimensional uint16 array, not {self.values.dtype} {self.values.shape}"
            )

    @property
    def pixels(self) -> NDArray[np.float32]:
        """The film as a reader sees it: float32 in [0, 1], (rows, columns), 1 is white. Made anew every time."""
        return _look_up(self._shown_greys(), self.values)

    @property
    def pixels_8bit(self) -> NDArray[np.uint8]:
        """`pixels` as uint8, 255 is white: a quarter of their memory. Made anew every time."""
        return _look_up(np.rint(self._shown_greys() * 255).astype(np.uint8), self.values)

    def pixel_rows(self, rows: int) -> Iterator[NDArray[np.float32]]:
        """`pixels` from the top down, so many rows at a time, for who needs never all of them at once."""
        greys = self._shown_greys()
        for top in range(0, self.values.shape[0], rows):
            yield _look_up(greys, self.values[top : top + rows])

    @property
    def nbytes(self) -> int:
        """The memory that the film takes."""
        shown_through = (self.window, *(offered.window for offered in self.windows))
        tables = {id(table): table.greys.nbytes for table in shown_through if isinstance(table, LookupTable)}
        return self.values.nbytes + sum(tables.values())

    def _shown_greys(self) -> NDArray[np.float32]:
        """The grey of every value that the film can have, as a reader sees it."""
        greys = self.window.greys_up_to(int(self.values.max()))
        return (1.0 - greys).astype(np.float32) if self.inverted else greys

    def with_view(self, view: View) -> "Radiograph":
        """The same film under the view that the reader says it is."""
        return replace(self, view=view)

    def with_stated_view(self, stated: View) -> "Radiograph":
        """The same film under the view that somebody states, with a warning where the file says another one."""
        agree = self.view.is_frontal and stated.is_frontal
        if self.view in (stated, View.UNKNOWN) or stated is View.UNKNOWN or agree:
            return self.with_view(stated)
        warning = f"The file says that the film is {self.view}; it is read as {stated}, as you said."
        return replace(self, view=stated, warnings=(*self.warnings, warning))

    def with_window(self, name: str) -> "Radiograph":
        """The same film through another of the windows that its file offers; KeyError for a name that it does not."""
        return replace(self, window={offered.name: offered.window for offered in self.windows}[name])


def _look_up(table: NDArray[_Grey], values: NDArray[np.uint16]) -> NDArray[_Grey]:
    """The table's entry for every value, (rows, columns)."""
    found = np.empty(values.shape, table.dtype)
    rows = max(1, _BLOCK // values.shape[1])
    for top in range(0, values.shape[0], rows):
        found[top : top + rows] = table[values[top : top + rows]]
    return found
