"""A PNG or JPEG -> Radiograph."""

import struct
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clinicalblip.errors import RadiographTooLarge, UnreadableRadiograph, UnsupportedRadiograph
from clinicalblip.imaging.codestream import jpeg_claim
from clinicalblip.imaging.colour import is_coloured, luma
from clinicalblip.imaging.digest import digest
from clinicalblip.imaging.grey import full_range
from clinicalblip.imaging.guard import guarded
from clinicalblip.imaging.limits import check_pixels
from clinicalblip.radiology.radiograph import Radiograph, View, Window
from clinicalblip.settings import LimitSettings

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_ORIENTATION = 0x0112
_AS_IT_IS = Window(127.5, 255.0, "linear_exact")
"""8 bits are greys already: 0 is black, 255 is white."""


def read_picture(data: bytes, limits: LimitSettings, *, allow_burned_in: bool) -> Radiograph | None:
    """Read a PNG or JPEG; None where the bytes are neither.

    8 bits are shown as they are. 16-bit grey is shown from its smallest to its largest value, because such files
    mostly hold 10 to 14 bits. What is transparent lies on black. A picture says nothing about annotations, so
    `allow_burned_in` is not asked for.
    """
    if not data.startswith((_PNG, _JPEG)):
        return None
    rows, columns = _claimed_size(data)
    check_pixels(rows, columns, limits)
    values, is_deep, is_colour = _decode(data, limits)
    warnings = []
    if is_colour:
        warnings.append("The picture is in colour: it may be a photograph and no radiograph. It is read as grey.")
    if values.min() == values.max():
        warnings.append("Every pixel of the film has the same value: there is nothing to see.")
    return Radiograph(
        values=values,
        window=full_range(values) if is_deep else _AS_IT_IS,
        inverted=False,
        view=View.UNKNOWN,
        spacing_mm=None,
        digest=digest(values),
        warnings=tuple(warnings),
    )


def _claimed_size(data: bytes) -> tuple[int, int]:
    """Rows and columns by the file's own header."""
    if data.startswith(_PNG):
        if data[12:16] == b"IHDR" and len(data) >= 24:
            columns, rows = struct.unpack_from(">II", data, 16)
            return rows, columns
        raise UnreadableRadiograph("The PNG is damaged: it has no size. Export the picture again.")
    claim = jpeg_claim(data)
    if claim is None:
        raise UnreadableRadiograph("The JPEG is damaged: it has no size. Export the picture again.")
    return claim.rows, claim.columns


def _decode(data: bytes, limits: LimitSettings) -> tuple[NDArray[np.uint16], bool, bool]:
    """Values, whether they have 16 bits, and whether the picture was in colour."""
    with guarded("the picture is damaged or cut off"):
        try:
            picture = Image.open(BytesIO(data), formats=("PNG", "JPEG"))
        except Image.DecompressionBombError as error:  # Pillow's own limit, where the settings allow more
            raise RadiographTooLarge("The picture has more pixels than are read. Export the film smaller.") from error
        with picture:
            check_pixels(picture.height, picture.width, limits)  # as what decodes it understands it
            if picture.format == "PNG" and getattr(picture, "n_frames", 1) > 1:
                raise UnsupportedRadiograph("The PNG is an animation; a radiograph has one frame. Export that.")
            picture.load()
            orientation = picture.getexif().get(_ORIENTATION, 1)
            values, is_deep, is_colour = _grey(picture)
    return np.ascontiguousarray(_upright(values, orientation)), is_deep, is_colour


def _grey(picture: Image.Image) -> tuple[NDArray[np.uint16], bool, bool]:
    if picture.mode.startswith("I"):  # 16-bit grey
        return np.asarray(picture).astype(np.uint16), True, False
    if picture.mode in ("1", "L") and "transparency" not in picture.info:
        return np.asarray(picture.convert("L")).astype(np.uint16), False, False
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, (0, 0, 0, 255)), picture)
    rgb = np.asarray(picture.convert("RGB"))
    return luma(rgb), False, is_coloured(rgb, full=255)


def _upright(values: NDArray[np.uint16], orientation: Any) -> NDArray[np.uint16]:
    """Turn what a camera stored as its sensor saw it; EXIF 2.3, tag Orientation, 1 to 8."""
    if orientation in (5, 6, 7, 8):
        values = values.T
    if orientation in (3, 4, 7, 8):
        values = values[::-1]
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    return values
