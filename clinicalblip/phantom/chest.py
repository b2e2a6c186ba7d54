"""Draw a frontal chest radiograph by attenuation along parallel rays through a simple anatomy.

Coordinates: x from -1 (image left, the patient's right) to 1, y from -1 (top) to 1; one unit is about 19 cm.
Every organ is a solid whose chord along the ray is known in closed form, so the line integral is a sum of chords and
the picture needs no ray tracing. Transmission follows Beer-Lambert, scatter is a wide blur of it, noise grows with
attenuation, and a sigmoid stands for the film's characteristic curve.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinicalblip.phantom.description import SIDES, DrawnFinding, Phantom
from clinicalblip.phantom.solids import Layer, blur, chord, clouds, ellipsoid, step


@dataclass(frozen=True)
class _Body:
    """What varies between two people, in the picture's units."""

    width: float
    apex: float
    base: float
    heart: float
    heart_height: float
    obesity: float
    breasts: float
    ribs: float
    aorta: float


def _body(random: np.random.Generator, phantom: Phantom) -> _Body:
    width = float(random.uniform(0.84, 0.97))
    # Every draw is made whatever the findings are: the same seed is the same body with and without one of them.
    ratio, large_ratio = float(random.uniform(0.40, 0.475)), float(random.uniform(0.54, 0.57))
    enlarged = phantom.finding("Cardiomegaly")
    if enlarged is not None:
        ratio = large_ratio + 0.12 * enlarged.severity
    inner = 0.80 * width
    return _Body(
        width=width,
        apex=float(random.uniform(-0.80, -0.70)),
        base=float(random.uniform(0.36, 0.52)),
        heart=ratio * inner,
        heart_height=float(random.uniform(0.26, 0.31)) + (0.06 if enlarged else 0.0),
        obesity=float(random.uniform(0.0, 1.0)),
        breasts=float(random.choice((0.0, 1.0)) * random.uniform(0.3, 1.0)),
        ribs=float(random.uniform(0.7, 1.1)),
        aorta=float(random.uniform(0.085, 0.125)),
    )


