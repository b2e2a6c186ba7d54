"""The films that the bundled model learns to see from: real ones and phantoms, resized once, split by patient."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional

from clinicalblip.datasets.files.atomic import write_atomically
from clinicalblip.datasets.files.fingerprint import differing_fields
from clinicalblip.errors import DatasetNotFound, MalformedStudy, StageError
from clinicalblip.instructblip.vision.preprocess import resize_to_square
from clinicalblip.progress import track
from clinicalblip.training.run_folder import translate_write_errors
from research.mini.array_cache import save_rows
from research.mini.phantoms import drawn_prior
from research.mini.recipe import MiniRecipe
from research.phantom.choosing import random_phantom
from research.phantom.description import Kind, Phantom
from research.phantom.draw import Drawing, draw
from research.phantom.truth import nih_label

NIH_LABELS = (
    "Atelectasis",
    "Cardiomegaly",
    "Consolidation",
    "Edema",
    "Effusion",
    "Emphysema",
    "Fibrosis",
    "Hernia",
    "Infiltration",
    "Mass",
    "Nodule",
    "Pleural_Thickening",
    "Pneumonia",
    "Pneumothorax",
)
NIH_SETS = ("nih", "nih_lowres")
PHANTOM_SET, PRIOR_SET = "phantom", "phantom-prior"
MEAN, DEVIATION = 0.5, 0.25
MASK_CELL = 8
"""Pixels a side that one cell of a mask stands for: half a patch."""
KINDS = tuple(Kind)

_PNEUMONIA_WORDS = frozenset({"Pneumonia", "COVID-19", "SARS"})


@dataclass(frozen=True)
class Films:
    """A table of films: `pixels` uint8 (n, size, size) on disk, `labels` float32 (n, 14) with NaN where unknown.

    The drawn films stand last; `masks` uint8 (drawn, 16, size / 8, size / 8) says in which cells each kind was drawn.
    """

    pixels: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    labels: NDArray[np.float32]
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

    def pictures(self, rows: NDArray[np.int64]) -> Tensor:
        """The films of these rows as float32 (len(rows), 1, size, size) in [0, 1]."""
        return torch.from_numpy(np.asarray(self.pixels[rows])).to(torch.float32).div_(255.0)[:, None]

    def truth(self, rows: NDArray[np.int64]) -> Tensor:
        """The labels of these rows, float32 (len(rows), 14), NaN where unknown."""
        return torch.from_numpy(self.labels[rows])

    def is_drawn(self, rows: NDArray[np.int64]) -> Tensor:
        """Which of these rows are of drawn films, bool (len(rows),)."""
        return torch.from_numpy(rows >= self._real)

    def drawn_in(self, rows: NDArray[np.int64]) -> Tensor:
        """Where each kind was drawn, float32 (len(rows), 16, size / 8, size / 8) of 0 and 1; nowhere in real films."""
        cells = np.zeros((len(rows), *self.masks.shape[1:]), dtype=np.float32)
        drawn = rows >= self._real
        cells[drawn] = self.masks[rows[drawn] - self._real]
        return torch.from_numpy(cells)

    @property
    def _real(self) -> int:
        return len(self.ids) - len(self.masks)


def prepare_films(data: Path, run: Path, recipe: MiniRecipe) -> Films:
    """Resize every usable film of `data/radiographs` and draw the phantoms, once; then read the cache in `run`.

    Raises DatasetNotFound without a manifest, MalformedStudy for a film that is not in its zip, StageError for a run
    that was begun with other films, and where the disk is full.
    """
    folder = run / "films"
    table, pixels, masks = folder / "films.json", folder / "pixels.npy", folder / "masks.npy"
    manifest = data / "radiographs" / "manifest.csv"
    if not manifest.is_file():
        raise DatasetNotFound("There is no radiographs/manifest.csv in the data folder; name the folder that holds it.")
    digest = hashlib.sha256(manifest.read_bytes()).hexdigest()
    noticed = np.rint(draw(random_phantom(0), 64).image * 15).astype(np.uint8)  # notices phantoms drawn anew
    made_of = {
        "manifest": digest,
        "size": recipe.size,
        "phantoms": recipe.phantoms,
        "drawing": hashlib.sha256(noticed.tobytes()).hexdigest() if recipe.phantoms else "",
    }
    if table.is_file():
        if other := differing_fields(json.loads(table.read_text("utf-8"))["made_of"], made_of):
            raise StageError(f"The run was begun with another {other} of films; choose a new run folder.")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        usable = _usable(manifest)
        phantoms = dict(_phantoms(recipe.phantoms))
        rows = [*usable, *(_phantom_row(name, phantom) for name, phantom in phantoms.items())]
        cells = np.zeros((len(phantoms), len(KINDS), *2 * (recipe.size // MASK_CELL,)), dtype=np.uint8)

        def pictures() -> Iterator[NDArray[np.uint8]]:
            for picture in _resized(data / "radiographs", usable, recipe.size):
                yield np.rint(picture * 255.0).astype(np.uint8)[None]
            for number, phantom in enumerate(phantoms.values()):
                drawing = draw(phantom, recipe.size)
                cells[number] = mask_cells(drawing)
                yield np.rint(drawing.image * 255.0).astype(np.uint8)[None]

        shape = (len(rows), recipe.size, recipe.size)
        save_rows(pixels, shape, np.uint8, track(pictures(), "films", total=len(rows)))
        save_rows(masks, cells.shape, np.uint8, [cells])
        text = json.dumps({"made_of": made_of, "films": [row.__dict__ for row in rows]})
        with translate_write_errors("The table of films"):
            write_atomically(table, text)
    return _read(table, pixels, masks)


@dataclass(frozen=True)
class _Row:
    id: str
    set: str
    patient: str
    group: str
    split: str
    labels: tuple[float | None, ...]


def _usable(manifest: Path) -> list[_Row]:
    rows = []
    with manifest.open(newline="", encoding="utf-8") as lines:
        for line in csv.DictReader(lines):
            names = frozenset(filter(None, line["labels"].split(";")))
            # NIH patients whose ids are lost might be validation patients: their films are nobody's.
            orphan = line["set"] == "nih_effusion_anon"
            orphan = orphan or (line["set"] == "covid_radiography" and "No Finding" in names)
            if orphan or line["view"] == "lateral":
                continue
            patient = line["patient"] or line["file"]
            split = _split(patient) if line["set"] in NIH_SETS else "train"
            group = f"{line['set']}:{min(int(line['width']), int(line['height']))}"
            rows.append(_Row(line["file"], line["set"], patient, group, split, _known(line["set"], names)))
    return rows


def _known(set_name: str, names: frozenset[str]) -> tuple[float | None, ...]:
    """1 present, 0 absent, None unknown, in the order of `NIH_LABELS`; only NIH's films were read for all fourteen."""
    if names == {"No Finding"}:
        return (0.0,) * len(NIH_LABELS)
    if set_name in NIH_SETS and names:
        return tuple(float(name in names) for name in NIH_LABELS)
    pneumonia = 1.0 if names & _PNEUMONIA_WORDS else None
    return tuple(pneumonia if name == "Pneumonia" else None for name in NIH_LABELS)


