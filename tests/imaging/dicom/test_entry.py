"""Which study a film belongs to: any bytes give an entry or one sentence, and no tag gets through."""

from contextlib import suppress
from datetime import date, time

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clinicalblip.errors import RadiographError, UnsupportedRadiograph
from clinicalblip.imaging.dicom.entry import read_entry
from clinicalblip.imaging.sandbox import protocol
from clinicalblip.radiology.radiograph import View
from clinicalblip.settings import LimitSettings
from tests.fixtures.dicom_files import write_dicom

KEY, LIMITS = b"k" * 32, LimitSettings()
FILM = np.zeros((64, 66), np.uint16)
GOOD = write_dicom(
    FILM, StudyInstanceUID="1.2.3", PatientID="77", StudyDate="20260301", StudyTime="101500.123", ViewPosition="PA"
)


def test_a_film_whose_pixels_are_missing_has_its_entry() -> None:
    """The first bytes of a file are enough."""
    entry = read_entry(GOOD[:-4000], KEY, LIMITS)
    assert entry == read_entry(GOOD, KEY, LIMITS)
    assert (entry.view, len(entry.study), len(entry.patient), len(entry.rank)) == (View.PA, 64, 64, 32)


@given(st.integers(0, len(GOOD) - FILM.nbytes), st.binary(min_size=1, max_size=40), st.integers(0, 400))
def test_a_damaged_file_is_an_entry_or_one_sentence(at: int, put: bytes, cut: int) -> None:
    """Bytes written over its tags, and its end cut off: nothing else is raised, and what comes back passes on."""
    damaged = GOOD[:at] + put + GOOD[at + len(put) : len(GOOD) - FILM.nbytes - cut]
    with suppress(RadiographError):
        entry = read_entry(damaged, KEY, LIMITS)
        assert protocol.unpack_entry(protocol.pack_entry(entry)) == entry


@pytest.mark.parametrize("field", ["study", "patient", "rank", "view"])
def test_a_worker_cannot_answer_with_a_tag(field: str) -> None:
    """One that a film has taken over says the patient's name in each field: the answer is refused."""
    packed = protocol.pack_entry(read_entry(GOOD, KEY, LIMITS))
    with pytest.raises(protocol.ProtocolError):
        protocol.unpack_entry(packed | {field: "Planted^Patient"})
    with pytest.raises(protocol.ProtocolError):
        protocol.unpack_entry(packed | {"name": "Planted^Patient"})


def test_what_is_no_radiograph_has_none() -> None:
    """A CT image is refused by name, as it is when a film is read."""
    with pytest.raises(UnsupportedRadiograph, match="a CT image"):
        read_entry(write_dicom(FILM, modality="CT"), KEY, LIMITS)


def test_a_study_without_a_uid_is_one_of_its_own() -> None:
    """Two films that name no study are two studies."""
    one, other = (write_dicom(FILM + shade, StudyInstanceUID=None) for shade in (0, 1))
    assert read_entry(one, KEY, LIMITS).study != read_entry(other, KEY, LIMITS).study


@given(st.tuples(st.dates(), st.times()), st.tuples(st.dates(), st.times()))
@example((date(4357, 1, 1), time()), (date(8712, 1, 1), time()))
@settings(max_examples=60)
def test_ranks_are_in_the_order_of_the_times(one: tuple, other: tuple) -> None:  # type: ignore[type-arg]
    """Of one patient, to the second."""
    ranks, moments = [], []
    for day, moment in (one, other):
        written = f"{day.year:04d}{day.month:02d}{day.day:02d}"
        tags = {"PatientID": "7", "StudyDate": written, "StudyTime": moment.strftime("%H%M%S")}
        ranks.append(read_entry(write_dicom(FILM, **tags), KEY, LIMITS).rank)
        moments.append((day, moment.replace(microsecond=0)))
    assert (ranks[0] < ranks[1], ranks[0] == ranks[1]) == (moments[0] < moments[1], moments[0] == moments[1])
