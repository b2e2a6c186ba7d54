"""The part of `mini` that writes the statistics: they fit the base that they lie beside, and are made once."""

from pathlib import Path

import numpy as np
import pytest

from clinicalblip.errors import ModelUnavailable
from clinicalblip.instructblip.base import load_base
from clinicalblip.instructblip.vision.film_statistics import STATISTICS_FILE, read_statistics
from clinicalblip.instructblip.vision.ood import load_ood_detector
from research.mini.films.table import Films
from research.mini.vision.ood import PHANTOM_EVERY, measure_ood
from tests.fixtures.tiny_instructblip import make_tiny_base


@pytest.fixture
def base_folder(tmp_path: Path, tiny_films: Films) -> Path:
    """A tiny base for films of the tiny films' size."""
    return make_tiny_base(tmp_path / "base", image_size=tiny_films.size)


def test_the_statistics_are_those_of_the_base_and_its_films(base_folder: Path, tiny_films: Films, tmp_path: Path):
    """A training film lies within the limit of the detector that loads them."""
    measure_ood(tiny_films, base_folder, tmp_path / "run")
    found = read_statistics(base_folder / STATISTICS_FILE)
    train = tiny_films.rows("train")
    drawn = int(tiny_films.is_phantom(train).sum())
    assert found.films == len(train) - drawn + -(-drawn // PHANTOM_EVERY)
    detector = load_ood_detector(base_folder, load_base(base_folder, "fp32", "cpu"))
    assert detector is not None
    greys = tiny_films.pictures(train)[:, 0].numpy()
    assert float(np.median(detector.distances(greys))) < found.lateral_limit


def test_they_are_made_once_for_an_encoder(base_folder: Path, tiny_films: Films, tmp_path: Path, capsys):
    """A second call copies them; other weights get others."""
    run = tmp_path / "run"
    measure_ood(tiny_films, base_folder, run)
    first = (base_folder / STATISTICS_FILE).read_bytes()
    assert "ood" in capsys.readouterr().err
    measure_ood(tiny_films, base_folder, run)
    assert capsys.readouterr().err == ""
    assert (base_folder / STATISTICS_FILE).read_bytes() == first
    other = make_tiny_base(tmp_path / "other", seed=1, image_size=tiny_films.size)
    measure_ood(tiny_films, other, run)
    assert read_statistics(other / STATISTICS_FILE).encoder != read_statistics(base_folder / STATISTICS_FILE).encoder


def test_a_folder_without_weights_is_refused(tiny_films: Films, tmp_path: Path):
    """There is nothing to embed with."""
    with pytest.raises(ModelUnavailable, match="vision encoder"):
        measure_ood(tiny_films, tmp_path, tmp_path / "run")
