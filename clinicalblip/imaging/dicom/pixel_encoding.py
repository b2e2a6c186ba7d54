"""How pixel data is encoded: by its own bytes, where those contradict what the file says.

A stream's own markers, and a length that is right to the byte, show more than a transfer syntax, which archives write
wrongly, lose, or leave when they decompress a film.
"""

from dataclasses import dataclass

from pydicom.uid import UID_dictionary

from clinicalblip.errors import UnreadableRadiograph, UnsupportedRadiograph
from clinicalblip.imaging.codestream import rle_segments, stream_header, transfer_syntax_of
from clinicalblip.imaging.dicom.dataset import BIG_ENDIAN, NATIVE
from clinicalblip.imaging.dicom.fragments import Encapsulated, join_fragments
from clinicalblip.imaging.dicom.header import Pixels

_UID = "1.2.840.10008.1.2"
RLE, DEFLATED_FRAME = f"{_UID}.5", f"{_UID}.8.1"
JPEG, JPEG_LOSSLESS, JPEG_LS = "JPEG", "JPEG Lossless", "JPEG-LS"
JPEG_2000, HIGH_THROUGHPUT = "JPEG 2000", "High-Throughput JPEG 2000"

FAMILY = {
    RLE: "RLE",
    DEFLATED_FRAME: "a deflated frame",
    **dict.fromkeys((f"{_UID}.4.50", f"{_UID}.4.51"), JPEG),
    **dict.fromkeys((f"{_UID}.4.57", f"{_UID}.4.70"), JPEG_LOSSLESS),
    **dict.fromkeys((f"{_UID}.4.80", f"{_UID}.4.81"), JPEG_LS),
    **dict.fromkeys((f"{_UID}.4.90", f"{_UID}.4.91"), JPEG_2000),
    **dict.fromkeys((f"{_UID}.4.201", f"{_UID}.4.202", f"{_UID}.4.203"), HIGH_THROUGHPUT),
}
"""What a stream of each compressed transfer syntax is, by the name that a reader is told."""

_NEWER_THAN_PYDICOM = {
    f"{_UID}.4.110": "JPEG XL Lossless",
    f"{_UID}.4.111": "JPEG XL JPEG Recompression",
    f"{_UID}.4.112": "JPEG XL",
}
_ITEM = {True: b"\xfe\xff\x00\xe0", False: b"\xff\xfe\xe0\x00"}

NO_END = "The file does not mark where its compressed picture ends; the picture itself was read whole."
WRONG_TABLE = (
    "The file's table of where its pictures begin is wrong or missing; there is one picture, and it was read without."
)
NOT_ENCAPSULATED = "The compressed picture is not wrapped as DICOM asks for; it was read all the same."
UNKNOWN_PLAIN = (
    "The file says in no known words how its picture is stored; the picture is not compressed, as its length shows, "
    "and was read so."
)
PLAIN = "The file says that its picture is compressed; as its length shows it is not, and it was read so."


@dataclass(frozen=True, eq=False)
class PixelEncoding:
    """The bytes of one frame, the transfer syntax by which they are decoded, and the warnings about both.

    A plain frame has one of NATIVE as its syntax. `is_unstated`: the file says nothing of use about how it is encoded,
    so its byte order has to be seen from its values.
    """

    syntax: str
    data: bytes
    warnings: tuple[str, ...] = ()
    is_unstated: bool = False


def find_encoding(pixels: Pixels, rows: int, columns: int) -> PixelEncoding:
    """Find how the pixel data is encoded.

    Raises UnsupportedRadiograph, by its name, for a compression that is not read, and UnreadableRadiograph for plain
    pixel data of the wrong length and for a compressed picture of which bytes are missing or too many.
    """
    data, stated = pixels.data or b"", pixels.stated_syntax
    is_plain_stated = stated in ("", *NATIVE)
    little = pixels.encoding != BIG_ENDIAN
    fits = has_right_length(len(data), pixels, rows, columns)
    starts_with_item = data.startswith(_ITEM[little])
    if pixels.is_undefined_length or (starts_with_item and not (is_plain_stated and fits)):
        return _encapsulated(join_fragments(data, little=little), pixels, rows, columns)
    found = transfer_syntax_of(data)
    header = stream_header(data) if found else None
    if header is not None and ((header.rows, header.columns) == (rows, columns) or not fits):
        syntax, warnings = _syntax(found, stated)
        return PixelEncoding(syntax, data, (NOT_ENCAPSULATED, *warnings))
    if fits:
        return _plain(data, pixels)
    if stated == RLE and rle_segments(data) is not None:
        return PixelEncoding(RLE, data, (NOT_ENCAPSULATED,))
    raise _wrong_length(len(data), pixels, rows, columns)


