"""Films that lie turned or mirrored in their files are shown upright, by PatientOrientation."""

from typing import Any

import numpy as np
import pytest

from clinicalblip.imaging.dicom.orientation import main_directions, reorientation_for
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import Radiograph, View
from tests.fixtures.dicom_files import enlarge, reduce, write_dicom

# Upright: the patient's right (R) stands on the viewer's left, the head (H) above the feet (F).
#   RH  mH  LH          1 2 3
#   RF  mF  LF          4 5 6
UPRIGHT = np.array([[1, 2, 3], [4, 5, 6]])

# how the same film is stored under each orientation of rows and columns
STORED = {
    ("L", "F"): [[1, 2, 3], [4, 5, 6]],
    ("R", "F"): [[3, 2, 1], [6, 5, 4]],
    ("L", "H"): [[4, 5, 6], [1, 2, 3]],
    ("R", "H"): [[6, 5, 4], [3, 2, 1]],
    ("F", "L"): [[1, 4], [2, 5], [3, 6]],
    ("F", "R"): [[3, 6], [2, 5], [1, 4]],
    ("H", "L"): [[4, 1], [5, 2], [6, 3]],
    ("H", "R"): [[6, 3], [5, 2], [4, 1]],
}


def read(stored: Any, **tags: Any) -> Radiograph:
    """A film of these squares and tags."""
    return read_radiograph(write_dicom(enlarge(stored), **tags))


@pytest.mark.parametrize("orientation", STORED)
def test_a_frontal_film_is_shown_upright(orientation: tuple[str, str]) -> None:
    """All eight ways that it can lie give the same film, and the same digest; seven of them a sentence."""
    film = read(STORED[orientation], PatientOrientation=list(orientation), ViewPosition="PA")
    assert reduce(film.values) == UPRIGHT.tolist()
    assert film.digest == read(UPRIGHT).digest
    assert len(film.warnings) == (orientation != ("L", "F"))
    assert all("head up" in warning for warning in film.warnings)


@pytest.mark.parametrize(
    ("orientation", "words", "sides"),
    [
        (("R", "F"), "stored mirrored;", True),
        (("R", "H"), "stored upside down;", False),
        (("L", "H"), "stored upside down and mirrored;", True),
        (("F", "R"), "stored turned by 90 degrees;", False),
        (("H", "L"), "stored turned by 90 degrees;", False),
        (("F", "L"), "stored mirrored and turned by 90 degrees;", True),
    ],
)
def test_what_was_done_is_said(orientation: tuple[str, str], words: str, sides: bool) -> None:
    """Where sides changed, they are named."""
    (warning,) = read(STORED[orientation], PatientOrientation=list(orientation)).warnings
    assert words in warning
    assert ("right on the viewer's left" in warning) == sides


# a lateral whose rows run to the front, and the same turned by 90, 180 and 270 degrees
LATERAL = {
    ("A", "F"): np.array(UPRIGHT),
    ("P", "H"): np.rot90(UPRIGHT, 2),
    ("F", "P"): np.rot90(UPRIGHT, 1),
    ("H", "A"): np.rot90(UPRIGHT, -1),
}


@pytest.mark.parametrize("orientation", LATERAL)
def test_a_lateral_is_turned_head_up(orientation: tuple[str, str]) -> None:
    """By rotation: a side marker in it stays legible."""
    film = read(LATERAL[orientation], PatientOrientation=list(orientation))
    assert reduce(film.values) == UPRIGHT.tolist()
    assert film.view is View.LATERAL


@pytest.mark.parametrize("orientation", [("A", "F"), ("P", "F")])
@pytest.mark.parametrize("position", [None, "LL", "RL"])
def test_a_lateral_may_face_either_way(orientation: tuple[str, str], position: str | None) -> None:
    """Head up already: it stays as it is."""
    film = read(UPRIGHT, PatientOrientation=list(orientation), ViewPosition=position)
    assert reduce(film.values) == UPRIGHT.tolist()
    assert film.warnings == ()


def test_a_lateral_under_a_frontals_orientation_is_not_mirrored() -> None:
    """The position says that it is a lateral; which side is which nobody can say then."""
    film = read(UPRIGHT, PatientOrientation=["R", "F"], ViewPosition="LL")
    assert reduce(film.values) == UPRIGHT.tolist()


@pytest.mark.parametrize("position", ["LLD", "RLD"])
def test_a_patient_on_the_side_is_left_so(position: str) -> None:
    """Fluid runs down: a decubitus film is read as it was taken."""
    film = read(UPRIGHT, PatientOrientation=["H", "L"], ViewPosition=position)
    assert reduce(film.values) == UPRIGHT.tolist()


@pytest.mark.parametrize(
    "directions",
    [None, [], ["R"], ["R", "L"], ["A", "L"], ["H", "F"], ["", "F"], ["LE", "RT", "X"], ["X", "Y"], "PLANTED"],
)
def test_no_sense_leaves_a_film_as_it_is(directions: Any) -> None:
    """Absent, of one value, or of two that are no upright patient."""
    film = read(UPRIGHT, PatientOrientation=directions)
    assert reduce(film.values) == UPRIGHT.tolist()
    assert film.warnings == ()


@pytest.mark.parametrize(("directions", "main"), [(["LF", "FR"], ("L", "F")), (["RP", "F"], ("R", "F"))])
def test_the_first_letter_is_the_direction(directions: list[str], main: tuple[str, str]) -> None:
    """What follows it refines an oblique plane."""
    assert main_directions(directions) == main


def test_spacing_is_turned_with_the_film() -> None:
    """A row's height becomes a column's width where the film is turned by 90 degrees, and not otherwise."""
    tags = {"PixelSpacing": [0.1, 0.2]}
    assert read(STORED["H", "R"], PatientOrientation=["H", "R"], **tags).spacing_mm == (0.2, 0.1)
    assert read(STORED["R", "H"], PatientOrientation=["R", "H"], **tags).spacing_mm == (0.1, 0.2)


@pytest.mark.parametrize("flip", ["YES", "NO"])
def test_a_flip_that_was_made_before_storing_is_not_made_again(flip: str) -> None:
    """FieldOfViewHorizontalFlip is in the pixels and in PatientOrientation already."""
    film = read(UPRIGHT, PatientOrientation=["L", "F"], FieldOfViewHorizontalFlip=flip, FieldOfViewRotation=180)
    assert reduce(film.values) == UPRIGHT.tolist()


def test_an_upright_film_needs_no_turn() -> None:
    """None, and not a turn that does nothing."""
    assert reorientation_for(("L", "F"), view=View.PA, is_lying=False) is None
    assert reorientation_for(None, view=View.PA, is_lying=False) is None
