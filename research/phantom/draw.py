"""Draw the radiograph of a phantom: all its layers along one set of rays, exposed, with a mask for each finding."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from clinicalblip.radiology.radiograph import View
from research.phantom.anatomy.body import Body
from research.phantom.anatomy.bones import add_breastbone, add_ribs, add_shoulders
from research.phantom.anatomy.devices import add_airways, add_device
from research.phantom.anatomy.opacities import kerley_lines, opacity, place_of, spicules
from research.phantom.anatomy.organs import great_vessels, heart, lung, stomach, trunk
from research.phantom.anatomy.pleura import collapsed_lung, fluid_fraction
from research.phantom.anatomy.spine import add_spine
from research.phantom.anatomy.vessels import grow
from research.phantom.description import DEVICES, Finding, Kind, Phantom
from research.phantom.projection.beam import Beam, Points, Pose
from research.phantom.projection.edges import finish
from research.phantom.projection.exposure import Exposure, quantum_noise
from research.phantom.projection.solids import Layer, clouds, part_rng, round_chord

SOFT: Final = 0.185  # attenuation of soft tissue per cm at about 70 keV
LUNG: Final = 0.050  # of lung, which is three quarters air
CALCIUM: Final = 2.2  # of a granuloma
SMALLEST: Final = 32
_DEVICE_SEEN: Final = 0.06  # attenuation from which a wire or tube counts to its mask
_DISTINGUISHED: Final = {False: 99.0, True: 84.0}  # per cent of the body; from the side shoulders and liver are white
_COARSE: Final = 64  # pixels a side are enough for the characteristic curve

_FILLING: Final = (Kind.CONSOLIDATION, Kind.ATELECTASIS, Kind.NODULE, Kind.MASS, Kind.EDEMA)
_SEEN: Final = {
    Kind.NODULE: 0.15,
    Kind.MASS: 0.15,
    Kind.ATELECTASIS: 0.25,
    Kind.EDEMA: 0.3,
}  # fraction of the greatest value


@dataclass(frozen=True)
class Drawing:
    """A film, float32 (size, size) in [0, 1] with dense parts bright, and a mask of the same shape for each finding."""

    image: NDArray[np.float32]
    masks: dict[Finding, NDArray[np.bool_]] = field(default_factory=dict)


def draw(phantom: Phantom, size: int, view: View = View.FRONTAL) -> Drawing:
    """Draw the frontal or the lateral film of a phantom, `size` x `size` pixels, with its masks.

    The same phantom gives the same film on every call. Its anatomy does not depend on the size; its noise does. The
    patient's left is on the right of a frontal film, and the front on the left of a lateral one. Raises ValueError for
    a size below 32 pixels and for a view that is neither.
    """
    if size < SMALLEST:
        raise ValueError(f"A phantom is drawn at {SMALLEST} pixels or more, not at {size}.")
    if view is not View.LATERAL and view not in (View.FRONTAL, phantom.projection):
        raise ValueError(f"A phantom has a frontal ({phantom.projection}) and a lateral film, not {view}.")
    return _Chest(phantom, size, View.LATERAL if view is View.LATERAL else phantom.projection).drawing()


def draw_chest(phantom: Phantom, size: int) -> NDArray[np.float32]:
    """The frontal film alone."""
    return draw(phantom, size).image


class _Chest:
    """One chest in one beam: attenuation is added up layer by layer, with a mask for each finding."""

    def __init__(self, phantom: Phantom, size: int, view: View) -> None:
        self.phantom, self.seed = phantom, phantom.seed
        self.body = Body.of(phantom)
        self.beam = Beam(view, size, Pose.of(phantom.seed, phantom.exposure, view))
        self.masks: dict[Finding, NDArray[np.bool_]] = {}
        self.cloud = clouds(part_rng(self.seed, f"clouds {view is View.LATERAL}"), size)

    def drawing(self) -> Drawing:
        """Film and masks."""
        beam, body, phantom = self.beam, self.body, self.phantom
        attenuation = np.float32(SOFT) * trunk(beam, body) * (1 + 0.02 * self.cloud)
        solid = self._middle()
        for sign in (-1, 1):
            attenuation += self._lung(sign, solid)
        attenuation -= np.float32(0.8 * SOFT) * stomach(
            beam, body, float(part_rng(self.seed, "stomach").normal(0.0, 0.6))
        )
        add_airways(beam, body, 0.8 * SOFT)
        attenuation += beam.absorbed()
        attenuation = np.maximum(attenuation, 0.0) + self._bones()
        for finding in phantom.in_order:
            if finding.kind in DEVICES:
                add_device(beam, body, self.seed, finding)
                device = beam.absorbed()
                self._mask(finding, device, least=_DEVICE_SEEN)
                attenuation += device
        exposure = Exposure.of(self.seed, phantom.exposure, beam.view)
        window = exposure.window(
            _without_findings(phantom, beam), beam.pose.field / _COARSE, _DISTINGUISHED[beam.lateral]
        )
        noise = quantum_noise(self.seed, phantom.exposure, beam.view, beam.size)
        film = exposure.develop(attenuation, beam.pixel, window, noise)
        image = finish(film, self.seed, phantom.exposure, beam.view)
        return Drawing(image, {finding: self.masks[finding] for finding in phantom.in_order})

    def _mask(self, finding: Finding, layer: Layer, fraction: float = 0.3, least: float = 0.0) -> None:
        """Add to the mask where the layer reaches `fraction` of its greatest value, or `least`."""
        mask = layer > (least or max(fraction * float(layer.max()), 1e-6))
        known = self.masks.get(finding)
        self.masks[finding] = mask if known is None else known | mask

    def _middle(self) -> Layer:
        """Heart and great vessels, which displace the lungs."""
        own, vessels = heart(self.beam, self.body), great_vessels(self.beam, self.body)
        if large := self.phantom.finding(Kind.CARDIOMEGALY):
            self._mask(large, own, 0.25)
        joined: Layer = np.sqrt(own * own + vessels * vessels)
        return joined

    def _bones(self) -> Layer:
        beam, body, phantom = self.beam, self.body, self.phantom
        fracture = phantom.finding(Kind.RIB_FRACTURE)
        place = add_ribs(beam, body, self.seed, fracture)
        if fracture and place is not None:
            self._mask(fracture, self._disc(place, 1.4))
        add_spine(beam, body, self.seed)
        add_shoulders(beam, body, self.seed)
        add_breastbone(beam, body)
        if bent := phantom.finding(Kind.SCOLIOSIS):
            h, y = beam.plane(-body.depth if not beam.lateral else 0.0)
            beside = np.abs(h - (body.kyphosis(y) if beam.lateral else body.spine(y)))
            self._mask(bent, ((beside < 2.0) & (np.abs(y - 2.0) < 9.0)).astype(np.float32))
        if healed := phantom.finding(Kind.GRANULOMA):
            bones = beam.absorbed()
            place = np.array(place_of(body, self.seed, healed, healed.signs[0]))[:, None]
            radius = 0.5 * healed.diameter_cm
            beam.add(place, CALCIUM * 4 / 3 * np.pi * radius**3, 0.45 * radius)
            spot = beam.absorbed()
            self._mask(healed, spot, 0.15)
            return bones + spot
        return beam.absorbed()

    def _disc(self, place: Points, radius: float) -> Layer:
        column, row, scale = self.beam.project(place)
        rows, columns = np.ogrid[: self.beam.size, : self.beam.size]
        away = np.hypot(rows - row[0], columns - column[0]) * self.beam.pixel / scale[0]
        return np.asarray(away < radius, dtype=np.float32)

    def _lung(self, sign: int, solid: Layer) -> Layer:
        """How one lung changes the attenuation of a trunk without air: air takes some away, fillings restore it."""
        beam, body, phantom = self.beam, self.body, self.phantom
        behind = np.float32(0.5 if beam.lateral else 1.0) * solid
        whole = np.maximum(lung(beam, body, sign) - behind, 0.0)
        air, pleura, gas = whole, np.zeros_like(whole), np.zeros_like(whole)
        leak = phantom.finding(Kind.PNEUMOTHORAX)
        if leak and sign in leak.signs:
            left, pleura = collapsed_lung(beam, body, sign, leak.severity)
            air = np.minimum(np.maximum(left - behind, 0.0), whole)
            gas = whole - air
            self._mask(leak, gas * (left < 0.02), 0.02)
        if airy := phantom.finding(Kind.HYPERINFLATION):
            self._mask(airy, whole, 0.05)
        filled = np.zeros_like(air)
        fluid = phantom.finding(Kind.EFFUSION)
        if fluid and sign in fluid.signs:
            filled = air * fluid_fraction(beam, body, sign, fluid.severity)
            self._mask(fluid, filled / np.maximum(air, 0.5), 0.4)
        for kind in _FILLING:
            finding = phantom.finding(kind)
            if finding and (sign in finding.signs or kind is Kind.EDEMA):
                added = np.minimum(opacity(beam, body, self.seed, finding, sign), air - filled)
                self._mask(finding, added, _SEEN.get(kind, 0.3))
                filled = filled + added
        parenchyma = np.float32(LUNG) * (1 + 0.10 * self.cloud) * (1 + 0.5 * gas / np.maximum(whole, 1.0))
        change: Layer = -(np.float32(SOFT) - parenchyma) * (air - filled) - np.float32(SOFT) * gas
        aerated = np.minimum(air / 2.5, 1.0) * (1 - 1.35 * filled / np.maximum(air, 1.0))
        self._add_vessels(sign)
        return change + beam.absorbed() * aerated + np.float32(SOFT) * 1.6 * pleura

    def _add_vessels(self, sign: int) -> None:
        beam, body, phantom = self.beam, self.body, self.phantom
        wet = phantom.finding(Kind.EDEMA)
        tree = grow(body, self.seed, sign)
        points, radius, length = tree.points(beam.spacing(0.1))
        if wet:
            upper = points[1] < body.apex + 11.0
            radius = radius * np.where(upper, 1.15 + 0.35 * wet.severity, 1.05 + 0.2 * wet.severity)
            kerley_lines(beam, body, self.seed, wet.severity, sign, SOFT)
        mass = (SOFT - LUNG) * np.pi * radius**2 * length
        bounds = (0.0, 0.06, 0.09, 0.13, 0.19, 0.28, 9.0)
        for low, high in pairwise(bounds):
            chosen = (radius >= low) & (radius < high)
            if chosen.any():
                width = 0.5 * float(radius[chosen].mean()) + (0.06 * wet.severity if wet else 0.0)
                beam.add(points[:, chosen], mass[chosen], width)
        mass_finding = phantom.finding(Kind.MASS)
        if mass_finding and sign in mass_finding.signs:
            place = place_of(body, self.seed, mass_finding, sign)
            spicules(beam, self.seed, mass_finding, sign, place, SOFT)


def _without_findings(phantom: Phantom, beam: Beam) -> Layer:
    """Roughly what the same person absorbs without any finding, on a coarse grid."""
    coarse, body = Beam(beam.view, _COARSE, beam.pose), Body.of(replace(phantom, findings=frozenset()))
    solid = heart(coarse, body) * np.float32(0.5 if beam.lateral else 1.0)
    air = sum(np.maximum(lung(coarse, body, sign) - solid, 0.0) for sign in (-1, 1))
    across, _ = coarse.plane(0.0)
    spine = round_chord((across - np.float32(-body.depth if beam.lateral else 0.0)) / 2.0)
    attenuation: Layer = SOFT * trunk(coarse, body) - (SOFT - LUNG) * air
    return np.asarray(np.maximum(attenuation, 0.0) + np.float32(0.8) * spine * (attenuation > 1.0))
