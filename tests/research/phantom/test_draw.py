"""Drawn chests: deterministic, within range, the same at every size, and each finding is where its mask is."""

from dataclasses import replace

import numpy as np
import pytest

from clinicalblip.radiology.radiograph import View
from research.phantom.choosing import random_phantom
from research.phantom.description import BOTH_SIDED, SIDED, ZONED, Finding, Kind, Phantom
from research.phantom.draw import draw, draw_chest

SIZE = 160
DARK = {Kind.PNEUMOTHORAX}
CHANGED_SHAPE = {Kind.HYPERINFLATION, Kind.SCOLIOSIS, Kind.RIB_FRACTURE}  # neither darker nor brighter on the whole


def finding_of(kind: Kind, side: str = "left", zone: str = "middle", severity: float = 0.7) -> Finding:
    """A finding of that kind, on that side and in that zone where it has one."""
    return Finding(kind, side if kind in SIDED else "", zone if kind in ZONED else "", severity)


def changed(finding: Finding, seed: int = 21, size: int = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """How much the finding brightens each pixel of the same chest, and its mask."""
    drawing = draw(Phantom(seed, frozenset({finding})), size)
    return drawing.image - draw(Phantom(seed), size).image, drawing.masks[finding]


def test_the_same_phantom_is_the_same_film():
    """Two calls give the same bytes; another person, and another exposure of the same one, are other films."""
    first, again = draw_chest(Phantom(1), SIZE), draw_chest(Phantom(1), SIZE)
    assert first.tobytes() == again.tobytes()
    for other in (Phantom(2), Phantom(1, exposure=1), Phantom(1, projection=View.AP)):
        assert np.abs(first - draw_chest(other, SIZE)).mean() > 0.01


@pytest.mark.parametrize("view", [View.FRONTAL, View.LATERAL])
@pytest.mark.parametrize("seed", range(6))
def test_a_film_lies_between_zero_and_one(seed, view):
    """Every film is float32, square, finite and uses the range, and every finding has a mask with something in it."""
    phantom = random_phantom(seed)
    drawing = draw(phantom, SIZE, view)
    assert drawing.image.dtype == np.float32
    assert drawing.image.shape == (SIZE, SIZE)
    assert drawing.image.min() >= 0.0
    assert drawing.image.max() <= 1.0
    assert drawing.image.std() > 0.12
    assert set(drawing.masks) == set(phantom.findings)
    assert all(mask.dtype == bool and mask.shape == (SIZE, SIZE) for mask in drawing.masks.values())


def test_lungs_are_darker_than_spine_and_abdomen():
    """A normal chest has its air in the lungs and its brightness below the diaphragm, on both sides."""
    picture = draw_chest(Phantom(0), SIZE)
    right, left = picture[60:80, 38:52].mean(), picture[60:80, 100:114].mean()
    assert max(right, left) + 0.2 < min(picture[60:80, 74:82].mean(), picture[146:156, 40:120].mean())


@pytest.mark.parametrize("view", [View.FRONTAL, View.LATERAL])
def test_the_size_does_not_change_the_anatomy(view):
    """The same phantom at twice the size, averaged down, is the same chest."""
    small = draw(Phantom(4), 128, view).image
    large = draw(Phantom(4), 256, view).image.reshape(128, 2, 128, 2).mean((1, 3))
    assert np.abs(small - large).mean() < 0.012


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.GRANULOMA], ids=str)
def test_the_size_does_not_change_a_mask(kind):
    """A mask covers the same share of the film at 128 and at 256 pixels, thin wires as far as pixels allow."""
    finding = finding_of(kind)
    small, large = (draw(Phantom(9, frozenset({finding})), size).masks[finding].mean() for size in (128, 256))
    thin = kind in (Kind.CENTRAL_LINE, Kind.ENDOTRACHEAL_TUBE, Kind.STERNOTOMY_WIRES, Kind.PACEMAKER)
    assert small == pytest.approx(large, rel=1.1 if thin else 0.15)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in CHANGED_SHAPE], ids=str)
def test_a_finding_is_where_its_mask_is(kind):
    """The film is brighter in the mask, darker for gas, and hardly changed beyond it."""
    brighter, mask = changed(finding_of(kind))
    own = brighter[mask].mean()
    assert own < -0.05 if kind in DARK else own > 0.02
    assert abs(own) > 6 * np.abs(brighter[~mask]).mean()


