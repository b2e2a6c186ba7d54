"""The pixel data of a DICOM file, one frame, decoded into stored values."""

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.encaps import encapsulate, get_frame
from pydicom.pixels import get_decoder
from pydicom.uid import UID_dictionary

from clinicalblip.errors import UnreadableRadiograph, UnsupportedRadiograph
from clinicalblip.imaging.codestream import Claim, jpeg2000_claim, jpeg_claim, with_open_end
from clinicalblip.imaging.decode_errors import guarded
from clinicalblip.imaging.dicom.dataset import EXPLICIT, NATIVE
from clinicalblip.imaging.dicom.header import Header
from clinicalblip.imaging.dicom.jpeg12 import decode_extended
from clinicalblip.imaging.limits import check_pixels
from clinicalblip.settings import LimitSettings

_RLE = "1.2.840.10008.1.2.5"
_JPEG_LOSSY = ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")
_DEFLATED_FRAME = "1.2.840.10008.1.2.8.1"  # younger than pydicom

# The plugin for each syntax is named, so that every machine decodes alike and so that what is installed besides
# (a decoder under another licence, say) is never used.
_JPEG = {
    **dict.fromkeys(_JPEG_LOSSY, "pillow"),  # of 8 bits; 12 bits are decoded by extended.py
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

_YOUNGER_THAN_PYDICOM = {
    "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
    "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
    "1.2.840.10008.1.2.4.112": "JPEG XL",
}

_MONOCHROME = ("MONOCHROME1", "MONOCHROME2")
_COLOUR = ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_ICT", "YBR_RCT")
_PALETTE = "PALETTE COLOR"


@dataclass(frozen=True, eq=False)
class Frame:
    """Stored values: (rows, columns) of one sample, signed where the file says so, or (rows, columns, 3) of colour."""

    stored: NDArray[np.integer[Any]]

    @property
    def is_colour(self) -> bool:
        """Whether there are three samples a pixel."""
        return self.stored.ndim == 3


def decode(header: Header, limits: LimitSettings) -> Frame:
    """Decode the one frame of a file.

    Raises UnsupportedRadiograph for a transfer syntax, photometric interpretation or number of frames that is not
    read, RadiographTooLarge for a size by header or codestream beyond the limits, before anything is decoded, and
    UnreadableRadiograph for pixel data that is absent, of the wrong length, or damaged.
    """
    rows, columns = header.rows or 0, header.columns or 0
    if not header.pixel_data:
        raise UnreadableRadiograph("The DICOM file has no pixel data. Export the film together with its picture.")
    if rows < 1 or columns < 1:
        raise UnreadableRadiograph("The DICOM file does not say how many rows and columns it has. Export it again.")
    check_pixels(rows, columns, limits, frames=header.frames)
    if header.frames > 1:
        raise UnsupportedRadiograph(
            f"The file has {header.frames} frames; a radiograph has one. Export the single film and upload that."
        )
    _check_layout(header)
    if header.syntax == _DEFLATED_FRAME:
        header = _inflated(header, rows, columns)
    if header.syntax not in _PLUGINS:
        raise _unsupported_syntax(header.syntax)
    if header.syntax in NATIVE:
        _check_length(header, rows, columns)
        with guarded("its pixel data is damaged"):
            stored = _decode(header, rows, columns)
    else:
        with guarded("its compressed pixel data is damaged"):
            stream = get_frame(header.pixel_data, 0, number_of_frames=1)
        claim = _check_stream(stream, header, rows, columns, limits)
        with guarded("its pixel data is damaged"):
            stream = with_open_end(stream)
            if claim and header.syntax in _JPEG_LOSSY and claim.precision > 8:
                stored = _decode_deep(stream, header, claim)
            else:
                stored = _decode(replace(header, pixel_data=encapsulate([stream])), rows, columns)
    if stored.shape[:2] != (rows, columns):
        raise UnreadableRadiograph("The pixel data does not have the size that the file says. Export the film again.")
    return Frame(stored)


def _decode(header: Header, rows: int, columns: int) -> NDArray[np.integer[Any]]:
    shifted = header.high_bit + 1 - header.bits_stored  # old equipment stores its bits at the top of the word
    stored, _ = get_decoder(header.syntax).as_array(
        header.pixel_data,
        index=0,
        decoding_plugin=_PLUGINS[header.syntax],
        rows=rows,
        columns=columns,
        number_of_frames=1,
        samples_per_pixel=header.samples,
        photometric_interpretation=header.photometric,
        bits_allocated=header.bits_allocated,
        bits_stored=header.bits_stored,
        pixel_representation=int(header.signed),
        planar_configuration=header.planar,
        pixel_keyword="PixelData",
        pixel_vr=header.pixel_vr,
        correct_unused_bits=not shifted,
    )
    return _from_high_bits(stored, header.bits_stored, shifted) if shifted else stored


def _decode_deep(stream: bytes, header: Header, claim: Claim) -> NDArray[np.integer[Any]]:
    words = decode_extended(stream, claim)
    return _from_high_bits(words.view(np.int16), claim.precision, 0) if header.signed else words


def _inflated(header: Header, rows: int, columns: int) -> Header:
    """The file as if it were not compressed: one frame, deflated (RFC 1951), no more of it than the film can have."""
    with guarded("its compressed pixel data is damaged"):
        stream = get_frame(header.pixel_data, 0, number_of_frames=1)
        most = rows * columns * header.samples * -(-header.bits_allocated // 8) + 2
        native = zlib.decompressobj(-zlib.MAX_WBITS).decompress(stream, most)
    return replace(header, syntax=EXPLICIT, pixel_data=native, pixel_vr="OW" if header.bits_allocated > 8 else "OB")


def _from_high_bits(stored: NDArray[Any], bits: int, shift: int) -> NDArray[np.integer[Any]]:
    whole = stored.dtype.itemsize * 8
    return (stored << (whole - bits - shift)) >> (whole - bits)  # fills with the sign where the type has one


def _check_layout(header: Header) -> None:
    allocated, stored = header.bits_allocated, header.bits_stored
    if allocated not in (1, 8, 16, 32) or not 1 <= stored <= allocated or not stored - 1 <= header.high_bit < allocated:
        raise UnreadableRadiograph(
            f"The file says {stored} bits up to bit {header.high_bit} in words of {allocated}, which cannot be. "
            "Export the film again."
        )
    photometric, samples = header.photometric, header.samples
    if photometric in (*_MONOCHROME, _PALETTE) and samples == 1:
        return
    if photometric in _COLOUR and samples == 3 and allocated in (8, 16) and not header.signed:
        return
    known = photometric in (*_MONOCHROME, _PALETTE, *_COLOUR)
    raise UnsupportedRadiograph(
        f"The file has {samples} samples of {allocated} bits a pixel"
        f"{f' as {photometric}' if known else ' in a colour model'}, which is not read; "
        "MONOCHROME1 and MONOCHROME2 are. Export the film as grey."
    )


def _check_length(header: Header, rows: int, columns: int) -> None:
    """Native pixel data is as long as its size says; less than one row more is padding."""
    bits = rows * columns * header.samples * header.bits_allocated
    if header.photometric == "YBR_FULL_422":
        bits = bits * 2 // 3
    expected, found = -(-bits // 8), len(header.pixel_data or b"")
    row = max(2, columns * header.samples * header.bits_allocated // 8)
    if not expected <= found < expected + row:
        raise UnreadableRadiograph(
            f"The pixel data has {found} bytes; {rows} x {columns} pixels need {expected}. Export the film again."
        )


def _check_stream(stream: bytes, header: Header, rows: int, columns: int, limits: LimitSettings) -> Claim | None:
    """What the stream says of itself, where that agrees with the file; None for run lengths, which say nothing."""
    if header.syntax == _RLE:
        return None  # the decoder stops at the file's size
    claim = jpeg_claim(stream) if header.syntax in _JPEG else jpeg2000_claim(stream)
    if claim is None:
        raise UnreadableRadiograph("The compressed picture in the file is damaged: it has no size. Export it again.")
    check_pixels(claim.rows, claim.columns, limits)
    if claim != Claim(rows, columns, header.samples, claim.precision) or claim.precision > header.bits_allocated:
        raise UnreadableRadiograph(
            f"The compressed picture says {claim.rows} x {claim.columns} pixels of {claim.components} x "
            f"{claim.precision} bits, the file around it {rows} x {columns} of {header.samples} x "
            f"{header.bits_allocated}. Export the film again."
        )
    if header.syntax in _JPEG_LOSSY and claim.precision > 8 and claim.components > 1:
        raise UnsupportedRadiograph(
            f"The picture is a JPEG in colour of {claim.precision} bits, which is not read. Export the film as grey."
        )
    return claim


def _unsupported_syntax(syntax: str) -> UnsupportedRadiograph:
    known = UID_dictionary[syntax][0] if syntax in UID_dictionary else "an unknown transfer syntax"
    name = _YOUNGER_THAN_PYDICOM.get(syntax, known)
    return UnsupportedRadiograph(
        f"The picture is compressed as {name}, which is not read. Export the film uncompressed (Explicit VR Little "
        "Endian)."
    )
