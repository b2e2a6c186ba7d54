"""The table of films that the bundled model learns to see from: real ones and, after them, drawn ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from research.mini.films.manifest import NIH_LABELS

TABLE, PIXELS, MASKS = "films.json", "pixels.npy", "masks.npy"
"""The files of a folder of films."""


@dataclass(frozen=True)
class Films:
    """A table of films: `pixels` uint8 (n, size, size) on disk, `labels` float32 (n, 14) with NaN where unknown.

    `probabilities` float32 (n, 14) are a published network's, NaN where it read none, and `radiologists` the class that
    radiologists gave a film, empty where they gave none.
    The drawn films stand last; `masks` uint8 (drawn, 16, size / 8, size / 8) says in which cells each kind was drawn.
    """

    pixels: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    labels: NDArray[np.float32]
    probabilities: NDArray[np.float32]
    radiologists: tuple[str, ...]
    ids: tuple[str, ...]
    sets: tuple[str, ...]
    patients: tuple[str, ...]
    groups: tuple[str, ...]
    splits: tuple[str, ...]

    @property
    def size(self) -> int:
        """Pixels a side."""
        return int(self.pixels.shape[1])

    def rows(self, split: str, sets: tuple[str, ...] | None = None) -> NDArray[np.int64]:
        """Row numbers of a split, of all sets or of those named."""
        chosen = [i for i, s in enumerate(self.splits) if s == split and (sets is None or self.sets[i] in sets)]
        return np.asarray(chosen, dtype=np.int64)

    def short_sides(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The short side of these rows' films before they were resized, in pixels; 0 for drawn ones."""
        return np.array([int(self.groups[row].partition(":")[2] or 0) for row in rows], dtype=np.int64)

    def pictures(self, rows: NDArray[np.int64]) -> Tensor:
        """The films of these rows as float32 (len(rows), 1, size, size) in [0, 1]."""
        return torch.from_numpy(np.asarray(self.pixels[rows])).to(torch.float32).div_(255.0)[:, None]

    def truth(self, rows: NDArray[np.int64]) -> Tensor:
        """The labels of these rows, float32 (len(rows), 14), NaN where unknown."""
        return torch.from_numpy(self.labels[rows])

    def is_phantom(self, rows: NDArray[np.int64]) -> Tensor:
        """Which of these rows are of drawn films, bool (len(rows),)."""
        return torch.from_numpy(rows >= self._real)

    def masks_of(self, rows: NDArray[np.int64]) -> Tensor:
        """Where each kind was drawn, float32 (len(rows), 16, size / 8, size / 8) of 0 and 1; nowhere in real films."""
        cells = np.zeros((len(rows), *self.masks.shape[1:]), dtype=np.float32)
        drawn = rows >= self._real
        cells[drawn] = self.masks[rows[drawn] - self._real]
        return torch.from_numpy(cells)

    @property
    def _real(self) -> int:
        return len(self.ids) - len(self.masks)


def read_films(folder: Path) -> Films:
    """The films that `prepare_films` has left in this folder."""
    films = json.loads((folder / TABLE).read_text("utf-8"))["films"]
    return Films(
        pixels=np.load(folder / PIXELS, mmap_mode="r"),
        masks=np.load(folder / MASKS, mmap_mode="r"),
        labels=np.array([row["labels"] for row in films], dtype=np.float32),
        probabilities=np.array([row["probabilities"] or [np.nan] * len(NIH_LABELS) for row in films], dtype=np.float32),
        radiologists=tuple(row["radiologists"] for row in films),
        ids=tuple(row["id"] for row in films),
        sets=tuple(row["set"] for row in films),
        patients=tuple(row["patient"] for row in films),
        groups=tuple(row["group"] for row in films),
        splits=tuple(row["split"] for row in films),
    )
