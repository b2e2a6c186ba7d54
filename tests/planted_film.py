"""A small film with words burned into its picture."""

from typing import Any

import numpy as np
from dicom_files import write_dicom
from PIL import Image, ImageDraw

BURNED = "ZEBRANAME JANE"
"""What is written into the picture, as no marker is."""


def burned_film(words: str = BURNED, *, side: int = 320, ground: int = 600, white: int = 4095, **tags: Any) -> bytes:
    """A 12-bit DICOM file of a soft ramp from `ground` on with words in its upper left corner."""
    ramp = ground + np.add.outer(np.arange(side), np.arange(side)) * 600 // (2 * side)
    picture = Image.fromarray(ramp.astype(np.int32))
    ImageDraw.Draw(picture).text((12, 10), words, fill=white, font_size=26)
    return write_dicom(np.asarray(picture).astype(np.uint16), **tags)
