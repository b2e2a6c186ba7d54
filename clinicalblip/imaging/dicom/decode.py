"""The pixel data of a DICOM file, one frame, decoded into stored values."""

import zlib
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels import get_decoder
from pydicom.uid import UID_dictionary

from clinicalblip.errors import UnreadableRadiograph, UnsupportedRadiograph
from clinicalblip.imaging.codestream import StreamHeader, jpeg2000_header, jpeg_header, without_end_marker
from clinicalblip.imaging.decode_errors import translate_errors
from clinicalblip.imaging.dicom.dataset import EXPLICIT, NATIVE
from clinicalblip.imaging.dicom.header import Pixels
from clinicalblip.imaging.dicom.jpeg12 import decode_jpeg12
from clinicalblip.imaging.grey import StoredValues
from clinicalblip.imaging.limits import check_pixel_count
from clinicalblip.settings import LimitSettings

_RLE = "1.2.840.10008.1.2.5"
_JPEG_LOSSY = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
_DEFLATED_FRAME = "1.2.840.10008.1.2.8.1"  # newer than pydicom 3

# The plugin for each transfer syntax is named, so that every machine decodes alike and another installed decoder
# (one under another licence, say) is never used.
_JPEG = {
    **dict.fromkeys(_JPEG_LOSSY, "pillow"),  # of 8 bits; jpeg12.py decodes 12 bits
    "1.2.840.10008.1.2.4.57": "gdcm",  # lossless
    "1.2.840.10008.1.2.4.70": "gdcm",  # lossless, first-order prediction
    # JPEG-LS: pyjpegls gives the same values, but some damaged streams of a few KiB keep it busy for ten seconds
    "1.2.840.10008.1.2.4.80": "gdcm",
    "1.2.840.10008.1.2.4.81": "gdcm",
}
_JPEG_2000 = dict.fromkeys(
    (
        "1.2.840.10008.1.2.4.90",
        "1.2.840.10008.1.2.4.91",
        "1.2.840.10008.1.2.4.201",  # high throughput
        "1.2.840.10008.1.2.4.202",
        "1.2.840.10008.1.2.4.203",
    ),
    "pylibjpeg",
)
_PLUGINS = {**dict.fromkeys(NATIVE, ""), _RLE: "pylibjpeg", **_JPEG, **_JPEG_2000}

_NEWER_THAN_PYDICOM = {
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
}

_MONOCHROME = ("MONOCHROME1", "MONOCHROME2")
_COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
_PALETTE = "PALETTE COLOR"


def decode_frame(pixels: Pixels, limits: LimitSettings) -> StoredValues:
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
    if pixels.transfer_syntax == _DEFLATED_FRAME:
        pixels = _inflated(pixels, rows, columns)
    if pixels.transfer_syntax not in _PLUGINS:
        raise _unsupported_syntax(pixels.transfer_syntax)
    if pixels.transfer_syntax in NATIVE:
        _check_length(pixels, rows, columns)
        with translate_errors("its pixel data is damaged"):
            stored = _decode(pixels, rows, columns)
    else:
        stored = _decode_encapsulated(pixels, rows, columns, limits)
    if stored.shape[:2] != (rows, columns):
        raise UnreadableRadiograph("The pixel data does not have the size that the file says. Export the film again.")
    return stored


def _decode_encapsulated(pixels: Pixels, rows: int, columns: int, limits: LimitSettings) -> StoredValues:
    with translate_errors("its compressed pixel data is damaged"):
        stream = get_frame(pixels.data or b"", 0, number_of_frames=1)
    header = _check_stream(stream, pixels, rows, columns, limits)
    with translate_errors("its pixel data is damaged"):
        stream = without_end_marker(stream)
        if header and pixels.transfer_syntax in _JPEG_LOSSY and header.precision > 8:
            words = decode_jpeg12(stream, header)
            return _from_high_bits(words.view(np.int16), header.precision, 0) if pixels.signed else words
        return _decode(replace(pixels, data=encapsulate([stream])), rows, columns)


