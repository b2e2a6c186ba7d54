"""A run can begin with a teacher and an encoder that see already."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from clinicalblip.errors import ModelUnavailable
from research.mini.recipe import FULL
from research.mini.vision.encoder import Encoder, train_encoder
from research.mini.vision.teacher import Teacher, train_teacher
from research.mini.vision.vision_init import FIRST_CYCLE, has_part, load_vision_init, write_vision_init

KEPT = Path(__file__).parents[4] / "research" / "assets" / "vision_init"


def test_the_bundled_ones_are_of_the_recipes_shape():
    """The kept teacher, and the encoder where there is one, fit the recipe, look at their film, and have figures."""
    modules = {"teacher": Teacher(imagenet=False), "encoder": Encoder(FULL)}
    kept = {part: module for part, module in modules.items() if has_part(KEPT, part)}
    assert "teacher" in kept
    for part, module in kept.items():
        load_vision_init(KEPT, part, module)
        module.eval()
        with torch.no_grad():
            first, second = module(torch.rand(2, 1, FULL.size, FULL.size, generator=torch.Generator().manual_seed(0)))[
                1
            ]
        assert (first - second).abs().max() > 1e-3
        assert all(file.stat().st_size < 10_000_000 for file in KEPT.iterdir())
        assert json.loads((KEPT / "figures.json").read_text("utf-8"))[part]["nih"]["films"] > 1000


@pytest.mark.parametrize(
    ("kept", "trained"),
    [("encoder", []), (FIRST_CYCLE, ["encoder-cycle-2"]), ("", ["encoder-cycle-1", "encoder-cycle-2"])],
)
def test_what_is_kept_is_finished(tiny_films, tiny, tmp_path, kept, trained):
    """The teacher is not trained again, nor is the encoder, or the first of its cycles, where it is there."""
    torch.manual_seed(3)
    teacher, encoder = Teacher(imagenet=False).eval(), Encoder(tiny)
    folder, run = tmp_path / "vision_init", tmp_path / "run"
    write_vision_init(folder, {"teacher": teacher} | ({kept: encoder} if kept else {}), {})
    begun = train_teacher(tiny_films, run, tiny, folder)
    read = train_encoder(tiny_films, run, tiny, begun, folder)
    assert not (run / "teacher" / "trained.pt").exists()
    assert sorted(file.parent.name for file in (run / "encoder").rglob("trained.pt")) == trained
    for module, before in ((begun, teacher), *([(read, encoder)] if kept == "encoder" else [])):
        weights = module.state_dict()
        assert all(torch.allclose(value, weights[name], atol=1e-2) for name, value in before.state_dict().items())
    assert (run / "encoder" / "vision" / "config.json").is_file()


@pytest.mark.parametrize("content", [None, b"", b"no weights"])
def test_a_folder_without_them_is_one_sentence(tmp_path, tiny, content):
    """A missing or damaged file is named."""
    if content is not None:
        (tmp_path / "encoder-1.safetensors").write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"no encoder-1\.safetensors that can be read"):
        load_vision_init(tmp_path, "encoder", Encoder(tiny))


def test_another_shape_is_one_sentence(tiny, tmp_path):
    """An encoder for larger films does not fit a tiny recipe."""
    write_vision_init(tmp_path, {"encoder": Encoder(replace(tiny, size=2 * tiny.size))}, {})
    with pytest.raises(ModelUnavailable, match="another shape"):
        load_vision_init(tmp_path, "encoder", Encoder(tiny))
