"""The soft parts of the chest as chords along the rays: trunk, lungs above the diaphragm, heart and great vessels.

All lengths are centimetres of soft tissue or of air along the ray, on a `Beam`'s grid.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from research.phantom.anatomy.body import Body
from research.phantom.projection.beam import Beam
from research.phantom.projection.solids import Layer, round_chord, step, union


def ellipsoid(
    beam: Beam,
    centre: tuple[float, float, float],
    axes: tuple[float, float, float],
    tilt: float = 0.0,
    lean: float = 0.0,
) -> Layer:
    """The chord through an ellipsoid whose half-axes are turned by `tilt` in the frontal, `lean` in the side plane."""
    cos, sin = np.cos(tilt), np.sin(tilt)
    turn = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    cos, sin = np.cos(lean), np.sin(lean)
    turn = np.array([[1, 0, 0], [0, cos, -sin], [0, sin, cos]]) @ turn
    form: NDArray[np.float64] = turn @ np.diag(1.0 / np.square(axes)) @ turn.T
    along, across = (0, 2) if beam.lateral else (2, 0)
    own = form[along, along]
    mixed = form[along, [across, 1]]
    flat = form[np.ix_([across, 1], [across, 1])] - np.outer(mixed, mixed) / own
    h, y = beam.plane(centre[along])
    h, y = h - np.float32(centre[across]), y - np.float32(centre[1])
    left = 1.0 - (np.float32(flat[0, 0]) * h * h + np.float32(2 * flat[0, 1]) * h * y + np.float32(flat[1, 1]) * y * y)
    chord: Layer = np.float32(2 / np.sqrt(own)) * np.sqrt(np.maximum(left, 0.0))
    return chord


def trunk(beam: Beam, body: Body) -> Layer:
    """Everything inside the skin, as if there were no air in it."""
    h, y = beam.plane(0.0)
    cage, deep, wall = body.cage(y), body.cage_depth(y), body.wall
    shoulder_top = body.apex + 1.0
    if beam.lateral:
        # The back is straight, the front slants; breasts and belly stand forward.
        front = deep + 0.7 * wall + 1.2 * step(y - 9.0, 4.0) * (0.5 + 2.0 * body.fat)
        middle = 0.9 * body.lung_middle(y) + 0.5 * (front - deep - wall)
        half = 0.5 * (front + deep + wall) + 1.2
        chord: Layer = 2 * (cage + wall) * round_chord((h - middle) / half, 2.2)
        shoulders = (
            30.0 * round_chord((h + 3.0 + 0.25 * (shoulder_top - y)) / (6.2 + wall)) * step(shoulder_top + 3.0 - y, 4.0)
        )
        chord = np.maximum(chord * step(y - body.apex + 3.0, 3.5), shoulders)
    else:
        fall = np.clip((y - shoulder_top + 6.0) / 7.5, 0.0, 1.0)
        neck = 5.6 + 1.2 * body.fat
        side = neck + (body.width + 5.2 + 0.8 * body.fat - neck) * fall**1.7
        girdle = 2 * (6.2 + 0.9 * wall) * round_chord(h / side, 3.0) * step(body.apex + 10.0 - y, 5.0)
        flank = cage + wall * (1.0 + 0.5 * step(y - 6.0, 5.0) * body.fat)
        thick = deep + wall + 0.8
        chest = 2 * thick * round_chord(h / flank, 2.5) * step(y - body.apex + 2.0, 2.5)
        chord = np.maximum(girdle, chest)
        for sign in (-1, 1):
            x, top = sign * (body.width + 3.0), body.apex + 2.6
            run = sign * (2.0 + 4.0 * body.arms) / 24.0
            radius = 4.0 + 1.6 * body.fat
            along = np.maximum(y - top, 0.0)
            away = np.sqrt((h - x - run * along) ** 2 + np.minimum(y - top, 0.0) ** 2)
            chord = union(chord, 2 * radius * round_chord(away / radius))
    if body.breast:
        for sign in (-1, 1):
            size = (3.6 + 1.8 * body.fat) * (0.6 + 0.5 * body.breast)
            centre = (sign * 0.55 * body.width, body.apex + 18.5 + 2.5 * body.fat, body.depth + 0.5)
            # It hangs: full below, and thinning out above.
            hanging = step(y - centre[1] + 0.25 * size, 0.6 * size)
            chord = chord + (0.3 if beam.lateral else 0.6) * hanging * ellipsoid(
                beam, centre, (1.2 * size, size, 0.75 * size)
            )
    return chord


def dome(beam: Beam, body: Body, sign: int, h: Layer) -> Layer:
    """Height y of a hemidiaphragm's crest at each horizontal place; it falls off towards the wall."""
    if beam.lateral:
        return body.dome_top(sign) + 5.2 * ((h - 1.6) / body.depth) ** 2
    inner = 0.42 * body.width
    fall = np.float32(body.dome_fall) * ((sign * h - inner) / (body.width - inner)) ** 2
    return body.dome_top(sign) + np.where(sign * h > inner, fall, 0.45 * fall)


