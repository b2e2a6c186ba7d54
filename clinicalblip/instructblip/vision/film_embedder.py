"""A study's film as the base's own vision encoder sees it: one vector, to find the most similar film by."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from clinicalblip.errors import RadiographError
from clinicalblip.imaging.options import ReadOptions
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.checkpoint_files import find_checkpoint
from clinicalblip.instructblip.vision.encoder import embed, read_encoder
from clinicalblip.instructblip.vision.preprocess import film_to_square, preprocess_film
from clinicalblip.radiology.study import Study

_BATCH_SIZE = 16


class FilmEmbedder:
    """Embeds the first film that a study shows, the frontal one where there is one, as `encoder.embed` does.

    The encoder is the base's own as its files hold it: without an adapter, in 32 bits and on the CPU. It is read when
    the first film is.
    """

    def __init__(self, base: str | Path) -> None:
        self._name = base
        self._base: Base | None = None
        self._encoder: Any = None

    def __call__(self, studies: Sequence[Study]) -> NDArray[np.float32]:
        """One vector a study, float32 (studies, width); NaN where the film is missing or cannot be read.

        Raises ModelUnavailable where the base has no encoder that can be read.
        """
        base, encoder = self._read()
        vectors = np.full((len(studies), encoder.config.hidden_size), np.nan, dtype=np.float32)
        with ThreadPoolExecutor(2) as pool:
            for start in range(0, len(studies), _BATCH_SIZE):
                films = list(pool.map(lambda study: _film(study, base), studies[start : start + _BATCH_SIZE]))
                readable = {start + place: film for place, film in enumerate(films) if film is not None}
                if readable:
                    pixels = torch.from_numpy(np.stack(list(readable.values())))
                    vectors[list(readable)] = embed(encoder, pixels)
        return vectors

    def _read(self) -> tuple[Base, Any]:
        if self._base is None:
            self._base = load_base(self._name, "fp32", "cpu", weights=False)
            self._encoder, _ = read_encoder(find_checkpoint(self._name))
        return self._base, self._encoder


def _film(study: Study, base: Base) -> NDArray[np.float32] | None:
    """The film as the encoder takes it, float32 (3, size, size), or None."""
    if not study.shown:
        return None
    try:
        film = read_radiograph(study.shown[0].path.read_bytes(), ReadOptions.for_dataset())
    except (OSError, RadiographError):
        return None
    return preprocess_film(film_to_square(film, base.image_size), base.image_size, base.image_mean, base.image_std)
