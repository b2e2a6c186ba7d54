"""Pictures as the encoder takes them, and the random variations that it is trained on."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

MEAN, STD = 0.5, 0.25
BLURRIEST = 1 / 3
"""Of a film's side: at 192 pixels the smallest films, of 64, are as sharp as the larger ones are at their blurriest."""


def normalise(pictures: Tensor) -> Tensor:
    """Grey pictures (n, 1, size, size) in [0, 1] as the encoder's three channels: (value - 0.5) / 0.25."""
    return ((pictures - MEAN) / STD).expand(-1, 3, -1, -1)


def augment(pictures: Tensor, rng: torch.Generator) -> Tensor:
    """Move, turn, scale, regrade and blur each picture a little; never mirror it, for the heart has a side.

    The blur reduces pictures to a random smaller size and back, so that sharpness says nothing of a finding.
    """
    return augment_with_masks(pictures, pictures[..., :1, :1], rng)[0]


def augment_with_masks(pictures: Tensor, masks: Tensor, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Vary pictures as `augment` does, and move their masks, (n, kinds, cells, cells), along with them."""
    number, _, _, size = pictures.shape

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(number, generator=rng) * (high - low) + low

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
        small = int(size * (BLURRIEST + torch.rand(1, generator=rng).item()))
        if small < size:
            part = functional.interpolate(part, (small, small), mode="bilinear", antialias=True, align_corners=False)
            part = functional.interpolate(part, (size, size), mode="bilinear", align_corners=False)
        blurred.append(part)
    return torch.cat(blurred).clamp(0.0, 1.0), masks
