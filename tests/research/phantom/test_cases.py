"""The committed sample cases are what the code draws, and their texts fit the drawings."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinicalblip.labeler import observations
from clinicalblip.radiology.observation import Certainty, Observation
from research.phantom.cases import CASE_SIZE, CASES, write_cases
from research.phantom.reports.report import Change, changes

COMMITTED = Path(__file__).resolve().parents[3] / "assets" / "cases"


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory):
    """The sample cases, written anew."""
    folder = tmp_path_factory.mktemp("cases")
    write_cases(folder)
    return folder


def test_the_committed_descriptions_are_current(redrawn):
    """cases.json is exactly what the code writes."""
    assert (COMMITTED / "cases.json").read_bytes() == (redrawn / "cases.json").read_bytes()


def test_the_committed_pictures_are_current(redrawn):
    """Each picture equals its redraw within two grey levels, is 8-bit grey and small, and says that it is synthetic."""
    drawn = sorted(path.relative_to(redrawn) for path in redrawn.rglob("*.png"))
    assert drawn == sorted(path.relative_to(COMMITTED) for path in COMMITTED.rglob("*.png"))
    for path in drawn:
        with Image.open(COMMITTED / path) as kept, Image.open(redrawn / path) as fresh:
            assert kept.mode == "L"
            assert kept.size == (CASE_SIZE, CASE_SIZE)
            assert "Synthetic" in kept.text["Description"]
            assert np.abs(np.asarray(kept, dtype=int) - np.asarray(fresh, dtype=int)).max() <= 2
        assert (COMMITTED / path).stat().st_size < 250_000


def test_every_case_names_its_pictures_and_says_that_it_is_drawn():
    """Each described image exists, every case is marked synthetic, one has a lateral film, two a prior film."""
    described = json.loads((COMMITTED / "cases.json").read_text("utf-8"))
    assert [case["id"] for case in described] == [case.id for case in CASES]
    views = []
    for case in described:
        assert case["synthetic"] is True
        assert case["findings"]
        assert case["impression"]
        assert all((COMMITTED / image["path"]).is_file() for image in case["images"])
        views.append([image["view"] for image in case["images"]])
        assert (len(views[-1]) == 2 and views[-1][1] == "frontal") == bool(case["prior_report"])
    assert sorted(views) == [["frontal"], ["frontal", "frontal"], ["frontal", "frontal"], ["frontal", "lateral"]]


def test_a_prior_film_is_of_the_same_person():
    """The earlier film shows the same body in another exposure, and differs in what the reference says."""
    for case in CASES:
        if case.prior:
            assert case.prior.seed == case.phantom.seed
            assert case.prior.exposure != case.phantom.exposure
            assert set(changes(case.phantom, case.prior).values()) == {
                Change.LARGER if "increased" in case.findings else Change.UNCHANGED
            }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_reference_affirms_what_is_drawn_and_denies_the_rest(case):
    """The truth of the drawing stands in the reference text, side included."""
    said = observations(case.findings)
    present = {name for name, certainty in said.items() if certainty is Certainty.PRESENT} - {Observation.NO_FINDING}
    assert present == {finding.observation for finding in case.phantom.findings}
    assert all(f"on the {finding.side}" in case.findings for finding in case.phantom.findings if finding.side)
