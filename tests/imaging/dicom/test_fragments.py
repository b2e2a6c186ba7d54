"""Encapsulated pixel data as writers get it wrong: without its end, with a wrong table, with no fragments at all."""

import struct

import numpy as np
import pytest

from clinicalblip.errors import RadiographError, UnreadableRadiograph
from clinicalblip.imaging.read import read_radiograph
from tests.fixtures.film_matrix import UIDS
from tests.fixtures.odd_films import (
    END,
    FAMILIES,
    ITEM_END,
    encapsulated,
    fragments,
    item,
    odd_film,
    offsets,
    pixel_element,
    smooth_film,
    stream,
)

SYNTAXES = [names[0] for names in FAMILIES.values() if names[0] != "jpeg baseline"]
FILM = smooth_film(12)
TRAILING = b"\xfc\xff\xfc\xff" + b"OB\0\0" + struct.pack("<I", 10) + bytes(10)

ENDS = {
    "nothing": b"",
    "zeros": bytes(8),
    "many zeros": bytes(512),
    "an item delimiter": ITEM_END,
    "an item delimiter and the end": ITEM_END + END,
    "other elements": TRAILING,
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_pixel_data_without_its_end_is_read(syntax: str, end: str) -> None:
    """Whatever stands where the sequence delimiter belongs, the picture is whole; it is said once."""
    value = item(b"") + item(stream(syntax, FILM, 12)) + ENDS[end]
    film = read_radiograph(odd_film(pixel_element(value), stated=UIDS[syntax]))
    assert np.array_equal(film.values, FILM)
    assert [warning for warning in film.warnings if "does not mark where" in warning] == list(film.warnings)
    assert len(film.warnings) == 1


TABLES = {
    "wrong": lambda parts: struct.pack("<I", 0x1609F),
    "of an odd length": lambda parts: b"\0\0\0\0\7\7",
    "random": lambda parts: bytes(range(16)),
    "one entry a fragment": offsets,
    "absent": lambda parts: None,
}


@pytest.mark.parametrize("number", [1, 2, 5])
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_one_picture_needs_no_offset_table(syntax: str, table: str, number: int) -> None:
    """All fragments are the one picture's, whatever stands in front of them; where it is wrong, that is said."""
    parts = fragments(stream(syntax, FILM, 12), number)
    entries = TABLES[table](parts)
    value = (b"" if entries is None else item(entries)) + b"".join(item(part) for part in parts) + END
    film = read_radiograph(odd_film(pixel_element(value), stated=UIDS[syntax]))
    assert np.array_equal(film.values, FILM)
    is_right = entries == bytes(4)
    assert [("table of where" in warning) for warning in film.warnings] == [] if is_right else [True]


@pytest.mark.parametrize("table", [b"", bytes(4)])
def test_a_right_offset_table_is_not_remarked(table: bytes) -> None:
    """Empty, or 0 for the one picture."""
    value = item(table) + item(stream("jpeg-ls", FILM, 12)) + END
    assert read_radiograph(odd_film(pixel_element(value), stated=UIDS["jpeg-ls"])).warnings == ()


@pytest.mark.parametrize("has_length", [True, False])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_stream_without_fragments_is_read(syntax: str, has_length: bool) -> None:
    """The stream itself is the element's value, with its length or up to a delimiter."""
    frame = stream(syntax, FILM, 12)
    frame += b"\0" * (len(frame) % 2)
    element = pixel_element(frame, length=len(frame)) if has_length else pixel_element(frame + END)
    film = read_radiograph(odd_film(element, stated=UIDS[syntax]))
    assert np.array_equal(film.values, FILM)
    assert len(film.warnings) == 1


@pytest.mark.parametrize("stated", ["explicit", "jpeg 2000 lossless"])
def test_fragments_in_an_element_of_known_length_are_read(stated: str) -> None:
    """The length is that of the fragments, with the delimiter or without, under whatever syntax."""
    for end in (END, b""):
        value = item(b"") + item(stream("jpeg 2000 lossless", FILM, 12)) + end
        film = read_radiograph(odd_film(pixel_element(value, length=len(value)), stated=UIDS[stated]))
        assert np.array_equal(film.values, FILM)


def test_a_fragment_whose_length_leaves_its_padding_out_is_read() -> None:
    """An odd length, and a byte of padding behind it."""
    frame = stream("jpeg-ls", FILM, 12)
    frame += b"\0" * (1 - len(frame) % 2)
    assert len(frame) % 2 == 1
    value = item(b"") + item(frame + b"\0", length=len(frame)) + END
    film = read_radiograph(odd_film(pixel_element(value), stated=UIDS["jpeg-ls"]))
    assert np.array_equal(film.values, FILM)
    assert film.warnings == ()


@pytest.mark.parametrize("number", [-200, -8, -5, -4, -2, -1, 1, 2, 4, 6, 8, 200])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_picture_with_bytes_cut_out_or_put_in_is_refused(syntax: str, number: int) -> None:
    """Its fragment no longer ends where it says; no damaged greys are shown for it."""
    frame = stream(syntax, FILM, 12)
    frame += b"\0" * (len(frame) % 2)
    middle = len(frame) // 2
    damaged = frame[:middle] + (bytes(range(1, number + 1)) if number > 0 else b"") + frame[middle - min(number, 0) :]
    value = item(b"") + item(damaged, length=len(frame)) + END
    with pytest.raises(UnreadableRadiograph):
        read_radiograph(odd_film(pixel_element(value), stated=UIDS[syntax]))


@pytest.mark.parametrize("syntax", [*SYNTAXES, "jpeg baseline"])
@pytest.mark.parametrize("fraction", [0.2, 0.5, 0.9, 0.99])
def test_a_picture_that_is_cut_is_refused(syntax: str, fraction: float) -> None:
    """A missing end is one thing, missing pixels another: no grey is put in their place."""
    bits = 8 if syntax == "jpeg baseline" else 12
    element = encapsulated(stream(syntax, smooth_film(bits), bits))
    with pytest.raises(UnreadableRadiograph):
        read_radiograph(odd_film(element[: int(len(element) * fraction)], stated=UIDS[syntax], bits=bits))


def test_a_last_fragment_that_claims_more_than_the_file_is_read_where_its_stream_is_whole() -> None:
    """Its end marker says so."""
    frame = stream("jpeg-ls", FILM, 12)
    value = item(b"") + item(frame, length=len(frame) + 4000)
    film = read_radiograph(odd_film(pixel_element(value), stated=UIDS["jpeg-ls"]))
    assert np.array_equal(film.values, FILM)
    assert "does not mark where" in film.warnings[0]


@pytest.mark.parametrize("value", [b"", item(b""), item(b"") + END, END, item(b"") + item(b"") + END])
def test_fragments_without_a_picture_are_refused(value: bytes) -> None:
    """There is nothing to decode."""
    with pytest.raises(RadiographError):
        read_radiograph(odd_film(pixel_element(value)))
