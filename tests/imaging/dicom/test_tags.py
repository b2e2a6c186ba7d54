"""Whole numbers under a VR that is not theirs, and tables whose descriptors are."""

import struct

import numpy as np
import pytest
from pydicom.dataset import Dataset

from clinicalblip.errors import RadiographError
from clinicalblip.imaging.dicom.tags import Tags
from clinicalblip.imaging.read import read_radiograph
from tests.fixtures.dicom_files import enlarge, lut_item, reduce, write_dicom

FILM = np.arange(64 * 70).reshape(64, 70) % 4096
ROWS, COLUMNS, STORED = b"\x28\x00\x10\x00", b"\x28\x00\x11\x00", b"\x28\x00\x01\x01"


def under(data: bytes, tag: bytes, vr: bytes, value: bytes) -> bytes:
    """A file whose tag, a US, stands under another VR."""
    at = data.index(tag + b"US")
    long = vr in (b"OB", b"OW", b"UN", b"UT")
    head = tag + vr + (b"\0\0" + struct.pack("<I", len(value)) if long else struct.pack("<H", len(value)))
    return data[:at] + head + value + data[at + 10 :]


@pytest.mark.parametrize("tag", [ROWS, COLUMNS, STORED])
@pytest.mark.parametrize(
    ("vr", "form"),
    [
        (b"UL", "<I"),
        (b"UL", "<H"),
        (b"SL", "<i"),
        (b"SS", "<h"),
        (b"OB", "<H"),
        (b"OW", "<H"),
        (b"UN", "<H"),
        (b"UN", "<I"),
        (b"LO", "<H"),
        (b"IS", None),
        (b"DS", None),
        (b"LO", None),
        (b"SH", None),
    ],
)
def test_whole_numbers_are_read_under_a_wrong_vr(tag: bytes, vr: bytes, form: str | None) -> None:
    """UL, or bytes, or text where US belongs, with two bytes or four."""
    number = {ROWS: 64, COLUMNS: 70, STORED: 12}[tag]
    value = struct.pack(form, number) if form else str(number).encode()
    assert np.array_equal(read_radiograph(under(write_dicom(FILM), tag, vr, value)).values, FILM)


@pytest.mark.parametrize(("vr", "value"), [(b"LO", b"many"), (b"SQ", b"\1\0"), (b"US", b""), (b"ZZ", b"\1\0\2")])
def test_a_size_that_is_none_is_refused(vr: bytes, value: bytes) -> None:
    """One sentence, whatever stands there."""
    with pytest.raises(RadiographError):
        read_radiograph(under(write_dicom(FILM), ROWS, vr, value))


@pytest.mark.parametrize("vr", [b"OB", b"UN", b"LO", b"UT"])
def test_codes_are_read_under_a_wrong_vr(vr: bytes) -> None:
    """A film whose photometric interpretation stands in bytes is inverted all the same."""
    data = write_dicom(FILM, photometric="MONOCHROME1")
    at = data.index(b"\x28\x00\x04\x00CS")
    head = vr + (b"\0\0\x0c\0\0\0" if vr != b"LO" else b"\x0c\0")
    assert read_radiograph(data[: at + 4] + head + data[at + 8 :]).inverted


@pytest.mark.parametrize("vr", [b"OB", b"UN", b"OW", b"OF", b"UT", b"OL"])
def test_pixels_are_read_under_a_wrong_vr(vr: bytes) -> None:
    """Words of 16 bits stand as they are, whatever they are called."""
    data = write_dicom(FILM)
    at = data.index(b"\xe0\x7f\x10\x00OW")
    assert np.array_equal(read_radiograph(data[: at + 4] + vr + data[at + 6 :]).values, FILM)


@pytest.mark.parametrize(("vr", "form"), [("UL", "<3I"), ("OW", "<3H"), ("OB", "<3H"), ("UN", "<3H")])
def test_a_tables_descriptor_is_read_under_a_wrong_vr(vr: str, form: str) -> None:
    """LUTDescriptor as long words or bytes."""
    item = lut_item(0, [0, 51, 255], 8)
    del item[0x0028, 0x3002]
    item.add_new(0x00283002, vr, [3, 0, 8] if vr == "UL" else struct.pack(form, 3, 0, 8))
    radiograph = read_radiograph(write_dicom(enlarge([[0, 1, 2]] * 2), VOILUTSequence=[item]))
    assert reduce(radiograph.pixels) == [pytest.approx([0, 0.2, 1])] * 2
    assert radiograph.warnings == ()


def test_what_cannot_be_a_number_is_named() -> None:
    """Text where a number belongs leaves none, and its tag's name."""
    dataset = Dataset()
    dataset.add_new(0x00280030, "LO", ["wide", "1"])
    dataset.add_new(0x00281050, "LO", "nan")
    tags = Tags(dataset, little_endian=True)
    assert tags.positive_pair("PixelSpacing") is None
    assert tags.number("WindowCenter") is None
    assert tags.malformed == ["PixelSpacing", "WindowCenter"]


def test_absent_tags_are_nothing_and_no_fault() -> None:
    """No value, no word, no name in the list of faults."""
    tags = Tags(Dataset(), little_endian=True)
    assert (
        tags.number("WindowCenter")
        is tags.integer("Rows")
        is tags.code("Modality")
        is tags.positive_pair("PixelSpacing")
    )
    assert tags.codes("PatientOrientation") == tags.items("VOILUTSequence") == tags.malformed == []
