"""The drawn films of the training set: which phantoms they show, what is known of them, and where each finding is."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from research.mini.films.manifest import NIH_LABELS, FilmRow, split_of
from research.mini.films.prior_films import prior_phantom
from research.phantom.choosing import random_phantom
from research.phantom.description import Kind, Phantom
from research.phantom.draw import Drawing
from research.phantom.reports.truth import nih_label

PHANTOM_SET, PRIOR_SET = "phantom", "phantom-prior"
KINDS = tuple(Kind)
MASK_CELL = 8
"""Pixels a side that one cell of a mask stands for: half a patch."""


def phantoms_by_id(number: int) -> Iterator[tuple[str, Phantom]]:
    """The id and phantom of every drawn film: those numbered below `number`, and after them the prior films."""
    yield from ((f"phantom_{seed:06d}", random_phantom(seed)) for seed in range(number))
    for seed in range(number):
        if earlier := prior_phantom(seed):
            yield f"phantom_{seed:06d}_prior", earlier


def phantom_row(name: str, phantom: Phantom) -> FilmRow:
    """The row of a drawn film; a prior film is in the split of the film that follows it."""
    patient = name.removesuffix("_prior")
    truth = [nih_label(phantom, each) for each in NIH_LABELS]
    labels = tuple(None if holds is None else float(holds) for holds in truth)
    which = PRIOR_SET if name != patient else PHANTOM_SET
    return FilmRow(name, which, patient, PHANTOM_SET, split_of(patient), labels)


def mask_cells(drawing: Drawing) -> NDArray[np.uint8]:
    """The cells that each kind's mask touches, (16, size / 8, size / 8)."""
    number = len(drawing.image) // MASK_CELL
    cells = np.zeros((len(KINDS), number, number), dtype=np.uint8)
    for finding, mask in drawing.masks.items():
        cells[KINDS.index(finding.kind)] = mask.reshape(number, MASK_CELL, number, MASK_CELL).any(axis=(1, 3))
    return cells
