"""Films on their way to a replica: whole, without a tag, and bounded."""

import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinicalblip.radiology.digest import digest
from clinicalblip.radiology.radiograph import (
    AgeGroup,
    LookupTable,
    NamedWindow,
    PatientGroup,
    Radiograph,
    SpacingKind,
    View,
    Window,
)
from clinicalblip.serving.film_frames import most_bytes, pack_films, unpack_films
from clinicalblip.serving.protocol import ProtocolError
from clinicalblip.settings import LimitSettings

LIMITS = LimitSettings(megapixels=1)
WINDOWS = (Window(2048, 4096), LookupTable(3, np.linspace(0, 1, 4000, dtype=np.float32)))


def film(seed: int = 0, window: Window | LookupTable = WINDOWS[0]) -> Radiograph:
    """A film with everything that a file can say."""
    values = np.random.default_rng(seed).integers(0, 4096, (60, 47)).astype(np.uint16)
    return Radiograph(
        values,
        window,
        True,
        View.LATERAL,
        (0.14, 0.15),
        digest(values),
        warnings=("The film is a child's.",),
        windows=(NamedWindow("harder", Window(1000, 50)),),
        spacing_kind=SpacingKind.DETECTOR,
        says_burned_in=True,
        patient=PatientGroup(age=AgeGroup.CHILD),
    )


def test_films_come_whole_and_in_their_order() -> None:
    """Every grey, under a window or a table, to the bit."""
    sent = [film(0), film(1, WINDOWS[1]), film(2)]
    came = unpack_films(pack_films(sent), LIMITS)
    for before, after in zip(sent, came, strict=True):
        np.testing.assert_array_equal(after.values, before.values)
        np.testing.assert_array_equal(after.pixels, before.pixels)
        assert (after.digest, after.view, after.inverted) == (before.digest, before.view, before.inverted)
    assert unpack_films(pack_films([]), LIMITS) == []


def test_what_drafting_does_not_need_stays() -> None:
    """Nothing of warnings, spacing, age or further windows is among the bytes."""
    sent = zlib.decompress(pack_films([film()]))
    for word in (b"child", b"under 18", b"0.14", b"harder", b"detector"):
        assert word not in sent
    (came,) = unpack_films(pack_films([film()]), LIMITS)
    assert (came.warnings, came.patient, came.spacing_mm, came.windows) == ((), None, None, ())
    assert not came.says_burned_in


def test_a_film_that_did_not_come_whole_is_refused() -> None:
    """By its digest."""
    with pytest.raises(ProtocolError, match="did not come whole"):
        unpack_films(pack_films([replace(film(), digest="0" * 64)]), LIMITS)


def test_more_than_the_limits_allow_is_refused_before_it_is_unpacked() -> None:
    """Too many films, too large ones, and a few bytes that would become gigabytes."""
    with pytest.raises(ProtocolError, match="more than a draft has"):
        unpack_films(pack_films([film()] * 4), LIMITS)
    values = np.zeros((3000, 3000), np.uint16)
    large = replace(film(), values=values, digest=digest(values))
    assert large.nbytes > most_bytes(LIMITS)
    assert len(pack_films([large])) < 100_000
    with pytest.raises(ProtocolError, match="no films"):
        unpack_films(pack_films([large]), LIMITS)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_films_or_a_protocol_error(data: bytes, packed: bool) -> None:
    """Compressed or not."""
    with pytest.raises(ProtocolError):
        unpack_films(zlib.compress(data) if packed else data, LIMITS)


@given(st.integers(0, 4000), st.integers(0, 255), st.booleans())
def test_altered_bytes_are_never_another_film(at: int, byte: int, cut: bool) -> None:
    """One that is changed or missing: the same films, or a protocol error."""
    packed = bytearray(pack_films([film()]))
    place = at % len(packed)
    if cut:
        del packed[place:]
    else:
        packed[place] = byte
    try:
        (came,) = unpack_films(bytes(packed), LIMITS)
    except ProtocolError:
        return
    np.testing.assert_array_equal(came.values, film().values)
    assert came.digest == film().digest
