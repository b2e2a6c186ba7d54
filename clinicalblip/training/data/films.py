"""The films of a study, each decoded once and then cached at the model's size."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.errors import RadiographError, StageError
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.distributed import rank, world_size
from clinicalblip.instructblip.vision.preprocess import film_to_square
from clinicalblip.radiology.study import Study

FilmLoader = Callable[[Study], list[NDArray[np.float32]]]
"""Gives the pixels of a study's films, float32 in [0, 1], (rows, columns), one for each of its images, in order."""


@dataclass(frozen=True)
class CachedFilmLoader:
    """Loads a study's image files, and keeps each film squashed to `size` pixels a side, in 16 bits, in `cache`.

    A film is decoded anew where its file's size or time has changed. What is given is the same whether a film came
    from the cache or not. Raises StageError, which names the study, for a file that is missing or no radiograph.
    """

    size: int
    cache: Path

    def __call__(self, study: Study) -> list[NDArray[np.float32]]:
        """The films of one study, float32 in [0, 1], (size, size)."""
        return [self._load(study, image.path) for image in study.shown]

    def decode_all(self, studies: Sequence[Study], workers: int) -> Iterator[tuple[Study, str | None]]:
        """Decode every film into the cache, and give each study with what is wrong with its films, if anything.

        Decoding goes on in as many processes as there are `workers` (see `imaging.read`), at least one. Of several
        processes that train together, each begins with its own share and then finds the others' films in the cache.
        """
        first, world = rank(), world_size()
        mine = [study for share in range(world) for study in studies[(first + share) % world :: world]]
        with ThreadPoolExecutor(max(1, workers)) as pool:
            yield from zip(mine, pool.map(self._problem, mine), strict=True)

    def _problem(self, study: Study) -> str | None:
        try:
            with _naming(study):
                for image in study.shown:
                    self._cached(image.path)
        except StageError as error:
            return str(error)
        return None

    def _load(self, study: Study, path: Path) -> NDArray[np.float32]:
        with _naming(study):
            pixels: NDArray[np.uint16] = np.load(self._cached(path), allow_pickle=False)
            return pixels.astype(np.float32) / np.float32(65535)

    def _cached(self, path: Path) -> Path:
        """The film's file in the cache; it is decoded first where it is not there yet."""
        stamp = path.stat()
        key = f"{path.resolve()} {stamp.st_size} {stamp.st_mtime_ns} {self.size}"
        name = hashlib.sha256(key.encode()).hexdigest()
        cached = self.cache / name[:2] / f"{name}.npy"
        if not cached.is_file():
            pixels = film_to_square(read_radiograph(path.read_bytes(), ReadOptions.for_dataset()), self.size)
            cached.parent.mkdir(parents=True, exist_ok=True)
            with open_atomically(cached, "wb", sync=False) as file:  # what is lost is decoded again
                np.save(file, np.rint(pixels * 65535).astype(np.uint16))
        return cached


@contextmanager
def _naming(study: Study) -> Iterator[None]:
    """Turn what goes wrong with a film into a StageError that names its study."""
    try:
        yield
    except (OSError, RadiographError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise StageError(f"A film of study {study.study_id} cannot be used: {reason}") from error
