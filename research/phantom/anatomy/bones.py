"""The bones of the chest but the spine, as points on their cortex: ribs, clavicles, scapulae, arms and breastbone."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from research.phantom.anatomy.body import Body
from research.phantom.description import Finding
from research.phantom.projection.beam import Beam, Points, add_tube, add_wire, curve
from research.phantom.projection.solids import part_rng

CORTEX: Final = 0.42  # attenuation per cm beyond that of soft tissue, at about 70 keV
MARROW: Final = 0.07
RIBS: Final = 12
PITCH: Final = 2.28  # cm from one rib's head to the next
FIRST_RIB: Final = 2.6  # the first rib's head lies so far below the apex; its arch rises above it
_ENDS: Final = (0.74, 0.80, 0.82, 0.82, 0.81, 0.79, 0.76, 0.72, 0.68, 0.62, 0.46, 0.32)  # fraction of half a circle
_DROPS: Final = (1.6, 3.6, 5.4, 6.8, 8.0, 8.8, 9.2, 9.4, 9.0, 8.4, 5.5, 3.5)  # cm from the head to the front end
BREAKABLE: Final = {"upper": (2, 3), "middle": (4, 5), "lower": (6, 7)}


def rib_path(body: Body, sign: int, number: int, along: NDArray[np.float64]) -> Points:
    """Points of a rib's middle line at fractions `along` of its way from the spine to its front end."""
    turned = along * _ENDS[number] * np.pi
    head = body.apex + FIRST_RIB + PITCH * number * (0.96 + 0.02 * body.age) - (0.8 if number == 0 else 0.0)
    rise = np.sin(np.minimum(turned, 1.2) / 1.2 * np.pi) * 0.35
    y = head - rise + _DROPS[number] * (turned / np.pi / max(_ENDS[number], 0.6)) ** 1.55
    out, deep = body.cage(y), body.cage_depth(y)
    if number == 0:
        out, deep = 0.93 * out, 0.8 * deep
    x = sign * (1.6 + (out - 1.6) * np.abs(np.sin(turned)) ** 0.62)
    front = np.maximum(turned - 0.5 * np.pi, 0.0)
    x = np.where(turned > 0.5 * np.pi, sign * out * np.cos(front) ** 0.5, x)
    z = -deep * np.cos(turned) + body.lung_middle(y) * 0.6
    x = x + body.spine(y) * np.exp(-((turned / 0.9) ** 2))
    return np.stack((x, y, z))


