"""Whether a film is like the training films: chests are, other pictures are not; statistics belong to one encoder."""

import json
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clinicalblip.errors import ModelUnavailable
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.reporter import InstructBlipReporter, load_reporter
from clinicalblip.instructblip.vision.encoder import read_encoder
from clinicalblip.instructblip.vision.film_statistics import (
    STATISTICS_FILE,
    fit_statistics,
    read_statistics,
    write_statistics,
)
from clinicalblip.instructblip.vision.ood import OodDetector, load_ood_detector
from clinicalblip.instructblip.vision.preprocess import resize_to_square
from clinicalblip.radiology.radiograph import View
from clinicalblip.settings import ModelSettings, Settings
from research.phantom.choosing import random_phantom
from research.phantom.draw import draw_chest
from tests.fixtures.not_chests import as_film, blank, hand, mammogram, noise, on_its_side, text_page, upside_down

ROOT = Path(__file__).parents[3]
BUNDLED = ROOT / "assets" / "mini" / "instructblip-mini"


@pytest.fixture(scope="module")
def reporter() -> InstructBlipReporter:
    """The bundled model as the page has it."""
    return load_reporter(Settings(folder=ROOT, model=ModelSettings(precision="fp32")))


@pytest.fixture(scope="module")
def detector() -> OodDetector:
    """The bundled model's detector alone."""
    found = load_ood_detector(BUNDLED, load_base(BUNDLED, "fp32", "cpu"))
    assert found is not None
    return found


@pytest.fixture
def tiny(tiny_llama_folder: Path, tmp_path: Path) -> Path:
    """A tiny base of its own with statistics of random embeddings beside it."""
    folder = tmp_path / "tiny"
    shutil.copytree(tiny_llama_folder, folder)
    _, digest = read_encoder(folder)
    films = np.random.default_rng(0).normal(size=(64, 32)).astype(np.float32)
    write_statistics(fit_statistics(digest, films, films[:20]), folder / STATISTICS_FILE)
    return folder


@pytest.mark.parametrize("draw", [hand, mammogram, noise, blank, text_page])
def test_what_is_no_chest_is_far_from_the_training_films(detector, draw):
    """The encoder by itself doubts each of them, and says how far away they are."""
    assert all("farther" in detector.doubts(as_film(draw(seed)))[0] for seed in (0, 1))


def test_the_sample_cases_are_not_doubted(reporter):
    """Nothing is said about the films that come with the page."""
    for case in json.loads((ROOT / "assets" / "cases" / "cases.json").read_text(encoding="utf-8")):
        film = read_radiograph((ROOT / "assets" / "cases" / case["images"][0]["path"]).read_bytes())
        assert reporter.doubts(film) == ()


def test_the_reporter_says_what_both_parts_of_the_gate_say(reporter):
    """A hand is doubted for its empty film and for its distance; each is a sentence."""
    doubts = reporter.doubts(as_film(hand(3)))
    assert any("empty" in doubt for doubt in doubts)
    assert any("training" in doubt or "trained" in doubt for doubt in doubts)
    assert all(doubt[0].isupper() and doubt.endswith(".") for doubt in doubts)


@pytest.mark.parametrize(
    ("draw", "remedy"),
    [
        (upside_down, "the other way up"),
        (on_its_side, "quarter to the"),
        (lambda seed: 1 - draw_chest(random_phantom(92_000 + seed), 320), "black and white exchanged"),
    ],
)
def test_a_chest_that_is_turned_is_doubted_with_a_remedy(detector, draw, remedy):
    """The reader is told how to turn the film, or to exchange black and white; not every drawn one is noticed."""
    doubts = next(found for found in (detector.doubts(as_film(draw(seed))) for seed in range(20)) if found)
    assert remedy in doubts[1]


@pytest.mark.shared_data
def test_a_real_film_passes_and_is_doubted_where_its_tag_inverts_it(reporter, shared_data: Path):
    """A wrong MONOCHROME1 is noticed, and the remedy named."""
    film = read_radiograph((shared_data / "dicom" / "rsna-chest-1024.dcm").read_bytes())
    assert reporter.doubts(film) == ()
    assert "black and white exchanged" in reporter.doubts(replace(film, inverted=not film.inverted))[-1]


