"""Data elements that writers get wrong: character sets that nobody understands, items and sequences without ends."""

import struct

import numpy as np
import pytest
from pydicom.valuerep import STANDARD_VR

from clinicalblip.imaging.dicom.elements import read_elements
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import View
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.odd_films import smooth_film

FILM = smooth_film(12)
LONG = ("OB", "OD", "OF", "OL", "OV", "OW", "SQ", "UC", "UN", "UR", "UT", "SV", "UV")
VRS = sorted(str(vr) for vr in STANDARD_VR if len(vr) == 2)
UNDEFINED = b"\xff\xff\xff\xff"
ITEM, ITEM_END, END = (b"\xfe\xff" + last + length for last, length in (
    (b"\x00\xe0", UNDEFINED), (b"\x0d\xe0", bytes(4)), (b"\xdd\xe0", bytes(4))
))  # fmt: skip


def element(group: int, number: int, vr: str, value: bytes) -> bytes:
    """A data element in explicit VR, little endian."""
    value += b"\0" * (len(value) % 2)
    length = b"\0\0" + struct.pack("<I", len(value)) if vr in LONG else struct.pack("<H", len(value))
    return struct.pack("<HH", group, number) + vr.encode() + length + value


def with_elements(*, first: bytes = b"", before_modality: bytes = b"", **tags: object) -> bytes:
    """A PA film whose data set begins with some elements, and has others before its modality."""
    data = write_dicom(FILM, SeriesDescription="Thorax seitlich", WindowCenter=2048, WindowWidth=4096, **tags)  # type: ignore[arg-type]
    start = 144 + int.from_bytes(data[140:144], "little")
    data = data[:start] + first + data[start:]
    at = data.index(b"\x08\x00\x60\x00CS")
    return data[:at] + before_modality + data[at:]


def assert_read(data: bytes, view: View = View.LATERAL) -> None:
    """Fail where values, window or view are others, or anything is remarked."""
    film = read_radiograph(data)
    assert np.array_equal(film.values, FILM)
    assert film.pixels.mean() == pytest.approx(FILM.mean() / 4095, abs=1e-3)
    assert len(film.windows) == 1
    assert film.view is view
    assert film.warnings == ()