def native_length(pixels: Pixels, rows: int, columns: int) -> int:
    """How many bytes a plain frame has."""
    bits = rows * columns * pixels.samples * pixels.bits_allocated
    if pixels.photometric == "YBR_FULL_422":
        bits = bits * 2 // 3
    return -(-bits // 8)


def has_right_length(found: int, pixels: Pixels, rows: int, columns: int) -> bool:
    """Whether plain data has the length of its size; less than one row more is padding."""
    expected = native_length(pixels, rows, columns)
    row = max(2, columns * pixels.samples * pixels.bits_allocated // 8)
    return expected <= found < expected + row


def check_length(found: int, pixels: Pixels, rows: int, columns: int) -> None:
    """Raise UnreadableRadiograph for plain data of another length."""
    if not has_right_length(found, pixels, rows, columns):
        raise _wrong_length(found, pixels, rows, columns)


def _wrong_length(found: int, pixels: Pixels, rows: int, columns: int) -> UnreadableRadiograph:
    return UnreadableRadiograph(
        f"The pixel data has {found} bytes; {rows} x {columns} pixels need {native_length(pixels, rows, columns)}. "
        "Export the film again."
    )


def _encapsulated(frame: Encapsulated, pixels: Pixels, rows: int, columns: int) -> PixelEncoding:
    stream, stated = frame.stream, pixels.stated_syntax
    found = transfer_syntax_of(stream)
    if found is None and stated != RLE and stated not in NATIVE and rle_segments(stream) is not None:
        found = RLE
    if found is None and stated not in FAMILY and has_right_length(len(stream), pixels, rows, columns):
        return _plain(stream, pixels)
    syntax, warnings = _syntax(found, stated)
    if frame.is_broken:
        raise UnreadableRadiograph(
            "The compressed picture in the file is damaged: its parts do not end where the file says. Export it again."
        )
    said = ((NO_END, not frame.has_end and pixels.is_undefined_length), (WRONG_TABLE, not frame.is_table_right))
    return PixelEncoding(syntax, stream, (*(text for text, so in said if so), *warnings))


def _plain(data: bytes, pixels: Pixels) -> PixelEncoding:
    stated = pixels.stated_syntax
    if stated in ("", *NATIVE) or stated in FAMILY:  # archives leave the UID when they decompress a film
        return PixelEncoding(pixels.encoding, data)
    if _name(stated) is None:
        return PixelEncoding(pixels.encoding, data, (UNKNOWN_PLAIN,), is_unstated=True)
    return PixelEncoding(pixels.encoding, data, (PLAIN,))


def _syntax(found: str | None, stated: str) -> tuple[str, tuple[str, ...]]:
    """The transfer syntax of a stream: the stated one where the stream is of its family, else the stream's own."""
    if stated in FAMILY:
        if found is None or FAMILY[found] == FAMILY[stated]:
            return stated, ()
        return found, (
            f"The file says that its picture is compressed as {FAMILY[stated]}; it is compressed as {FAMILY[found]} "
            "and was read so.",
        )
    if found is None or (_name(stated) is not None and stated not in NATIVE):
        raise _unsupported_syntax(stated)
    if stated in ("", *NATIVE):
        return found, ()
    return found, (
        f"The file says in no known words how its picture is compressed; it is compressed as {FAMILY[found]} and was "
        "read so.",
    )


def _name(syntax: str) -> str | None:
    """DICOM's name of a transfer syntax; None for a private or unknown one."""
    return _NEWER_THAN_PYDICOM.get(syntax) or (UID_dictionary[syntax][0] if syntax in UID_dictionary else None)


def _unsupported_syntax(stated: str) -> UnsupportedRadiograph:
    name = None if stated in ("", *NATIVE) else _name(stated)
    return UnsupportedRadiograph(
        f"The picture is compressed as {name or 'an unknown transfer syntax'}, which is not read. Export the film "
        "uncompressed (Explicit VR Little Endian)."
    )
