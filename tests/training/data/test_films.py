"""Films from image files: decoded once, the same from the cache, and named by their study when broken."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinicalblip.errors import StageError
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study, StudyImage
from clinicalblip.training.data.films import CachedFilmLoader
from tests.fixtures.dicom_files import write_dicom


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study with one 16-bit film on disk."""
    grey = np.linspace(0, 65535, 300 * 200).reshape(300, 200).astype(np.uint16)
    Image.fromarray(grey).save(tmp_path / "film.png")
    return Study("s1", "p1", "train", (StudyImage(tmp_path / "film.png", View.PA),), reference=Report("Clear."))


def test_film_is_the_same_from_the_cache(study: Study, tmp_path: Path) -> None:
    """The second look gives what the first gave, without decoding, at the model's size and with its 16 bits."""
    read = CachedFilmLoader(64, tmp_path / "films")
    (first,) = read(study)
    assert first.shape == (64, 64)
    assert first.dtype == np.float32
    assert first.min() >= 0
    assert first.max() <= 1
    assert len(np.unique(first)) > 256
    (kept,) = (tmp_path / "films").rglob("*.npy")
    written = kept.stat().st_mtime_ns
    (second,) = CachedFilmLoader(64, tmp_path / "films")(study)
    assert np.array_equal(first, second)
    assert kept.stat().st_mtime_ns == written


def test_changed_file_is_read_anew(study: Study, tmp_path: Path) -> None:
    """A film whose file was replaced is not taken from the cache."""
    read = CachedFilmLoader(64, tmp_path / "films")
    (first,) = read(study)
    Image.fromarray(np.full((64, 90), 200, np.uint8)).save(study.images[0].path)
    (second,) = read(study)
    assert not np.array_equal(first, second)


def test_broken_film_names_its_study(study: Study, tmp_path: Path) -> None:
    """A file that is missing or no picture is a StageError with the study's id and without the file's name."""
    read = CachedFilmLoader(64, tmp_path / "films")
    study.images[0].path.write_bytes(b"no picture")
    missing = replace(study, images=(StudyImage(tmp_path / "absent.png"),))
    for broken in (study, missing):
        with pytest.raises(StageError, match="s1") as caught:
            read(broken)
        assert ".png" not in str(caught.value)


def test_film_whose_tag_says_burned_in_is_trained_on(study: Study, tmp_path: Path) -> None:
    """It is drafted from and scored, too: the publisher has masked the pixels and left the tag."""
    film = write_dicom(np.arange(64 * 64).reshape(64, 64) % 4096, BurnedInAnnotation="YES")
    study.images[0].path.write_bytes(film)
    read = CachedFilmLoader(64, tmp_path / "films")
    assert list(read.decode_all([study], 1)) == [(study, None)]
