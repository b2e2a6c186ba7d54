"""Pixel data in every transfer syntax, and pixel data that is not what the file says."""

import struct
import zlib
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom.data
import pytest
from pydicom.encaps import encapsulate, generate_frames
from pydicom.filebase import DicomBytesIO
from pydicom.filereader import dcmread

from clinicalblip.errors import RadiographError, RadiographTooLarge, UnreadableRadiograph, UnsupportedRadiograph
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.settings import LimitSettings
from tests.fixtures.dicom_files import LOSSLESS, SYNTAXES, write_dicom

NATIVE = ("implicit", "explicit", "big endian")


def film(bits: int, signed: bool = False, rows: int = 66, columns: int = 71) -> np.ndarray:
    """A smooth field with both ends of the range in it; odd columns, so that nothing is aligned by chance."""
    y, x = np.mgrid[:rows, :columns]
    values = np.rint((np.sin(y / 9) * np.cos(x / 7) + 1) / 2 * (2**bits - 1)).astype(np.int64)
    values[0, 0], values[-1, -1] = 0, 2**bits - 1
    return values - 2 ** (bits - 1) if signed else values


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", [8, 12, 16])
@pytest.mark.parametrize("syntax", LOSSLESS)
def test_lossless_syntaxes_give_every_value(syntax: str, bits: int, signed: bool) -> None:
    """What was written is what is read, shifted by the smallest value where that is negative."""
    values = film(bits, signed)
    radiograph = read_radiograph(write_dicom(values, syntax=syntax, bits=bits, signed=signed))
    assert np.array_equal(radiograph.values, values - values.min())


@pytest.mark.parametrize(
    ("syntax", "bits", "most"), [("jpeg", 8, 8), ("jpeg extended", 12, 64), ("jpeg 2000", 8, 8), ("jpeg 2000", 12, 128)]
)
def test_lossy_syntaxes_come_close(syntax: str, bits: int, most: int) -> None:
    """No value is further off than a 32nd of the range."""
    values = film(bits)
    radiograph = read_radiograph(write_dicom(values, syntax=syntax, bits=bits))
    difference = np.abs(radiograph.values.astype(int) - values)
    assert difference.max() <= most


@pytest.mark.parametrize("syntax", NATIVE)
def test_an_odd_number_of_bytes_is_read(syntax: str) -> None:
    """8-bit films of an odd size carry a padding byte, in the middle of a word in big endian."""
    values = film(8, rows=67, columns=71)
    assert np.array_equal(read_radiograph(write_dicom(values, syntax=syntax, bits=8)).values, values)