def test_a_lateral_film_is_judged_more_loosely(detector):
    """Between the two limits a film is doubted as a frontal one and not as a lateral one."""
    lateral = read_statistics(BUNDLED / STATISTICS_FILE)
    chest, other = draw_chest(random_phantom(1), 160), resize_to_square(as_film(hand(1)).pixels, 160)
    for fraction in np.linspace(0, 1, 401):
        film = as_film((1 - fraction) * chest + fraction * other)
        if lateral.limit < detector.distances(film.pixels[None])[0] < lateral.lateral_limit:
            assert detector.doubts(film)
            assert detector.doubts(film.with_view(View.LATERAL)) == ()
            return
    pytest.fail("no mixture lies between the limits")


def test_a_film_is_as_far_while_another_thread_asks(detector):
    """The detector keeps nothing between two films."""
    film, found = as_film(draw_chest(random_phantom(5), 160)), []
    alone = detector.distances(film.pixels[None])[0]

    def ask() -> None:
        found.append(detector.distances(film.pixels[None])[0])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == pytest.approx([alone] * 4, rel=1e-5)


def test_a_base_without_statistics_looks_by_plain_means_only(tiny_llama_folder: Path):
    """No encoder is loaded for it, and a blank film is doubted all the same."""
    assert load_ood_detector(tiny_llama_folder, load_base(tiny_llama_folder, "fp32", "cpu")) is None
    settings = Settings(folder=ROOT, model=ModelSettings(base=str(tiny_llama_folder), adapter=None, precision="fp32"))
    (doubt,) = load_reporter(settings).doubts(as_film(blank(0)))
    assert "blank" in doubt


def test_statistics_of_another_encoder_are_refused(tiny: Path, tiny_llama_base: Base):
    """Weights that were trained on since would be measured with the wrong yardstick."""
    assert load_ood_detector(tiny, tiny_llama_base) is not None
    file = tiny / STATISTICS_FILE
    write_statistics(replace(read_statistics(file), encoder="0" * 64), file)
    with pytest.raises(ModelUnavailable, match="another vision encoder"):
        load_ood_detector(tiny, tiny_llama_base)


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[:100],
        lambda text: "[]",
        lambda text: text.replace('"limit"', '"limits"', 1),
        lambda text: text.replace('"middle": "', '"middle": "AAAA', 1),
        lambda text: json.dumps({**json.loads(text), "limit": float("nan")}),
        lambda text: "[" * 100_000,
    ],
)
def test_damaged_statistics_are_one_sentence(tiny: Path, tiny_llama_base: Base, damage):
    """Whatever is wrong with the file, what to do is said."""
    file = tiny / STATISTICS_FILE
    file.write_text(damage(file.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="plain means only"):
        load_ood_detector(tiny, tiny_llama_base)


def test_the_statistics_do_not_change_the_bases_digest(tiny: Path, tiny_llama_base: Base):
    """An adapter made for the base without them still fits."""
    assert load_base(tiny, "fp32", "cpu").digest == tiny_llama_base.digest


def test_statistics_come_back_as_they_were_written(tiny: Path):
    """To the last bit."""
    one = read_statistics(tiny / STATISTICS_FILE)
    write_statistics(one, tiny / "again.json")
    other = read_statistics(tiny / "again.json")
    assert (one.middle == other.middle).all()
    assert (one.whitening == other.whitening).all()
    assert (one.limit, one.lateral_limit) == (other.limit, other.lateral_limit)


def test_the_distance_is_mahalanobis():
    """One for films as spread as the training films, whatever their scale and correlation; the limit is a quantile."""
    random = np.random.default_rng(1)
    mixing = random.normal(size=(8, 8)) * np.array([1, 5, 100, 1, 1, 0.1, 1, 1])
    films, others = ((random.normal(size=(n, 8)) @ mixing + 7).astype(np.float32) for n in (4000, 2000))
    found = fit_statistics("", films, others)
    assert float((found.distances(others) ** 2).mean()) == pytest.approx(1, abs=0.05)
    assert float((found.distances(others) <= found.limit).mean()) == pytest.approx(0.985, abs=0.001)
    assert found.limit < found.lateral_limit
