"""A film that its file stores turned or mirrored is brought upright, by PatientOrientation (PS3.3 C.7.6.1.1.1).

The tag says where the rows run to (from the viewer's left to right) and where the columns run to (down). A frontal
film is shown with its rows running to the patient's left and its columns to the feet. A lateral is turned head up and
never mirrored: either side of the patient may face either way.

FieldOfViewHorizontalFlip and FieldOfViewRotation are not looked at: they say what the machine did to the picture
before it stored it (C.8.11.4), and PatientOrientation describes what came of that. Obeying both would turn twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.radiograph import View

_AXES = {"L": "side", "R": "side", "A": "depth", "P": "depth", "H": "height", "F": "height"}


@dataclass(frozen=True)
class Reorientation:
    """What brings a film upright: rows and columns are exchanged first, then rows, then columns reversed."""

    transpose: bool = False
    reverse_rows: bool = False
    reverse_columns: bool = False

    def apply(self, array: NDArray[Any]) -> NDArray[Any]:
        """Reorient an array of (rows, columns)."""
        if self.transpose:
            array = array.T
        if self.reverse_rows:
            array = array[::-1]
        if self.reverse_columns:
            array = array[:, ::-1]
        return np.ascontiguousarray(array)

    @property
    def is_mirrored(self) -> bool:
        """Whether it mirrors, which no rotation does."""
        return (self.transpose + self.reverse_rows + self.reverse_columns) % 2 == 1

    @property
    def warning(self) -> str:
        """How the film was stored and how it is shown, for the reader."""
        stored = [name for name, so in (("mirrored", self.is_mirrored), ("turned by 90 degrees", self.transpose)) if so]
        if not self.transpose and self.reverse_rows:
            stored = ["upside down"] if self.reverse_columns else ["upside down and mirrored"]
        side = ", the patient's right on the viewer's left" if self.is_mirrored else ""
        return f"The film is stored {' and '.join(stored)}; it is shown head up{side}, as the file says that it lies."


def main_directions(directions: Sequence[str]) -> tuple[str, str] | None:
    """The main directions of rows and columns; None where the tag is absent, or fits no upright film.

    Each is L, R, A, P, H or F; a second letter refines it and is not needed. One of the two runs along the body.
    """
    if len(directions) != 2:
        return None
    row, column = directions[0][:1], directions[1][:1]
    along = [_AXES.get(row), _AXES.get(column)]
    return (row, column) if None not in along and along.count("height") == 1 else None


def reorientation_for(orientation: tuple[str, str] | None, *, view: View, is_lying: bool) -> Reorientation | None:
    """The reorientation that a film needs; None where it is upright, or where the file does not say.

    A film of a patient who lies on the side stays as stored: gravity is what it is read by.
    """
    if orientation is None or is_lying:
        return None
    row, column = orientation
    transpose = _AXES[row] == "height"
    across, down = (column, row) if transpose else (row, column)
    reverse_rows = down == "H"
    is_lateral = view is View.LATERAL or _AXES[across] == "depth"
    # a lateral is rotated, never mirrored: an even number of the three
    reverse_columns = reverse_rows != transpose if is_lateral else across == "R"
    reorientation = Reorientation(transpose, reverse_rows, reverse_columns)
    return None if reorientation == Reorientation() else reorientation
