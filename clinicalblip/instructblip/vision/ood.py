"""Whether a film looks like the chest radiographs that the model was trained on, to the model's own vision encoder.

Beside a base's weights may lie `chest-gate.json`: where the embeddings of its training films lie, and how far from
there films of the validation split reach. An embedding is the mean of the patch tokens halfway through the layers
(the last ones know findings, and what is no chest less well); how far is Mahalanobis's distance. The encoder is the
base's own, as its files hold it: without an adapter, in 32 bits and on the CPU, in a copy that belongs to the gate
alone. So the same film is as far in every precision, with every adapter, on any device, and while a draft is being
written. A base without that file costs nothing and is not asked. `research/mini/ood.py` makes the file for the
bundled base.
"""

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor
from transformers import InstructBlipConfig, InstructBlipVisionModel

from clinicalblip.errors import ModelUnavailable
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.vision.preprocess import resize_to_square
from clinicalblip.radiology.radiograph import Radiograph, View

STATISTICS_FILE = "chest-gate.json"

QUANTILE, LATERAL_QUANTILE = 0.985, 0.995
"""The share of frontal validation films that lie within the limits. There are too few lateral films for a limit of
their own: they are judged by the looser one."""

SHRINKAGE = 1e-3
"""How much of the films' correlation is taken for none, so that directions in which they hardly differ count too."""

_PART = "vision_model."
_LARGEST_FILE = 32 << 20


