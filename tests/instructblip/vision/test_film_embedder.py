"""Films as the base's own encoder sees them: the same film the same vector, and no film none."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinicalblip.cli import main
from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.errors import ModelUnavailable
from clinicalblip.evaluation.scorecard.scorecard import RowKind, read_json
from clinicalblip.instructblip.vision.film_embedder import FilmEmbedder
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.study import Study, StudyImage


def film(path: Path, seed: int) -> Path:
    """A film of smooth greys that differ by the seed."""
    greys = np.random.default_rng(seed).integers(0, 255, (4, 4)).astype(np.uint8)
    Image.fromarray(greys).resize((256, 256), Image.Resampling.BICUBIC).save(path)
    return path


def test_a_film_has_one_vector_wherever_it_stands(tiny_llama_folder: Path, tmp_path: Path) -> None:
    """Whatever is embedded beside it; another film has another; a lateral one is not taken before the frontal one."""
    files = [film(tmp_path / f"{seed}.png", seed) for seed in range(2)]
    first, second = (Study(f"s{n}", "p", "test", (StudyImage(file, View.PA),)) for n, file in enumerate(files))
    both = replace(first, images=(StudyImage(files[1], View.LATERAL), StudyImage(files[0], View.PA)))
    embed = FilmEmbedder(tiny_llama_folder)
    vectors = embed([first, second, both, *[second] * 20])
    assert vectors.shape == (23, 32)
    assert np.allclose(vectors[0], embed([first])[0], atol=1e-5)
    assert np.allclose(vectors[0], vectors[2], atol=1e-5)
    assert np.allclose(vectors[1], vectors[22], atol=1e-5)
    assert not np.allclose(vectors[0], vectors[1], atol=1e-4)


def test_a_study_without_a_readable_film_has_no_vector(tiny_llama_folder: Path, tmp_path: Path) -> None:
    """None named, one that is not there, and one that is no picture."""
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    images = ((), (StudyImage(tmp_path / "none.png"),), (StudyImage(broken),))
    vectors = FilmEmbedder(tiny_llama_folder)([Study("s", "p", "test", each) for each in images])
    assert np.isnan(vectors).all()


def test_a_base_that_is_none_is_refused(tmp_path: Path) -> None:
    """In one sentence, when the first film is to be embedded."""
    embed = FilmEmbedder(tmp_path)
    with pytest.raises(ModelUnavailable):
        embed([])


def test_the_command_finds_the_nearest_film(tiny_llama_folder: Path, tmp_path: Path) -> None:
    """A study whose film is a train study's own is given that one's report."""
    films = [film(tmp_path / f"{seed}.png", seed) for seed in range(3)]
    train = [
        Study(f"a{n}", "p", "train", (StudyImage(file, View.PA),), reference=Report(f"Finding {n}."))
        for n, file in enumerate(films)
    ]
    test = [replace(each, study_id=f"b{each.study_id}", split="test") for each in train]
    write_studies([*train, *test], tmp_path / "studies.jsonl")
    where = ["--studies", str(tmp_path / "studies.jsonl"), "--split", "test", "--target", "findings"]
    how = ["--metrics", "bleu-1", "--base", str(tiny_llama_folder), "--output", str(tmp_path / "card.json")]
    assert main(["evaluate", *where, *how]) == 0
    row = read_json((tmp_path / "card.json").read_text("utf-8")).row(RowKind.BY_FILM)
    assert row is not None
    assert row.copies.equal_reference == 3
