"""Files outside the standard's letter are read by what their bytes are, and what is no DICOM is left alone."""

import contextlib
import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataset import Dataset

from clinicalblip.errors import RadiographError, RadiographTooLarge, UnreadableRadiograph, UnsupportedRadiograph
from clinicalblip.imaging.dicom.dataset import is_dicom
from clinicalblip.imaging.dicom.reader import read_dicom
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import LookupTable
from clinicalblip.settings import LimitSettings
from tests.fixtures.dicom_files import LOSSLESS, SYNTAXES, lut_item, write_dicom

FILM = np.arange(64 * 70).reshape(64, 70) % 4096
GROUP_LENGTH = 140  # where the four bytes stand that say how long the meta group is


def meta_end(data: bytes) -> int:
    """Where the data set begins."""
    return 144 + int.from_bytes(data[GROUP_LENGTH : GROUP_LENGTH + 4], "little")


def meta(*elements: tuple[int, bytes], implicit: bool = False) -> bytes:
    """A meta group of these UIDs, without its length."""
    out = b""
    for element, value in elements:
        value += b"\0" * (len(value) % 2)
        length = struct.pack("<I", len(value)) if implicit else b"UI" + struct.pack("<H", len(value))
        out += struct.pack("<HH", 2, element) + length + value
    return out


def assert_read(data: bytes) -> None:
    """Fail where the film is not read to the value."""
    assert np.array_equal(read_radiograph(data).values, FILM)


@pytest.mark.parametrize("syntax", LOSSLESS)
def test_a_file_without_its_preamble_is_read(syntax: str) -> None:
    """It begins with the meta group, as films saved from a network transfer do."""
    assert_read(write_dicom(FILM, syntax=syntax)[132:])


def test_a_file_that_begins_with_the_mark_is_read() -> None:
    """Only the 128 bytes before DICM are lost."""
    assert_read(write_dicom(FILM)[128:])


@pytest.mark.parametrize("preamble", [True, False])
@pytest.mark.parametrize("syntax", [name for name in LOSSLESS if name not in ("deflated", "rle", "deflated frame")])
def test_a_file_without_its_meta_group_is_read(syntax: str, preamble: bool) -> None:
    """The first element says how tags are encoded, the compressed stream's own markers how it is compressed."""
    data = write_dicom(FILM, syntax=syntax)
    assert_read((data[:132] if preamble else b"") + data[meta_end(data) :])


@pytest.mark.parametrize("syntax", ["implicit", "explicit", "big endian", "jpeg 2000 lossless"])
def test_a_file_without_a_transfer_syntax_is_read(syntax: str) -> None:
    """The meta group is there, and says another thing."""
    data = write_dicom(FILM, syntax=syntax)
    assert_read(data[:132] + meta((0x10, b""), (0x12, b"1.2.3")) + data[meta_end(data) :])


@pytest.mark.parametrize("stated", ["implicit", "explicit", "big endian"])
@pytest.mark.parametrize("found", ["implicit", "explicit", "big endian"])
def test_tags_are_read_as_they_are_and_not_as_stated(found: str, stated: str) -> None:
    """A native syntax that is not the file's own gives way to what the bytes show."""
    data = write_dicom(FILM, syntax=found)
    assert_read(data[:132] + meta((0x10, SYNTAXES[stated].encode())) + data[meta_end(data) :])


@pytest.mark.parametrize("stated", ["jpeg lossless", "rle", "jpeg 2000"])
def test_a_film_whose_compression_was_undone_is_read(stated: str) -> None:
    """Plain pixel data under the UID of the compression that it once had."""
    data = write_dicom(FILM, syntax="explicit")
    assert_read(data[:132] + meta((0x10, SYNTAXES[stated].encode())) + data[meta_end(data) :])


def test_a_compressed_film_under_a_native_syntax_is_read() -> None:
    """Encapsulated pixel data cannot be native; its markers say what it is."""
    data = write_dicom(FILM, syntax="jpeg-ls")
    assert_read(data[:132] + meta((0x10, SYNTAXES["explicit"].encode())) + data[meta_end(data) :])


