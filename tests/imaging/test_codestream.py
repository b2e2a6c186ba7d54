"""The size that a stream claims, found as its decoder will find it."""

import struct

import pytest

from clinicalblip.imaging.codestream import (
    StreamHeader,
    jpeg2000_header,
    jpeg_end,
    jpeg_header,
    transfer_syntax_of,
    without_end_marker,
)

FRAME = struct.pack(">BBHBHHB", 0xFF, 0xC0, 17, 8, 480, 640, 3)
SIZ = b"\xff\x4f\xff\x51" + struct.pack(">HH8IHB", 41, 0, 640, 480, 0, 0, 640, 480, 0, 0, 1, 11)


@pytest.mark.parametrize(
    "before",
    [
        b"",
        b"\xff\xe0\x00\x04ab",
        b"\xff\xff\xff\xe1\x00\x04\xff\xc0",  # fill bytes, and a frame marker inside a segment
        b"\xff\x01\xff\xd0",
        b"\xff\xc4\x00\x04ab\xff\xc8\x00\x04ab\xff\xcc\x00\x04ab",  # markers among the frames that are none
    ],
)
def test_a_jpeg_frame_is_found_behind_other_segments(before: bytes) -> None:
    """Segments are stepped over, fill bytes too."""
    assert jpeg_header(b"\xff\xd8" + before + FRAME) == StreamHeader(480, 640, 3, 8)


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        b"\xff\xd8",
        FRAME,
        b"\xff\xd8" + FRAME[:9],
        b"\xff\xd8\x00\x00" + FRAME,
        b"\xff\xd8\xff\xda\x00\x04ab" + FRAME,  # the picture begins without a size
        b"\xff\xd8\xff\xe0\x00\x00" * 3,
    ],
)
def test_streams_without_a_frame_claim_nothing(stream: bytes) -> None:
    """Cut, without its start, or with garbage between its segments."""
    assert jpeg_header(stream) is None


def test_a_jpeg_2000_codestream_tells_its_size() -> None:
    """SIZ stands at the start; the image area is counted without its offset, the precision is one more than stored."""
    assert jpeg2000_header(SIZ) == StreamHeader(480, 640, 1, 12)
    moved = SIZ[:8] + struct.pack(">4I", 640, 480, 40, 80) + SIZ[24:]
    assert jpeg2000_header(moved) == StreamHeader(400, 600, 1, 12)


def box(kind: bytes, body: bytes) -> bytes:
    """A box of a JP2 file."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


def test_the_codestream_of_a_jp2_file_is_the_one_in_its_box() -> None:
    """A small stream hidden in another box does not speak for the large one that will be decoded."""
    small = SIZ[:8] + struct.pack(">4I", 10, 10, 0, 0) + SIZ[24:]
    jp2 = box(b"jP  ", b"\r\n\x87\n") + box(b"xml ", small) + box(b"jp2c", SIZ)
    assert jpeg2000_header(jp2) == StreamHeader(480, 640, 1, 12)
    long_box = struct.pack(">I4sQ", 1, b"jp2c", 16 + len(SIZ)) + SIZ
    assert jpeg2000_header(box(b"jP  ", b"\r\n\x87\n") + long_box) == StreamHeader(480, 640, 1, 12)


@pytest.mark.parametrize(
    "stream",
    [
        b"",
        SIZ[:40],
        b"\0" + SIZ,
        box(b"jP  ", b"\r\n\x87\n"),
        box(b"jP  ", b"\r\n\x87\n") + struct.pack(">I4s", 0, b"xml ") + SIZ,
        box(b"jP  ", b"\r\n\x87\n") + struct.pack(">I4s", 3, b"xml ") + SIZ,
    ],
)
def test_streams_without_a_siz_claim_nothing(stream: bytes) -> None:
    """Cut, moved, or in a file whose boxes lead nowhere."""
    assert jpeg2000_header(stream) is None


@pytest.mark.parametrize(
    ("stream", "end"),
    [
        (b"\xff\xd8" + FRAME, "4.50"),
        (b"\xff\xd8" + FRAME.replace(b"\xff\xc0", b"\xff\xc1"), "4.51"),
        (b"\xff\xd8" + FRAME.replace(b"\xff\xc0", b"\xff\xc3"), "4.57"),
        (b"\xff\xd8" + FRAME.replace(b"\xff\xc0", b"\xff\xf7"), "4.81"),
        (SIZ, "4.91"),
        (SIZ + b"\xff\x50\x00\x08", "4.203"),
        (b"\xff\xd8" + FRAME.replace(b"\xff\xc0", b"\xff\xc2"), None),  # progressive: no syntax of DICOM's today
        (b"no picture at all", None),
    ],
)
def test_a_stream_says_how_it_is_compressed(stream: bytes, end: str | None) -> None:
    """By its start-of-frame marker, or JPEG 2000's own; None for one that is not known."""
    assert transfer_syntax_of(stream) == (f"1.2.840.10008.1.2.{end}" if end else None)


SCAN = b"\xff\xda\x00\x02 pixels \xff\x00 pixels"


@pytest.mark.parametrize(
    ("stream", "end"),
    [
        (b"\xff\xd8" + FRAME + SCAN, None),
        (b"\xff\xd8" + FRAME, None),
        (SIZ, None),
        (b"\xff\xd8\xff\xe1\x00\x06\xff\xd9\xff\xd8" + FRAME + SCAN + b"\xff\xd9 and more \xff\xd9", 22 + len(SCAN)),
    ],
)
def test_a_jpeg_ends_at_the_first_marker_behind_its_scan(stream: bytes, end: int | None) -> None:
    """Not at one inside a segment before it, as of a small picture of the picture."""
    assert jpeg_end(stream) == end


def test_a_jpeg_of_one_scan_is_left_open() -> None:
    """A few more bytes stand in place of its end marker, and of all that follows."""
    stream = b"\xff\xd8" + FRAME + SCAN
    assert without_end_marker(stream + b"\xff\xd9 and more") == stream + bytes(16)


@pytest.mark.parametrize(
    "stream",
    [
        b"\xff\xd8" + FRAME + SCAN,
        b"\xff\xd8" + FRAME + SCAN + SCAN + b"\xff\xd9",
        b"\xff\xd8" + FRAME.replace(b"\xff\xc0", b"\xff\xc2") + SCAN + b"\xff\xd9",
        b"\xff\xd8" + FRAME.replace(b"\xff\xc0", b"\xff\xf7") + SCAN + b"\xff\xd9",
        SIZ,
        b"",
    ],
)
def test_other_streams_keep_their_end(stream: bytes) -> None:
    """Those without one, of several scans, progressive, JPEG-LS and JPEG 2000."""
    assert without_end_marker(stream) == stream
