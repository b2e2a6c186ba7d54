"""The encoder's tokens of every picture, computed once, for pseudo-labels and Q-Former to read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from clinicalblip.progress import track
from research.mini.array_cache import save_rows
from research.mini.films.table import Films
from research.mini.films.unreadable import UNREADABLE, pictures_of
from research.mini.loop import mixed_precision
from research.mini.vision.encoder import Encoder

_BATCH = 16  # more pictures leave a core's cache, and each takes longer


def encode_pictures(films: Films, encoder: Encoder, run: Path) -> NDArray[np.float16]:
    """The encoder's tokens, float16 (pictures, 1 + patches, width), computed once into `run/tokens`.

    The pictures are those of every film and after them the unreadable ones. Raises StageError for a full disk.
    """
    cache = run / "tokens" / "tokens.npy"
    if not cache.is_file():
        number = len(films.ids) + UNREADABLE
        starts = range(0, number, _BATCH)

        def computed() -> Iterator[NDArray[np.float32]]:
            for start in track(starts, "tokens", total=len(starts)):
                pictures = pictures_of(films, np.arange(start, min(start + _BATCH, number)))
                with torch.inference_mode(), mixed_precision():
                    tokens = encoder.tokens(pictures)
                yield tokens.float().numpy()

        patches = encoder.vision.embeddings.num_patches
        width = encoder.vision.config.hidden_size
        save_rows(cache, (number, 1 + patches, width), np.float16, computed())
    found: NDArray[np.float16] = np.load(cache, mmap_mode="r")
    return found