@pytest.mark.parametrize("length", [0, 2, 100_000, 0xFFFFFFFF])
def test_a_wrong_meta_length_is_read_past(length: int) -> None:
    """The group is walked, whatever length it claims."""
    data = write_dicom(FILM)
    assert_read(data[:GROUP_LENGTH] + struct.pack("<I", length) + data[GROUP_LENGTH + 4 :])


def test_a_meta_group_in_implicit_vr_is_read() -> None:
    """Some writers encode it like the rest of an implicit file."""
    data = write_dicom(FILM, syntax="jpeg 2000 lossless")
    syntax = SYNTAXES["jpeg 2000 lossless"].encode()
    assert_read(data[:132] + meta((0x10, syntax), implicit=True) + data[meta_end(data) :])


def test_a_deflated_bomb_behind_implicit_meta_stays_within_the_bound() -> None:
    """What pydicom would inflate without end is inflated here or nowhere."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = deflater.compress(bytes(8 * 2**20)) + deflater.flush()
    head = bytes(128) + b"DICM" + meta((0x10, SYNTAXES["deflated"].encode()), implicit=True)
    with pytest.raises(RadiographTooLarge, match="more than 2 MiB when it is inflated"):
        read_radiograph(head + bomb, ReadOptions(limits=LimitSettings(megapixels=1, file_mebibytes=1)))


@pytest.mark.parametrize("syntax", ["implicit", "explicit", "big endian"])
def test_group_lengths_are_passed_over(syntax: str) -> None:
    """Retired group lengths, here a wrong one, stand before the data set's first tag."""
    data = write_dicom(FILM, syntax=syntax)
    order = ">" if syntax == "big endian" else "<"
    head = struct.pack(f"{order}HH", 8, 0) + (b"\4\0\0\0" if syntax == "implicit" else b"UL")
    head += b"" if syntax == "implicit" else struct.pack(f"{order}H", 4)
    whole = head + struct.pack(f"{order}I", 12345) + data[meta_end(data) :]
    assert_read(data[: meta_end(data)] + whole)
    assert_read(whole)


@pytest.mark.parametrize("syntax", ["implicit", "explicit", "big endian"])
def test_undefined_lengths_are_read(syntax: str) -> None:
    """Sequences and items that end by a delimiter."""
    item = lut_item(0, list(range(64)), 8)
    item.is_undefined_length_sequence_item = True
    code = Dataset()
    code.CodeValue = "272479007"
    data = write_dicom(FILM, syntax=syntax, VOILUTSequence=[item], ViewCodeSequence=[code])
    dataset = dcmread(BytesIO(data))
    for keyword in ("VOILUTSequence", "ViewCodeSequence"):
        dataset[keyword].is_undefined_length = True
    out = BytesIO()
    dataset.save_as(out)
    assert out.getvalue() != data
    assert_read(out.getvalue())
    windows = [offered.window for offered in read_radiograph(out.getvalue()).windows]
    assert len([window for window in windows if isinstance(window, LookupTable)]) == 1


def nested(depth: int) -> bytes:
    """A private sequence in a sequence in a sequence, of undefined lengths, before the pixels."""
    start = b"\x09\x00\x10\x10SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    end = b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0"
    return start * depth + end * depth


@pytest.mark.parametrize("depth", [1000, 100_000])
def test_sequences_nested_without_end_are_refused(depth: int) -> None:
    """A thousand deep and more is no film, and no traceback."""
    data = write_dicom(FILM)
    at = data.index(b"\x10\x00\x10\x00PN")
    with pytest.raises(UnreadableRadiograph, match="structure is damaged"):
        read_radiograph(data[:at] + nested(depth) + data[at:])


def test_a_few_nested_sequences_are_read() -> None:
    """Twenty deep is unusual, and no harm."""
    data = write_dicom(FILM)
    at = data.index(b"\x10\x00\x10\x00PN")
    assert_read(data[:at] + nested(20) + data[at:])


