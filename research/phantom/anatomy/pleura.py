"""Fluid and gas between the lung and the chest wall."""

from __future__ import annotations

import numpy as np

from research.phantom.anatomy.body import Body
from research.phantom.anatomy.organs import lung
from research.phantom.projection.beam import Beam
from research.phantom.projection.solids import Layer, step

PLEURA_CM = 0.06


def fluid_fraction(beam: Beam, body: Body, sign: int, severity: float) -> Layer:
    """Which part of the ray through one lung is fluid: it lies below a meniscus that climbs along the wall."""
    centre = 0.0 if not beam.lateral else sign * 0.5 * body.width
    h, y = beam.plane(centre)
    if beam.lateral:
        towards_wall = np.abs(h - body.lung_middle(y)) / np.maximum(body.lung_depth(y), 1.0)
    else:
        inside, outside = body.lung_inside(y), body.lung_outside(y)
        towards_wall = (sign * h - inside) / np.maximum(outside - inside, 1.0)
    angle = body.dome_top(sign) + body.dome_fall
    at_wall = angle - 2.4 - 11.5 * severity
    level = at_wall + (1.0 - np.clip(towards_wall, 0.0, 1.0) ** 3) * np.float32(2.6 + 1.6 * severity)
    # Behind and in front of the lung the fluid stands as high as at the side: a veil above the level in the middle.
    fraction: Layer = np.clip(step(y - level, 0.45) + 0.28 * step(y - at_wall + 0.6, 0.9), 0.0, 1.0)
    return fraction


def gap_of(severity: float) -> float:
    """How far a lung with a pneumothorax has shrunk from the wall, in cm."""
    return 1.0 + 4.4 * severity


def collapsed_lung(beam: Beam, body: Body, sign: int, severity: float) -> tuple[Layer, Layer]:
    """Chords through the lung that is left, and through the pleura around it, whose edge shows as a line."""
    gap = gap_of(severity)
    left = lung(beam, body, sign, gap)
    wider = lung(beam, body, sign, gap - PLEURA_CM)
    return left, np.maximum(wider - left, 0.0)