@pytest.mark.parametrize("kind", sorted(CHANGED_SHAPE), ids=str)
def test_a_finding_of_shape_changes_its_mask_most(kind):
    """A bent spine, a broken rib and blown-up lungs change the film most where they are."""
    brighter, mask = changed(finding_of(kind))
    assert np.abs(brighter[mask]).mean() > 1.2 * np.abs(brighter[~mask]).mean()


@pytest.mark.parametrize("kind", sorted(SIDED - {Kind.SCOLIOSIS, Kind.CENTRAL_LINE, Kind.PACEMAKER}), ids=str)
@pytest.mark.parametrize("seed", [0, 3])
def test_the_patients_right_is_the_images_left(kind, seed):
    """A one-sided finding lies in its half of the film; so does the change that it makes."""
    for side, own in (("right", slice(0, SIZE // 2)), ("left", slice(SIZE // 2, None))):
        brighter, mask = changed(finding_of(kind, side), seed)
        assert mask[:, own].sum() > 0.95 * mask.sum()
        assert np.abs(brighter[:, own]).sum() > 0.7 * np.abs(brighter).sum()


def test_a_curve_and_a_device_have_sides():
    """A spine convex to the left bends to the image's right; a pacemaker's box lies on its side."""
    columns = np.arange(SIZE)
    for kind in (Kind.SCOLIOSIS, Kind.PACEMAKER):
        right, left = (
            (changed(finding_of(kind, side))[1].sum(0) * columns).sum() / changed(finding_of(kind, side))[1].sum()
            for side in ("right", "left")
        )
        assert right + 3 < left


@pytest.mark.parametrize("kind", sorted(BOTH_SIDED), ids=str)
def test_both_sides_are_both(kind):
    """A finding on both sides marks both halves of the film."""
    _, mask = changed(finding_of(kind, "both"))
    assert min(mask[:, : SIZE // 2].mean(), mask[:, SIZE // 2 :].mean()) > 0.001


@pytest.mark.parametrize("kind", sorted(ZONED - {Kind.RIB_FRACTURE}), ids=str)
def test_zones_follow_from_above(kind):
    """The upper zone's finding lies above the middle's, and that above the lower's."""
    rows = np.arange(SIZE)
    heights = []
    for zone in ("upper", "middle", "lower"):
        _, mask = changed(finding_of(kind, "right", zone))
        heights.append((mask.sum(1) * rows).sum() / mask.sum())
    assert heights == sorted(heights)
    assert heights[2] - heights[0] > SIZE / 6


@pytest.mark.parametrize(
    "kind",
    [Kind.CARDIOMEGALY, Kind.EFFUSION, Kind.PNEUMOTHORAX, Kind.CONSOLIDATION, Kind.ATELECTASIS, Kind.NODULE, Kind.MASS],
    ids=str,
)
def test_more_of_it_changes_more(kind):
    """The change over the whole film grows with the severity."""
    found = [np.abs(changed(finding_of(kind, severity=much))[0]).sum() for much in (0.1, 0.5, 0.95)]
    assert found == sorted(found)
    assert found[2] > 1.5 * found[0]


def test_a_lateral_film_is_another_view():
    """It differs from the frontal film, shows both lungs over one another, and has its own masks."""
    finding = Finding(Kind.EFFUSION, "left", severity=0.8)
    phantom = Phantom(3, frozenset({finding}))
    frontal, lateral = draw(phantom, SIZE), draw(phantom, SIZE, View.LATERAL)
    assert np.abs(frontal.image - lateral.image).mean() > 0.1
    assert lateral.masks[finding].any()
    assert not np.array_equal(lateral.masks[finding], frontal.masks[finding])
    assert lateral.masks[finding][: SIZE // 2].sum() < 0.1 * lateral.masks[finding].sum()


def test_the_heart_is_larger_in_an_ap_film():
    """Rays that come from the front spread more behind the heart."""
    finding = Finding(Kind.CARDIOMEGALY, severity=0.5)
    phantom = Phantom(5, frozenset({finding}))
    widths = []
    for projection in (View.PA, View.AP):
        taken = replace(phantom, projection=projection)
        field = draw(taken, 256).masks[finding].any(0).sum()
        widths.append(field)
    assert widths[1] > widths[0]


def test_what_cannot_be_drawn_is_refused():
    """A film too small, and the view that the phantom was not taken in."""
    with pytest.raises(ValueError, match="32 pixels"):
        draw(Phantom(1), 8)
    with pytest.raises(ValueError, match="AP"):
        draw(Phantom(1), SIZE, View.AP)
