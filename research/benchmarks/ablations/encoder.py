"""What the teacher, the size, the data and the masks of drawn films contribute to the vision encoder: short runs."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from clinicalblip.evaluation.statistics.auroc import auroc_within
from clinicalblip.evaluation.statistics.statistic import CONFIDENCE
from clinicalblip.progress import write_line
from research.benchmarks.ablations.cache import cached
from research.mini.films.manifest import NIH_LABELS, NIH_SETS
from research.mini.films.phantom_films import PHANTOM_SET, PRIOR_SET
from research.mini.films.sampler import FilmSampler
from research.mini.films.table import Films
from research.mini.films.transforms import augment_with_masks
from research.mini.loop import Schedule, mixed_precision, train_part
from research.mini.recipe import FULL
from research.mini.vision.encoder import MASK_WEIGHT, Encoder, mask_loss, teacher_losses
from research.mini.vision.figures import aurocs, log_odds
from research.mini.vision.teacher import Teacher, known_label_loss
from research.mini.vision.vision_init import load_vision_init

RESAMPLES = 200
SIZE, BATCH, AVERAGE = 128, 16, 0.98
DRAWN_SETS = (PHANTOM_SET, PRIOR_SET)


@dataclass(frozen=True)
class Variant:
    """One way to train the encoder; the others differ from the first by one thing each."""

    name: str
    size: int = SIZE
    teacher: bool = True
    other_sets: bool = True
    drawn: bool = True
    masks: bool = True


REFERENCE = Variant("teacher, 128 pixels, all sets and drawn films with masks")
VARIANTS = (
    REFERENCE,
    Variant("no teacher: labels and masks alone", teacher=False),
    Variant("96 pixels", size=96),
    Variant("160 pixels", size=160),
    Variant("NIH's films alone", other_sets=False, drawn=False, masks=False),
    Variant("NIH's and the other sets, no drawn films", drawn=False, masks=False),
    Variant("drawn films without their masks", masks=False),
)


def run_encoders(run: Path, table: Films, vision_init: Path, seeds: int, steps: int) -> dict[str, Any]:
    """Train and evaluate the missing variants, and give the part's figures.

    `vision_init` holds the teacher. Raises ModelUnavailable where it is not there.
    """
    torch.manual_seed(0)
    teacher = Teacher(imagenet=False)
    digest = load_vision_init(vision_init, "teacher", teacher)
    teacher.eval().requires_grad_(False)
    rows = table.rows("validation", NIH_SETS)
    films = [len(table.ids), len(rows)]
    scores: dict[str, list[NDArray[np.float64]]] = {}
    for size in sorted({variant.size for variant in VARIANTS}):
        fingerprint: dict[str, Any] = {"teacher": digest, "size": size, "films": films}
        path = run / "encoder" / f"teacher-{size}.json"
        kept = cached(path, fingerprint, lambda size=size: _scores(table, rows, size, lambda shown: teacher(shown)[1]))
        scores[f"the teacher itself, {size} pixels"] = [np.array(kept)]
    for seed in range(seeds):  # a run that is ended early has the same seeds of every variant
        for number, variant in enumerate(VARIANTS):
            fingerprint = {"teacher": digest, "variant": asdict(variant), "seed": seed, "steps": steps, "films": films}
            path = run / "encoder" / f"variant-{number}-seed-{seed}.json"
            place = run / "encoder" / f"variant-{number}-seed-{seed}-steps-{steps}"
            write_line(f"encoder: {variant.name}, seed {seed}")
            kept = cached(
                path,
                fingerprint,
                lambda v=variant, s=seed, p=place: _trained(table, rows, teacher, digest, v, s, steps, p),
            )
            scores.setdefault(variant.name, []).append(np.array(kept))
    write_line("resampling patients")
    return {
        "teacher": digest,
        "seeds": seeds,
        "steps": steps,
        "batch": BATCH,
        "films": len(rows),
        "patients": len({table.patients[row] for row in rows}),
        "rows": _measure(table, rows, scores),
    }


def _trained(
    table: Films,
    rows: NDArray[np.int64],
    teacher: Teacher,
    digest: str,
    variant: Variant,
    seed: int,
    steps: int,
    folder: Path,
) -> list[list[float]]:
    """Train a new encoder in this way, and give its log odds for the validation films.

    The losses are those of `mini/encoder.py`, without the teacher's where there is none. The teacher is shown the
    same pictures.
    """
    recipe = replace(FULL, size=variant.size, seed=seed)
    films = _only(table, variant)
    torch.manual_seed(seed)
    encoder = Encoder(recipe).train()
    sampler = FilmSampler(films, BATCH, recipe.encoder_other_fraction, seed)
    rng = torch.Generator()

    def losses(step: int) -> dict[str, Tensor]:
        chosen = sampler(step)
        rng.manual_seed(seed * 1_000_003 + step)
        shown = _resized(films.pictures(chosen), variant.size)
        pictures, masks = augment_with_masks(shown, films.masks_of(chosen), rng)
        with mixed_precision():
            predicted, logits, drawn = encoder(pictures)
        parts = {"labels": known_label_loss(logits, films.truth(chosen))}
        is_phantom = films.is_phantom(chosen)
        if variant.masks and bool(is_phantom.any()):
            parts["masks"] = MASK_WEIGHT * mask_loss(drawn, masks, is_phantom)
        if variant.teacher:
            with mixed_precision(), torch.no_grad():
                feature, teacher_logits = teacher(pictures)
            parts |= teacher_losses(predicted, logits, feature, teacher_logits, ~is_phantom)
        return parts

    schedule = Schedule(steps, recipe.encoder_rate, weight_decay=0.05, seed=seed, average=AVERAGE)
    train_part(folder, encoder, losses, schedule, settings={**asdict(variant), "teacher": digest}, log=write_line)
    encoder.eval()
    return _scores(table, rows, variant.size, lambda pictures: encoder(pictures)[1])


def _only(table: Films, variant: Variant) -> Films:
    """The table with the films that this variant does not use left out of the training split."""
    used = [name in NIH_SETS or (variant.drawn if name in DRAWN_SETS else variant.other_sets) for name in table.sets]
    splits = (split if use or split != "train" else "unused" for split, use in zip(table.splits, used, strict=True))
    return replace(table, splits=tuple(splits))


def _resized(pictures: Tensor, size: int) -> Tensor:
    if pictures.shape[-1] == size:
        return pictures
    smaller = functional.interpolate(pictures, (size, size), mode="bilinear", antialias=True, align_corners=False)
    return smaller.clamp(0.0, 1.0)


def _scores(table: Films, rows: NDArray[np.int64], size: int, logits: Any) -> list[list[float]]:
    """The log odds of the labels, (films, 14)."""
    found = log_odds(table, rows, lambda pictures: logits(_resized(pictures, size)))
    return [[round(value, 6) for value in row] for row in found.tolist()]


def _measure(
    table: Films, rows: NDArray[np.int64], scores: dict[str, list[NDArray[np.float64]]]
) -> list[dict[str, Any]]:
    """Macro AUROC within film sizes by seed, its mean with an interval over patients, and less the first variant's.

    Each resample draws the same patients for all variants.
    """
    labels, groups = _counted(table, rows)
    people, place = np.unique(np.array([table.patients[row] for row in rows]), return_inverse=True)
    of_person = [np.flatnonzero(place == number) for number in range(len(people))]
    rng = np.random.default_rng(0)
    draws = [
        np.concatenate([of_person[person] for person in rng.integers(len(people), size=len(people))])
        for _ in range(RESAMPLES)
    ]

    def macro(values: NDArray[np.float64], chosen: NDArray[np.int64]) -> float:
        each = [
            auroc_within(values[chosen][:, columns].max(axis=1), truth[chosen], groups[chosen])
            for columns, truth in labels
        ]
        return float(np.nanmean(each)) if each else math.nan

    everyone = np.arange(len(rows))
    spread = {name: [np.mean([macro(v, draw) for v in each]) for draw in draws] for name, each in scores.items()}
    found = []
    for name, each in scores.items():
        by_seed = [macro(values, everyone) for values in each]
        value, own = float(np.mean(by_seed)), np.array(spread[name])
        reference = float(np.mean([macro(values, everyone) for values in scores[REFERENCE.name]]))
        less = own - np.array(spread[REFERENCE.name])
        found.append(
            {
                "row": name,
                "by_seed": [_kept(each) for each in by_seed],
                "std": _kept(float(np.std(by_seed, ddof=1))) if len(by_seed) > 1 else None,
                "figures": {
                    "macro-auroc": _interval(value, own),
                    "less-the-first": None if name == REFERENCE.name else _interval(value - reference, less),
                },
            }
        )
    return found


def _counted(
    table: Films, rows: NDArray[np.int64]
) -> tuple[list[tuple[list[int], NDArray[np.float32]]], NDArray[np.str_]]:
    """The labels that count in the mean, with 30 positives or more, as `mini/teacher.py` counts them."""
    truth = table.labels[rows]
    named = aurocs(table, rows, np.zeros((len(rows), len(NIH_LABELS))))["labels"]
    found = []
    for name, entry in named.items():
        names = ("Nodule", "Mass") if name == "Nodule or Mass" else (name,)
        columns = [NIH_LABELS.index(each) for each in names]
        if entry["positives"] >= 30:
            found.append((columns, truth[:, columns].max(axis=1)))
    return found, np.array([table.groups[row] for row in rows], dtype=np.str_)


def _interval(value: float, spread: NDArray[np.float64]) -> dict[str, float | None]:
    low, high = np.nanquantile(spread, ((1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2))
    return {"value": _kept(value), "low": _kept(float(low)), "high": _kept(float(high))}


def _kept(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)
