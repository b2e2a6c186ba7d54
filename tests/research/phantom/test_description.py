"""Descriptions of phantoms refuse what cannot be, and chance covers all that can."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.radiology.radiograph import View
from research.phantom.choosing import random_finding, random_phantom, seen_apart
from research.phantom.description import BOTH_SIDED, SIDED, SIDES, ZONED, ZONES, Finding, Kind, Phantom


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: Finding("gout"), id="no kind"),
        pytest.param(lambda: Finding(Kind.CARDIOMEGALY, "left"), id="a heart with a side"),
        pytest.param(lambda: Finding(Kind.NODULE, "left"), id="a nodule without a zone"),
        pytest.param(lambda: Finding(Kind.NODULE, "", "upper"), id="a nodule without a side"),
        pytest.param(lambda: Finding(Kind.NODULE, "both", "upper"), id="one nodule on both sides"),
        pytest.param(lambda: Finding(Kind.EFFUSION, "left", "lower"), id="an effusion in a zone"),
        pytest.param(lambda: Finding(Kind.EDEMA, severity=1.1), id="more than all"),
        pytest.param(lambda: Finding(Kind.EDEMA, severity=float("nan")), id="no severity"),
        pytest.param(lambda: Phantom(-1), id="no seed"),
        pytest.param(lambda: Phantom(1, projection=View.LATERAL), id="a lateral frontal"),
        pytest.param(
            lambda: Phantom(1, frozenset({Finding(Kind.EFFUSION, "left"), Finding(Kind.EFFUSION, "right")})),
            id="one kind twice",
        ),
    ],
)
def test_what_cannot_be_is_refused(make):
    """A finding has the side and the zone that its kind has, and a phantom each kind once."""
    with pytest.raises(ValueError, match=r"\."):
        make()


@given(
    st.sampled_from(Kind), st.sampled_from(("", *SIDES)), st.sampled_from(("", *ZONES)), st.floats(0, 1), st.integers(0)
)
@settings(max_examples=60)
def test_sides_and_zones_follow_the_kind(kind, side, zone, severity, seed):
    """Whatever is asked for is either a finding of the stated kind with all it needs, or refused."""
    fits = bool(zone) == (kind in ZONED) and bool(side) == (kind in SIDED)
    fits = fits and (side != "both" or kind in BOTH_SIDED)
    if not fits:
        with pytest.raises(ValueError, match="of"):
            Finding(kind, side, zone, severity)
        return
    finding = Finding(kind, side, zone, severity)
    assert len(finding.signs) == {"": 0, "both": 2}.get(side, 1)
    assert finding.degree in (0, 1, 2)
    assert Phantom(seed, frozenset({finding})).finding(kind) is finding


def test_random_phantoms_have_every_finding_and_none():
    """Training phantoms cover every kind, side and zone, a third is normal, and the same seed is the same phantom."""
    phantoms = [random_phantom(seed) for seed in range(600)]
    drawn = [finding for phantom in phantoms for finding in phantom.findings]
    assert {finding.kind for finding in drawn} == set(Kind)
    assert {finding.side for finding in drawn} == {"", *SIDES}
    assert {finding.zone for finding in drawn} == {"", *ZONES}
    assert 150 < sum(not phantom.findings for phantom in phantoms) < 260
    assert {phantom.projection for phantom in phantoms} == {View.PA, View.AP}
    assert random_phantom(7) == random_phantom(7)


def test_no_finding_of_a_random_phantom_hides_another():
    """What chance puts together can be seen apart; a nodule under an effusion cannot."""
    assert all(seen_apart(random_phantom(seed).in_order) for seed in range(300))
    fluid, nodule = Finding(Kind.EFFUSION, "left", severity=0.8), Finding(Kind.NODULE, "left", "lower")
    assert not seen_apart((fluid, nodule))
    assert seen_apart((fluid, Finding(Kind.NODULE, "right", "lower")))


def test_an_intubated_chest_is_taken_ap():
    """Nobody with a tracheal tube stands for a PA film."""
    for seed in range(600):
        phantom = random_phantom(seed)
        assert phantom.projection is View.AP or not phantom.finding(Kind.ENDOTRACHEAL_TUBE)


def test_a_mass_is_larger_than_a_nodule():
    """Every mass has 3 cm or more, every nodule 3 cm or less, every granuloma less than 1."""
    rng = np.random.default_rng(1)
    for _ in range(40):
        assert random_finding(Kind.MASS, rng).diameter_cm > 3.0
        assert 1.0 <= random_finding(Kind.NODULE, rng).diameter_cm <= 3.0
        assert random_finding(Kind.GRANULOMA, rng).diameter_cm < 1.0
        assert random_finding(Kind.EDEMA, rng).diameter_cm == 0.0
