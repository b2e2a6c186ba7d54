"""Every kind of film that a hospital has, against the standard's formulas: syntax, bits, colour, sign, windowing."""

from dataclasses import astuple
from io import BytesIO
from itertools import combinations

import numpy as np
import pydicom
import pytest
from pydicom.pixels import apply_modality_lut, apply_voi_lut
from pydicom.uid import UID_dictionary

from clinicalblip.errors import UnsupportedRadiograph
from clinicalblip.imaging.read import read_radiograph
from tests.fixtures.film_codecs import with_syntax, write_film
from tests.fixtures.film_greys import expected, grey_film
from tests.fixtures.film_matrix import CELLS, GREY, POSSIBLE, UIDS, Cell

LIKE_PYDICOM = [
    cell
    for cell in CELLS
    if cell.photometric in GREY
    and cell.is_lossless
    and cell.windowing != "no window"
    and UIDS[cell.syntax] in UID_dictionary
]
OTHERS = sorted({uid for uid, what in UID_dictionary.items() if what[1] == "Transfer Syntax"} - set(UIDS.values()))


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_a_film_is_shown_as_the_standard_says(cell: Cell) -> None:
    """Values and greys are the formulas', exactly or within the coder's bound; only colour is warned about."""
    film = read_radiograph(write_film(cell))
    expected(cell).check(film.values, film.pixels)
    assert bool(film.warnings) == cell.is_colour, film.warnings


@pytest.mark.parametrize("cell", LIKE_PYDICOM, ids=str)
def test_a_film_is_shown_as_pydicom_would(cell: Cell) -> None:
    """pydicom's own modality and VOI transforms of what was stored give the same greys."""
    data = write_film(cell)
    dataset = pydicom.dcmread(BytesIO(data))
    shown = apply_voi_lut(apply_modality_lut(grey_film(cell).astype(np.int32), dataset), dataset)
    low, high = pydicoms_range(cell, dataset)
    greys = (shown - low) / (high - low)
    greys = 1 - greys if cell.photometric == "MONOCHROME1" else greys
    np.testing.assert_allclose(read_radiograph(data).pixels, greys, atol=1e-6)


def pydicoms_range(cell: Cell, dataset: pydicom.Dataset) -> tuple[float, float]:
    """What pydicom's black and white are: the ends of the last table, or of what the stored bits can become."""
    last = dataset.get("VOILUTSequence") or dataset.get("ModalityLUTSequence")
    if last:
        return 0, 2 ** last[0].LUTDescriptor[2] - 1
    low = -(2 ** (cell.bits - 1)) if cell.signed else 0
    slope, intercept = dataset.get("RescaleSlope", 1.0), dataset.get("RescaleIntercept", 0.0)
    return low * slope + intercept, (low + 2**cell.bits - 1) * slope + intercept


def test_every_two_values_that_can_meet_do() -> None:
    """The choice of films leaves no pair of encoding, depth, colour, sign and windowing out."""

    def pairs(cells: list[Cell]) -> set[tuple[object, ...]]:
        return {pair for cell in cells for pair in combinations(enumerate(astuple(cell)), 2)}

    assert pairs(CELLS) == pairs(POSSIBLE)
    assert len(set(CELLS)) == len(CELLS) >= 80


@pytest.mark.parametrize("uid", OTHERS, ids=lambda uid: UID_dictionary[uid][0])
def test_every_other_syntax_is_refused_by_name(uid: str) -> None:
    """What pydicom has a name for and is not read is refused with that name, and how to export instead."""
    film = write_film(Cell("rle", 8, "MONOCHROME2", False, "no window"))
    data = with_syntax(film, UIDS["rle"], uid)
    with pytest.raises(UnsupportedRadiograph) as refused:
        read_radiograph(data)
    assert UID_dictionary[uid][0] in str(refused.value)
    assert "Explicit VR Little Endian" in str(refused.value)
