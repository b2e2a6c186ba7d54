"""The pixel data of a DICOM file, one frame, decoded into stored values."""

import zlib
from dataclasses import dataclass, replace
from typing import Any

from numpy.typing import NDArray
from pydicom.encaps import encapsulate
from pydicom.pixels import get_decoder

from clinicalblip.errors import UnreadableRadiograph, UnsupportedRadiograph
from clinicalblip.imaging.codestream import (
    StreamHeader,
    jpeg2000_header,
    jpeg_header,
    rle_segments,
    without_end_marker,
)
from clinicalblip.imaging.decode_errors import translate_errors
from clinicalblip.imaging.dicom.dataset import EXPLICIT, NATIVE
from clinicalblip.imaging.dicom.header import Pixels
from clinicalblip.imaging.dicom.jpeg12 import decode_jpeg12
from clinicalblip.imaging.dicom.pixel_encoding import (
    DEFLATED_FRAME,
    FAMILY,
    HIGH_THROUGHPUT,
    JPEG,
    JPEG_2000,
    JPEG_LOSSLESS,
    JPEG_LS,
    RLE,
    PixelEncoding,
    check_length,
    find_encoding,
)
from clinicalblip.imaging.dicom.sample_bits import smoother_bytes, stored_values
from clinicalblip.imaging.grey import StoredValues
from clinicalblip.imaging.limits import check_pixel_count
from clinicalblip.settings import LimitSettings

# The plugin for each family is named, so that every machine decodes alike and another installed decoder (one under
# another licence, say) is never used.
_PLUGINS = {
    JPEG: "pillow",  # of 8 bits; jpeg12.py decodes 12 bits
    JPEG_LOSSLESS: "gdcm",
    # pyjpegls gives the same values, but some damaged streams of a few KiB keep it busy for ten seconds
    JPEG_LS: "gdcm",
    JPEG_2000: "pylibjpeg",
    HIGH_THROUGHPUT: "pylibjpeg",
    FAMILY[RLE]: "pylibjpeg",
}

_MONOCHROME = ("MONOCHROME1", "MONOCHROME2")
_COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
_PALETTE = "PALETTE COLOR"


@dataclass(frozen=True, eq=False)
class DecodedFrame:
    """The stored values of one frame, and the warnings about how they are encoded."""

    values: StoredValues
    warnings: tuple[str, ...]


def decode_frame(pixels: Pixels, limits: LimitSettings) -> DecodedFrame:
    """Decode the one frame of a file into its stored values.

    Raises UnsupportedRadiograph for a transfer syntax, photometric interpretation or number of frames that is not
    read, RadiographTooLarge for a size by header or codestream beyond the limits, before anything is decoded, and
    UnreadableRadiograph for pixel data that is absent, of the wrong length, or damaged.
    """
    rows, columns = pixels.rows or 0, pixels.columns or 0
    if not pixels.data:
        raise UnreadableRadiograph("The DICOM file has no pixel data. Export the film together with its picture.")
    if rows < 1 or columns < 1:
        raise UnreadableRadiograph("The DICOM file does not say how many rows and columns it has. Export it again.")
    check_pixel_count(rows, columns, limits, frames=pixels.frames)
    if pixels.frames > 1:
        raise UnsupportedRadiograph(
            f"The file has {pixels.frames} frames; a radiograph has one. Export the single film and upload that."
        )
    _check_layout(pixels)
    encoding = find_encoding(pixels, rows, columns)
    if encoding.syntax == DEFLATED_FRAME:
        encoding = _inflated(encoding, pixels, rows, columns)
    if encoding.syntax in NATIVE:
        values, warnings = _decode_plain(encoding, pixels, rows, columns)
    else:
        values, warnings = _decode_stream(encoding, pixels, rows, columns, limits)
    if values.shape[:2] != (rows, columns):
        raise UnreadableRadiograph("The pixel data does not have the size that the file says. Export the film again.")
    return DecodedFrame(values, (*encoding.warnings, *warnings))


def _decode_plain(encoding: PixelEncoding, pixels: Pixels, rows: int, columns: int) -> tuple[StoredValues, list[str]]:
    check_length(len(encoding.data), pixels, rows, columns)
    with translate_errors("its pixel data is damaged"):
        bits, syntax = pixels.bits_allocated, encoding.syntax
        words = _decode(encoding.data, syntax, pixels, rows, columns, bits=bits)
        if encoding.is_unstated and bits == 16:  # some private syntaxes store words with their high byte first
            words = smoother_bytes(words)
        return stored_values(words, bits, pixels)


