"""What a JPEG, JPEG 2000 or RLE stream says of itself, whatever the file around it says."""

import struct
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class StreamHeader:
    """What a decoder allocates by: rows, columns, components a pixel, bits a component, and if they have a sign."""

    rows: int
    columns: int
    components: int
    precision: int
    signed: bool = False


_START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}  # 0xF7 is JPEG-LS
_SYNTAX_OF_MARKER = {
    0xC0: "1.2.840.10008.1.2.4.50",  # baseline
    0xC1: "1.2.840.10008.1.2.4.51",  # extended
    0xC3: "1.2.840.10008.1.2.4.57",  # lossless
    0xF7: "1.2.840.10008.1.2.4.81",  # JPEG-LS, near or lossless
}
_JPEG_2000, _HIGH_THROUGHPUT = "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.203"
_WITHOUT_LENGTH = frozenset(range(0xD0, 0xD9)) | {0x01}
_START_OF_SCAN = 0xDA
_SCAN, _END = b"\xff\xda", b"\xff\xd9"
_SEQUENTIAL = (0xC0, 0xC1, 0xC3)
_PADDING = 16
"""Bytes; more than a decoder reads ahead before it decodes the last pixels."""


def jpeg_header(stream: bytes) -> StreamHeader | None:
    """Read the frame header of a JPEG or JPEG-LS stream, ITU-T T.81 B.2.2; None where there is none."""
    at = _frame_header(stream)
    if at is None or at + 10 > len(stream):
        return None
    precision, rows, columns, components = struct.unpack_from(">BHHB", stream, at + 4)
    return StreamHeader(rows, columns, components, precision)


def transfer_syntax_of(stream: bytes) -> str | None:
    """The transfer syntax that decodes a stream, by the stream's own markers; None for one that is not known."""
    at = _frame_header(stream)
    if at is not None:
        return _SYNTAX_OF_MARKER.get(stream[at + 1])
    if jpeg2000_header(stream) is None:
        return None
    return _HIGH_THROUGHPUT if b"\xff\x50" in stream[:200] else _JPEG_2000  # CAP, ITU-T T.814 A.2


def without_end_marker(stream: bytes) -> bytes:
    """The JPEG without its end marker, so that decoding fails where its scan is too short for its size.

    At the marker decoders fill the missing pixels with one grey, silently; without it they run out of bytes and fail.
    A whole stream decodes to the same pixels. Streams of several scans need the marker, and the decoder of JPEG-LS
    checks by itself: both come back unchanged.
    """
    at, end = _frame_header(stream), jpeg_end(stream)
    if at is None or end is None or stream[at + 1] not in _SEQUENTIAL or stream.count(_SCAN, at) != 1:
        return stream
    return stream[: end - len(_END)] + bytes(_PADDING)


def jpeg_end(stream: bytes) -> int | None:
    """The offset behind the end marker of the first picture (no scan contains one); None without a marker."""
    at = _frame_header(stream)
    scan = stream.find(_SCAN, at) if at is not None else -1
    end = stream.find(_END, scan) if scan >= 0 else -1
    return end + len(_END) if end >= 0 else None


def _frame_header(stream: bytes) -> int | None:
    """The offset of the start-of-frame marker."""
    if stream[:2] != b"\xff\xd8":
        return None
    at = 2
    while at + 4 <= len(stream):
        if stream[at] != 0xFF:
            return None
        marker = stream[at + 1]
        if marker in _START_OF_FRAME:
            return at
        if marker == 0xFF:  # a fill byte
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        elif marker == _START_OF_SCAN:
            return None
        else:
            at += 2 + max(2, int.from_bytes(stream[at + 2 : at + 4], "big"))
    return None


def jpeg2000_header(stream: bytes) -> StreamHeader | None:
    """Read the SIZ segment of a JPEG 2000 or HTJ2K codestream, ITU-T T.800 A.5.1; None where there is none.

    The codestream may lie in a JP2 file, as some archives write it although DICOM does not have it so.
    """
    at = _codestream_box(stream) if stream[4:8] == b"jP  " else 0
    if at is None or stream[at : at + 4] != b"\xff\x4f\xff\x51" or at + 43 > len(stream):
        return None
    width, height, left, top = struct.unpack_from(">4I", stream, at + 8)
    components, precision = struct.unpack_from(">HB", stream, at + 40)
    return StreamHeader(height - top, width - left, components, (precision & 0x7F) + 1, precision >= 0x80)


def stream_header(stream: bytes) -> StreamHeader | None:
    """Read the header of any stream but RLE, which has no size in it; None where there is none."""
    return jpeg_header(stream) or jpeg2000_header(stream)


def rle_segments(stream: bytes) -> int | None:
    """How many segments an RLE stream says that it has (PS3.5 G.5), one for each byte of a pixel; None for another."""
    if len(stream) < 64:
        return None
    count, *offsets = struct.unpack_from("<16I", stream)
    used, unused = offsets[:count], offsets[count:]
    if not 1 <= count <= 15 or used[0] != 64 or any(unused) or used[-1] > len(stream):
        return None
    return count if all(first < second for first, second in pairwise(used)) else None


def _codestream_box(jp2: bytes) -> int | None:
    """The offset of the contents of the jp2c box, ITU-T T.800 I.4."""
    at = 0
    while at + 8 <= len(jp2):
        length, kind = struct.unpack_from(">I4s", jp2, at)
        head = 8
        if length == 1 and at + 16 <= len(jp2):
            (length,) = struct.unpack_from(">Q", jp2, at + 8)
            head = 16
        if kind == b"jp2c":
            return at + head
        if length < head:  # 0: to the end of the file, so no box follows
            return None
        at += length
    return None