def lung(beam: Beam, body: Body, sign: int, gap: float = 0.0) -> Layer:
    """The length of the ray inside one lung; with a `gap`, inside a lung that has shrunk from the wall by so much."""
    centre = 0.0 if not beam.lateral else sign * 0.5 * body.width
    h, y = beam.plane(centre)
    drop = np.float32(1.5 * gap)
    outside, inside = body.lung_outside(y - drop), body.lung_inside(y - drop)
    half, middle = 0.5 * (outside - inside), 0.5 * (outside + inside)
    deep, deep_middle = body.lung_depth(y - drop), body.lung_middle(y - drop)
    half, deep = half - 0.5 * np.float32(gap), np.maximum(deep - 0.4 * np.float32(gap), 0.0)
    middle = middle - 0.5 * np.float32(gap)
    crest = dome(beam, body, sign, h)
    steep = 0.5 * body.dome_fall if beam.lateral else 5.2
    if beam.lateral:
        reach = half * round_chord((h - deep_middle) / np.maximum(deep, 0.1), 2.4) * (deep > 0)
        hollow = half * np.sqrt(np.maximum(y - crest, 0.0) / max(steep, 0.3))
        shift = np.zeros_like(reach)
    else:
        reach = deep * round_chord((sign * h - middle) / np.maximum(half, 0.1), 2.4)
        hollow = body.depth * np.sqrt(np.maximum(y - crest, 0.0) / steep)
        shift = 1.6 - deep_middle
    covered = y > crest
    behind = np.clip(shift - hollow + reach, 0.0, 2 * reach)
    before = np.clip(reach - shift - hollow, 0.0, 2 * reach)
    chord: Layer = np.where(covered, behind + before, 2 * reach)
    return chord


def heart(beam: Beam, body: Body) -> Layer:
    """The heart with its four borders."""
    low = body.dome + 0.6
    w = body.heart
    tall = 0.36 * w + 1.9
    left = ellipsoid(beam, (0.19 * w, low - 0.62 * tall, 2.2), (0.53 * w, 0.80 * tall, 4.1), 0.62, -0.25)
    right = ellipsoid(beam, (-0.10 * w, low - 0.85 * tall, 1.2), (0.265 * w, 0.98 * tall, 3.9), 0.12)
    outflow = ellipsoid(beam, (0.10 * w, low - 1.45 * tall, 2.0), (0.205 * w, 0.85 * tall, 3.4), -0.30)
    return union(union(left, right), outflow)


def great_vessels(beam: Beam, body: Body) -> Layer:
    """Aortic arch, pulmonary trunk, caval vein and descending aorta."""
    top = body.apex
    knob = ellipsoid(beam, (1.6, top + 7.2, -1.0), (0.5 + 1.25 * body.aorta, 1.15 * body.aorta, 3.2))
    trunk_ = ellipsoid(beam, (2.1, top + 10.6, 1.0), (2.0, 2.3, 2.2), -0.35)
    h, y = beam.plane(0.0)
    if beam.lateral:
        vena = 2.4 * round_chord((h - 1.0) / 1.3) * step(y - top + 1.0, 2.0) * step(top + 12.5 - y, 1.5)
        aorta = 2.2 * round_chord((h + body.depth * 0.52) / 1.3) * step(y - top - 7.0, 1.5)
        upper = 5.0 * round_chord((h + 0.5) / 3.6) * step(top + 7.5 - y, 1.8)
    else:
        narrow = 2.1 + 0.35 * body.fat
        vena = 3.0 * round_chord((h + narrow - 1.0) / 1.35) * step(y - top + 1.0, 2.0) * step(top + 13.0 - y, 1.5)
        bend = 0.9 + 0.5 * body.age
        aorta = 2.6 * round_chord((h - bend) / 1.35) * step(y - top - 7.0, 1.2)
        upper = 7.0 * round_chord(h / (2.2 + 0.5 * body.fat)) * step(top + 8.5 - y, 3.5)
    return union(union(union(knob, trunk_), vena), union(aorta, upper))


def stomach(beam: Beam, body: Body, shift: float) -> Layer:
    """The gas bubble of the stomach below the left dome."""
    centre = (0.42 * body.width + shift, body.dome_top(1) + 2.6, 0.5)
    bubble = ellipsoid(beam, centre, (2.6, 1.5, 2.0), 0.15)
    _, y = beam.plane(0.0)
    level: Layer = bubble * step(centre[1] + 0.9 - y, 0.25)
    return level