def _decode(pixels: Pixels, rows: int, columns: int) -> StoredValues:
    shift = pixels.high_bit + 1 - pixels.bits_stored  # old equipment stores its bits at the top of the word
    stored, _ = get_decoder(pixels.transfer_syntax).as_array(
        pixels.data or b"",
        index=0,
        decoding_plugin=_PLUGINS[pixels.transfer_syntax],
        rows=rows,
        columns=columns,
        number_of_frames=1,
        samples_per_pixel=pixels.samples,
        photometric_interpretation=pixels.photometric,
        bits_allocated=pixels.bits_allocated,
        bits_stored=pixels.bits_stored,
        pixel_representation=int(pixels.signed),
        planar_configuration=pixels.planar_configuration,
        pixel_keyword="PixelData",
        pixel_vr=pixels.vr,
        correct_unused_bits=not shift,
    )
    return _from_high_bits(stored, pixels.bits_stored, shift) if shift else stored


def _inflated(pixels: Pixels, rows: int, columns: int) -> Pixels:
    """The pixels as if they were not compressed: one deflated frame (RFC 1951), inflated up to the film's size."""
    with translate_errors("its compressed pixel data is damaged"):
        stream = get_frame(pixels.data or b"", 0, number_of_frames=1)
        max_bytes = rows * columns * pixels.samples * -(-pixels.bits_allocated // 8) + 2
        native = zlib.decompressobj(-zlib.MAX_WBITS).decompress(stream, max_bytes)
    vr: Literal["OB", "OW"] = "OW" if pixels.bits_allocated > 8 else "OB"
    return replace(pixels, transfer_syntax=EXPLICIT, data=native, vr=vr)


def _from_high_bits(stored: NDArray[Any], bits: int, shift: int) -> NDArray[np.integer[Any]]:
    whole = stored.dtype.itemsize * 8
    return (stored << (whole - bits - shift)) >> (whole - bits)  # fills with the sign where the type has one


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


def _check_length(pixels: Pixels, rows: int, columns: int) -> None:
    """Native pixel data has the length of its size; less than one row more is padding."""
    bits = rows * columns * pixels.samples * pixels.bits_allocated
    if pixels.photometric == "YBR_FULL_422":
        bits = bits * 2 // 3
    expected, found = -(-bits // 8), len(pixels.data or b"")
    row = max(2, columns * pixels.samples * pixels.bits_allocated // 8)
    if not expected <= found < expected + row:
        raise UnreadableRadiograph(
            f"The pixel data has {found} bytes; {rows} x {columns} pixels need {expected}. Export the film again."
        )


def _check_stream(stream: bytes, pixels: Pixels, rows: int, columns: int, limits: LimitSettings) -> StreamHeader | None:
    """The stream's own header, checked against the file's; None for RLE, which has none."""
    if pixels.transfer_syntax == _RLE:
        return None  # the decoder stops at the file's size
    header = jpeg_header(stream) if pixels.transfer_syntax in _JPEG else jpeg2000_header(stream)
    if header is None:
        raise UnreadableRadiograph("The compressed picture in the file is damaged: it has no size. Export it again.")
    check_pixel_count(header.rows, header.columns, limits)
    expected = StreamHeader(rows, columns, pixels.samples, header.precision)
    if header != expected or header.precision > pixels.bits_allocated:
        raise UnreadableRadiograph(
            f"The compressed picture says {header.rows} x {header.columns} pixels of {header.components} x "
            f"{header.precision} bits, the file around it {rows} x {columns} of {pixels.samples} x "
            f"{pixels.bits_allocated}. Export the film again."
        )
    if pixels.transfer_syntax in _JPEG_LOSSY and header.precision > 8 and header.components > 1:
        raise UnsupportedRadiograph(
            f"The picture is a JPEG in colour of {header.precision} bits, which is not read. Export the film as grey."
        )
    return header


def _unsupported_syntax(syntax: str) -> UnsupportedRadiograph:
    known = UID_dictionary[syntax][0] if syntax in UID_dictionary else "an unknown transfer syntax"
    name = _NEWER_THAN_PYDICOM.get(syntax, known)
    return UnsupportedRadiograph(
        f"The picture is compressed as {name}, which is not read. Export the film uncompressed (Explicit VR Little "
        "Endian)."
    )
