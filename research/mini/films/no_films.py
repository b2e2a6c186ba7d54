"""Pictures that show no chest at all, which a model learns to find nothing in: blank ones, shades and noise."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

_COARSEST = 4  # cells a side of the coarsest noise


def no_films(number: int, size: int, rng: torch.Generator) -> Tensor:
    """Grey pictures, float32 (number, 1, size, size) in [0, 1]: in turn blank, shaded from edge to edge, and noise.

    Noise is of every grain, from a pixel to a fourth of the picture, and of every strength.
    """
    found = []
    for place in range(number):
        level, strength, grain = torch.rand(3, generator=rng).tolist()
        picture = torch.full((1, 1, size, size), level)
        if place % 3 == 1:
            across, down = torch.linspace(-0.5, 0.5, size)[None], torch.linspace(-0.5, 0.5, size)[:, None]
            turn = torch.rand(1, generator=rng) * 2 * torch.pi
            picture = picture + 1.5 * strength * (turn.cos() * across + turn.sin() * down)
        elif place % 3 == 2:
            cells = round(_COARSEST * (size / _COARSEST) ** grain)
            noise = torch.rand((1, 1, cells, cells), generator=rng) - 0.5
            picture = 0.5 + (picture - 0.5) * (1 - strength)
            picture = picture + 2 * strength * functional.interpolate(noise, (size, size), mode="bilinear")
        found.append(picture)
    return torch.cat(found).clamp(0.0, 1.0) if found else torch.zeros(0, 1, size, size)