def _split(patient: str) -> str:
    return "validation" if int(hashlib.sha256(patient.encode()).hexdigest(), 16) % 10 == 0 else "train"


def _phantoms(number: int) -> Iterator[tuple[str, Phantom]]:
    """Every drawn film by its id; the earlier ones stand after all others."""
    yield from ((f"phantom_{seed:06d}", random_phantom(seed)) for seed in range(number))
    for seed in range(number):
        if earlier := drawn_prior(seed):
            yield f"phantom_{seed:06d}_prior", earlier


def _phantom_row(name: str, phantom: Phantom) -> _Row:
    patient = name.removesuffix("_prior")
    truth = [nih_label(phantom, each) for each in NIH_LABELS]
    labels = tuple(None if holds is None else float(holds) for holds in truth)
    which = PRIOR_SET if name != patient else PHANTOM_SET
    return _Row(name, which, patient, PHANTOM_SET, _split(patient), labels)


def mask_cells(drawing: Drawing) -> NDArray[np.uint8]:
    """The cells that each kind's mask touches, (16, size / 8, size / 8)."""
    number = len(drawing.image) // MASK_CELL
    cells = np.zeros((len(KINDS), number, number), dtype=np.uint8)
    for finding, mask in drawing.masks.items():
        cells[KINDS.index(finding.kind)] = mask.reshape(number, MASK_CELL, number, MASK_CELL).any(axis=(1, 3))
    return cells


def _resized(folder: Path, rows: list[_Row], size: int) -> Iterator[NDArray[np.float32]]:
    archives: dict[str, zipfile.ZipFile] = {}
    try:
        for row in rows:
            archive, _, name = row.id.partition("/")
            try:
                if archive not in archives:
                    archives[archive] = zipfile.ZipFile(folder / archive)
                packed = archives[archive].read(name)
                with Image.open(io.BytesIO(packed)) as picture:
                    grey = np.asarray(picture.convert("L"), dtype=np.float32) / 255.0
            except (KeyError, OSError, zipfile.BadZipFile) as error:
                raise MalformedStudy(
                    f"A film of the set {row.set} stands in the manifest but cannot be read from its zip; "
                    "copy the data folder again."
                ) from error
            yield resize_to_square(grey, size)
    finally:
        for opened in archives.values():
            opened.close()


