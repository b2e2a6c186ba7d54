"""Small films of kinds that people reported, through the reader and through the command; ../shared/field says what each
must give."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import Radiograph, View

pytestmark = pytest.mark.shared_data
ROOT = Path(__file__).parents[3]

SAID = {
    "control-16": (),
    "says16-holds12": ("VOI LUT says that its greys have 16 bits; they have 12",),
    "rescale-comma": (),
    "rf-LOG-nowindow": ("modality LUT is for measuring",),
    "j2k-end-missing": ("does not mark where its compressed picture ends",),
    "jpeg-bot-wrong": ("table of where its pictures begin is wrong",),
    "jpeg-not-encapsulated": ("not wrapped as DICOM asks for",),
    "j2k8-as-50": ("compressed as JPEG; it is compressed as JPEG 2000",),
    "jpeg-8-in-16-8": ("has 8 bits a pixel, the file says 16",),
    "as-ob": (),
    "item-ended-by-sequence-delimiter": (),
    "second-nan": ("One of the file's windows is damaged",),
}
"""What is said of each."""

LIKE_CONTROL = ("says16-holds12", "rf-LOG-nowindow", "as-ob", "item-ended-by-sequence-delimiter", "second-nan")
BY_RANGE = ("j2k-end-missing", "j2k8-as-50", "jpeg-bot-wrong", "jpeg-not-encapsulated", "jpeg-8-in-16-8")
"""Without a window, so shown from their smallest value to their largest."""


def read(field: Path, name: str) -> Radiograph:
    """One of the films."""
    return read_radiograph((field / f"{name}.dcm").read_bytes())


@pytest.mark.parametrize("name", SAID)
def test_each_is_read_and_said(field: Path, name: str) -> None:
    """As many sentences as faults that matter to the reader; the view, also where only the description has it."""
    film = read(field, name)
    assert len(film.warnings) == len(SAID[name])
    assert all(words in warning for words, warning in zip(SAID[name], film.warnings, strict=True))
    assert film.view is (View.LATERAL if name == "as-ob" else View.PA)
    assert film.values.shape == (512, 512)


@pytest.mark.parametrize("name", LIKE_CONTROL)
def test_greys_are_those_of_the_control(field: Path, name: str) -> None:
    """Within one of 255 levels, and 0.629 on average."""
    film, control = read(field, name), read(field, "control-16")
    assert np.abs(film.pixels - control.pixels).max() <= 1 / 255
    assert film.pixels.mean() == pytest.approx(0.629, abs=0.001)


@pytest.mark.parametrize("name", BY_RANGE)
def test_compressed_films_are_the_control_over_their_own_range(field: Path, name: str) -> None:
    """JPEG loses a little, and 8 bits of 12 a little more."""
    control = read(field, "control-16").values.astype(np.float64)
    greys = (control - control.min()) / np.ptp(control)
    film = read(field, name)
    assert np.abs(film.pixels - greys).mean() <= 2 / 255
    assert np.corrcoef(film.pixels.ravel(), greys.ravel())[0, 1] > 0.999


def test_decimal_commas_are_points(field: Path) -> None:
    """The slope is -0.5 in MONOCHROME2, so the film is the control turned round: PS3.3 C.11.1 and C.11.2.1.2."""
    film, control = read(field, "rescale-comma"), read(field, "control-16")
    assert 1 - film.pixels.mean() == pytest.approx(0.629, abs=0.001)
    stored = control.values.astype(np.float64)
    output = 2047.5 - 0.5 * stored
    wanted = np.clip((output - (1023.75 - 0.5)) / (2047.5 - 1) + 0.5, 0, 1)
    np.testing.assert_allclose(film.pixels, wanted, atol=1e-6)


@pytest.mark.system
@pytest.mark.timeout(300)
def test_the_command_drafts_from_them(field: Path) -> None:
    """The command itself, with the bundled model: a frontal, a lateral and a prior that other programs refuse."""
    names = ("j2k8-as-50", "as-ob", "item-ended-by-sequence-delimiter")
    frontal, lateral, prior = (str(field / f"{name}.dcm") for name in names)
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "clinicalblip",
            "draft",
            frontal,
            "--lateral",
            lateral,
            "--prior-image",
            prior,
            "--json",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["findings"]
    assert "it is compressed as JPEG 2000 and was read so" in ran.stdout + ran.stderr
