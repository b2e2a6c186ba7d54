"""Counterfactual pairs differ in one finding and nothing else."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from research.phantom.choosing import random_phantom
from research.phantom.description import SIDED, ZONED, Finding, Kind, Phantom
from research.phantom.draw import draw
from research.phantom.pairs import Pair, before_and_now, with_and_without
from research.phantom.reports.report import Change, changes

SIZE = 160
LOCAL = [
    Kind.EFFUSION,
    Kind.CONSOLIDATION,
    Kind.NODULE,
    Kind.MASS,
    Kind.GRANULOMA,
    Kind.PNEUMOTHORAX,
    Kind.RIB_FRACTURE,
]
LOCAL += [Kind.CENTRAL_LINE, Kind.PACEMAKER, Kind.ENDOTRACHEAL_TUBE, Kind.STERNOTOMY_WIRES]


def finding_of(kind: Kind) -> Finding:
    """A finding of that kind, on the left and in the middle where it has such."""
    return Finding(kind, "left" if kind in SIDED else "", "middle" if kind in ZONED else "", 0.6)


@pytest.mark.parametrize("kind", LOCAL, ids=str)
def test_a_counterfactual_pair_differs_only_near_the_mask(kind):
    """Away from the finding both films show the same body, pose and noise; only scatter and processing reach there."""
    pair = with_and_without(Phantom(31), finding_of(kind))
    first, second = draw(pair.first, SIZE), draw(pair.second, SIZE)
    (mask,) = second.masks.values()
    change = np.abs(second.image - first.image)
    near = cv2.dilate(mask.astype(np.uint8), np.ones((25, 25), np.uint8)).astype(bool)
    assert pair.difference == {finding_of(kind)}
    assert change[~near].mean() < 0.12 * change[mask].mean()
    assert np.median(change[~near]) < 0.004


def test_what_else_a_chest_has_stays():
    """The other findings are in both films; what would be hidden by them is refused."""
    heart = Finding(Kind.CARDIOMEGALY, severity=0.4)
    pair = with_and_without(Phantom(5, frozenset({heart})), Finding(Kind.NODULE, "left", "upper"))
    assert pair.first.findings == {heart}
    assert heart in pair.second.findings
    with pytest.raises(ValueError, match="told"):
        with_and_without(Phantom(5, frozenset({Finding(Kind.EFFUSION, "left")})), Finding(Kind.NODULE, "left", "lower"))


@pytest.mark.parametrize("change", list(Change), ids=str)
def test_the_prior_film_is_of_the_same_person_in_another_pose(change):
    """Before and now are one body in two exposures, and the wanted change is the only one."""
    made = 0
    for seed in range(80):
        now = random_phantom(seed)
        try:
            pair = before_and_now(now, change, np.random.default_rng(seed))
        except ValueError:
            continue
        made += 1
        assert pair.second is now
        assert pair.first.exposure != now.exposure
        assert set(changes(now, pair.first).values()) - {Change.UNCHANGED} == {change} - {Change.UNCHANGED}
    assert made > 15


def test_a_pair_is_of_one_person():
    """Two seeds are no pair, and a normal chest has nothing new."""
    with pytest.raises(ValueError, match="one person"):
        Pair(Phantom(1), replace(Phantom(1), seed=2))
    with pytest.raises(ValueError, match="new"):
        before_and_now(Phantom(1), Change.NEW, np.random.default_rng(0))
