"""Whether a film looks like the chest radiographs that the model was trained on: the out-of-distribution detector.

Beside a base's weights may lie `chest-gate.json`: where the embeddings of its training films lie, and how far from
there films of the validation split reach. The encoder is the base's own, in a copy that belongs to the detector alone,
so the same film has the same distance in every precision, with every adapter, on any device, and while a draft is
being generated. A base without that file has no detector. `research/mini/vision/ood.py` makes the file for the bundled
base.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from clinicalblip.errors import ModelUnavailable
from clinicalblip.instructblip.base import Base
from clinicalblip.instructblip.vision.encoder import embed, read_encoder
from clinicalblip.instructblip.vision.film_statistics import (
    LATERAL_QUANTILE,
    QUANTILE,
    STATISTICS_FILE,
    FilmStatistics,
    read_statistics,
)
from clinicalblip.instructblip.vision.preprocess import film_to_square
from clinicalblip.radiology.radiograph import Radiograph, View


class OodDetector:
    """Compares films with the training films; shares nothing with a draft, so both may run at once.

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
        """A sentence where the film is too far from the training films, and another if turning it would help."""
        lateral = radiograph.view is View.LATERAL
        limit = self._statistics.lateral_limit if lateral else self._statistics.limit
        greys = film_to_square(radiograph, self._size)
        if self.distances(greys[None])[0] <= limit:
            return ()
        fraction = f"{100 * (LATERAL_QUANTILE if lateral else QUANTILE):g} %"
        found = (
            "The film does not look like the chest radiographs that the model was trained on: it is farther from "
            f"them than {fraction} of such films that it had not seen; a draft of it may be meaningless.",
        )
        return found if lateral else (*found, *self._remedy(greys))

    def distances(self, greys: NDArray[np.float32]) -> NDArray[np.float32]:
        """The distance of films, (n, size, size) in [0, 1], from the training films: float32 (n,), about 1 for one."""
        pixels = (torch.from_numpy(np.ascontiguousarray(greys))[:, None] - self._mean) / self._std
        return self._statistics.distances(embed(self._encoder, pixels))

    def _remedy(self, greys: NDArray[np.float32]) -> Iterator[str]:
        """The change that would make it look like a chest radiograph, if one does."""
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
    """The detector of the base in a folder; None where no statistics lie beside its weights.

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
