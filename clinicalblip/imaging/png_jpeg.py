"""A PNG or JPEG file -> Radiograph."""

import struct
import zlib
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops

from clinicalblip.errors import RadiographTooLarge, UnreadableRadiograph, UnsupportedRadiograph
from clinicalblip.imaging.codestream import StreamHeader, jpeg_end, jpeg_header, without_end_marker
from clinicalblip.imaging.colour import is_coloured, luma
from clinicalblip.imaging.decode_errors import translate_errors
from clinicalblip.imaging.formats import second_film_error
from clinicalblip.imaging.grey import full_range
from clinicalblip.imaging.limits import check_pixel_count
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.radiology.digest import digest
from clinicalblip.radiology.radiograph import Radiograph, View, Window
from clinicalblip.settings import LimitSettings

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_ORIENTATION = 0x0112
_EIGHT_BITS = Window(127.5, 255.0, "linear_exact")
"""8 bits are greys already: 0 is black, 255 is white."""


def read_png_jpeg(data: bytes, options: ReadOptions) -> Radiograph | None:
    """Read a PNG or JPEG; None where the bytes are neither.

    8 bits are shown as they are. 16 bits, grey or colour, are kept, and shown from their smallest to their largest
    value, because such files mostly hold 10 to 14 bits. What is transparent lies on black. Only the limits of
    `options` apply: a picture says nothing about annotations or a patient.
    """
    if not data.startswith((_PNG, _JPEG)):
        return None
    header = _png_header(data) if data.startswith(_PNG) else _checked_jpeg_header(data)
    check_pixel_count(header.rows, header.columns, options.limits)
    if _has_second_picture(data):
        raise second_film_error()
    values, is_colour = _decode(data, header, options.limits)
    warnings = []
    if is_colour:
        warnings.append("The picture is in colour: it may be a photograph and no radiograph. It is read as grey.")
    if values.min() == values.max():
        warnings.append("Every pixel of the film has the same value: there is nothing to see.")
    return Radiograph(
        values=values,
        window=full_range(values) if header.precision == 16 else _EIGHT_BITS,
        inverted=False,
        view=View.UNKNOWN,
        spacing_mm=None,
        digest=digest(values),
        warnings=tuple(warnings),
    )


def _png_header(data: bytes) -> StreamHeader:
    """What the PNG's own header says; a palette counts as one component."""
    if data[12:16] != b"IHDR" or len(data) < 33:
        raise UnreadableRadiograph("The PNG is damaged: it has no size. Export the picture again.")
    columns, rows, precision, colour_type = struct.unpack_from(">IIBB", data, 16)
    return StreamHeader(rows, columns, _PNG_CHANNELS.get(colour_type, 1), precision)


def _checked_jpeg_header(data: bytes) -> StreamHeader:
    header = jpeg_header(data)
    if header is None:
        raise UnreadableRadiograph("The JPEG is damaged: it has no size. Export the picture again.")
    if header.precision != 8:
        raise UnsupportedRadiograph(
            f"The JPEG has {header.precision} bits a channel; outside DICOM only 8 are read. Export the film as DICOM, "
            "or as a PNG of 16 bits."
        )
    return header


def _has_second_picture(data: bytes) -> bool:
    """Whether a second picture is written behind the first.

    A camera's JPEG may keep more views of the same picture so; it says that it does (CIPA DC-007, "MPF").
    """
    if data.startswith(_PNG):
        return data.find(_PNG, len(_PNG)) >= 0
    end = jpeg_end(data)
    return end is not None and data.startswith(_JPEG, end) and b"MPF\0" not in data[:end]


def _decode(data: bytes, header: StreamHeader, limits: LimitSettings) -> tuple[NDArray[np.uint16], bool]:
    """Values, and whether the picture was in colour."""
    with translate_errors("the picture is damaged or cut off"):
        try:
            picture = Image.open(BytesIO(without_end_marker(data)), formats=("PNG", "JPEG"))
        except Image.DecompressionBombError as error:  # Pillow's own limit, where the settings allow more
            raise RadiographTooLarge("The picture has more pixels than are read. Export the film smaller.") from error
        with picture:
            check_pixel_count(picture.height, picture.width, limits)  # as what decodes it understands it
            if picture.format == "PNG" and getattr(picture, "n_frames", 1) > 1:
                raise UnsupportedRadiograph("The PNG is an animation; a radiograph has one frame. Export that.")
            if header.precision == 16 and header.components > 1:
                values, is_colour = _grey_of_16(_channels_of_16(data, header.components), _transparent_colour(picture))
            else:
                picture.load()
                values, is_colour = _grey_of_8(picture)
            orientation = picture.getexif().get(_ORIENTATION, 1)
    return np.ascontiguousarray(_upright(values, orientation)), is_colour