class _Chest:
    """The layers of one chest on one pixel grid, in units of attenuation."""

    def __init__(self, phantom: Phantom, size: int) -> None:
        self.random = np.random.default_rng(phantom.seed)
        self.body = _body(self.random, phantom)
        self.phantom, self.size = phantom, size
        axis = ((np.arange(size, dtype=np.float32) + 0.5) / size) * 2 - 1
        plain_x, plain_y = np.meshgrid(axis, axis)
        tilt, zoom = self.random.uniform(-0.04, 0.04), self.random.uniform(0.93, 1.03)
        shift_x, shift_y = self.random.uniform(-0.04, 0.04, 2)
        cos, sin = np.float32(np.cos(tilt) / zoom), np.float32(np.sin(tilt) / zoom)
        self.x: Layer = (plain_x - np.float32(shift_x)) * cos + (plain_y - np.float32(shift_y)) * sin
        self.y: Layer = (plain_y - np.float32(shift_y)) * cos - (plain_x - np.float32(shift_x)) * sin
        self.cloud = clouds(self.random, size)

    def sides(self, name: str) -> tuple[DrawnFinding | None, tuple[int, ...]]:
        finding = self.phantom.finding(name)
        return finding, SIDES[finding.side] if finding else ()

    def trunk(self) -> Layer:
        """Soft tissue of the chest wall, the shoulders and the abdomen."""
        x, y, body = self.x, self.y, self.body
        shoulders = 0.35 * step(-0.62 - y, 0.09)
        flank = body.width + 0.06 * body.obesity + shoulders
        depth = (0.95 + 0.25 * body.obesity) * chord((x / flank) ** 2, 0.42)
        neck = step(np.abs(x) - 0.24 - 1.6 * np.maximum(y + 0.98, 0.0), 0.05) * step(-0.80 - y, 0.05)
        trunk = depth * (1 - 0.55 * neck) + 0.42 * step(y - 0.45, 0.22)
        for side in (-1, 1):
            centre = (side * 0.45 * body.width, 0.36)
            breast = ellipsoid(x, y, centre, (0.30, 0.27), 0.0) ** 1.5
            trunk = trunk + 0.20 * body.breasts * breast
        textured: Layer = trunk * (1 + 0.025 * self.cloud)
        return textured

    def dome(self, side: int) -> Layer:
        """Height y of the diaphragm at each x; the right one stands higher, and both fall off towards the wall."""
        across = (self.x - side * 0.36 * self.body.width) / (0.46 * self.body.width)
        return self.body.base + (0.05 if side > 0 else 0.0) - 0.20 + 0.24 * across**2

    def lung(self, side: int) -> Layer:
        """Air of one lung along the ray, 0 to about 1."""
        x, y, body = self.x, self.y, self.body
        middle, low = (body.apex + body.base) / 2 + 0.06, body.base + 0.14
        half_height = low - middle
        half_width = (0.345 - 0.09 * np.clip((middle - y) / half_height, 0.0, 1.0) ** 1.5) * body.width
        centre = side * (0.455 - 0.07 * np.clip((middle - y) / half_height, 0.0, 1.0)) * body.width
        across = np.abs(x - centre) / half_width
        up = np.abs(y - middle) / np.where(y < middle, middle - body.apex, half_height * 1.7)
        solid = chord(across**2.6 + up**2.6, 0.42)
        return solid * step(self.dome(side) - y, 0.013)

    def tube(self, distance: Layer, radius: Layer | float, hollow: float) -> Layer:
        """Chord through a tube seen from the side, `hollow` of its radius filled with something thinner."""
        outer = np.sqrt(np.maximum(radius**2 - distance**2, 0.0))
        inner = np.sqrt(np.maximum((hollow * radius) ** 2 - distance**2, 0.0))
        return outer - 0.75 * inner

    def bones(self) -> Layer:
        """Ribs, clavicles and spine."""
        x, y, body, random = self.x, self.y, self.body, self.random
        bones = np.zeros_like(x)
        reach = np.abs(x) / (0.83 * body.width)
        top, pitch = body.apex + random.uniform(0.0, 0.04), random.uniform(0.128, 0.148)
        for number in range(10):
            wide = min(1.0, 0.52 + 0.13 * number)
            along = np.minimum(reach / wide, 1.1)
            fall = 0.085 * (number / 5 + 0.4) * along**1.5 + 0.14 * np.maximum(along - 0.75, 0) ** 1.2
            back = top + pitch * number - 0.05 + fall
            inside = step(1.0 - reach / wide, 0.012)
            bones += 13.0 * inside * self.tube(y - back, 0.026, 0.78) * step(np.abs(x) - 0.07, 0.02)
            if number > 1:
                front = back + 0.13 + 0.24 * np.maximum(1 - along, 0.0) ** 0.9 + 0.02
                bones += 6.0 * inside * self.tube(y - front, 0.031, 0.82) * step(reach - 0.36, 0.06)
        for side in (-1, 1):
            out = np.clip(side * x / body.width, 0.0, 1.0)
            line = body.apex + 0.11 - 0.16 * out + 0.05 * np.sin(out * 5.2)
            clavicle = self.tube(y - line, 0.034, 0.76)
            bones += 7.0 * clavicle * step(side * x - 0.10, 0.015) * step(0.80 - side * x, 0.02)
            blade = ellipsoid(x, y, (side * 0.84 * body.width, -0.33), (0.13, 0.34), side * -0.22)
            bones += 0.10 * np.sqrt(blade)
        discs = 0.5 + 0.5 * np.cos((y + random.uniform(0, 0.15)) * 2 * np.pi / 0.155)
        column = chord((x / 0.11) ** 2, 0.8)
        bones += column * (0.16 + 0.12 * step(discs.astype(np.float32) - 0.35, 0.12))
        bones += 0.13 * self.tube(x, 0.018, 0.3) / 0.018 * 0.35 * step(discs.astype(np.float32) - 0.6, 0.1)
        return body.ribs * bones * (1 - 0.5 * step(y - body.base, 0.05))

    def mediastinum(self) -> Layer:
        """Heart, great vessels and trachea."""
        x, y, body = self.x, self.y, self.body
        low = body.base + 0.02
        centre = (0.30 * body.heart, low - 0.98 * body.heart_height)
        heart = 0.80 * ellipsoid(x, y, centre, (0.99 * body.heart, 0.80 * body.heart_height + 0.07), 0.40) ** 0.7
        atrium = 0.62 * ellipsoid(x, y, (-0.13, centre[1] + 0.02), (0.42 * body.heart, 0.23), 0.0) ** 0.7
        # Below the diaphragm the heart lies on the liver and the stomach, which are as dense: its outline ends there.
        left = step(x, 0.05)
        above = step(left * self.dome(1) + (1 - left) * self.dome(-1) - y + 0.02, 0.03)
        band = 0.50 * chord((x / (0.165 + 0.06 * step(y - 0.05, 0.1))) ** 2, 0.8) * step(y + 0.86, 0.04)
        knob = 0.26 * ellipsoid(x, y, (0.125, body.apex + 0.40), (body.aorta, body.aorta * 1.1), 0.0)
        trunk = 0.20 * ellipsoid(x, y, (0.15, body.apex + 0.56), (0.10, 0.11), 0.0)
        descending = 0.14 * chord(((x - 0.11) / 0.07) ** 2) * step(y - body.apex - 0.42, 0.04)
        trachea = 0.20 * chord(((x + 0.015) / 0.055) ** 2) * step(body.apex + 0.43 - y, 0.03)
        for side in (-1, 1):
            bronchus = self.tube(y - (body.apex + 0.41 + 0.55 * side * x), 0.032, 0.0) / 0.032
            trachea = trachea + 0.10 * bronchus * step(side * x, 0.02) * step(0.17 - side * x, 0.02)
        solid = np.maximum(np.maximum(heart, atrium) * above, band) + knob + trunk + descending
        mediastinum: Layer = solid - trachea
        return mediastinum

    def vessels(self, side: int) -> Layer:
        """Pulmonary vessels that leave the hilum and taper towards the periphery."""
        body, random = self.body, self.random
        half = slice(0, round(0.6 * self.size)) if side < 0 else slice(round(0.4 * self.size), None)
        x, y = self.x[:, half], self.y[:, half]
        hilum = (side * 0.17, body.apex + 0.57 + (0.03 if side < 0 else 0.0))
        tree = np.zeros_like(x)
        for angle in np.linspace(-1.25, 1.35, 13).tolist():
            fork = random.uniform(0.16, 0.32)
            for start, thick, turn in ((0.05, 1.0, 0.0), (fork, 0.6, float(random.choice((-0.4, 0.4))))):
                heading = angle + turn + random.uniform(-0.1, 0.1)
                length, bend = random.uniform(0.5, 0.78), random.uniform(-0.35, 0.35)
                cos, sin = side * math.cos(heading), math.sin(heading)
                first = (hilum[0] + side * math.cos(angle) * start, hilum[1] + math.sin(angle) * start)
                along = (x - first[0]) * cos + (y - first[1]) * sin
                across = (y - first[1]) * cos - (x - first[0]) * sin + bend * along**2
                left = np.clip(1 - along / length, 0.0, 1.0) * (along > 0)
                radius = (0.0035 + 0.017 * thick * left * left) * (left > 0)
                tree = np.maximum(tree, self.tube(across, radius, 0.0))
        total: Layer = 0.15 * ellipsoid(self.x, self.y, hilum, (0.075, 0.12), side * 0.25)
        total[:, half] += 6.0 * tree
        return total

    def effusion(self, side: int, severity: float) -> Layer:
        """How much of the lung is replaced by fluid, 0 to 1: a meniscus that climbs along the wall."""
        wall = np.clip((side * self.x / self.body.width - 0.30) / 0.50, 0.0, 1.2)
        level = self.body.base - 0.03 - 0.62 * severity - (0.13 + 0.10 * severity) * wall**2.2
        return step(self.y - level.astype(np.float32), 0.02 + 0.03 * severity)

    def opacities(self, side: int) -> Layer:
        """Consolidation and lesions of one lung, as the part of its air that is gone."""
        x, y, body, random = self.x, self.y, self.body, self.random
        filled = np.zeros_like(x)
        place = random.uniform((0.34, 0.0, 0.36, 0.0), (0.58, 1.0, 0.60, 1.0)).tolist()
        if not any(side in self.sides(name)[1] for name in ("Consolidation", "Lung Lesion")):
            return filled
        cloud = clouds(np.random.default_rng((self.phantom.seed, 3)), self.size)
        finding, sides = self.sides("Consolidation")
        if finding and side in sides:
            extent = 0.16 + 0.22 * finding.severity
            centre = (side * place[0] * body.width, body.apex + 0.35 + 0.55 * place[1])
            near = ((x - centre[0]) / extent) ** 2 + ((y - centre[1]) / (0.85 * extent)) ** 2
            filled += (0.55 + 0.3 * finding.severity) * step(1.0 - near + 0.38 * cloud, 0.20)
        finding, sides = self.sides("Lung Lesion")
        if finding and side in sides:
            centre = (side * place[2] * body.width, body.apex + 0.28 + 0.62 * place[3])
            filled += 0.75 * self.lesion(centre, 0.035 + 0.09 * finding.severity, cloud)
        return np.clip(filled, 0.0, 1.0)

    def lesion(self, centre: tuple[float, float], radius: float, cloud: Layer) -> Layer:
        distance = np.hypot(self.x - centre[0], self.y - centre[1]) / (radius * (1 + 0.06 * cloud))
        return chord(distance**2, 0.75)

    def layers(self) -> Iterator[Layer]:
        """Every layer's attenuation; lungs are air, so theirs is negative."""
        yield 1.75 * self.trunk()
        yield 0.62 * self.bones()
        solid = self.mediastinum()
        for side in (-1, 1):
            air = self.lung(side)
            marks = (0.9 + 0.05 * self.cloud) * self.vessels(side) * np.minimum(air * 1.5, 1.0)
            lost = self.opacities(side)
            fluid, sides = self.sides("Pleural Effusion")
            if fluid and side in sides:
                lost = np.maximum(lost, self.effusion(side, fluid.severity))
            gas, sides = self.sides("Pneumothorax")
            edge = np.zeros_like(air)
            if gas and side in sides:
                marks, edge = self.collapse(side, gas.severity, marks)
            yield -0.98 * air * (1 - 0.88 * lost) * (1 - 0.05 * self.cloud)
            yield marks * (1 - lost) + edge * (1 - lost)
        yield 0.95 * solid
        bubble = (0.30 * self.body.width, self.body.base + 0.10)
        yield -0.22 * ellipsoid(self.x, self.y, bubble, (0.14, 0.08), 0.1) * step(self.y - self.dome(1) - 0.035, 0.01)

    def collapse(self, side: int, severity: float, marks: Layer) -> tuple[Layer, Layer]:
        """A pneumothorax: no markings outside the visceral pleura, which shows as a thin line, and more air there."""
        body = self.body
        gap = 0.05 + 0.22 * severity
        centre = (side * (0.40 - 0.3 * gap) * body.width, (body.apex + body.base) / 2 + 0.3 * gap)
        axes = ((0.375 - gap) * body.width, (body.base - body.apex) / 2 + 0.13 - 1.1 * gap)
        near = np.abs((self.x - centre[0]) / axes[0]) ** 2.4 + np.abs((self.y - centre[1]) / axes[1]) ** 2.4
        medial = side * (self.x - centre[0]) < 0
        collapsed = np.where(medial & (self.y > centre[1] - axes[1]), 0.0, near)
        outside = step(collapsed - 1.0, 0.02)
        line = np.exp(-(((collapsed - 1.0) * min(axes) / 2.4 / 0.006) ** 2))
        open_lung = np.minimum(self.lung(side) * 2.0, 1.0)
        edge = 0.085 * line * open_lung - 0.13 * outside * open_lung + 0.10 * severity * (1 - outside) * open_lung
        return marks * (1 - outside), edge


