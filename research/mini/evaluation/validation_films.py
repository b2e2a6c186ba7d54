"""The NIH films of patients that nothing was trained on, read from the data folder's zips."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.vision.preprocess import resize_to_square
from clinicalblip.progress import track
from clinicalblip.radiology.radiograph import Radiograph, View
from research.mini.films.manifest import NIH_SETS, FilmRow, usable_films

Picture = NDArray[np.float32]


@dataclass(frozen=True)
class ValidationFilms:
    """The rows of the manifest and, in their order, the films as the model's encoder gets them, float32 in [0, 1]."""

    rows: tuple[FilmRow, ...]
    pictures: tuple[Picture, ...]

    @property
    def labels(self) -> NDArray[np.float32]:
        """NIH's labels, (films, 14)."""
        return np.array([row.labels for row in self.rows], dtype=np.float32).reshape(len(self.rows), -1)

    @property
    def groups(self) -> list[str]:
        """The set and size of each film, within which films are compared."""
        return [row.group for row in self.rows]

    @property
    def patients(self) -> list[str]:
        """The patient of each film."""
        return [row.patient for row in self.rows]


def read_validation(data: Path, size: int, number: int | None = None, seed: int = 0) -> ValidationFilms:
    """At most `number` validation films as squares of `size` pixels, the same that an upload of them becomes."""
    rows = validation_rows(data, number, seed)
    films = track(read_pictures(data, rows, size), "validation films", total=len(rows), unit="film")
    return ValidationFilms(tuple(rows), tuple(films))


def validation_rows(data: Path, number: int | None = None, seed: int = 0, split: str = "validation") -> list[FilmRow]:
    """The rows of at most `number` films, drawn by the seed, in the manifest's order."""
    found = usable_films(data / "radiographs" / "manifest.csv")
    rows = [row for row in found if row.set in NIH_SETS and row.split == split]
    if number is not None and number < len(rows):
        chosen = np.random.default_rng(seed).choice(len(rows), number, replace=False)
        rows = [rows[place] for place in sorted(chosen)]
    return rows


def read_pictures(data: Path, rows: Sequence[FilmRow], size: int) -> Iterator[Picture]:
    """The films of these rows as squares of `size` pixels."""
    for file in _files(data, rows):
        yield resize_to_square(_grey(file), size)


def films_of(data: Path, rows: Sequence[FilmRow]) -> Iterator[Radiograph]:
    """The films of these rows, read as an upload is; their view is frontal, whatever the file says, as in training."""
    for file in _files(data, rows):
        yield read_radiograph(file, ReadOptions.for_dataset()).with_view(View.FRONTAL)


def _files(data: Path, rows: Sequence[FilmRow]) -> Iterator[bytes]:
    archives: dict[str, zipfile.ZipFile] = {}
    try:
        for row in rows:
            archive, _, name = row.id.partition("/")
            if archive not in archives:
                archives[archive] = zipfile.ZipFile(data / "radiographs" / archive)
            yield archives[archive].read(name)
    finally:
        for opened in archives.values():
            opened.close()


def _grey(file: bytes) -> Picture:
    with Image.open(io.BytesIO(file)) as picture:
        return np.asarray(picture.convert("L"), dtype=np.float32) / np.float32(255.0)
