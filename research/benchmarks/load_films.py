"""Films for many readers at once: those of a data folder, or drawn ones of any size."""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from clinicalblip.errors import DatasetNotFound
from research.phantom.choosing import random_phantom
from research.phantom.draw import draw

_DRAWN = 384  # pixels; larger ones are drawn so and enlarged, because only the size matters here


def given_films(data: Path, count: int) -> list[bytes]:
    """So many different films of DATA/radiographs/nih.zip. Raises DatasetNotFound where it has too few."""
    archive = data / "radiographs" / "nih.zip"
    if not archive.is_file():
        raise DatasetNotFound(
            f"There is no radiographs/nih.zip in {data}; give --data a folder with it, or leave it out."
        )
    with zipfile.ZipFile(archive) as films:
        names = sorted(name for name in films.namelist() if name.lower().endswith((".jpg", ".png")))
        if len(names) < count:
            raise DatasetNotFound(f"radiographs/nih.zip has {len(names)} films; {count} readers need one each.")
        return [films.read(name) for name in names[:: len(names) // count][:count]]


def drawn_film(number: int, side: int, *, noise: int) -> bytes:
    """A drawn film as a PNG of 12 bits in 16, `side` + `number` pixels wide, so that no two are the same."""
    image = Image.fromarray(draw(random_phantom(number), _DRAWN).image)
    values = np.asarray(image.resize((side + number, side), Image.Resampling.BILINEAR))
    values = np.clip(values * 4095, 0, 4095).astype(np.uint16)
    if noise:
        values += np.random.default_rng(number).integers(0, noise, values.shape, dtype=np.uint16)
    file = io.BytesIO()
    Image.fromarray(values).save(file, "PNG", compress_level=1)
    return file.getvalue()