def _grey_of_8(picture: Image.Image) -> tuple[NDArray[np.uint16], bool]:
    """Anything that Pillow decodes whole: 8 bits or fewer a channel, and grey of 16."""
    if picture.mode.startswith("I"):  # 16-bit grey
        return np.asarray(picture).astype(np.uint16), False
    if picture.mode in ("1", "L") and "transparency" not in picture.info:
        return np.asarray(picture.convert("L")).astype(np.uint16), False
    if picture.mode == "CMYK" and "adobe" not in picture.info:
        # Pillow takes every CMYK JPEG for one of Adobe's, which are stored inverted and say so
        picture = ImageChops.invert(picture)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, (0, 0, 0, 255)), picture)
    rgb = np.asarray(picture.convert("RGB"))
    return luma(rgb), is_coloured(rgb, full=255)


def _channels_of_16(data: bytes, channels: int) -> NDArray[np.uint16]:
    """A PNG of 2 to 4 channels of 16 bits, (rows, columns, channels), of which Pillow alone keeps the high bytes.

    So it decodes twice, once taking the high bytes and once, told that they stand last, the low ones. For grey with
    alpha it knows no such way, but a pixel of that has as many bytes as one of red, green, blue and alpha of 8 bits.
    """
    if channels == 2:
        with Image.open(BytesIO(_relabelled_as_rgba_8(data)), formats=("PNG",)) as picture:
            halves = np.asarray(picture).astype(np.uint16)
        return halves[..., 0::2] * np.uint16(256) + halves[..., 1::2]
    high, low = (_half_of_16(data, order) for order in ("B", "L"))
    return high.astype(np.uint16) * np.uint16(256) + low


def _half_of_16(data: bytes, order: str) -> NDArray[np.uint8]:
    with Image.open(BytesIO(data), formats=("PNG",)) as picture:
        picture.tile = [tile._replace(args=f"{picture.mode};16{order}") for tile in picture.tile]
        return np.asarray(picture)


def _relabelled_as_rgba_8(data: bytes) -> bytes:
    ihdr = b"IHDR" + data[16:24] + b"\x08\x06" + data[26:29]  # depth 8, colour type 6
    return data[:12] + ihdr + zlib.crc32(ihdr).to_bytes(4, "big") + data[33:]


def _transparent_colour(picture: Image.Image) -> tuple[int, ...] | None:
    """The one colour that is transparent, where the PNG names one instead of having alpha."""
    colour = picture.info.get("transparency")
    return colour if isinstance(colour, tuple) else None


def _grey_of_16(channels: NDArray[np.uint16], transparent: tuple[int, ...] | None) -> tuple[NDArray[np.uint16], bool]:
    colours = channels[..., : 3 if channels.shape[-1] > 2 else 1]
    values, is_colour = colours[..., 0], False
    if colours.shape[-1] == 3:
        values, is_colour = luma(colours), is_coloured(colours, full=65535)
    if channels.shape[-1] in (2, 4):
        alpha = channels[..., -1].astype(np.uint64)
        values = ((values * alpha + 32767) // 65535).astype(np.uint16)
    elif transparent is not None:
        values = np.where((channels == np.array(transparent)).all(axis=-1), np.uint16(0), values)
    return values, is_colour


def _upright(values: NDArray[np.uint16], orientation: Any) -> NDArray[np.uint16]:
    """Reorientation what a camera stored as its sensor saw it; EXIF 2.3, tag Orientation, 1 to 8."""
    if orientation in (5, 6, 7, 8):
        values = values.T
    if orientation in (3, 4, 7, 8):
        values = values[::-1]
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    return values