def draw_chest(phantom: Phantom, size: int) -> NDArray[np.float32]:
    """Draw the phantom as a frontal radiograph: float32, `size` x `size`, values in [0, 1], bone and fluid bright.

    The same phantom gives the same picture on every call. Its anatomy does not depend
    on the size; its noise does.
    """
    if size < 32:
        raise ValueError(f"A phantom is drawn at 32 pixels or more, not at {size}.")
    chest = _Chest(phantom, size)
    attenuation = np.zeros((size, size), dtype=np.float32)
    for layer in chest.layers():
        attenuation += layer
    random = np.random.default_rng((phantom.seed, 2))
    transmitted = np.exp(-np.maximum(attenuation, 0.0) * 1.35)
    transmitted = 0.86 * transmitted + 0.14 * blur(transmitted, size * 0.09)
    photons = random.uniform(1500, 8000) * (1024 / size) ** 2  # a larger pixel collects more
    contrast, middle = random.uniform(3.2, 4.4), random.uniform(0.47, 0.56)
    noise = blur(random.standard_normal((size, size)).astype(np.float32), 0.7)
    transmitted = transmitted + noise * np.sqrt(transmitted / photons)
    density = -np.log(np.maximum(blur(transmitted.astype(np.float32), size / 700), 1e-3))
    low, high = np.percentile(density, (1.0, 99.6))
    grey = (density - low) / max(float(high - low), 1e-6)
    curve = 1 / (1 + np.exp(-contrast * (grey - middle)))
    ends = 1 / (1 + np.exp(-contrast * (np.array((0.0, 1.0)) - middle)))
    return np.asarray(np.clip((curve - ends[0]) / (ends[1] - ends[0]), 0.0, 1.0), dtype=np.float32)
