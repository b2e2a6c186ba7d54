"""The NIH films of patients that nothing was trained on, read from the data folder's zips as an upload is."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import Radiograph, View
from research.mini.films.manifest import NIH_SETS, usable_films


def validation_rows(data: Path, number: int | None = None, seed: int = 0, split: str = "validation") -> list[Any]:
    """The rows (`id`, `patient`, `group`, `labels`) of at most `number` films, drawn by the seed, in their order."""
    found = usable_films(data / "radiographs" / "manifest.csv")
    rows = [row for row in found if row.set in NIH_SETS and row.split == split]
    if number is not None and number < len(rows):
        chosen = np.random.default_rng(seed).choice(len(rows), number, replace=False)
        rows = [rows[place] for place in sorted(chosen)]
    return rows


def films_of(data: Path, rows: list[Any]) -> Iterator[Radiograph]:
    """The films of these rows; their view is frontal, whatever the file says, as in training."""
    archives: dict[str, zipfile.ZipFile] = {}
    try:
        for row in rows:
            archive, _, name = row.id.partition("/")
            if archive not in archives:
                archives[archive] = zipfile.ZipFile(data / "radiographs" / archive)
            yield read_radiograph(archives[archive].read(name), ReadOptions.for_dataset()).with_view(View.FRONTAL)
    finally:
        for opened in archives.values():
            opened.close()