def test_a_length_of_four_gigabytes_is_refused() -> None:
    """An element that claims more than there is takes what follows with it, and no memory."""
    data = write_dicom(FILM)
    at = data.index(b"\x10\x00\x20\x00LO")
    with pytest.raises(UnreadableRadiograph, match="no pixel data"):
        read_radiograph(data[: at + 4] + b"UT\0\0\xfe\xff\xff\xff" + data[at + 12 :])


def test_pixel_data_that_claims_four_gigabytes_is_read_where_it_is_whole() -> None:
    """The film's size says what is needed."""
    data = write_dicom(FILM)
    at = data.index(b"\xe0\x7f\x10\x00OW\0\0") + 8
    huge = data[:at] + b"\xfe\xff\xff\xff" + data[at + 4 :]
    assert_read(huge)
    with pytest.raises(UnreadableRadiograph, match="64 x 70 pixels need 8960"):
        read_radiograph(huge[:-100])


@pytest.mark.parametrize("second", ["explicit", "implicit", "jpeg-ls"])
@pytest.mark.parametrize("first", ["explicit", "implicit", "big endian", "deflated", "rle", "jpeg 2000"])
def test_two_films_in_one_file_are_refused(first: str, second: str) -> None:
    """Each may be whole; which of them is meant, only the reader knows."""
    data = write_dicom(FILM, syntax=first) + write_dicom(FILM.T, syntax=second)
    with pytest.raises(UnsupportedRadiograph, match="a second film behind the first"):
        read_radiograph(data)


@pytest.mark.parametrize("part", ["meta group", "data set"])
def test_tags_of_two_films_are_not_mixed(part: str) -> None:
    """A second film without its preamble, or its meta group, gives none of its tags to the first."""
    second = write_dicom(FILM.T, photometric="MONOCHROME1")
    with pytest.raises(UnsupportedRadiograph, match="a second film behind the first"):
        read_radiograph(write_dicom(FILM) + second[132 if part == "meta group" else meta_end(second) :])


def test_what_else_stands_behind_the_pixels_is_no_film() -> None:
    """Zeros up to a block's end, trailing padding, and tags that somebody added at the end."""
    data = write_dicom(FILM)
    added = struct.pack("<HH2sH", 0x0012, 0x0062, b"CS", 4) + b"YES "
    padding = struct.pack("<HH2sHI", 0xFFFC, 0xFFFC, b"OB", 0, 200) + bytes(200)
    for behind in (bytes(512), added, padding, added + bytes(40)):
        assert_read(data + behind)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x08\x00",
        b"DICM",
        b"\x08\x00\x05\x00CS\x0a\x00ISO_IR 100",  # one element is too few
        b"\x08\x00\x08\x00" * 40,
        b"\x02\x00" + b"plain text " * 30,
        b"\x00\x08" + bytes(400),
        bytes(400),
        b"II*\0" + bytes(400),
    ],
)
def test_what_merely_begins_alike_is_no_dicom(data: bytes) -> None:
    """Three elements with rising tags and lengths that fit are asked for."""
    assert not is_dicom(data)


WHOLE = [write_dicom(FILM, syntax=syntax) for syntax in ("implicit", "explicit", "big endian", "jpeg-ls")]
SEEDS = [data[132:] for data in WHOLE] + [data[meta_end(data) :] for data in WHOLE]


@settings(max_examples=80, derandomize=True)
@given(
    seed=st.sampled_from(SEEDS),
    changes=st.lists(st.tuples(st.integers(0, 900), st.integers(0, 8), st.binary(max_size=8)), min_size=1, max_size=4),
)
def test_mutated_files_without_a_preamble_are_read_or_refused(
    seed: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    """Nothing but a film, None or one of our errors, whatever is done to their first elements."""
    data = bytearray(seed)
    for at, gone, new in changes:
        data[at : at + gone] = new
    with contextlib.suppress(RadiographError):
        film = read_dicom(bytes(data), ReadOptions(allow_burned_in=True))
        assert film is None or np.isfinite(film.pixels).all()
