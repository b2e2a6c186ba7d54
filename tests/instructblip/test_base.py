"""Loading a base: what it is, that it sees, and the error where it cannot be loaded."""

import json
import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import InstructBlipForConditionalGeneration

from clinicalblip.errors import ModelUnavailable, OutOfMemory
from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.build.checkpoint import save_base
from clinicalblip.instructblip.checkpoint_files import digest_checkpoint
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.hardware.memory import catch_out_of_memory
from tests.fixtures.tiny_instructblip import make_tiny_base

PROMPT = "Write the findings and the impression of this chest radiograph.\nReport:"
FILMS = [np.random.default_rng(seed).random((40, 36), dtype=np.float32) for seed in range(3)]


def logits(base: Base, films: list[np.ndarray]) -> torch.Tensor:
    """The logits for these films of one study, as the training sees them."""
    batch = collate(base, [films], [PROMPT], ["Findings: The lungs are clear."])
    with torch.no_grad(), base.autocast():
        return base.model(**batch).logits.float()


@pytest.fixture(params=["llama", "t5"])
def folder(request: pytest.FixtureRequest) -> Path:
    """Either kind of tiny checkpoint."""
    return request.getfixturevalue(f"tiny_{request.param}_folder")


@pytest.mark.parametrize("precision", ["fp32", "bf16", "nf4"])
def test_another_film_changes_the_logits(folder: Path, precision: str) -> None:
    """The fixture is not blind, in any precision and with either language model."""
    base = load_base(folder, precision, "cpu")  # type: ignore[arg-type]
    assert base.precision == precision
    assert not torch.equal(logits(base, FILMS[:1]), logits(base, FILMS[1:2]))
    assert not torch.equal(logits(base, [FILMS[0], FILMS[1]]), logits(base, [FILMS[0], FILMS[2]]))


def test_nf4_holds_the_language_model_in_four_bits(folder: Path) -> None:
    """The language model's layers are quantised, and the parts named in NOT_QUANTISED are not."""
    base = load_base(folder, "nf4", "cpu")
    quantised = {name for name, layer in base.model.named_modules() if type(layer).__name__ == "Linear4bit"}
    assert quantised
    assert all(name.startswith("language_model.") and "lm_head" not in name for name in quantised)


