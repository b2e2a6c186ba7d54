"""A radiograph as a reader sees it, with the grey levels a reader can window."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray


class View(StrEnum):
    """How the beam went through the patient. `FRONTAL` is frontal of unstated direction."""

    PA = "PA"
    AP = "AP"
    FRONTAL = "frontal"
    LATERAL = "lateral"
    UNKNOWN = "unknown"


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
        levels = np.arange(int(values.max(initial=0)) + 1, dtype=np.float64)
        with np.errstate(over="ignore"):  # a window narrower than a level is a step: infinity clips to its end
            return self._greys(levels).astype(np.float32)[values]

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
        index = np.clip(values.astype(np.int64) - self.first, 0, self.greys.size - 1)
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

    @cached_property
    def pixels(self) -> NDArray[np.float32]:
        """The film as a reader sees it: float32 in [0, 1], (rows, columns), 1 is white."""
        greys = self.window.apply(self.values)
        return (1.0 - greys).astype(np.float32) if self.inverted else greys

    def with_view(self, view: View) -> "Radiograph":
        """The same film under the view that the reader says it is."""
        return replace(self, view=view)

    def with_window(self, name: str) -> "Radiograph":
        """The same film through another of the windows that its file offers; KeyError for a name that it does not."""
        return replace(self, window={offered.name: offered.window for offered in self.windows}[name])
