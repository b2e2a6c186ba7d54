"""Which study and patient a film belongs to, from a file's bytes."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.imaging.entries import read_entry_of_bytes
from clinicalblip.radiology.radiograph import View
from clinicalblip.settings import LimitSettings
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.served_page import png_film

KEY, LIMITS = b"k" * 32, LimitSettings()
FILM = np.arange(64 * 64, dtype=np.uint16).reshape(64, 64) % 4096
DICOM = write_dicom(FILM, ViewPosition="PA", StudyDate="20240502", StudyInstanceUID="1.2.3")


def test_a_dicom_film_has_an_entry() -> None:
    """With its view; another key gives other digests."""
    entry = read_entry_of_bytes(DICOM, KEY, LIMITS)
    assert entry is not None
    assert entry.view is View.PA
    other = read_entry_of_bytes(DICOM, b"o" * 32, LIMITS)
    assert other is not None
    assert (other.study != entry.study, other.patient != entry.patient) == (True, True)


def test_another_kind_of_file_has_none() -> None:
    """A PNG, a CT image and a file that is cut off say nothing that could be relied on."""
    for data in (png_film(), b"", write_dicom(FILM, modality="CT"), DICOM[:200]):
        assert read_entry_of_bytes(data, KEY, LIMITS) is None


@given(st.integers(0, 2000), st.binary(min_size=1, max_size=40))
@settings(max_examples=60)
def test_bytes_that_are_broken_raise_nothing(place: int, noise: bytes) -> None:
    """Wherever they are broken there is an entry, or none."""
    broken = DICOM[:place] + noise + DICOM[place + len(noise) :]
    entry = read_entry_of_bytes(broken, KEY, LIMITS)
    assert entry is None or len(entry.study) == 64