def _read(table: Path, pixels: Path, masks: Path) -> Films:
    films = json.loads(table.read_text("utf-8"))["films"]
    return Films(
        pixels=np.load(pixels, mmap_mode="r"),
        masks=np.load(masks, mmap_mode="r"),
        labels=np.array([row["labels"] for row in films], dtype=np.float32),
        ids=tuple(row["id"] for row in films),
        sets=tuple(row["set"] for row in films),
        patients=tuple(row["patient"] for row in films),
        groups=tuple(row["group"] for row in films),
        splits=tuple(row["split"] for row in films),
    )


class FilmOrder:
    """Which films a step sees: every NIH film once an epoch, a random share of the others, in an order by seed."""

    def __init__(self, films: Films, batch: int, other_share: float, seed: int) -> None:
        train = films.rows("train")
        nih = np.array([films.sets[row] in NIH_SETS for row in train], dtype=bool)
        self._nih, self._others = train[nih], train[~nih]
        self._chosen = round(len(self._others) * other_share)
        self._batch, self.seed = batch, seed
        self._epoch, self._order = -1, self._nih
        self.steps_per_epoch = max(1, (len(self._nih) + self._chosen) // batch)

    def __call__(self, step: int) -> NDArray[np.int64]:
        """Row numbers of the batch of this step, the same for the same seed."""
        epoch, place = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            random = np.random.default_rng((self.seed, epoch))
            others = random.choice(self._others, size=self._chosen, replace=False)
            self._order, self._epoch = random.permutation(np.concatenate((self._nih, others))), epoch
        chosen: NDArray[np.int64] = self._order[place * self._batch : (place + 1) * self._batch]
        return chosen


def normalise(pictures: Tensor) -> Tensor:
    """Grey pictures (n, 1, size, size) in [0, 1] as the encoder's three channels: (value - 0.5) / 0.25."""
    return ((pictures - MEAN) / DEVIATION).expand(-1, 3, -1, -1)


def augment(pictures: Tensor, random: torch.Generator) -> Tensor:
    """Move, turn, scale, regrade and blur each picture a little; never mirror it, the heart has a side.

    The blur goes through a random smaller size, so that how sharp a film is says nothing about its finding.
    """
    return augment_with_masks(pictures, pictures[..., :1, :1], random)[0]


def augment_with_masks(pictures: Tensor, masks: Tensor, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Vary pictures as `augment` does, and move their masks, (n, kinds, cells, cells), along with them."""
    number, _, _, size = pictures.shape

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(number, generator=random) * (high - low) + low

    angle, zoom = uniform(-5.0, 5.0) * (torch.pi / 180), uniform(0.9, 1.1)
    cos, sin = angle.cos() * zoom, angle.sin() * zoom
    turn = torch.stack((cos, -sin, uniform(-0.06, 0.06), sin, cos, uniform(-0.06, 0.06)), 1).view(-1, 2, 3)
    grid = functional.affine_grid(turn, [number, 1, size, size], align_corners=False)
    moved = functional.grid_sample(pictures, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    cells = functional.affine_grid(turn, [number, 1, *masks.shape[2:]], align_corners=False)
    masks = functional.grid_sample(masks, cells, mode="bilinear", padding_mode="zeros", align_corners=False)
    gamma = torch.exp(uniform(-0.2, 0.2)).view(-1, 1, 1, 1)
    contrast, light = uniform(0.85, 1.2).view(-1, 1, 1, 1), uniform(-0.06, 0.06).view(-1, 1, 1, 1)
    graded = ((moved.clamp(1e-4, 1.0) ** gamma - 0.5) * contrast + 0.5 + light).clamp(0.0, 1.0)
    blurred = []
    for part in torch.split(graded, max(1, number // 6)):
        small = int(size * (0.5 + 1.0 * torch.rand(1, generator=random).item()))
        if small < size:
            part = functional.interpolate(part, (small, small), mode="bilinear", antialias=True, align_corners=False)
            part = functional.interpolate(part, (size, size), mode="bilinear", align_corners=False)
        blurred.append(part)
    return torch.cat(blurred).clamp(0.0, 1.0), masks
