"""The sample cases."""

import json
from pathlib import Path

import pytest

from clinicalblip.errors import DatasetNotFound, MalformedStudy
from clinicalblip.radiology.film_role import FilmRole
from clinicalblip.worklist.sample_cases import read_sample_cases


def write(folder: Path, images: object) -> None:
    """Write a listing with one case."""
    entry = {"id": "a", "title": "A", "images": images, "indication": "cough", "findings": "F", "impression": "I"}
    (folder / "cases.json").write_text(json.dumps([entry]), encoding="utf-8")


def test_films_get_their_roles(tmp_path: Path) -> None:
    """A lateral film is the lateral one, a second frontal film the prior one."""
    images = []
    for name, view in (("1.png", "PA"), ("2.png", "lateral"), ("3.png", "AP")):
        (tmp_path / name).write_bytes(b"x")
        images.append({"path": name, "view": view})
    write(tmp_path, images)
    (case,) = read_sample_cases(tmp_path).studies
    assert {role: image.path.name for role, image in case.films.items()} == {
        FilmRole.FRONTAL: "1.png",
        FilmRole.LATERAL: "2.png",
        FilmRole.PRIOR: "3.png",
    }
    assert (case.number, case.context.indication, case.reference.findings) == (1, "cough", "F")


def test_no_listing_is_no_cases(tmp_path: Path) -> None:
    """A page without samples still works."""
    assert read_sample_cases(tmp_path).studies == ()


def test_a_missing_picture_is_said(tmp_path: Path) -> None:
    """A listing that names a file which is not there is refused."""
    write(tmp_path, [{"path": "gone.png", "view": "PA"}])
    with pytest.raises(DatasetNotFound):
        read_sample_cases(tmp_path)


@pytest.mark.parametrize("images", [None, "x", [{"path": "x.png"}], [{"path": "x.png", "view": "sideways"}]])
def test_a_broken_listing_is_said(tmp_path: Path, images: object) -> None:
    """A listing that breaks the format is one sentence."""
    write(tmp_path, images)
    with pytest.raises(MalformedStudy):
        read_sample_cases(tmp_path)
