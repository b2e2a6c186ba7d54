"""Devices in a chest, as wires, tubes and a box of high attenuation; and the windpipe, which is air."""

from __future__ import annotations

from typing import Final

import numpy as np

from research.phantom.anatomy.body import Body
from research.phantom.description import Finding, Kind
from research.phantom.projection.beam import Beam, add_tube, add_wire
from research.phantom.projection.solids import part_rng

STEEL: Final = 14.0  # attenuation per cm; a wire's is that of its middle
LEAD_WIRE: Final = 4.0
CATHETER: Final = 2.2
TUBE: Final = 0.9


def carina(body: Body) -> tuple[float, float, float]:
    """Where the windpipe forks."""
    y = body.apex + 8.4
    return 0.5 * float(body.spine(np.array(y))) - 0.3, y, -2.2


def add_airways(beam: Beam, body: Body, attenuation: float) -> None:
    """Subtract the air of the windpipe and the main bronchi."""
    x, y, z = carina(body)
    top = body.apex
    windpipe = np.array([[0.0, 0.1, x + 0.15, x], [top - 9.0, top - 2.0, y - 4.0, y], [1.2, 0.0, z + 0.6, z]])
    add_wire(beam, windpipe, 0.85, -attenuation)
    right = np.array([[x - 0.2, x - 1.7, x - 3.0], [y + 0.1, y + 1.7, y + 3.2], [z, z, z - 0.3]])
    left = np.array([[x + 0.2, x + 2.2, x + 4.4], [y + 0.1, y + 1.6, y + 2.8], [z, z, z - 0.5]])
    add_wire(beam, right, 0.62, -attenuation)
    add_wire(beam, left, 0.55, -attenuation)


def add_device(beam: Beam, body: Body, seed: int, finding: Finding) -> None:
    """Add the device of that finding."""
    if finding.kind is Kind.ENDOTRACHEAL_TUBE:
        _add_tracheal_tube(beam, body, seed)
    elif finding.kind is Kind.CENTRAL_LINE:
        _add_line(beam, body, seed, finding.signs[0])
    elif finding.kind is Kind.PACEMAKER:
        _add_pacemaker(beam, body, seed, finding.signs[0])
    else:
        _add_sternal_wires(beam, body, seed)


def _add_tracheal_tube(beam: Beam, body: Body, seed: int) -> None:
    x, y, z = carina(body)
    above = part_rng(seed, "tracheal tube").uniform(2.2, 5.0)
    tip = y - above
    knots = np.array([[0.2, 0.25, x + 0.2], [tip - 16.0, tip - 7.0, tip], [3.5, 0.6, z + 0.8]])
    add_tube(beam, knots, 0.46, 0.14, TUBE)
    add_wire(beam, knots + np.array([[0.3], [0.0], [0.0]]), 0.09, 0.4 * STEEL)


def _add_line(beam: Beam, body: Body, seed: int, sign: int) -> None:
    top = body.apex
    rng = part_rng(seed, "central line")
    tip, neck = rng.uniform(8.6, 11.8), rng.random() < 0.5
    if sign < 0:
        begin = (
            [(-5.6, top - 9.0, 2.5), (-4.4, top - 3.0, 2.5)]
            if neck
            else [(-13.0, top + 1.6, 5.0), (-7.0, top + 0.9, 4.0)]
        )
        path = [*begin, (-3.0, top + 2.4, 2.5), (-2.3, top + 6.0, 1.5), (-2.2, top + tip, 1.0)]
    else:
        begin = (
            [(5.4, top - 9.0, 2.5), (4.6, top - 2.0, 2.5)] if neck else [(13.0, top + 1.8, 5.0), (7.5, top + 1.2, 4.0)]
        )
        path = [*begin, (3.4, top + 3.0, 3.0), (-0.6, top + 4.8, 3.0), (-2.2, top + 6.8, 1.8), (-2.3, top + tip, 1.0)]
    add_wire(beam, np.array(path).T, 0.13, CATHETER)


def _add_pacemaker(beam: Beam, body: Body, seed: int, sign: int) -> None:
    rng = part_rng(seed, "pacemaker")
    top, low = body.apex, body.dome
    x, y, z = sign * rng.uniform(8.8, 10.4), top + rng.uniform(4.6, 6.4), body.depth + 0.4
    tilt = rng.uniform(-0.35, 0.35)
    number = max(24, int(5.0 / beam.spacing(0.08)))
    u, v = (grid.reshape(-1) for grid in np.meshgrid(*(np.linspace(-1, 1, number),) * 2))
    inside = np.abs(u) ** 3 + np.abs(v) ** 3 < 1
    u, v = u[inside], v[inside]
    area = 2.3 * 2.0 * 4 / number**2
    box = np.stack(
        (
            x + 2.3 * u * np.cos(tilt) - 2.0 * v * np.sin(tilt),
            y + 2.3 * u * np.sin(tilt) + 2.0 * v * np.cos(tilt),
            z + 0 * u,
        )
    )
    core = np.where((v > -0.35), 2.6, 1.2)  # the header above is plastic
    beam.add(box, core * area, 0.05)
    begin = [(x, y - 1.9, z), (x - sign * 1.8, y - 3.4, z - 1.0), (sign * 6.2, top + 1.6, 4.5)]
    across = [(3.4, top + 3.0, 3.0), (-0.6, top + 4.8, 3.0)] if sign > 0 else [(-3.6, top + 3.0, 3.0)]
    vein = [*begin, *across, (-2.3, top + 6.8, 1.8), (-2.4, top + 11.0, 1.2)]
    atrium = [*vein, (-3.2, low - 5.0, 1.0), (-2.6, low - 4.2, 3.0), (-1.8, low - 5.4, 4.2)]
    ventricle = [*vein, (-2.4, low - 3.2, 1.6), (0.6, low - 0.9, 3.4), (0.30 * body.heart, low - 0.4, 5.0)]
    for path in (atrium, ventricle):
        add_wire(beam, np.array(path).T, 0.11, LEAD_WIRE)
        tip = np.array(path[-2:]).T
        add_wire(beam, tip[:, 1:] + (tip[:, :1] - tip[:, 1:]) * np.array([0.5, 0.25, 0.0]), 0.14, STEEL)


def _add_sternal_wires(beam: Beam, body: Body, seed: int) -> None:
    rng = part_rng(seed, "sternal wires")
    number = int(rng.integers(5, 8))
    for y in np.linspace(body.apex + 4.4, body.apex + 16.8, number):
        y, x = y + rng.normal(0.0, 0.2), rng.normal(0.0, 0.15)
        z = float(body.cage_depth(np.array(y)) + 0.8 * body.lung_middle(np.array(y)))
        turn = np.linspace(0.0, 2 * np.pi, 13)
        wide, tall = rng.uniform(0.8, 1.1), rng.uniform(0.35, 0.6)
        loop = np.stack(
            (x + wide * np.cos(turn), y + tall * np.sin(turn) + 0.12 * np.cos(turn), z + 0.5 * np.sin(turn))
        )
        add_wire(beam, loop, 0.075, STEEL)
        twist = np.array([[x, x + 0.1, x + 0.35], [y + tall, y + tall + 0.3, y + tall + 0.45], [z + 0.6] * 3])
        add_wire(beam, twist, 0.08, STEEL)
