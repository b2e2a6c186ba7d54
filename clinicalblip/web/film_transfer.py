"""A film's values on their way to the browser, where they are windowed without another round trip.

A PNG would reach the browser's canvas with 8 bits. Neighbours on a film are alike, so differences along each row are
sent, zigzag as in Protocol Buffers (0, -1, 1, -2 ... as 0, 1, 2, 3 ...), all low bytes before all high bytes: a third
less than the values themselves, and packed four times as fast. assets/viewer/film_worker.js unpacks them.
"""

import hashlib
import zlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clinicalblip.fair_queue import WAITING, FairQueue
from clinicalblip.imaging.resize import resize_strips, strip_rows
from clinicalblip.radiology.draft import Reporter
from clinicalblip.web.session import LoadedFilm, Session

_PACKING: Final = FairQueue(2, **WAITING)
_STRIP: Final = 2**20  # values that are packed at once
_GZIP: Final = 31  # zlib's word for a gzip stream

PREVIEW_SIDE: Final = 512
"""Pixels of the longer side of a film's first picture: under a quarter of a second on a slow line."""


class FilmSize(StrEnum):
    """How much of a film is asked for."""

    PREVIEW = "preview"
    WHOLE = "whole"
    MODEL = "model"


@dataclass(frozen=True)
class PackedFilm:
    """A film's values, (rows, columns), packed for the browser."""

    rows: int
    columns: int
    data: bytes


def picture_key(loaded: LoadedFilm) -> str:
    """Names what a film shows, 32 hexadecimal digits: another one for another film, and once text in it is masked."""
    return hashlib.sha256(f"{loaded.id} {loaded.radiograph.digest}".encode()).hexdigest()[:32]


def find_film(session: Session, key: str) -> LoadedFilm | None:
    """The film of this session that has this key, or None: other sessions' films are not looked at."""
    with session.lock:
        films = [*session.films.values(), *(film.loaded for film in session.unplaced.values())]
    return next((loaded for loaded in films if picture_key(loaded) == key), None)


def pack_film(loaded: LoadedFilm, size: FilmSize, reporter: Reporter | None = None) -> PackedFilm:
    """Pack a film in this size; takes its turn. For the model's, its greys from 0 to 65535 as the reporter sees them.

    Raises Overloaded where too many wait.
    """
    with _PACKING.turn():
        shown = loaded.radiograph.values
        if size is FilmSize.PREVIEW:
            shown = shrink(shown, PREVIEW_SIDE)
        elif size is FilmSize.MODEL and reporter is not None:
            shown = np.rint(reporter.seen(loaded.radiograph) * 65535).astype(np.uint16)
        rows, columns = shown.shape
        return PackedFilm(rows, columns, pack_values(shown))


def pack_values(values: NDArray[np.uint16]) -> bytes:
    """A gzip stream of the zigzag differences along each row: the low byte of each, then the high byte of each."""
    rows = max(1, _STRIP // values.shape[1])
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    packed, high = [], []
    for top in range(0, values.shape[0], rows):
        differences = np.diff(values[top : top + rows], axis=1, prepend=np.uint16(0)).view(np.int16)
        zigzag = ((differences << 1) ^ (differences >> 15)).view(np.uint16)
        packed.append(packer.compress((zigzag & 255).astype(np.uint8).tobytes()))
        high.append((zigzag >> 8).astype(np.uint8))
    packed += [packer.compress(part.tobytes()) for part in high]
    return b"".join((*packed, packer.flush()))


def unpack_values(data: bytes, shape: tuple[int, int]) -> NDArray[np.uint16]:
    """What `pack_values` packed."""
    low, high = np.frombuffer(zlib.decompress(data, _GZIP), np.uint8).reshape(2, *shape).astype(np.uint16)
    zigzag = low | (high << 8)
    differences = (zigzag >> 1) ^ (-(zigzag & 1).astype(np.int16)).view(np.uint16)
    return np.cumsum(differences, axis=1, dtype=np.uint16)


def shrink(values: NDArray[np.uint16], side: int) -> NDArray[np.uint16]:
    """The film made smaller by averaging until its longer side has `side` pixels, or itself; never larger."""
    rows, columns = values.shape
    scale = side / max(rows, columns)
    if scale >= 1:
        return values
    size = (max(1, round(rows * scale)), max(1, round(columns * scale)))
    strip = strip_rows(columns)
    strips = (values[top : top + strip].astype(np.float32) for top in range(0, rows, strip))
    picture = resize_strips(strips, size, Image.Resampling.BOX)
    smaller: NDArray[np.uint16] = np.clip(np.rint(picture), 0, 65535).astype(np.uint16)
    return smaller