@pytest.mark.parametrize("syntax", ["rle", "jpeg 2000 lossless", "explicit"])
def test_grey_stored_as_colour_is_exact(syntax: str) -> None:
    """Three equal channels give their own value."""
    values = film(8)
    data = write_dicom(np.dstack([values] * 3), syntax=syntax, bits=8, photometric="RGB", modality="OT")
    radiograph = read_radiograph(data)
    assert np.array_equal(radiograph.values, values)
    assert any("stored as colour" in warning for warning in radiograph.warnings)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_truncated_files_are_refused(syntax: str) -> None:
    """Half a file is a RadiographError, in every syntax."""
    data = write_dicom(film(8), syntax=syntax, bits=8)
    with pytest.raises(RadiographError):
        read_radiograph(data[: len(data) // 2])


def test_a_file_without_pixel_data_is_refused() -> None:
    """One sentence, and what to do."""
    with pytest.raises(UnreadableRadiograph, match="no pixel data"):
        read_radiograph(write_dicom(film(12), PixelData=None))


@pytest.mark.parametrize("change", [-2, 2 * 71, 5000])
def test_pixel_data_of_another_length_is_refused(change: int) -> None:
    """Shorter, or longer by a row or more, names both lengths."""
    native = film(12).astype("<u2").tobytes()
    native = native[:change] if change < 0 else native + bytes(change)
    with pytest.raises(UnreadableRadiograph, match=f"has {len(native)} bytes; 66 x 71 pixels need 9372"):
        read_radiograph(write_dicom(film(12), PixelData=native))


def test_a_little_padding_behind_the_pixels_is_read() -> None:
    """Less than a row is padding."""
    native = film(12).astype("<u2").tobytes() + bytes(16)
    assert np.array_equal(read_radiograph(write_dicom(film(12), PixelData=native)).values, film(12))


@pytest.mark.parametrize("missing", ["Rows", "Columns"])
def test_a_film_without_a_size_is_refused(missing: str) -> None:
    """Rows and Columns are needed."""
    with pytest.raises(UnreadableRadiograph, match="how many rows and columns"):
        read_radiograph(write_dicom(film(12), **{missing: None}))


@pytest.mark.parametrize(
    "tags",
    [
        {"BitsAllocated": 12},
        {"BitsStored": 17},
        {"HighBit": 16},
        {"HighBit": 5},
        {"BitsAllocated": None, "BitsStored": None, "HighBit": None},
    ],
)
def test_bits_that_cannot_be_are_refused(tags: dict[str, Any]) -> None:
    """Words, bits and their place have to fit each other."""
    with pytest.raises(UnreadableRadiograph, match="which cannot be"):
        read_radiograph(write_dicom(film(12), **tags))


@pytest.mark.parametrize("photometric", ["CMYK", "HSV", "PLANTED NAME"])
def test_other_colour_models_are_refused(photometric: str) -> None:
    """And the tag, which may hold anything, is not repeated."""
    with pytest.raises(UnsupportedRadiograph, match="in a colour model") as refused:
        read_radiograph(write_dicom(film(8), bits=8, photometric=photometric))
    assert photometric not in str(refused.value)


def test_several_frames_are_refused() -> None:
    """A film has one frame."""
    with pytest.raises(UnsupportedRadiograph, match="2 frames"):
        read_radiograph(write_dicom(np.concatenate([film(12)] * 2), Rows=66, NumberOfFrames=2))


def test_one_frame_that_is_counted_is_read() -> None:
    """NumberOfFrames 1 is a film."""
    assert read_radiograph(write_dicom(film(12), NumberOfFrames=1)).values.shape == (66, 71)


def test_too_many_pixels_by_header_are_refused_before_decoding() -> None:
    """The header's claim is enough: there are no such pixels in the file."""
    with pytest.raises(RadiographTooLarge, match="60000 x 60000 pixels; up to 100 megapixels"):
        read_radiograph(write_dicom(film(12), Rows=60000, Columns=60000))


def test_frames_count_towards_the_limit() -> None:
    """Rows x columns x frames is what would be decoded."""
    with pytest.raises(RadiographTooLarge, match="66 x 71 x 99999"):
        read_radiograph(write_dicom(film(12), NumberOfFrames=99999))


def stream_of(data: bytes) -> bytes:
    """The compressed frame of a file."""
    dataset = dcmread(DicomBytesIO(data))
    return next(generate_frames(dataset.PixelData, number_of_frames=1))


@pytest.mark.parametrize("syntax", ["jpeg 2000 lossless", "jpeg 2000", "htj2k lossless"])
def test_a_jpeg_2000_stream_that_claims_more_than_the_limit_is_refused(syntax: str) -> None:
    """The SIZ segment's own size is looked at, here 2,000,000 x 1,900,000, whatever the tags say."""
    stream = bytearray(stream_of(write_dicom(film(8), syntax=syntax, bits=8)))
    at = stream.index(b"\xff\x51") + 6
    stream[at : at + 8] = struct.pack(">II", 1_900_000, 2_000_000)
    data = write_dicom(film(8), syntax=syntax, bits=8, PixelData=encapsulate([bytes(stream)]))
    with pytest.raises(RadiographTooLarge, match="2000000 x 1900000"):
        read_radiograph(data)


@pytest.mark.parametrize(
    ("syntax", "marker"), [("jpeg", b"\xff\xc0"), ("jpeg lossless", b"\xff\xc3"), ("jpeg-ls", b"\xff\xf7")]
)
def test_a_jpeg_stream_that_claims_more_than_the_limit_is_refused(syntax: str, marker: bytes) -> None:
    """The frame header's own size is looked at, whatever the tags say."""
    stream = bytearray(stream_of(write_dicom(film(8), syntax=syntax, bits=8)))
    at = stream.index(marker) + 5
    stream[at : at + 4] = struct.pack(">HH", 65000, 64000)
    data = write_dicom(film(8), syntax=syntax, bits=8, PixelData=encapsulate([bytes(stream)]))
    with pytest.raises(RadiographTooLarge, match="65000 x 64000"):
        read_radiograph(data)


@pytest.mark.parametrize("syntax", ["jpeg", "jpeg lossless", "jpeg-ls", "jpeg 2000", "htj2k lossless"])
def test_a_stream_of_another_size_than_the_file_is_refused(syntax: str) -> None:
    """Both sizes are named."""
    with pytest.raises(UnreadableRadiograph, match=r"says 66 x 71 pixels .* 66 x 70"):
        read_radiograph(write_dicom(film(8), syntax=syntax, bits=8, Columns=70))


SEQUENTIAL = {"jpeg": b"\xff\xc0", "jpeg extended": b"\xff\xc1", "jpeg lossless": b"\xff\xc3", "jpeg-ls": b"\xff\xf7"}


@pytest.mark.parametrize("syntax", SEQUENTIAL)
def test_a_stream_that_claims_more_rows_than_it_has_is_refused(syntax: str) -> None:
    """Its own header and the file's tags agree, and half of the pixels are not there: no grey is put in their place."""
    bits = 8 if syntax == "jpeg" else 12
    stream = bytearray(stream_of(write_dicom(film(bits), syntax=syntax, bits=bits)))
    at = stream.index(SEQUENTIAL[syntax]) + 5
    stream[at : at + 2] = struct.pack(">H", 132)
    data = write_dicom(film(bits), syntax=syntax, bits=bits, Rows=132, PixelData=encapsulate([bytes(stream)]))
    with pytest.raises(UnreadableRadiograph, match="pixel data is damaged"):
        read_radiograph(data)


@pytest.mark.parametrize("fraction", [0.3, 0.95])
@pytest.mark.parametrize("syntax", SEQUENTIAL)
def test_a_stream_that_ends_too_early_is_refused(syntax: str, fraction: float) -> None:
    """Cut, with its end marker behind the cut, as some archives mend what was cut off."""
    bits = 8 if syntax == "jpeg" else 12
    stream = stream_of(write_dicom(film(bits), syntax=syntax, bits=bits))
    cut = stream[: int(len(stream) * fraction)] + b"\xff\xd9"
    with pytest.raises(UnreadableRadiograph, match="pixel data is damaged"):
        read_radiograph(write_dicom(film(bits), syntax=syntax, bits=bits, PixelData=encapsulate([cut])))


@pytest.mark.parametrize("syntax", ["jpeg", "jpeg lossless", "jpeg-ls", "jpeg 2000", "htj2k lossless"])
def test_a_stream_of_something_else_is_refused(syntax: str) -> None:
    """Bytes that are no codestream never reach a codec."""
    data = write_dicom(film(8), syntax=syntax, bits=8, PixelData=encapsulate([b"no picture at all"]))
    with pytest.raises(UnreadableRadiograph, match="it has no size"):
        read_radiograph(data)


def test_a_run_length_bomb_stops_at_the_films_size() -> None:
    """Runs that would unfold to 256 MiB are not unfolded: the picture is 66 x 71."""
    bomb = struct.pack("<16L", 1, 64, *[0] * 14) + b"\x81\x00" * 2**21
    data = write_dicom(film(8), syntax="rle", bits=8, PixelData=encapsulate([bomb]))
    assert read_radiograph(data).values.max() == 0


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        ("1.2.840.10008.1.2.4.100", "MPEG2"),
        ("1.2.840.10008.1.2.4.112", "JPEG XL"),
    ],
)
def test_other_syntaxes_are_refused_by_name(uid: str, name: str) -> None:
    """The format_error names the compression and how to export instead."""
    data = write_dicom(film(8), syntax="htj2k lossless", bits=8)
    old = SYNTAXES["htj2k lossless"].encode()
    with pytest.raises(UnsupportedRadiograph, match=f"{name}.*Explicit VR Little Endian"):
        read_radiograph(data.replace(old, uid.encode().ljust(len(old), b"\0")))


