"""What a teacher or an encoder reads in validation films: against mined labels and radiologists, and by size."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from clinicalblip.evaluation.statistics.auroc import auroc_within
from research.mini.films.label_sources import NORMAL, OPACITY
from research.mini.films.manifest import NIH_LABELS, NIH_SETS
from research.mini.films.no_films import no_films
from research.mini.films.phantom_films import PHANTOM_SET
from research.mini.films.table import Films
from research.mini.loop import mixed_precision
from research.mini.vision.targets import OPACITIES

COUNTED = {
    **{
        name: [NIH_LABELS.index(name)]
        for name in ("Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Effusion", "Pneumonia", "Pneumothorax")
    },
    "Nodule or Mass": [NIH_LABELS.index("Nodule"), NIH_LABELS.index("Mass")],
}
"""The labels that CheXpert also has, by name, and their columns."""

MIN_POSITIVES = 30
NO_FILMS = 300
Table = NDArray[np.float64]
Logits = Callable[[Tensor], Tensor]


def write_figures(folder: Path, films: Films, logits: Logits) -> dict[str, Any]:
    """Measure `logits(pictures)` on the validation films and write the figures to `folder/figures.json`."""
    rows = films.rows("validation", NIH_SETS)
    values = log_odds(films, rows, logits)
    drawn = films.rows("validation", (PHANTOM_SET,))
    figures = {
        "nih": aurocs(films, rows, values),
        "by_size": by_size(films, rows, values),
        "radiologists": against_radiologists(films, rows, values),
        "phantom": aurocs(films, drawn, log_odds(films, drawn, logits)),
        "no_films": affirmed_without_a_film(films.size, logits, values, films.labels[rows]),
    }
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return figures


@torch.no_grad()
def log_odds(films: Films, rows: NDArray[np.int64], logits: Logits, batch: int = 64) -> Table:
    """The log odds of each label for each film, (len(rows), 14), without augmentation."""
    starts = range(0, len(rows), batch)
    found = [_read(logits, films.pictures(rows[start : start + batch])) for start in starts]
    return np.concatenate([np.zeros((0, len(NIH_LABELS))), *found])


def _read(logits: Logits, pictures: Tensor) -> Table:
    with mixed_precision():
        values = logits(pictures)
    return np.asarray(values.float().double().numpy())


def aurocs(films: Films, rows: NDArray[np.int64], scores: Table, min_positives: int = MIN_POSITIVES) -> dict[str, Any]:
    """AUROC within groups of the labels of `COUNTED`, and the mean of those with `min_positives` or more."""
    groups = np.array([films.groups[row] for row in rows], dtype=np.str_)
    labels: dict[str, Any] = {}
    for name, (shown, present) in _columns(films, rows, scores).items():
        value = auroc_within(shown, present, groups)
        if not np.isnan(value):
            labels[name] = {"auroc": round(value, 4), "positives": int((present == 1).sum())}
    counted = [entry["auroc"] for entry in labels.values() if entry["positives"] >= min_positives]
    macro = round(float(np.mean(counted)), 4) if counted else None
    return {"films": len(rows), "macro_auroc": macro, "counted_labels": len(counted), "labels": labels}


def by_size(films: Films, rows: NDArray[np.int64], scores: Table, min_positives: int = MIN_POSITIVES) -> dict[str, Any]:
    """By the short side of the films, and for the set of NIH's larger ones: the pairs of all counted labels pooled.

    A pair is a film with a label and one without it, of the same set and size. The labels are those that have
    `min_positives` among all of these films.
    """
    found: dict[str, Any] = {}
    columns = {n: each for n, each in _columns(films, rows, scores).items() if (each[1] == 1).sum() >= min_positives}
    if not columns:
        return found
    sides = films.short_sides(rows)
    parts = {str(side): sides == side for side in sorted(set(sides.tolist()))}
    parts["larger"] = np.array([films.sets[row] == NIH_SETS[0] for row in rows], dtype=bool)
    groups = [films.groups[row] for row in rows]
    for part, inside in parts.items():
        own = [group for group, is_in in zip(groups, inside, strict=True) if is_in]
        names = np.array([f"{group} {name}" for name in columns for group in own], dtype=np.str_)
        shown = np.concatenate([values[inside] for values, _ in columns.values()])
        present = np.concatenate([truth[inside] for _, truth in columns.values()])
        value = auroc_within(shown, present, names)
        found[part] = {
            "films": int(inside.sum()),
            "positives": int((present == 1).sum()),
            "pooled_auroc": None if np.isnan(value) else round(value, 4),
        }
    return found


def against_radiologists(films: Films, rows: NDArray[np.int64], scores: Table) -> dict[str, Any]:
    """AUROC within groups against the radiologists' class, of the films among `rows` that they read.

    An opacity is scored by the likeliest of its labels, a normal film by how unlikely all fourteen are together.
    """
    read = np.array([bool(films.radiologists[row]) for row in rows], dtype=bool)
    classes = np.array([films.radiologists[row] for row in rows[read]], dtype=np.str_)
    groups = np.array([films.groups[row] for row in rows[read]], dtype=np.str_)
    shown = scores[read]
    found: dict[str, Any] = {"films": int(read.sum())}
    for name, truth, score in (
        ("opacity", classes == OPACITY, shown[:, OPACITIES].max(axis=1)),
        ("normal", classes == NORMAL, -np.logaddexp(0.0, shown).sum(axis=1)),
    ):
        value = auroc_within(score, truth.astype(float), groups)
        found[name] = {"positives": int(truth.sum()), "auroc": None if np.isnan(value) else round(value, 4)}
    return found


@torch.no_grad()
def affirmed_without_a_film(size: int, logits: Logits, values: Table, labels: NDArray[np.float32]) -> dict[str, Any]:
    """How many blank, shaded and noisy pictures have any label affirmed, and how many films.

    A label is affirmed from its threshold on, by which as many of the films, whose `values` are (films, 14), have it
    as are labelled with it.
    """
    if not len(values):
        return {}
    share = np.nanmean(labels, axis=0)
    thresholds = np.array([np.quantile(values[:, column], 1 - share[column]) for column in range(len(share))])
    pictures = no_films(NO_FILMS, size, torch.Generator().manual_seed(0))
    read = np.concatenate([_read(logits, part) for part in torch.split(pictures, 60)])
    affirmed: NDArray[np.bool_] = np.asarray((read > thresholds).any(axis=1))
    kinds = {name: affirmed[kind::3] for kind, name in enumerate(("blank", "shaded", "noise"))}
    return {
        **{name: {"pictures": len(each), "affirmed": int(each.sum())} for name, each in kinds.items()},
        "films": {"pictures": len(values), "affirmed": int((values > thresholds).any(axis=1).sum())},
    }


def _columns(films: Films, rows: NDArray[np.int64], scores: Table) -> dict[str, tuple[Table, NDArray[np.float32]]]:
    """By name of `COUNTED`: the scores and the truth of its films."""
    truth = films.labels[rows]
    return {
        name: (scores[:, places].max(axis=1, initial=-np.inf), truth[:, places].max(axis=1, initial=-np.inf))
        for name, places in COUNTED.items()
    }
