"""Pixel data under a transfer syntax that is not its own: the stream's markers, and a right length, go first."""

import numpy as np
import pytest

from clinicalblip.errors import UnreadableRadiograph, UnsupportedRadiograph
from clinicalblip.imaging.read import read_radiograph
from tests.fixtures.film_matrix import UIDS
from tests.fixtures.odd_films import (
    END,
    FAMILIES,
    encapsulated,
    item,
    odd_film,
    pixel_element,
    smooth_film,
    stream,
)

PRIVATE = ("1.2.3.4", "1.2.840.113619.5.2", "1.3.46.670589.33.1.4.1", "JPEG", "1.2.840.10008.1.2.4.57.9")
OTHER_FAMILIES = [
    (streams[0], syntax)
    for found, streams in FAMILIES.items()
    for stated, syntaxes in FAMILIES.items()
    for syntax in syntaxes
    if found != stated
]
FAMILY_OF = {syntax: family for family, syntaxes in FAMILIES.items() for syntax in syntaxes}


def bits_of(syntax: str) -> int:
    """How many bits a film of this syntax has here."""
    return 8 if syntax == "jpeg baseline" else 12


def assert_same(values: np.ndarray, syntax: str) -> None:
    """Fail where the film is another; lossy JPEG may be two levels away."""
    away = np.abs(values.astype(int) - smooth_film(bits_of(syntax))).max()
    assert away <= (2 if syntax == "jpeg baseline" else 0)


@pytest.mark.parametrize(("found", "stated"), OTHER_FAMILIES)
def test_a_stream_of_another_family_is_decoded_as_what_it_is(found: str, stated: str) -> None:
    """Each kind of compression under each syntax of every other, with a sentence that names both."""
    bits = bits_of(found)
    element = encapsulated(stream(found, smooth_film(bits), bits))
    film = read_radiograph(odd_film(element, stated=UIDS[stated], bits=bits))
    assert_same(film.values, found)
    assert film.warnings == (
        f"The file says that its picture is compressed as {FAMILY_OF[stated]}; it is compressed as {FAMILY_OF[found]} "
        "and was read so.",
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_a_stream_of_the_stated_family_is_not_remarked(family: str) -> None:
    """A lossless stream under its family's lossy syntax is what that syntax may carry."""
    for stated in FAMILIES[family]:
        found = FAMILIES[family][0]
        bits = bits_of(found)
        film = read_radiograph(
            odd_film(encapsulated(stream(found, smooth_film(bits), bits)), stated=UIDS[stated], bits=bits)
        )
        assert_same(film.values, found)
        assert film.warnings == ()


@pytest.mark.parametrize("stated", PRIVATE)
@pytest.mark.parametrize("found", [names[0] for names in FAMILIES.values()])
def test_a_stream_under_a_private_syntax_is_decoded(found: str, stated: str) -> None:
    """Nobody knows the syntax, and the stream says what it is."""
    bits = bits_of(found)
    film = read_radiograph(odd_film(encapsulated(stream(found, smooth_film(bits), bits)), stated=stated, bits=bits))
    assert_same(film.values, found)
    assert len(film.warnings) == 1
    assert f"it is compressed as {FAMILY_OF[found]} and was read so" in film.warnings[0]


@pytest.mark.parametrize("stated", PRIVATE)
@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("framed", [True, False])
def test_plain_pixels_under_a_private_syntax_are_read(stated: str, bits: int, order: str, framed: bool) -> None:
    """Their length is right; the byte order is the one in which neighbouring pixels are alike."""
    values = smooth_film(bits)
    native = values.astype(f"{order}u{1 if bits == 8 else 2}").tobytes()
    element = pixel_element(item(b"") + item(native) + END) if framed else pixel_element(native, length=len(native))
    film = read_radiograph(odd_film(element, stated=stated, bits=bits))
    assert np.array_equal(film.values, values)
    assert len(film.warnings) == 1
    assert "the picture is not compressed, as its length shows" in film.warnings[0]


@pytest.mark.parametrize("stated", ["1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.112", "1.2.840.10008.1.2.4.94"])
def test_plain_pixels_under_a_compression_that_is_not_read_are_read(stated: str) -> None:
    """MPEG2, JPEG XL or JPIP in the meta group, and no compression in the file."""
    native = smooth_film(12).astype("<u2").tobytes()
    film = read_radiograph(odd_film(pixel_element(native, length=len(native)), stated=stated))
    assert np.array_equal(film.values, smooth_film(12))
    assert film.warnings == (
        "The file says that its picture is compressed; as its length shows it is not, and it was read so.",
    )


@pytest.mark.parametrize("stated", PRIVATE)
def test_plain_pixels_of_a_wrong_length_are_never_called_compressed(stated: str) -> None:
    """The sentence is about their length."""
    native = smooth_film(12).astype("<u2").tobytes()[:-200]
    with pytest.raises(UnreadableRadiograph, match=r"has 9304 bytes; 66 x 72 pixels need 9504"):
        read_radiograph(odd_film(pixel_element(native, length=len(native)), stated=stated))


def test_a_stream_that_nobody_knows_under_a_syntax_that_nobody_knows_is_refused() -> None:
    """Fragments of a length that is not the film's, without a marker."""
    element = pixel_element(item(b"") + item(b"\x07nothing known" * 40) + END)
    with pytest.raises(UnsupportedRadiograph, match=r"an unknown transfer syntax.*Explicit VR Little Endian"):
        read_radiograph(odd_film(element, stated="1.2.3.4"))


@pytest.mark.parametrize("stated", ["implicit", "explicit", "big endian"])
@pytest.mark.parametrize("found", [names[0] for names in FAMILIES.values() if names[0] != "rle"])
def test_a_stream_under_a_plain_syntax_is_decoded_without_a_word(found: str, stated: str) -> None:
    """As archives write them whose meta group was lost."""
    bits = bits_of(found)
    data = odd_film(encapsulated(stream(found, smooth_film(bits), bits)), stated=UIDS[stated], bits=bits)
    film = read_radiograph(data)
    assert_same(film.values, found)
    assert film.warnings == ()
