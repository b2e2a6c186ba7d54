"""Bits and signs of pixels, where the file says other than the picture shows."""

import numpy as np
import pytest

from clinicalblip.imaging.read import read_radiograph
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.film_matrix import UIDS
from tests.fixtures.odd_films import FAMILIES, encapsulated, odd_film, smooth_film, stream

LOSSLESS = [names[0] for names in FAMILIES.values() if names[0] != "jpeg baseline"]
JPEG_2000 = ("jpeg 2000 lossless", "htj2k lossless")
PLAIN = ("implicit", "explicit", "big endian", "deflated", "deflated frame")


def read(syntax: str, values: np.ndarray, bits: int, said: int, *, allocated: int = 16, **tags: object):
    """A film encoded in so many bits under a header that says others."""
    tags = {"BitsAllocated": allocated, "BitsStored": said, "HighBit": said - 1, **tags}
    if syntax in PLAIN:
        return read_radiograph(write_dicom(values, syntax=syntax, bits=bits, **tags))  # type: ignore[arg-type]
    element = encapsulated(stream(syntax, values, bits, signed=bool(values.min() < 0)))
    return read_radiograph(odd_film(element, stated=UIDS[syntax], bits=bits, **tags))


@pytest.mark.parametrize(("needed", "said"), [(14, 12), (12, 10), (16, 12), (16, 14), (13, 12)])
@pytest.mark.parametrize("syntax", [*PLAIN, *LOSSLESS])
def test_all_bits_of_a_film_that_has_more_than_it_says_are_read(syntax: str, needed: int, said: int) -> None:
    """Cut to the bits that the file says the greys would break; they do not, and it is said."""
    values = smooth_film(needed)
    film = read(syntax, values, 16, said)
    assert np.array_equal(film.values, values)
    assert film.warnings == (
        f"The file says that its values have {said} bits; they have {needed}, and all of them were read.",
    )


@pytest.mark.parametrize("syntax", [*PLAIN, *LOSSLESS])
def test_an_overlay_above_the_stored_bits_is_left_out(syntax: str) -> None:
    """Old equipment puts letters and lines there (PS3.5 8.1.1)."""
    values = smooth_film(12)
    drawn = values.copy()
    drawn[20:22, 10:60] |= 0x8000
    drawn[40:50, 30:33] |= 0x1000
    film = read(syntax, drawn, 16, 12)
    assert np.array_equal(film.values, values)
    assert film.warnings == ()


@pytest.mark.parametrize(("has", "said"), [(12, 16), (12, 14), (10, 12), (16, 16)])
@pytest.mark.parametrize("syntax", LOSSLESS)
def test_a_stream_of_fewer_bits_in_words_as_wide_is_read_without_a_word(syntax: str, has: int, said: int) -> None:
    """Many coders count the bits that they find; the values are what they are."""
    values = smooth_film(has)
    film = read(syntax, values, has, said)
    assert np.array_equal(film.values, values)
    assert film.warnings == ()


@pytest.mark.parametrize(("has", "allocated", "said"), [(8, 16, 8), (8, 16, 12), (8, 16, 16), (12, 8, 8), (16, 8, 8)])
@pytest.mark.parametrize("syntax", LOSSLESS)
def test_a_stream_of_other_words_than_the_header_is_read(syntax: str, has: int, allocated: int, said: int) -> None:
    """8 bits under 16 and 16 under 8: the stream's own are read, and it is said."""
    values = smooth_film(has)
    film = read(syntax, values, has, said, allocated=allocated)
    assert np.array_equal(film.values, values)
    width = 8 if has == 8 else 16
    assert film.warnings[0] == (
        f"The compressed picture has {width} bits a pixel, the file says {allocated}; the picture's own were read."
    )


@pytest.mark.parametrize("said", [8, 12, 16])
def test_jpeg_of_8_bits_under_16_is_read(said: int) -> None:
    """Lossy JPEG, within two levels."""
    film = read("jpeg baseline", smooth_film(8), 8, said)
    assert np.abs(film.values.astype(int) - smooth_film(8)).max() <= 2
    assert "has 8 bits a pixel, the file says 16" in film.warnings[0]


@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("syntax", JPEG_2000)
def test_a_signed_stream_under_an_unsigned_header_is_read_as_signed(syntax: str, bits: int) -> None:
    """Values below 0 do not become the brightest of all."""
    values = smooth_film(bits, signed=True)
    film = read(syntax, values, bits, bits, allocated=8 if bits == 8 else 16)
    assert np.array_equal(film.values, values - values.min())
    assert "disagree whether values below 0 occur" in film.warnings[0]


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_unsigned_values_in_a_signed_stream_are_read_as_the_header_says(bits: int) -> None:
    """A coder that was told a sign by mistake wraps the brighter half round; it is wrapped back."""
    values = smooth_film(bits)
    wrapped = values - 2**bits * (values >= 2 ** (bits - 1))
    film = read("jpeg 2000 lossless", wrapped, bits, bits, allocated=8 if bits == 8 else 16)
    assert np.array_equal(film.values, values)
    assert film.warnings == ()


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_an_unsigned_stream_under_a_signed_header_is_what_is_smooth(bits: int) -> None:
    """Two's complement where the coder knew no sign, and plain values where the header is wrong."""
    header = {"allocated": 8 if bits == 8 else 16, "PixelRepresentation": 1}
    values = smooth_film(bits, signed=True)
    film = read("jpeg 2000 lossless", values & (2**bits - 1), bits, bits, **header)  # type: ignore[arg-type]
    assert np.array_equal(film.values, values - values.min())
    assert film.warnings == ()
    film = read("jpeg 2000 lossless", smooth_film(bits), bits, bits, **header)  # type: ignore[arg-type]
    assert np.array_equal(film.values, smooth_film(bits))
    assert "disagree whether values below 0 occur" in film.warnings[0]


@pytest.mark.parametrize("syntax", ["jpeg lossless", "jpeg-ls", "rle"])
def test_signed_values_in_fewer_bits_than_the_header_says_keep_their_sign(syntax: str) -> None:
    """A coder without signs was given 12 bits of two's complement, and the header says 16."""
    values = smooth_film(12, signed=True)
    element = encapsulated(stream(syntax, values & 0xFFF, 12))
    film = read_radiograph(
        odd_film(element, stated=UIDS[syntax], bits=16, BitsStored=16, HighBit=15, PixelRepresentation=1)
    )
    wanted = values & 0xFFF if syntax == "rle" else values - values.min()  # RLE says nothing of its bits
    assert np.array_equal(film.values, wanted)
