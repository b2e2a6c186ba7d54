"""The bundled base's statistics of its training films, by which pictures that are no chest film are noticed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinicalblip.instructblip.vision.encoder import embed, read_encoder
from clinicalblip.instructblip.vision.film_statistics import (
    QUANTILE,
    STATISTICS_FILE,
    fit_statistics,
    read_statistics,
    write_statistics,
)
from clinicalblip.progress import write_line
from research.mini.films.manifest import NIH_SETS
from research.mini.films.table import Films
from research.mini.films.transforms import normalise

BATCH = 64
PHANTOM_EVERY = 20  # with more of the drawn films, any drawing would pass for a chest


def measure_ood(films: Films, base_folder: Path, run: Path) -> None:
    """Embed the films with the base's encoder and write their statistics beside its weights.

    The films are every real training film and one drawn one in `PHANTOM_EVERY`; the limits are quantiles of NIH's
    validation films, of patients that no part was trained on. Finished statistics in `run/ood` are copied. Raises
    ModelUnavailable where the folder holds no base.
    """
    encoder, digest = read_encoder(base_folder)
    train, validation = films.rows("train"), films.rows("validation", NIH_SETS)
    is_phantom = films.is_phantom(train).numpy()
    train = np.concatenate((train[~is_phantom], train[is_phantom][::PHANTOM_EVERY]))
    folder = run / "ood"
    folder.mkdir(parents=True, exist_ok=True)
    file, fingerprint = folder / STATISTICS_FILE, folder / "fingerprint.json"
    wanted = json.dumps({"encoder": digest, "films": len(train), "validation_films": len(validation)})
    if not (fingerprint.is_file() and fingerprint.read_text("utf-8") == wanted):
        fingerprint.unlink(missing_ok=True)
        write_statistics(
            fit_statistics(digest, embed_rows(encoder, films, train), embed_rows(encoder, films, validation)), file
        )
        fingerprint.write_text(wanted, "utf-8")
        statistics = read_statistics(file)
        write_line(
            f"ood: {statistics.films} films, {100 * QUANTILE:g} % of {statistics.validation_films} others within "
            f"{statistics.limit:.3f}"
        )
    (base_folder / STATISTICS_FILE).write_bytes(file.read_bytes())


def embed_rows(encoder: Any, films: Films, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """The embeddings of these films: float32 (len(rows), width)."""
    parts = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    return np.concatenate([embed(encoder, normalise(films.pictures(part))) for part in parts])