def _decode_stream(
    encoding: PixelEncoding, pixels: Pixels, rows: int, columns: int, limits: LimitSettings
) -> tuple[StoredValues, list[str]]:
    """Decode by what the stream says of itself: the bits of its words, and in JPEG 2000 whether they are signed."""
    stream, family = encoding.data, FAMILY[encoding.syntax]
    if family == FAMILY[RLE]:  # it has no header of its own, and its decoder stops at the file's size
        segments = rle_segments(stream) or 0
        width = segments // pixels.samples if segments % pixels.samples == 0 else 0
        bits, is_signed = 8 * width or pixels.bits_allocated, None
    else:
        header = _check_stream(stream, family, pixels, rows, columns, limits)
        bits = header.precision
        is_signed = header.signed if family in (JPEG_2000, HIGH_THROUGHPUT) else None
    width = 8 if bits <= 8 else 16 if bits <= 16 else 32
    warnings = [_other_width(width, pixels.bits_allocated)] if width != pixels.bits_allocated else []
    with translate_errors("its pixel data is damaged"):
        stream = without_end_marker(stream)
        if family == JPEG and bits > 8:
            words: NDArray[Any] = decode_jpeg12(stream, header)
        else:
            data = encapsulate([stream])
            words = _decode(data, encoding.syntax, pixels, rows, columns, bits=bits, signed=bool(is_signed))
        values, said = stored_values(words, bits, pixels, is_stream_signed=is_signed)
    return values, warnings + said


def _other_width(found: int, said: int) -> str:
    return f"The compressed picture has {found} bits a pixel, the file says {said}; the picture's own were read."


def _decode(
    data: bytes, syntax: str, pixels: Pixels, rows: int, columns: int, *, bits: int, signed: bool = False
) -> NDArray[Any]:
    """The decoder's words as they are: which of their bits count is not looked at here."""
    is_plain = syntax in NATIVE
    words: NDArray[Any]
    words, _ = get_decoder(syntax).as_array(
        data,
        index=0,
        decoding_plugin="" if is_plain else _PLUGINS[FAMILY[syntax]],
        rows=rows,
        columns=columns,
        number_of_frames=1,
        samples_per_pixel=pixels.samples,
        photometric_interpretation=pixels.photometric,
        bits_allocated=bits if is_plain else 8 if bits <= 8 else 16 if bits <= 16 else 32,
        bits_stored=bits,
        pixel_representation=int(signed),
        planar_configuration=pixels.planar_configuration,
        pixel_keyword="PixelData",
        pixel_vr=pixels.vr,
        correct_unused_bits=False,
    )
    return words


def _inflated(encoding: PixelEncoding, pixels: Pixels, rows: int, columns: int) -> PixelEncoding:
    """The frame as if it were not compressed: deflated (RFC 1951), inflated up to the film's size."""
    with translate_errors("its compressed pixel data is damaged"):
        max_bytes = rows * columns * pixels.samples * -(-pixels.bits_allocated // 8) + 2
        native = zlib.decompressobj(-zlib.MAX_WBITS).decompress(encoding.data, max_bytes)
    return replace(encoding, syntax=EXPLICIT, data=native)


def _check_layout(pixels: Pixels) -> None:
    allocated, stored = pixels.bits_allocated, pixels.bits_stored
    if allocated not in (1, 8, 16, 32) or not 1 <= stored <= allocated or not stored - 1 <= pixels.high_bit < allocated:
        raise UnreadableRadiograph(
            f"The file says {stored} bits up to bit {pixels.high_bit} in words of {allocated}, which cannot be. "
            "Export the film again."
        )
    photometric, samples = pixels.photometric, pixels.samples
    if photometric in (*_MONOCHROME, _PALETTE) and samples == 1:
        return
    if photometric in _COLOUR and samples == 3 and allocated in (8, 16) and not pixels.signed:
        return
    known = photometric in (*_MONOCHROME, _PALETTE, *_COLOUR)
    raise UnsupportedRadiograph(
        f"The file has {samples} samples of {allocated} bits a pixel"
        f"{f' as {photometric}' if known else ' in a colour model'}, which is not read; "
        "MONOCHROME1 and MONOCHROME2 are. Export the film as grey."
    )


def _check_stream(
    stream: bytes, family: str, pixels: Pixels, rows: int, columns: int, limits: LimitSettings
) -> StreamHeader:
    """The stream's own header, its size checked against the file's and the limits."""
    header = jpeg2000_header(stream) if family in (JPEG_2000, HIGH_THROUGHPUT) else jpeg_header(stream)
    if header is None:
        raise UnreadableRadiograph("The compressed picture in the file is damaged: it has no size. Export it again.")
    check_pixel_count(header.rows, header.columns, limits)
    if (header.rows, header.columns, header.components) != (rows, columns, pixels.samples):
        raise UnreadableRadiograph(
            f"The compressed picture says {header.rows} x {header.columns} pixels of {header.components} x "
            f"{header.precision} bits, the file around it {rows} x {columns} of {pixels.samples} x "
            f"{pixels.bits_allocated}. Export the film again."
        )
    if family == JPEG and header.precision > 8 and header.components > 1:
        raise UnsupportedRadiograph(
            f"The picture is a JPEG in colour of {header.precision} bits, which is not read. Export the film as grey."
        )
    return header
