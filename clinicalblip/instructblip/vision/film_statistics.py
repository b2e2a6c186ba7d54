"""Where the embeddings of a base's training films lie, and how far from there is too far; the file that holds it.

The distance is Mahalanobis's.
"""

import base64
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clinicalblip.errors import ModelUnavailable

STATISTICS_FILE = "chest-gate.json"

QUANTILE, LATERAL_QUANTILE = 0.985, 0.995
"""The fraction of frontal validation films that lie within the limits. There are too few lateral films for a limit of
their own: they are judged by the looser one."""

SHRINKAGE = 1e-3
"""By how much the correlation is shrunk towards none, so that directions in which films hardly differ count too."""

_LARGEST_FILE = 32 << 20  # bytes


@dataclass(frozen=True, eq=False)
class FilmStatistics:
    """The training films' embeddings for one encoder, and how far from them is too far.

    `middle`, float32 (width,), is subtracted from an embedding and `whitening`, float32 (width, width), a lower
    triangle, multiplied to it; the length of the result over the root of the width is the distance, about 1 for a
    training film. `encoder` is the digest of the encoder's weights, `films` and `validation_films` how many films the
    two were measured on.
    """

    encoder: str
    films: int
    validation_films: int
    middle: NDArray[np.float32]
    whitening: NDArray[np.float32]
    limit: float
    lateral_limit: float

    def __post_init__(self) -> None:
        width = self.middle.size
        if self.middle.shape != (width,) or self.whitening.shape != (width, width) or not width:
            raise ValueError(f"the statistics' shapes {self.middle.shape} and {self.whitening.shape} do not fit")
        if not 0 < self.limit <= self.lateral_limit < float("inf") or not np.isfinite(self.whitening).all():
            raise ValueError(f"the limits cannot be {self.limit} and {self.lateral_limit}")

    def distances(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """The distance of each embedding, (n, width), from the training films: float32 (n,)."""
        white = (embeddings - self.middle) @ self.whitening
        return np.asarray(np.sqrt((white**2).mean(1)), dtype=np.float32)


def fit_statistics(encoder: str, embeddings: NDArray[np.float32], validation: NDArray[np.float32]) -> FilmStatistics:
    """The statistics of the encoder with this digest, from embeddings, (n, width), of training and validation films."""
    films = embeddings.astype(np.float64)
    mean, std = films.mean(0), films.std(0) + 1e-6
    standard = (films - mean) / std
    correlation = (1 - SHRINKAGE) * (standard.T @ standard) / len(films) + SHRINKAGE * np.eye(films.shape[1])
    whitening = np.linalg.cholesky(np.linalg.inv(correlation)) / std[:, None]
    found = FilmStatistics(
        encoder=encoder,
        films=len(films),
        validation_films=len(validation),
        middle=mean.astype(np.float32),
        whitening=whitening.astype(np.float32),
        limit=1.0,
        lateral_limit=1.0,
    )
    limits = np.quantile(found.distances(validation), (QUANTILE, LATERAL_QUANTILE))
    values = {**found.__dict__, "limit": float(limits[0]), "lateral_limit": float(limits[1])}
    return FilmStatistics(**values)


def write_statistics(statistics: FilmStatistics, file: Path) -> None:
    """Write the statistics as JSON; arrays as little-endian float32 in base64, the triangle without its zeros."""
    triangle = statistics.whitening[np.tril_indices(statistics.middle.size)]
    values = {**statistics.__dict__, "middle": _encode_array(statistics.middle), "whitening": _encode_array(triangle)}
    file.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def read_statistics(file: Path) -> FilmStatistics:
    """Read what `write_statistics` wrote. Raises ModelUnavailable for anything else."""
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise ValueError("too large")
        values = json.loads(file.read_text(encoding="utf-8"))
        middle, triangle = _decode_array(values["middle"]), _decode_array(values["whitening"])
        whitening = np.zeros((middle.size, middle.size), dtype=np.float32)
        whitening[np.tril_indices(middle.size)] = triangle
        return FilmStatistics(**{**values, "middle": middle, "whitening": whitening})
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelUnavailable(
            f"The base's {STATISTICS_FILE} cannot be read; copy the base again, or remove that file: films are then "
            "looked at by plain means only."
        ) from error


def _encode_array(values: NDArray[np.float32]) -> str:
    return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")


def _decode_array(text: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f4").astype(np.float32)