NAMES = {
    "sound": b"ISO_IR 100",
    "with NULs": b"ISO_IR 100\0\0\0\0",
    "of NULs": bytes(10),
    "empty": b"",
    "unknown": b"ISO_IR 999",
    "a codec of no text": b"zlib\\hex\\rot13",
    "several, some unknown": b"\\ISO 2022 IR 87\\NONE\0",
    "no text": bytes(range(128, 250)),
    "a number": b"\x64\0",
    "another spelling": b"iso-ir-100",
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("vr", VRS)
def test_no_character_set_keeps_a_film_from_being_read(vr: str, name: str) -> None:
    """Under every VR: the greys need no text, and the description is plain letters."""
    assert_read(with_elements(first=element(8, 5, vr, NAMES[name])))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("vr", ["CS", "OB", "UN", "UL", "SQ", "PN"])
def test_no_character_set_in_an_item_does_either(vr: str, name: str) -> None:
    """Its texts are not even looked at."""
    inner = element(8, 5, vr, NAMES[name]) + element(8, 0x104, "LO", b"Meaning")
    for item in (ITEM + inner + ITEM_END, b"\xfe\xff\x00\xe0" + struct.pack("<I", len(inner)) + inner):
        assert_read(with_elements(before_modality=element(8, 0x51, "SQ", item)))
        assert_read(with_elements(before_modality=b"\x08\0\x51\0SQ\0\0" + UNDEFINED + item + END))


@pytest.mark.parametrize(("name", "text"), [("ISO_IR 192", "Thorax Prof\xedl".encode()), ("GB18030", b"Thorax profil")])
def test_a_character_set_that_is_understood_is_used(name: str, text: bytes) -> None:
    """The description in UTF-8 is read as what it says."""
    data = write_dicom(FILM, SpecificCharacterSet=name)
    at = data.index(b"\x10\x00\x10\x00PN")
    film = read_radiograph(data[:at] + element(8, 0x103E, "LO", text) + data[at:])
    assert film.view is View.LATERAL


CODE = element(8, 0x100, "SH", b"CODE") + element(8, 0x102, "SH", b"DCM")
SEQUENCE = b"\x08\0\x51\0SQ\0\0" + UNDEFINED
LENGTHENED = b"\xfe\xff\x00\xe0" + struct.pack("<I", len(CODE)) + CODE
ENDINGS = {
    "whole": SEQUENCE + ITEM + CODE + ITEM_END + END,
    "the item by its sequence": SEQUENCE + ITEM + CODE + END,
    "two items by the next and the sequence": SEQUENCE + ITEM + CODE + ITEM + CODE + END,
    "the sequence by nothing": SEQUENCE + ITEM + CODE + ITEM_END,
    "a sequence of known items by nothing": SEQUENCE + LENGTHENED + LENGTHENED,
    "an empty sequence by nothing": SEQUENCE,
    "both twice": SEQUENCE + ITEM + CODE + ITEM_END + ITEM_END + END + END,
    "an item of known length by a delimiter as well": SEQUENCE + LENGTHENED + ITEM_END + END,
    "an empty item by its sequence": SEQUENCE + ITEM + END,
    "item and sequence by nothing": SEQUENCE + ITEM + CODE,
    "a stray item delimiter": ITEM_END,
    "a stray sequence delimiter": END,
    "a sequence that is longer than it says": b"\x08\0\x51\0SQ\0\0"
    + struct.pack("<I", len(LENGTHENED))
    + LENGTHENED
    + LENGTHENED,
    "a sequence that is shorter than it says": b"\x08\0\x51\0SQ\0\0" + b"\xf0\0\0\0" + LENGTHENED,
}


@pytest.mark.parametrize("name", ENDINGS)
def test_whatever_ends_an_item_the_film_behind_it_is_read(name: str) -> None:
    """By its own delimiter, its sequence's, the next item, or nothing at all."""
    assert_read(with_elements(before_modality=ENDINGS[name]))


@pytest.mark.parametrize("outer", ENDINGS)
@pytest.mark.parametrize(
    "inner", ["the item by its sequence", "the sequence by nothing", "an empty sequence by nothing"]
)
def test_the_same_holds_in_an_item(outer: str, inner: str) -> None:
    """A sequence that is not closed, in an item that is."""
    nested = ENDINGS[inner].replace(b"\x08\0\x51\0", b"\x08\0\x53\0")
    sequence = ENDINGS[outer].replace(CODE, CODE + nested)
    if LENGTHENED in ENDINGS[outer]:
        length = struct.pack("<I", len(CODE + nested))
        sequence = sequence.replace(struct.pack("<I", len(CODE)) + CODE, length + CODE)
    assert_read(with_elements(before_modality=sequence))


@pytest.mark.parametrize("order", ["<", ">"])
def test_elements_behind_an_item_without_an_end_are_given_back(order: str) -> None:
    """In implicit VR as well, in either byte order; the item keeps what is its own."""

    def implicit(tag: int, value: bytes, length: int | None = None) -> bytes:
        return struct.pack(f"{order}HHI", tag >> 16, tag & 0xFFFF, len(value) if length is None else length) + value

    code = implicit(0x00080100, b"CODE")
    data = implicit(0x00080051, implicit(0xFFFEE000, code, 0xFFFFFFFF), 0xFFFFFFFF) + implicit(0x00080060, b"DX")
    dataset = read_elements(data, 0, implicit=True, little=order == "<")
    assert dataset.Modality == "DX"
    assert dataset[0x00080051].value[0].CodeValue == "CODE"


def test_a_description_before_the_pixels_under_a_codec_of_no_text_is_no_fault() -> None:
    """Nothing is said about a character set: it would help nobody."""
    assert read_radiograph(with_elements(first=element(8, 5, "CS", b"bz2"))).warnings == ()
