"""The bundled base's statistics of its training films, with which the gate tells what is no chest film."""

from __future__ import annotations

import json
import sys
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
from research.mini.films import NIH_SETS, Films, normalise

BATCH = 64
DRAWN_EVERY = 20  # more of them, and whatever is drawn passes for a chest


def measure_gate(films: Films, base_folder: Path, run: Path) -> None:
    """Embed the films with the base's encoder and write the statistics beside its weights; finished ones are copied.

    They are of every real training film and of one drawn one in `DRAWN_EVERY`; the limits are quantiles of NIH's
    validation films, none of whose patients any part was trained on. Raises ModelUnavailable where the folder holds
    no base.
    """
    encoder, digest = read_encoder(base_folder)
    train, validation = films.rows("train"), films.rows("validation", NIH_SETS)
    drawn = films.is_drawn(train).numpy()
    train = np.concatenate((train[~drawn], train[drawn][::DRAWN_EVERY]))
    folder = run / "gate"
    folder.mkdir(parents=True, exist_ok=True)
    file, made_of = folder / STATISTICS_FILE, folder / "made_of.json"
    wanted = json.dumps({"encoder": digest, "films": len(train), "validation_films": len(validation)})
    if not (made_of.is_file() and made_of.read_text("utf-8") == wanted):
        made_of.unlink(missing_ok=True)
        write_statistics(
            fit_statistics(digest, embed_rows(encoder, films, train), embed_rows(encoder, films, validation)), file
        )
        made_of.write_text(wanted, "utf-8")
        statistics = read_statistics(file)
        sys.stderr.write(
            f"gate: {statistics.films} films, {100 * QUANTILE:g} % of {statistics.validation_films} others within "
            f"{statistics.limit:.3f}\n"
        )
    (base_folder / STATISTICS_FILE).write_bytes(file.read_bytes())


def embed_rows(encoder: Any, films: Films, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """The embeddings of these films: float32 (len(rows), width)."""
    parts = [rows[start : start + BATCH] for start in range(0, len(rows), BATCH)]
    return np.concatenate([embed(encoder, normalise(films.pictures(part))) for part in parts])
