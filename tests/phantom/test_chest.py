"""Drawn chests: deterministic, within range, and each finding changes the place where it is."""

import time

import numpy as np
import pytest

from clinicalblip.phantom.chest import draw_chest
from clinicalblip.phantom.description import DRAWN_FINDINGS, DrawnFinding, Phantom, random_phantom

SIZE = 160


def changed(finding: DrawnFinding, seed: int = 21) -> np.ndarray:
    """How much the finding brightens each pixel of the same chest."""
    return draw_chest(Phantom(seed, frozenset({finding})), SIZE) - draw_chest(Phantom(seed), SIZE)


def test_the_same_phantom_is_the_same_picture():
    """Two calls give the same bytes; another seed gives another chest."""
    first, again = draw_chest(Phantom(1), SIZE), draw_chest(Phantom(1), SIZE)
    assert first.tobytes() == again.tobytes()
    assert np.abs(first - draw_chest(Phantom(2), SIZE)).mean() > 0.01


@pytest.mark.parametrize("seed", range(8))
def test_a_picture_lies_between_zero_and_one(seed):
    """Every drawing is float32, square, finite and uses the range."""
    picture = draw_chest(random_phantom(seed), SIZE)
    assert picture.dtype == np.float32
    assert picture.shape == (SIZE, SIZE)
    assert picture.min() >= 0.0
    assert picture.max() <= 1.0
    assert picture.std() > 0.15


def test_lungs_are_darker_than_spine_and_abdomen():
    """A normal chest has its air in the lungs and its brightness below the diaphragm, on both sides."""
    picture = draw_chest(Phantom(3), SIZE)
    right, left = picture[60:80, 35:45].mean(), picture[60:80, 115:125].mean()
    assert max(right, left) + 0.2 < min(picture[60:80, 76:84].mean(), picture[135:150, 40:120].mean())


def test_the_size_does_not_change_the_anatomy():
    """The same phantom at twice the size, averaged down, is the same chest."""
    small = draw_chest(Phantom(4), SIZE)
    large = draw_chest(Phantom(4), 2 * SIZE).reshape(SIZE, 2, SIZE, 2).mean((1, 3))
    assert np.abs(small - large).mean() < 0.005


def test_an_enlarged_heart_is_wider():
    """Cardiomegaly widens the bright middle at the heart's height."""
    brighter = changed(DrawnFinding("Cardiomegaly", severity=0.8))
    assert brighter[75:105, 100:120].mean() > 0.05
    assert abs(brighter[30:50].mean()) < 0.03


@pytest.mark.parametrize("name", ["Pleural Effusion", "Consolidation", "Lung Lesion"])
@pytest.mark.parametrize("side", ["right", "left"])
def test_a_dense_finding_brightens_its_own_side(name, side):
    """The patient's right is the image's left."""
    brighter = changed(DrawnFinding(name, side, 0.6))
    right, left = brighter[:, : SIZE // 2].mean(), brighter[:, SIZE // 2 :].mean()
    own, other = (right, left) if side == "right" else (left, right)
    assert own > 0.001
    assert own > 3 * abs(other)


@pytest.mark.parametrize(("side", "columns"), [("right", slice(0, 80)), ("left", slice(80, 160))])
def test_a_pneumothorax_darkens_the_outer_lung_of_its_side(side, columns):
    """Air outside the visceral pleura is darker than lung."""
    brighter = changed(DrawnFinding("Pneumothorax", side, 0.8))
    assert (brighter[:, columns] < -0.03).sum() > 150
    other = slice(80, 160) if side == "right" else slice(0, 80)
    assert (brighter[:, other] < -0.03).sum() < 20


def test_a_larger_effusion_covers_more():
    """Severity is monotone."""
    areas = [changed(DrawnFinding("Pleural Effusion", "left", s)).clip(0.0).sum() for s in (0.1, 0.5, 0.9)]
    assert areas == sorted(areas)
    assert areas[2] > 2 * areas[0]


def test_impossible_phantoms_are_refused():
    """An unknown finding, a heart with a side, a lesion without one, a finding twice."""
    for make in (
        lambda: DrawnFinding("Gout"),
        lambda: DrawnFinding("Cardiomegaly", "left"),
        lambda: DrawnFinding("Lung Lesion"),
        lambda: DrawnFinding("Lung Lesion", "up"),
        lambda: DrawnFinding("Cardiomegaly", severity=2.0),
        lambda: Phantom(-1),
        lambda: Phantom(1, frozenset({DrawnFinding("Lung Lesion", "left"), DrawnFinding("Lung Lesion", "right")})),
        lambda: draw_chest(Phantom(1), 8),
    ):
        with pytest.raises(ValueError, match=r"\."):
            make()


def test_random_phantoms_have_every_finding_and_none():
    """Training phantoms cover all that can be drawn and a good part of normal chests."""
    phantoms = [random_phantom(seed) for seed in range(300)]
    assert {finding.name for phantom in phantoms for finding in phantom.findings} == set(DRAWN_FINDINGS)
    assert 80 < sum(not phantom.findings for phantom in phantoms) < 160
    assert random_phantom(7) == random_phantom(7)


def test_drawing_is_quick():
    """A film of 160 pixels takes well under a quarter of a second even on a busy core."""
    started = time.process_time()
    for seed in range(4):
        draw_chest(Phantom(seed), SIZE)
    assert (time.process_time() - started) / 4 < 0.25
