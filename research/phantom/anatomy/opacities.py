"""What fills the air of a lung: consolidation, atelectasis, nodules, masses and edema, as chords along the rays."""

from __future__ import annotations

from typing import Final

import numpy as np

from research.phantom.anatomy.body import Body
from research.phantom.anatomy.organs import ellipsoid
from research.phantom.anatomy.vessels import hilum
from research.phantom.description import Finding, Kind
from research.phantom.projection.beam import Beam, add_wire
from research.phantom.projection.solids import Layer, blur, clouds, part_rng, step

Place = tuple[float, float, float]
_ZONE_FRACTION: Final = {"upper": (0.16, 0.33), "middle": (0.43, 0.60), "lower": (0.72, 0.90)}


def place_of(body: Body, seed: int, finding: Finding, sign: int) -> Place:
    """Where in the body a finding of one lung lies: inside its zone, clear of the heart, x, y and z in cm."""
    rng = part_rng(seed, f"{finding.kind} {sign}")
    low, high = _ZONE_FRACTION[finding.zone]
    fraction, out, deep = rng.uniform((low, 0.42, -0.45), (high, 0.72, 0.35)).tolist()
    if finding.zone == "lower":
        out = 0.55 + 0.6 * (out - 0.42) if sign < 0 else 0.70 + 0.4 * (out - 0.42)
    y = body.apex + fraction * (body.dome_top(sign) + 1.5 - body.apex)
    height = np.array(y)
    inside, outside = float(body.lung_inside(height)), float(body.lung_outside(height))
    x = sign * (inside + out * (outside - inside))
    return x, y, float(body.lung_middle(height) + deep * body.lung_depth(height))


def opacity(beam: Beam, body: Body, seed: int, finding: Finding, sign: int) -> Layer:
    """How many cm of soft tissue the finding puts into the ray through one lung, before that is cut to the lung."""
    if finding.kind is Kind.EDEMA:
        return _edema(beam, body, seed, finding.severity, sign)
    draw = {
        Kind.CONSOLIDATION: _consolidation,
        Kind.ATELECTASIS: _atelectasis,
        Kind.NODULE: _lesion,
        Kind.MASS: _lesion,
    }
    return draw[finding.kind](beam, seed, finding, sign, place_of(body, seed, finding, sign))


def _consolidation(beam: Beam, seed: int, finding: Finding, sign: int, place: Place) -> Layer:
    rng = part_rng(seed, f"consolidation shape {sign}")
    extent = 1.9 + 2.9 * finding.severity
    total: Layer = np.zeros((beam.size, beam.size), dtype=np.float32)
    for _ in range(5):
        offset = rng.normal(0.0, 0.42, 3)
        size = rng.uniform(0.55, 0.95, 3)
        centre = (place[0] + extent * offset[0], place[1] + 0.8 * extent * offset[1], place[2] + extent * offset[2])
        total = np.maximum(total, ellipsoid(beam, centre, tuple((extent * size).tolist()), rng.normal(0.0, 0.5)))
    cloud = clouds(part_rng(seed, f"consolidation clouds {sign} {beam.lateral}"), beam.size, (9, 19, 41, 90))
    patchy: Layer = np.clip(0.78 + 0.34 * cloud, 0.1, 1.25)
    soft: Layer = blur(total, 0.35 / beam.pixel) * patchy * np.float32(0.8 + 0.3 * finding.severity)
    return soft


def _atelectasis(beam: Beam, seed: int, finding: Finding, sign: int, place: Place) -> Layer:
    rng = part_rng(seed, f"atelectasis shape {sign}")
    total: Layer = np.zeros((beam.size, beam.size), dtype=np.float32)
    for number in range(2 + round(3 * finding.severity)):
        tilt = sign * rng.normal(0.12, 0.22)
        thin = rng.uniform(0.13, 0.22) + 0.18 * finding.severity
        long = rng.uniform(1.7, 2.7) + 1.0 * finding.severity
        centre = (
            place[0] + rng.normal(0.0, 0.7),
            place[1] + (number - 1.0) * rng.uniform(0.6, 1.0),
            place[2] + rng.normal(0.0, 0.8),
        )
        total = total + ellipsoid(beam, centre, (long, thin, rng.uniform(1.6, 2.6)), tilt, rng.normal(0.0, 0.1))
    return np.minimum(blur(total, 0.07 / beam.pixel), 5.0) * np.float32(1.35 + 0.3 * finding.severity)


def _lesion(beam: Beam, seed: int, finding: Finding, sign: int, place: Place) -> Layer:
    rng = part_rng(seed, f"lesion shape {sign}")
    # Small ones are denser than in life, so that a film of 200 pixels shows them.
    radius = 0.5 * finding.diameter_cm
    total = ellipsoid(beam, place, (radius, 0.94 * radius, radius))
    for _ in range(3):
        turned = rng.normal(0.0, 1.0, 3)
        turned *= 0.30 * radius / np.linalg.norm(turned)
        part = rng.uniform(0.62, 0.78) * radius
        centre = (place[0] + turned[0], place[1] + turned[1], place[2] + turned[2])
        total = np.maximum(total, ellipsoid(beam, centre, (part, part, part)))
    return np.float32(1.0 + 0.9 / max(finding.diameter_cm, 0.8)) * blur(total, 0.05 / beam.pixel)


def spicules(beam: Beam, seed: int, finding: Finding, sign: int, place: Place, attenuation: float) -> None:
    """Fine strands that run out of a mass into the lung."""
    rng = part_rng(seed, f"spicules {sign}")
    radius = 0.5 * finding.diameter_cm
    for _ in range(22):
        way = rng.normal(0.0, 1.0, 3)
        way /= np.linalg.norm(way)
        ends = np.array((0.85, 1.0, rng.uniform(1.15, 1.5))) * radius
        knots = np.array(place)[:, None] + way[:, None] * ends + rng.normal(0.0, 0.05, (3, 3))
        add_wire(beam, knots, 0.06, attenuation)


def _edema(beam: Beam, body: Body, seed: int, severity: float, sign: int) -> Layer:
    x, y, z = hilum(body, sign).tolist()
    near = ellipsoid(beam, (x + sign * 2.6, y + 1.2, z), (5.6, 8.2, 6.5))
    cloud = clouds(part_rng(seed, f"edema clouds {sign} {beam.lateral}"), beam.size, (8, 17, 37, 80, 150))
    _, height = beam.plane(0.0)
    low = 0.45 + 0.55 * step(height - y + 2.0, 5.0)
    haze = blur(near, 1.4 / beam.pixel) * np.clip(0.75 + 0.5 * cloud, 0.08, 2.0) * low
    filled: Layer = np.float32(0.05 + 0.36 * severity) * haze
    return filled


def kerley_lines(beam: Beam, body: Body, seed: int, severity: float, sign: int, attenuation: float) -> None:
    """Short level lines at the outer base of the lung: septa that carry water."""
    rng = part_rng(seed, f"kerley {sign}")
    for _ in range(10):
        y = body.dome_top(sign) + rng.uniform(-4.0, 1.6)
        outside = float(body.lung_outside(np.array(y)))
        x, z = outside - 0.15, rng.uniform(-2.5, 2.5)
        knots = np.array([[sign * x, sign * (x - 0.8), sign * (x - 1.7)], [y, y + 0.05, y + 0.12], [z, z, z]])
        add_wire(beam, knots, 0.06 + 0.05 * severity, attenuation)