@dataclass(frozen=True, eq=False)
class FilmStatistics:
    """Where the training films lie for one encoder, and how far from there is too far.

    `middle` float32 (width,) and `whitening` float32 (width, width), lower triangle, turn an embedding into one whose
    length over the root of the width is its distance: about 1 for a training film. `encoder` is the digest of the
    encoder's weights, `films` and `validation_films` how many films the two were measured on.
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
        """How far each embedding, (n, width), lies from the training films: float32 (n,)."""
        white = (embeddings - self.middle) @ self.whitening
        return np.asarray(np.sqrt((white**2).mean(1)), dtype=np.float32)


def fit_statistics(encoder: str, embeddings: NDArray[np.float32], validation: NDArray[np.float32]) -> FilmStatistics:
    """The statistics of an encoder with this digest from the embeddings, (n, width), of both splits' films."""
    films = embeddings.astype(np.float64)
    middle, spread = films.mean(0), films.std(0) + 1e-6
    standard = (films - middle) / spread
    correlation = (1 - SHRINKAGE) * (standard.T @ standard) / len(films) + SHRINKAGE * np.eye(films.shape[1])
    whitening = np.linalg.cholesky(np.linalg.inv(correlation)) / spread[:, None]
    found = FilmStatistics(
        encoder=encoder,
        films=len(films),
        validation_films=len(validation),
        middle=middle.astype(np.float32),
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
    values = {**statistics.__dict__, "middle": _packed(statistics.middle), "whitening": _packed(triangle)}
    file.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def read_statistics(file: Path) -> FilmStatistics:
    """Read what `write_statistics` wrote. Raises ModelUnavailable for anything else."""
    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise ValueError("too large")
        values = json.loads(file.read_text(encoding="utf-8"))
        middle, triangle = _unpacked(values["middle"]), _unpacked(values["whitening"])
        whitening = np.zeros((middle.size, middle.size), dtype=np.float32)
        whitening[np.tril_indices(middle.size)] = triangle
        return FilmStatistics(**{**values, "middle": middle, "whitening": whitening})
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelUnavailable(
            f"The base's {STATISTICS_FILE} cannot be read; copy the base again, or remove that file: films are then "
            "looked at by plain means only."
        ) from error


def read_encoder(folder: Path) -> tuple[Any, str]:
    """A checkpoint's vision encoder, in 32 bits on the CPU, and the digest of its weights. Raises ModelUnavailable."""
    weights: dict[str, Tensor] = {}
    try:
        for shard in sorted(folder.glob("*.safetensors")):
            with safe_open(shard, framework="pt") as tensors:
                names = [name for name in tensors.keys() if name.startswith(_PART)]  # noqa: SIM118 - no mapping
                weights |= {name.removeprefix(_PART): tensors.get_tensor(name).float() for name in names}
        config = InstructBlipConfig.from_pretrained(folder).vision_config
        with torch.device("meta"):
            encoder = InstructBlipVisionModel(config)
        encoder.load_state_dict(weights, assign=True)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelUnavailable(
            "The base's vision encoder cannot be read for its film statistics; copy it again."
        ) from error
    return encoder.eval().requires_grad_(False), digest_encoder(weights)


def digest_encoder(weights: Mapping[str, Tensor]) -> str:
    """SHA-256, in hexadecimal, over an encoder's weights in 32 bits, however they are divided among files."""
    whole = hashlib.sha256()
    for name in sorted(weights):
        values = weights[name].detach().to("cpu", torch.float32).contiguous().numpy()
        whole.update(f"{name} {values.shape}\n".encode())
        whole.update(values.tobytes())
    return whole.hexdigest()


@torch.inference_mode()
def embed(encoder: Any, pixels: Tensor) -> NDArray[np.float32]:
    """Films as the encoder takes them, float32 (n, 3, size, size), to embeddings: float32 (n, width)."""
    states = encoder(pixel_values=pixels, output_hidden_states=True).hidden_states  # what enters, then every layer's
    tokens = states[encoder.config.num_hidden_layers // 2]
    embeddings: NDArray[np.float32] = tokens[:, 1:].mean(1).numpy()
    return embeddings


class OodDetector:
    """Compares a film with the training films; holds nothing that a draft uses, so both may run at once.

    `image_mean` and `image_std` are those of the base's image processor.
    """

    def __init__(
        self,
        encoder: Any,
        statistics: FilmStatistics,
        image_mean: tuple[float, float, float],
        image_std: tuple[float, float, float],
    ) -> None:
        self._encoder, self._statistics = encoder, statistics
        self._size = int(encoder.config.image_size)
        self._mean, self._std = (torch.tensor(values).view(1, 3, 1, 1) for values in (image_mean, image_std))

    def doubts(self, radiograph: Radiograph) -> tuple[str, ...]:
        """One sentence where the film lies too far from the training films, and one if turning it would mend that."""
        lateral = radiograph.view is View.LATERAL
        limit = self._statistics.lateral_limit if lateral else self._statistics.limit
        greys = resize_to_square(radiograph.pixels, self._size)
        if self.distances(greys[None])[0] <= limit:
            return ()
        share = f"{100 * (LATERAL_QUANTILE if lateral else QUANTILE):g} %"
        found = (
            "The film does not look like the chest radiographs that the model was trained on: it is farther from "
            f"them than {share} of such films that it had not seen; a draft of it may be meaningless.",
        )
        return found if lateral else (*found, *self._remedy(greys))

    def distances(self, greys: NDArray[np.float32]) -> NDArray[np.float32]:
        """How far films, (n, size, size) in [0, 1], lie from the training films: float32 (n,), about 1 for one."""
        pixels = (torch.from_numpy(np.ascontiguousarray(greys))[:, None] - self._mean) / self._std
        return self._statistics.distances(embed(self._encoder, pixels))

    def _remedy(self, greys: NDArray[np.float32]) -> Iterator[str]:
        """Say which change would make it look like a chest radiograph, if one does."""
        changed = {
            "Turned the other way up": greys[::-1, ::-1],
            "Turned by a quarter to the right": np.rot90(greys, -1),
            "Turned by a quarter to the left": np.rot90(greys),
            "With black and white exchanged": 1 - greys,
        }
        distances = self.distances(np.stack(list(changed.values())))
        nearest = int(distances.argmin())
        if distances[nearest] <= self._statistics.limit:
            yield f"{list(changed)[nearest]}, it would look like one."


def load_ood_detector(folder: Path, base: Base) -> OodDetector | None:
    """The gate of the base in a folder; None where no statistics lie beside its weights.

    Raises ModelUnavailable for damaged statistics and for those of another encoder.
    """
    file = folder / STATISTICS_FILE
    if not file.is_file():
        return None
    statistics = read_statistics(file)
    encoder, digest = read_encoder(folder)
    if digest != statistics.encoder:
        raise ModelUnavailable(
            f"The film statistics beside the base {base.name} were made with another vision encoder "
            f"({statistics.encoder[:12]}) than the base's ({digest[:12]}); make them anew with "
            f"`python -m research.mini`, or remove {STATISTICS_FILE}: films are then looked at by plain means only."
        )
    return OodDetector(encoder, statistics, base.image_mean, base.image_std)


def _packed(values: NDArray[np.float32]) -> str:
    return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")


def _unpacked(text: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(text, validate=True), dtype="<f4").astype(np.float32)
