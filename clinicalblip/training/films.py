"""The films of a study, each decoded once and then kept at the model's size."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinicalblip.errors import RadiographError, StageError
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.distributed import rank, world_size
from clinicalblip.instructblip.vision.preprocess import resize_to_square
from clinicalblip.radiology.study import Study

LoadFilms = Callable[[Study], list[NDArray[np.float32]]]
"""Gives the pixels of a study's films, float32 in [0, 1], (rows, columns), one for each of its images, in order."""


@dataclass(frozen=True)
class FilmReader:
    """Reads a study's image files, and keeps each film squashed to `size` pixels a side, in 16 bits, in `cache`.

    A film is read anew where its file's size or time has changed. What is given is the same whether a film came
    from the cache or not. Raises StageError, which names the study, for a file that is missing or no radiograph.
    """

    size: int
    cache: Path

    def __call__(self, study: Study) -> list[NDArray[np.float32]]:
        """The films of one study, float32 in [0, 1], (size, size)."""
        return [self._film(study, image.path) for image in study.shown]

    def find_broken(self, studies: Sequence[Study], workers: int) -> Iterator[tuple[Study, str | None]]:
        """Read every film once, so that it is kept, and give each study with what is wrong with its films, if anything.

        Decoding goes on in as many processes as there are `workers` (see `imaging.read`), at least one. Of several
        processes that train together, each begins with its own share and then finds the others' films kept.
        """
        first, world = rank(), world_size()
        mine = [study for share in range(world) for study in studies[(first + share) % world :: world]]
        with ThreadPoolExecutor(max(1, workers)) as pool:
            yield from zip(mine, pool.map(self._trouble, mine), strict=True)

    def _trouble(self, study: Study) -> str | None:
        try:
            with _named(study):
                for image in study.shown:
                    self._kept(image.path)
        except StageError as error:
            return str(error)
        return None

    def _film(self, study: Study, path: Path) -> NDArray[np.float32]:
        with _named(study):
            grey: NDArray[np.uint16] = np.load(self._kept(path), allow_pickle=False)
            return grey.astype(np.float32) / np.float32(65535)

    def _kept(self, path: Path) -> Path:
        """Where the film is kept; it is decoded first where it is not there yet."""
        stamp = path.stat()
        key = f"{path.resolve()} {stamp.st_size} {stamp.st_mtime_ns} {self.size}"
        name = hashlib.sha256(key.encode()).hexdigest()
        kept = self.cache / name[:2] / f"{name}.npy"
        if not kept.is_file():
            self._keep(path, kept)
        return kept

    def _keep(self, path: Path, kept: Path) -> None:
        grey = resize_to_square(read_radiograph(path.read_bytes(), ReadOptions.for_dataset()).pixels, self.size)
        kept.parent.mkdir(parents=True, exist_ok=True)
        part = kept.with_name(f".{kept.name}.{os.getpid()}-{threading.get_ident()}.part")
        with part.open("wb") as file:
            np.save(file, np.rint(grey * 65535).astype(np.uint16))
        part.replace(kept)


@contextmanager
def _named(study: Study) -> Iterator[None]:
    """Turn what goes wrong with a film into a StageError that names its study."""
    try:
        yield
    except (OSError, RadiographError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise StageError(f"A film of study {study.study_id} cannot be used: {reason}") from error
