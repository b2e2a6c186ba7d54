"""The pictures without a chest that reports are written of: blank, shaded and noisy ones, stripes, films in pieces.

A model that has only seen reports of chests reads findings into noise. These pictures are no part of the table of
films, so that the statistics of the training films know nothing of them: their rows are counted on from its end.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from clinicalblip.instructblip.vision.preprocess import resize_to_square
from research.mini.films.no_films import no_films
from research.mini.films.table import Films

Picture = NDArray[np.float32]

UNREADABLE: Final = 400
"""How many there are."""


def unreadable_picture(films: Films, number: int) -> Picture:
    """Picture `number` of them, float32 (size, size) in [0, 1]; the same on every call."""
    rng, kind = np.random.default_rng((number, 11)), number % 5
    if kind == 4:
        return _shuffled(films, rng)
    if kind == 3:
        return _stripes(films.size, rng)
    made: Picture = no_films(kind + 1, films.size, torch.Generator().manual_seed(number))[kind, 0].numpy()
    return made


def pictures_of(films: Films, rows: NDArray[np.int64]) -> Tensor:
    """The films of these rows, those past the table's end unreadable ones: float32 (len(rows), 1, size, size)."""
    past = rows >= len(films.ids)
    pictures = torch.zeros(len(rows), 1, films.size, films.size)
    pictures[torch.from_numpy(~past)] = films.pictures(rows[~past])
    for place in np.flatnonzero(past):
        made = unreadable_picture(films, int(rows[place]) - len(films.ids))
        pictures[int(place), 0] = torch.from_numpy(made)
    return pictures


def name_of(films: Films, row: int) -> str:
    """The id of the film of this row, past the table's end that of an unreadable picture."""
    return films.ids[row] if row < len(films.ids) else f"unreadable_{row - len(films.ids):04d}"


def _stripes(size: int, rng: np.random.Generator) -> Picture:
    """Stripes or a chequered board, sharp or soft."""
    y, x = np.mgrid[0:size, 0:size]
    waves = np.sin(x * rng.uniform(0.0, 1.0)) * (np.cos(y * rng.uniform(0.0, 1.0)) if rng.random() < 0.5 else 1.0)
    return np.asarray(0.5 + 0.5 * (np.sign(waves) if rng.random() < 0.5 else waves), dtype=np.float32)


def _shuffled(films: Films, rng: np.random.Generator) -> Picture:
    """A training film in pieces that lie in another order: the greys of a chest without a chest."""
    train = films.rows("train")
    film = films.pictures(train[rng.integers(len(train), size=1)])[0, 0].numpy()
    pieces = int(rng.choice((4, 5, 8)))
    square = resize_to_square(film, films.size // pieces * pieces)
    cell = len(square) // pieces
    cells = square.reshape(pieces, cell, pieces, cell).swapaxes(1, 2).reshape(-1, cell, cell)
    mixed = cells[rng.permutation(len(cells))].reshape(pieces, pieces, cell, cell).swapaxes(1, 2)
    return resize_to_square(np.ascontiguousarray(mixed.reshape(square.shape)), films.size)