def add_ribs(beam: Beam, body: Body, seed: int, fracture: Finding | None) -> Points | None:
    """Add all ribs; returns the place of the fracture (3, 1) where there is one."""
    rng = part_rng(seed, "ribs")
    jitter = rng.normal(0.0, 0.12, (2, RIBS))
    height = rng.uniform(1.15, 1.5) - 0.15 * body.female
    place: Points | None = None
    for sign in (-1, 1):
        for number in range(RIBS):
            broken = 0.0
            if fracture and sign in fracture.signs and number == broken_rib(seed, fracture):
                broken = fracture_fraction(seed)
            gap = (broken, 0.35 + 0.5 * fracture.severity) if fracture and broken else (0.0, 0.0)
            shift = float(jitter[(sign + 1) // 2, number])
            _add_rib(beam, body, sign, number, shift, height, gap)
            if broken:
                place = rib_path(body, sign, number, np.array([broken])) + np.array([[0.0], [shift], [0.0]])
    return place


def broken_rib(seed: int, fracture: Finding) -> int:
    """Which rib of its zone is broken, counted from 0."""
    return int(part_rng(seed, "fracture").choice(BREAKABLE[fracture.zone]))


def fracture_fraction(seed: int) -> float:
    """Where along the rib it is broken: in its back part or at the side, where the film shows it."""
    return float(part_rng(seed, "fracture place").uniform(0.26, 0.46))


def _add_rib(
    beam: Beam, body: Body, sign: int, number: int, shift: float, height: float, gap: tuple[float, float]
) -> None:
    spacing = beam.spacing(0.07)
    rough = rib_path(body, sign, number, np.linspace(0.0, 1.0, 160))
    covered = np.concatenate(([0.0], np.cumsum(np.linalg.norm(np.diff(rough), axis=0))))
    count = max(12, int(np.ceil(covered[-1] / spacing)))
    way = (np.arange(count) + 0.5) / count * covered[-1]
    points = np.stack([np.interp(way, covered, axis) for axis in rough])
    points[1] += shift
    ahead = np.gradient(points, axis=1)
    ahead /= np.linalg.norm(ahead, axis=0)
    middle = np.stack((np.zeros(count), points[1], np.zeros(count)))
    outward = points - middle
    outward[0] /= np.maximum(body.cage(points[1]), 1.0) ** 2
    outward[2] /= np.maximum(body.cage_depth(points[1]), 1.0) ** 2
    outward /= np.maximum(np.linalg.norm(outward, axis=0), 1e-9)
    up = np.cross(ahead, outward, axis=0)
    up /= np.maximum(np.linalg.norm(up, axis=0), 1e-9)
    up *= np.where(up[1] > 0, -1.0, 1.0)
    fraction = way / covered[-1]
    thin = np.interp(fraction, (0.0, 0.08, 0.3, 0.85, 1.0), (0.62, 0.75, 1.0, 0.95, 1.08))
    high, thick = 0.5 * height * thin, 0.36 * thin
    cortex = 0.105 * body.bone * np.interp(fraction, (0.0, 0.9, 1.0), (1.0, 0.75, 0.4))
    if gap[0]:
        # The outer part slips downwards and the ends overlap a little, with a dark line between them.
        from_break = way - gap[0] * covered[-1]
        slip = gap[1] * np.clip(1 - np.maximum(from_break, 0.0) / 5.0, 0.0, 1.0) * (from_break > 0)
        points = points - up * slip
        cortex = cortex * np.where(np.abs(from_break) < 0.12, 0.1, 1.0)
    number_around = max(14, int(np.ceil(1.7 * height / spacing)))
    angle = (np.arange(number_around) + 0.5) * 2 * np.pi / number_around
    shell = (
        points[:, :, None]
        + up[:, :, None] * high[:, None] * np.cos(angle)
        + outward[:, :, None] * thick[:, None] * np.sin(angle)
    )
    length = covered[-1] / count
    # The lower edge is a thin crest; the cortex is thickest above.
    uneven = 1.0 + 0.25 * np.cos(angle)
    round_about = np.pi * (1.5 * (high + thick) - np.sqrt(high * thick)) * 2 / number_around
    mass = CORTEX * cortex[:, None] * round_about[:, None] * uneven * length
    beam.add(shell.reshape(3, -1), mass.reshape(-1), 0.05)
    rows = max(5, int(np.ceil(1.2 * height / max(spacing, 0.12))))
    offset = (np.arange(rows) + 0.5) / rows * 2 - 1
    inner = points[:, :, None] + up[:, :, None] * high[:, None] * offset
    full = np.sqrt(1 - offset**2) * 2 * thick[:, None] * 2 * high[:, None] / rows * length
    beam.add(inner.reshape(3, -1), (MARROW * body.bone * full).reshape(-1), 0.12)


def add_shoulders(beam: Beam, body: Body, seed: int) -> None:
    """Clavicles, scapulae and the upper ends of the arm bones; in a lateral film the arms are raised out of it."""
    rng = part_rng(seed, "shoulders")
    lift, roll = float(rng.uniform(-0.8, 1.0)), float(rng.uniform(0.0, 1.6))
    bone = CORTEX * body.bone
    top, outer = body.apex, body.width
    for sign in (-1, 1):
        end = outer + 2.6
        clavicle = np.array(
            [
                [sign * 1.7, sign * 4.6, sign * 0.62 * end, sign * 0.84 * end, sign * end],
                [top + 3.4, top + 2.2, top + 0.9 - 0.6 * lift, top + 0.2 - lift, top + 0.1 - lift],
                [7.2, 6.6, 3.4, 0.6, -0.6],
            ]
        )
        add_tube(beam, clavicle, 0.55, 0.14, bone)
        add_wire(beam, clavicle, 0.42, MARROW * body.bone)
        if beam.lateral:
            continue
        # AP films are taken with the scapulae behind the lungs.
        inward = 1.0 if beam.view.value == "AP" else 3.0 + roll
        inner = outer - 6.2 + inward
        spine = np.array(
            [
                [sign * inner, sign * (inner + 3.4), sign * (end + 0.6)],
                [top + 4.2, top + 2.4, top + 0.2 - lift],
                [-9, -9, -4],
            ]
        )
        add_tube(beam, spine, 0.42, 0.11, bone)
        border = np.array(
            [
                [sign * (end - 1.5), sign * (inner + 4.0), sign * (inner + 1.9), sign * (inner + 1.2)],
                [top + 3.6, top + 9.0, top + 13.6, top + 15.0],
                [-5.5, -8.5, -9.5, -9.5],
            ]
        )
        add_tube(beam, border, 0.33, 0.12, bone)
        edge = np.array(
            [
                [sign * (inner + 1.2), sign * (inner + 0.1), sign * inner, sign * (inner + 0.9)],
                [top + 15.0, top + 10.0, top + 4.2, top + 1.6],
                [-9.5, -9.6, -9.2, -8.4],
            ]
        )
        add_wire(beam, edge, 0.16, bone)
        _add_blade(beam, border, edge, 0.15 * bone)
        _add_arm(beam, body, sign, end, lift)


def _add_blade(beam: Beam, border: Points, edge: Points, mass: float) -> None:
    """The thin plate between two borders of the scapula."""
    rows = max(10, int(14.0 / max(beam.spacing(0.2), 0.3)))
    along = np.linspace(0.02, 0.98, rows)
    outer, _ = curve(border, 0.2)
    inner, _ = curve(edge[:, ::-1], 0.2)
    at = [
        np.stack([np.interp(along, np.linspace(0, 1, path.shape[1]), axis) for axis in path]) for path in (outer, inner)
    ]
    across = np.linspace(0.03, 0.97, max(8, rows // 2))
    points = at[0][:, :, None] * (1 - across) + at[1][:, :, None] * across
    width = np.linalg.norm(at[0] - at[1], axis=0)
    fraction = np.broadcast_to((width * 14.0 / rows / len(across))[:, None], points.shape[1:])
    beam.add(points.reshape(3, -1), mass * fraction.reshape(-1), 0.25)


def _add_arm(beam: Beam, body: Body, sign: int, end: float, lift: float) -> None:
    number = max(300, int(120 / beam.spacing(0.12) ** 2))
    golden = np.arange(number) + 0.5
    height, turn = 1 - 2 * golden / number, golden * np.pi * (3 - np.sqrt(5))
    flat = np.sqrt(1 - height**2)
    x, y, z = sign * (end + 0.4), body.apex + 3.0 - lift, -2.0
    head = np.stack((x + 2.3 * flat * np.cos(turn), y + 2.3 * height, z + 2.3 * flat * np.sin(turn)))
    bone = CORTEX * body.bone
    beam.add(head, bone * 0.13 * 4 * np.pi * 2.3**2 / number, 0.07)
    spread = 2.0 + 4.0 * body.arms
    shaft = np.array(
        [[x, x + sign * 0.35 * spread, x + sign * 1.4 * spread], [y + 1.0, y + 9.0, y + 34.0], [z, z, z + 1.0]]
    )
    add_tube(beam, shaft, 1.05, 0.32, bone)


def add_breastbone(beam: Beam, body: Body) -> None:
    """The breastbone: faint from the front, a bright slanting plate from the side."""
    y = np.linspace(body.apex + 3.2, body.apex + 18.5, 12)
    z = np.minimum(body.cage_depth(y) + 0.8 * body.lung_middle(y) + 0.5, body.depth + 0.9)
    for x in np.linspace(-1.7, 1.7, 7):
        knots = np.stack((np.full(12, x), y, z))
        add_wire(beam, knots, 0.30, CORTEX * 0.42 * body.bone)
