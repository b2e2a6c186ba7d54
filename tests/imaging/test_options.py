"""What the options of reading do, in every reader."""

import numpy as np
import pytest

from clinicalblip.errors import BurnedInAnnotation, RadiographTooLarge
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.settings import LimitSettings
from tests.fixtures.dicom_files import write_dicom

FILM = np.arange(64 * 64).reshape(64, 64) % 4096


def test_nothing_is_allowed_or_kept_unless_it_is_asked_for() -> None:
    """A film is read as a stranger's by default."""
    assert ReadOptions() == ReadOptions(LimitSettings(), allow_burned_in=False, view=None, keep_age_and_sex=False)
    with pytest.raises(BurnedInAnnotation):
        read_radiograph(write_dicom(FILM, BurnedInAnnotation="YES"))


def test_a_film_of_a_data_set_is_read_whatever_its_tag_says_of_text() -> None:
    """With a warning, and without anything of the patient."""
    data = write_dicom(FILM, BurnedInAnnotation="YES", PatientAge="041Y")
    film = read_radiograph(data, ReadOptions.for_dataset())
    assert film.says_burned_in
    assert "burned into" in film.warnings[0]
    assert film.patient is None


def test_the_limits_hold_for_data_sets_too() -> None:
    """A deployer's limits reach the films of a data set."""
    limits = LimitSettings(file_mebibytes=1)
    with pytest.raises(RadiographTooLarge):
        read_radiograph(bytes(2**20 + 1), ReadOptions.for_dataset(limits))
