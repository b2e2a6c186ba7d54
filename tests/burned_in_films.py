"""Films with text burned into them, computed: what is written, how large, in which letters, how bright, how turned."""

from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from clinicalblip.imaging.digest import digest
from clinicalblip.radiology.radiograph import Radiograph, Region, View, Window

Greys = NDArray[np.float32]

KINDS = ("name", "date", "record number")
LETTERS = ("bitmap", "sans", "mono", "serif")
MARKER_WORDS = ("L", "R", "AP", "PA", "PORTABLE", "SUPINE", "ERECT", "AP PORTABLE", "UPRIGHT", "SEMI-ERECT", "LEFT")

_FAMILY = ("MILLER", "SMITH", "KOWALSKA", "GARCIA", "NGUYEN", "SCHNEIDER", "ROSSI", "JOHNSON", "OKAFOR", "HAAS", "LEE")
_GIVEN = ("John", "Anna", "Maria", "Wei", "Thomas", "Ingrid", "Carlos", "Fatima", "Robert", "Elena", "Paul", "Grace")

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


@dataclass(frozen=True)
class Writing:
    """Text on a film. `height`: of a capital letter, in pixels; `contrast`: against the grey behind it, 0 to 1, as far
    as black and white reach; `white`: lighter than what is behind; `turned`: degrees anticlockwise; `place`: in a
    "corner" or "anywhere"."""

    words: str
    kind: str
    height: int = 24
    letters: str = "sans"
    contrast: float = 1.0
    white: bool = True
    turned: float = 0.0
    place: str = "corner"


def random_words(kind: str, random: np.random.Generator) -> str:
    """A name, a date or a record number as equipment and digitisers write them."""
    family, given = str(random.choice(_FAMILY)), str(random.choice(_GIVEN))
    year, month, day = int(random.integers(1925, 2024)), int(random.integers(1, 13)), int(random.integers(1, 29))
    number = int(random.integers(100_000, 99_999_999))
    choices = {
        "name": (f"{family}, {given.upper()}", f"{given} {family.title()}", f"{family}^{given.upper()}"),
        "date": (f"{day:02}/{month:02}/{year}", f"{year}-{month:02}-{day:02}", f"{day:02} {_MONTHS[month - 1]} {year}"),
        "record number": (f"MRN {number:08}", f"ID: {number}", f"A{number}"),
        "marker": MARKER_WORDS,
    }
    return str(random.choice(choices[kind]))


def burn(greys: Greys, writing: Writing, random: np.random.Generator) -> tuple[Greys, Region]:
    """Burn the writing into a film of greys in [0, 1]; return it and the rectangle that it takes."""
    ink = _ink(writing)
    rows, columns = greys.shape
    if ink.shape[0] + 4 > rows or ink.shape[1] + 4 > columns:
        raise ValueError(f"writing of {ink.shape} does not fit on a film of {greys.shape}")
    top, left = _corner(greys.shape, ink.shape, writing.place, random)
    there = np.s_[top : top + ink.shape[0], left : left + ink.shape[1]]
    behind = float(greys[there].mean())
    target = min(1.0, behind + writing.contrast) if writing.white else max(0.0, behind - writing.contrast)
    burned = greys.copy()
    burned[there] = greys[there] * (1 - ink) + target * ink
    return burned, Region(top, left, top + ink.shape[0], left + ink.shape[1])


def film(greys: Greys, *, inverted: bool = False) -> Radiograph:
    """A 12-bit film that shows these greys; `inverted` stores them the MONOCHROME1 way."""
    values = np.rint(np.clip(1 - greys if inverted else greys, 0, 1) * 4095).astype(np.uint16)
    window = Window(2047.5, 4095.0, "linear_exact")
    return Radiograph(values, window, inverted, View.PA, None, digest(values))


def covered(written: Region, found: Region) -> float:
    """How much of what is written a found rectangle covers, 0 to 1."""
    height = max(0, min(written.bottom, found.bottom) - max(written.top, found.top))
    width = max(0, min(written.right, found.right) - max(written.left, found.left))
    return height * width / ((written.bottom - written.top) * (written.right - written.left))


def _ink(writing: Writing) -> Greys:
    """The letters alone, 0 to 1, cut to their outline and turned."""
    font, enlarge = _font(writing.letters, writing.height)
    left, top, right, bottom = ImageDraw.Draw(Image.new("L", (1, 1))).textbbox((0, 0), writing.words, font=font)
    image = Image.new("L", (round(right - left) + 2, round(bottom - top) + 2))
    ImageDraw.Draw(image).text((1 - left, 1 - top), writing.words, font=font, fill=255)
    if enlarge > 1:
        image = image.resize((image.width * enlarge, image.height * enlarge), Image.Resampling.NEAREST)
    if writing.turned:
        image = image.rotate(writing.turned, Image.Resampling.BICUBIC, expand=True)
    return np.asarray(image.crop(image.getbbox()), dtype=np.float32) / 255


def _corner(film: tuple[int, ...], ink: tuple[int, ...], place: str, random: np.random.Generator) -> tuple[int, int]:
    free = [side - taken - 2 for side, taken in zip(film, ink, strict=True)]
    if place == "anywhere":
        return int(random.integers(1, free[0] + 1)), int(random.integers(1, free[1] + 1))
    near = [
        int(min(space, max(2.0, random.uniform(0.005, 0.05) * side))) for space, side in zip(free, film, strict=True)
    ]
    return tuple(gap if random.random() < 0.5 else space - gap + 1 for gap, space in zip(near, free, strict=True))  # type: ignore[return-value]


@cache
def _font(letters: str, height: int) -> tuple[ImageFont.ImageFont | ImageFont.FreeTypeFont, int]:
    """A font whose capitals are about `height` pixels high, and how often each of its pixels is repeated."""
    if letters == "bitmap":  # Pillow's old 6 x 11 letters, whose capitals are 8 high, as consoles wrote them
        return ImageFont.load_default_imagefont(), max(1, round(height / 8))
    faces = {"mono": "DejaVuSansMono.ttf", "serif": "DejaVuSerif.ttf"}
    if letters in faces:
        found = find_spec("matplotlib")
        if found is None or found.origin is None:
            raise ModuleNotFoundError("the mono and serif letters are matplotlib's; install it")
        path = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / faces[letters]
        return ImageFont.truetype(path, round(height / 0.729)), 1
    return ImageFont.load_default(round(height / 0.72)), 1