def test_int8_sees_and_says_nothing_to_the_log(tiny_llama_folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Eight bits work too, without a line of log for every product."""
    base = load_base(tiny_llama_folder, "int8", "cpu")
    with caplog.at_level(logging.INFO):
        assert not torch.equal(logits(base, FILMS[:1]), logits(base, FILMS[1:2]))
    assert not caplog.records


@pytest.mark.parametrize("precision", ["fp32", "nf4"])
def test_one_film_gives_what_the_image_class_gives(folder: Path, precision: str) -> None:
    """The class for several films and the image class agree bit by bit on one film."""
    base = load_base(folder, precision, "cpu")  # type: ignore[arg-type]
    config = getattr(base.model.config, "quantization_config", None)
    image_class = InstructBlipForConditionalGeneration.from_pretrained(
        folder, dtype=torch.float32 if config is None else base.compute_dtype, quantization_config=config
    ).eval()
    batch = collate(base, [FILMS[:1]], [PROMPT], ["Findings: The lungs are clear."])
    with torch.no_grad(), base.autocast():
        expected = image_class(**{**batch, "pixel_values": batch["pixel_values"][:, 0]}).logits
        assert torch.equal(base.model(**batch).logits, expected)


def test_widths_that_bitsandbytes_cannot_pack_still_work(tmp_path: Path) -> None:
    """A language model whose width is no multiple of 64 drafts in NF4 on every CPU."""
    base = load_base(make_tiny_base(tmp_path, width=80), "nf4", "cpu")
    assert torch.isfinite(logits(base, FILMS[:1])).all()


def test_the_language_models_kind_is_known(tiny_llama_base: Base, tiny_t5_base: Base) -> None:
    """Special tokens, positions and kind come from the checkpoint."""
    assert (tiny_llama_base.is_decoder_only, tiny_t5_base.is_decoder_only) == (True, False)
    for base in (tiny_llama_base, tiny_t5_base):
        assert (base.eos_token_id, base.pad_token_id, base.num_query_tokens, base.image_size) == (2, 0, 4, 32)
        assert {"<image>", "</s>", "[SEP]"} <= set(base.special_tokens)
    assert tiny_llama_base.prompt_budget(films=3, new_tokens=100) == 512 - 3 * 4 - 100 - 2
    assert tiny_t5_base.prompt_budget(films=3, new_tokens=100) == 512 - 3 * 4 - 2


def test_the_digest_follows_content_and_not_place(tiny_llama_folder: Path, tmp_path: Path) -> None:
    """A copy elsewhere has the same digest, and one changed byte of the weights another."""
    copy = shutil.copytree(tiny_llama_folder, tmp_path / "copy")
    assert digest_checkpoint(copy) == digest_checkpoint(tiny_llama_folder)
    weights = copy / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert digest_checkpoint(copy) != digest_checkpoint(tiny_llama_folder)


def test_a_saved_model_of_the_video_class_loads_again(folder: Path, tmp_path: Path) -> None:
    """What is trained in the class for several films is saved as an InstructBLIP checkpoint, weights unchanged."""
    base = load_base(folder, "fp32", "cpu")
    save_base(
        tmp_path,
        base.model,
        base.tokenizer,
        base.qformer_tokenizer,
        image_mean=base.image_mean,
        image_std=base.image_std,
        shard_bytes=200_000,
    )
    assert len(list(tmp_path.glob("*.safetensors"))) > 1
    assert torch.equal(logits(load_base(tmp_path, "fp32", "cpu"), FILMS[:1]), logits(base, FILMS[:1]))


def test_a_name_that_cannot_be_fetched_is_one_sentence() -> None:
    """Offline, a hub name that is not on this machine is ModelUnavailable and names no network error."""
    with pytest.raises(ModelUnavailable, match="nobody/instructblip-none is no folder, is not on this machine"):
        load_base("nobody/instructblip-none")


@pytest.mark.parametrize("name", ["assets/mini/nowhere", "", "..", "a b c"])
def test_a_name_that_can_be_nothing_is_one_sentence(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that does not exist is ModelUnavailable too, without a traceback of the hub's."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ModelUnavailable):
        load_base(name)


def spoil(folder: Path, what: str) -> None:
    """Break one part of a checkpoint."""
    config = json.loads((folder / "config.json").read_text())
    if what == "another model":
        (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    elif what == "no config":
        (folder / "config.json").unlink()
    elif what == "config is no JSON":
        (folder / "config.json").write_text("{")
    elif what == "config is a list":
        (folder / "config.json").write_text("[]")
    elif what == "no weights":
        (folder / "model.safetensors").unlink()
    elif what == "a shard is missing":
        index = {"metadata": {}, "weight_map": {"query_tokens": "model-00001-of-00002.safetensors"}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    elif what == "truncated weights":
        weights = folder / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:5000])
    elif what == "no Q-Former tokenizer":
        shutil.rmtree(folder / "qformer_tokenizer")
    elif what == "another image token":
        (folder / "config.json").write_text(json.dumps({**config, "image_token_index": 7}))
    elif what == "another size":
        config["text_config"]["hidden_size"] = 96
        (folder / "config.json").write_text(json.dumps(config))
    elif what == "more layers":
        config["text_config"]["num_hidden_layers"] = 3
        (folder / "config.json").write_text(json.dumps(config))


@pytest.mark.parametrize(
    "what",
    [
        "another model",
        "no config",
        "config is no JSON",
        "config is a list",
        "no weights",
        "a shard is missing",
        "truncated weights",
        "no Q-Former tokenizer",
        "another image token",
        "another size",
        "more layers",
    ],
)
def test_a_broken_checkpoint_is_one_sentence(tiny_llama_folder: Path, tmp_path: Path, what: str) -> None:
    """Whatever of a checkpoint is missing or wrong, the error names the base and is of the family."""
    folder = shutil.copytree(tiny_llama_folder, tmp_path / "broken-base")
    spoil(folder, what)
    with pytest.raises(ModelUnavailable, match="broken-base") as caught:
        load_base(folder, "fp32", "cpu")
    assert str(tmp_path) not in str(caught.value)


def test_cuda_where_there_is_none_is_said(tiny_llama_folder: Path) -> None:
    """Asking for a GPU on a machine without one is ModelUnavailable."""
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(ModelUnavailable, match="set device to auto"):
        load_base(tiny_llama_folder, "fp32", "cuda")


def test_running_out_of_memory_is_one_error() -> None:
    """An allocation that no machine can make becomes OutOfMemory with what to do about it."""
    with pytest.raises(OutOfMemory, match=r"The draft did not fit in memory; use a smaller one\."):  # noqa: SIM117
        with catch_out_of_memory("The draft", "use a smaller one"):
            torch.empty(1 << 55, dtype=torch.float32)


def test_other_failures_are_no_lack_of_memory() -> None:
    """An error of another kind passes unchanged."""
    with pytest.raises(RuntimeError, match="shapes"), catch_out_of_memory("The draft", "use a smaller one"):
        raise RuntimeError("shapes differ")
