"""Making the table of films: every usable film resized once, and the phantoms drawn."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clinicalblip.datasets.files.atomic import write_atomically
from clinicalblip.datasets.files.fingerprint import differing_fields
from clinicalblip.errors import DatasetNotFound, MalformedStudy, StageError
from clinicalblip.instructblip.vision.preprocess import resize_to_square
from clinicalblip.progress import track
from clinicalblip.training.run_folder import translate_write_errors
from research.mini.array_cache import save_rows
from research.mini.films.label_sources import label_digest, read_label_sources
from research.mini.films.manifest import FilmRow, usable_films
from research.mini.films.phantom_films import KINDS, MASK_CELL, mask_cells, phantom_row, phantoms_by_id
from research.mini.films.table import MASKS, PIXELS, TABLE, Films, read_films
from research.mini.recipe import MiniRecipe
from research.phantom.choosing import random_phantom
from research.phantom.description import Phantom
from research.phantom.draw import draw

_MANY = 500  # phantoms: fewer are drawn before another process has started


def prepare_films(data: Path, run: Path, recipe: MiniRecipe) -> Films:
    """Resize every usable film of `data/radiographs` and draw the phantoms, once; then read the cache in `run`.

    Raises DatasetNotFound without a manifest or one of the tables of labels, MalformedStudy for a table that cannot be
    read or a film that is not in its zip, StageError for a run that was begun with other films, and where the disk is
    full.
    """
    folder = run / "films"
    table, pixels, masks = folder / TABLE, folder / PIXELS, folder / MASKS
    manifest = data / "radiographs" / "manifest.csv"
    if not manifest.is_file():
        raise DatasetNotFound("There is no radiographs/manifest.csv in the data folder; name the folder that holds it.")
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    drawing = np.rint(draw(random_phantom(0), 64).image * 15).astype(np.uint8)  # changes when the drawing code does
    fingerprint = {
        "manifest": digest,
        "labels": label_digest(data),
        "size": recipe.size,
        "phantoms": recipe.phantoms,
        "drawing": hashlib.sha256(drawing.tobytes()).hexdigest() if recipe.phantoms else "",
    }
    if table.is_file():
        if other := differing_fields(json.loads(table.read_text("utf-8"))["fingerprint"], fingerprint):
            raise StageError(f"The run was begun with another {other} of films; choose a new run folder.")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        sources = read_label_sources(data)
        usable = [
            replace(
                row, probabilities=sources.probabilities.get(row.id, ()), radiologists=sources.classes.get(row.id, "")
            )
            for row in usable_films(manifest)
        ]
        phantoms = dict(phantoms_by_id(recipe.phantoms))
        rows = [*usable, *(phantom_row(name, phantom) for name, phantom in phantoms.items())]
        cells = np.zeros((len(phantoms), len(KINDS), *2 * (recipe.size // MASK_CELL,)), dtype=np.uint8)

        def pictures() -> Iterator[NDArray[np.uint8]]:
            for picture in _resized(data / "radiographs", usable, recipe.size):
                yield np.rint(picture * 255.0).astype(np.uint8)[None]
            for number, (drawn, masks) in enumerate(_drawn(list(phantoms.values()), recipe.size)):
                cells[number] = masks
                yield drawn[None]

        shape = (len(rows), recipe.size, recipe.size)
        save_rows(pixels, shape, np.uint8, track(pictures(), "films", total=len(rows)))
        save_rows(masks, cells.shape, np.uint8, [cells])
        text = json.dumps({"fingerprint": fingerprint, "films": [asdict(row) for row in rows]})
        with translate_write_errors("The table of films"):
            write_atomically(table, text)
    return read_films(folder)


def _drawn(phantoms: Sequence[Phantom], size: int) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """The picture and the mask cells of each phantom; many are drawn by all cores."""
    draw_one = partial(_draw_one, size=size)
    if len(phantoms) < _MANY:
        yield from map(draw_one, phantoms)
        return
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as workers:
        yield from workers.map(draw_one, phantoms, chunksize=32)


def _draw_one(phantom: Phantom, size: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    drawing = draw(phantom, size)
    return np.rint(drawing.image * 255.0).astype(np.uint8), mask_cells(drawing)


def _resized(folder: Path, rows: list[FilmRow], size: int) -> Iterator[NDArray[np.float32]]:
    archives: dict[str, zipfile.ZipFile] = {}
    try:
        for row in rows:
            archive, _, name = row.id.partition("/")
            try:
                if archive not in archives:
                    archives[archive] = zipfile.ZipFile(folder / archive)
                packed = archives[archive].read(name)
                with Image.open(io.BytesIO(packed)) as picture:
                    grey = np.asarray(picture.convert("L"), dtype=np.float32) / 255.0
            except (KeyError, OSError, zipfile.BadZipFile) as error:
                raise MalformedStudy(
                    f"A film of the set {row.set} stands in the manifest but cannot be read from its zip; "
                    "copy the data folder again."
                ) from error
            yield resize_to_square(grey, size)
    finally:
        for opened in archives.values():
            opened.close()
