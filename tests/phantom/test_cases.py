"""The committed sample cases are what the code draws, and their texts fit the drawings."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinicalblip.phantom.cases import CASES, write_cases

COMMITTED = Path(__file__).resolve().parents[2] / "assets" / "cases"


@pytest.fixture(scope="module")
def redrawn(tmp_path_factory):
    """The sample cases, written anew."""
    folder = tmp_path_factory.mktemp("cases")
    write_cases(folder)
    return folder


def test_the_committed_descriptions_are_current(redrawn):
    """cases.json is exactly what the code writes."""
    assert (COMMITTED / "cases.json").read_bytes() == (redrawn / "cases.json").read_bytes()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_committed_pictures_are_current(redrawn, case):
    """Each picture equals its redraw within one grey level, is 8-bit grey and under a megabyte."""
    path = Path(case.id) / "frontal.png"
    with Image.open(COMMITTED / path) as kept, Image.open(redrawn / path) as fresh:
        assert kept.mode == "L"
        assert kept.size == (1024, 1024)
        assert np.abs(np.asarray(kept, dtype=int) - np.asarray(fresh, dtype=int)).max() <= 1
    assert (COMMITTED / path).stat().st_size < 1_000_000


def test_every_case_names_its_pictures_and_says_that_it_is_drawn():
    """Each described image exists, and every case is marked synthetic."""
    described = json.loads((COMMITTED / "cases.json").read_text("utf-8"))
    assert [case["id"] for case in described] == [case.id for case in CASES]
    for case in described:
        assert case["synthetic"] is True
        assert case["findings"]
        assert case["impression"]
        assert [image["view"] for image in case["images"]] == ["frontal"]
        assert all((COMMITTED / image["path"]).is_file() for image in case["images"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_reference_affirms_what_is_drawn_and_denies_the_rest(case):
    """The truth of the drawing stands in the reference text, side included."""
    words = (
        ("Cardiomegaly", "enlarged"),
        ("Pleural Effusion", "is a pleural effusion"),
        ("Pneumothorax", "is a pneumothorax"),
    )
    for name, affirmed in words:
        finding = case.phantom.finding(name)
        assert (affirmed in case.findings) == (finding is not None)
        if finding and finding.side:
            assert f"on the {finding.side}" in case.findings