@pytest.mark.parametrize("name", ["JPGExtended.dcm", "JPEG-lossy.dcm"])
def test_jpeg_of_12_bits_is_read(name: str) -> None:
    """Two packaged films that pydicom itself refuses, as radiographs; the values are libjpeg's."""
    import imagecodecs

    packaged = dcmread(Path(pydicom.data.__file__).parent / "test_files" / name)
    packaged.Modality = "DX"
    written = BytesIO()
    packaged.save_as(written)
    stream = next(generate_frames(packaged.PixelData, number_of_frames=1))
    assert np.array_equal(read_radiograph(written.getvalue()).values, imagecodecs.jpeg_decode(stream))


def test_signed_jpeg_of_12_bits_is_read() -> None:
    """Values from -1500 to -477, in twelve bits of two's complement, come back shifted by the smallest."""
    values = film(12) // 4 - 1500
    radiograph = read_radiograph(write_dicom(values, syntax="jpeg extended", signed=True))
    assert np.abs(radiograph.values.astype(int) - (values - values.min())).max() <= 64


def test_jpeg_of_12_bits_under_the_uid_of_8_is_read() -> None:
    """Archives write baseline where it is extended; the stream says it."""
    data = write_dicom(film(12), syntax="jpeg extended").replace(b"1.2.840.10008.1.2.4.51", b"1.2.840.10008.1.2.4.50")
    assert np.abs(read_radiograph(data).values.astype(int) - film(12)).max() <= 64


def test_a_deflated_frame_stops_at_the_films_size() -> None:
    """A few KiB that inflate to 64 MiB are a film of the wrong length, of which no more is inflated than it needs."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = deflater.compress(bytes(2**26)) + deflater.flush()
    data = write_dicom(film(12), syntax="deflated frame", PixelData=encapsulate([bomb]))
    assert read_radiograph(data).values.max() == 0


def test_a_deflated_frame_that_is_cut_is_refused() -> None:
    """Both lengths are named."""
    stream = stream_of(write_dicom(film(12), syntax="deflated frame"))[:-400]
    data = write_dicom(film(12), syntax="deflated frame", PixelData=encapsulate([stream]))
    with pytest.raises(UnreadableRadiograph, match="66 x 71 pixels need 9372"):
        read_radiograph(data)


def test_the_limit_is_the_settings() -> None:
    """A film of 1.1 megapixels is read by default, and refused where one megapixel is allowed."""
    data = write_dicom(film(8, rows=1050, columns=1050), bits=8)
    assert read_radiograph(data).values.shape == (1050, 1050)
    with pytest.raises(RadiographTooLarge, match="up to 1 megapixels"):
        read_radiograph(data, ReadOptions(limits=LimitSettings(megapixels=1)))
