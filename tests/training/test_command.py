"""`train` as the command line calls it: a studies file with image files in, an adapter out."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clinicalblip.datasets.files.studies import write_studies
from clinicalblip.errors import DatasetNotFound, StageError
from clinicalblip.instructblip.adapter import load_adapter
from clinicalblip.instructblip.base import load_base
from clinicalblip.radiology.study import Study
from clinicalblip.training.command import train_command
from clinicalblip.training.options import TrainOptions


def test_studies_file_becomes_an_adapter(tiny_folders: dict[str, Path], tmp_path: Path, studies: list[Study]) -> None:
    """The plan `mini` runs over PNG files named in a studies file, and its adapter loads on the base."""
    on_disk = []
    for study in studies[:4]:
        images = tuple(replace(image, path=tmp_path / image.path) for image in study.images)
        for number, image in enumerate(images):
            ramp = np.arange(120 * 90, dtype=np.uint16).reshape(120, 90) * (1 + number)
            Image.fromarray(ramp).save(image.path)
        on_disk.append(replace(study, images=images))
    write_studies(on_disk, tmp_path / "studies.jsonl")
    base = tiny_folders["llama"]
    adapter = train_command("mini", tmp_path / "studies.jsonl", tmp_path / "run", str(base), "fp32", TrainOptions())
    load_adapter(load_base(base, "fp32", "cpu"), adapter)
    assert adapter == tmp_path / "run" / "03-language" / "adapter"
    assert len(list((tmp_path / "run" / "films").rglob("*.npy"))) == 6


def test_what_is_wrong_is_reported_before_a_model_is_loaded(tmp_path: Path) -> None:
    """An unknown plan and an absent studies file are refused although the base does not exist either."""
    with pytest.raises(StageError, match="plans are"):
        train_command("best", tmp_path / "studies.jsonl", tmp_path / "run", "no-base", "auto", TrainOptions())
    with pytest.raises(DatasetNotFound):
        train_command("mini", tmp_path / "studies.jsonl", tmp_path / "run", "no-base", "auto", TrainOptions())
