"""Adapters: made, saved, loaded, refused, and frozen group by group."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from peft import PeftModel
from transformers import InstructBlipForConditionalGeneration

from clinicalblip.errors import AdapterError, AdapterMismatch, AdapterNotFound
from clinicalblip.instructblip import adapter as adapters
from clinicalblip.instructblip.adapter import create_adapter, freeze_all_but, load_adapter, save_adapter
from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.groups import Group, Ranks, group_of, is_adapter_weight
from clinicalblip.instructblip.provenance import AdapterProvenance, read_provenance
from tests.fixtures.tiny_instructblip import make_tiny_base

RANKS = Ranks(vision=2, qformer=3, language=4)
LANGUAGES = ("llama", "t5")
PRECISIONS = ("fp32", "nf4")


@pytest.fixture
def folders(tiny_llama_folder: Path, tiny_t5_folder: Path) -> dict[str, Path]:
    """The tiny checkpoints by the kind of their language model."""
    return {"llama": tiny_llama_folder, "t5": tiny_t5_folder}


def provenance(base: Base) -> AdapterProvenance:
    """What a finished one-stage run would write."""
    return AdapterProvenance(base.name, base.digest, "mini", ("vision",), "d" * 64, 0)


def disturb(model: PeftModel) -> None:
    """Move every adapter weight away from where it began, as training would."""
    generator = torch.Generator().manual_seed(1)
    for name, parameter in model.named_parameters():
        if is_adapter_weight(name):
            parameter.data += 0.1 * torch.randn(parameter.shape, generator=generator)


def logits(base: Base, model: Any, films: int = 2) -> torch.Tensor:
    """The logits of one batch of two studies."""
    draw = np.random.default_rng(0)
    pixels = [[draw.random((20, 24), dtype=np.float32) for _ in range(films)] for _ in range(2)]
    batch = collate(base, pixels, ["Report:", "Indication: cough\nReport:"], ["Findings: The lungs are clear."] * 2)
    with torch.no_grad(), base.autocast():
        found: torch.Tensor = model.eval()(**batch).logits.float()
    return found


def saved(base: Base, folder: Path) -> Path:
    """A saved adapter that changes what the base writes."""
    model = create_adapter(base, RANKS, seed=0)
    disturb(model)
    save_adapter(model, folder, provenance(base))
    return folder


def test_new_adapter_changes_nothing(tiny_llama_folder: Path) -> None:
    """Before training the model with an adapter says exactly what its base says."""
    base = load_base(tiny_llama_folder, "fp32", "cpu")
    before = logits(base, base.model)
    assert torch.equal(logits(base, create_adapter(base, RANKS, seed=0)), before)


def test_same_seed_gives_the_same_adapter(tiny_llama_folder: Path, tmp_path: Path) -> None:
    """The digest of a new adapter depends on the seed and on nothing drawn before."""
    digests = []
    for seed, drawn in ((0, 0), (0, 5), (1, 0)):
        torch.rand(drawn)
        base = load_base(tiny_llama_folder, "fp32", "cpu")
        digests.append(save_adapter(create_adapter(base, RANKS, seed), tmp_path / "adapter", provenance(base)))
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_saved_adapter_gives_identical_logits(
    folders: dict[str, Path], tmp_path: Path, language: str, precision: Any
) -> None:
    """Saved, and loaded on a fresh base of the same precision, an adapter gives the same logits bit by bit."""
    base = load_base(folders[language], precision, "cpu")
    model = create_adapter(base, RANKS, seed=0)
    disturb(model)
    digest = save_adapter(model, tmp_path / "adapter", provenance(base))
    wanted = logits(base, model)
    fresh = load_base(folders[language], precision, "cpu")
    plain = logits(fresh, fresh.model)
    loaded, found = load_adapter(load_base(folders[language], precision, "cpu"), tmp_path / "adapter", trainable=True)
    assert found == digest
    assert torch.equal(logits(base, loaded), wanted)
    assert not torch.allclose(wanted, plain, atol=1e-2)


def test_fp32_adapter_loads_on_nf4(tiny_llama_folder: Path, tmp_path: Path) -> None:
    """An adapter trained in 32 bits fits the same base in 4, and moves its logits the same way."""
    folder = saved(load_base(tiny_llama_folder, "fp32", "cpu"), tmp_path / "adapter")
    shifts = []
    for precision in ("fp32", "nf4"):
        plain = load_base(tiny_llama_folder, precision, "cpu")
        before = logits(plain, plain.model)
        base = load_base(tiny_llama_folder, precision, "cpu")
        model, _ = load_adapter(base, folder)
        shifts.append((logits(base, model) - before).flatten())
    assert torch.nn.functional.cosine_similarity(*shifts, dim=0) > 0.9


def test_plain_peft_loads_the_adapter(tiny_llama_folder: Path, tmp_path: Path) -> None:
    """PEFT alone, on the single-image class of transformers, gives the logits that this project gives."""
    base = load_base(tiny_llama_folder, "fp32", "cpu")
    model = create_adapter(base, RANKS, seed=0)
    disturb(model)
    save_adapter(model, tmp_path / "adapter", provenance(base))
    plain = InstructBlipForConditionalGeneration.from_pretrained(tiny_llama_folder)
    with pytest.warns(FutureWarning, match="is_gradient_checkpointing"):
        theirs = PeftModel.from_pretrained(plain, str(tmp_path / "adapter"))
    theirs.register_forward_pre_hook(
        lambda _, args, batch: (args, {**batch, "pixel_values": batch["pixel_values"][:, 0]}), with_kwargs=True
    )
    torch.testing.assert_close(logits(base, theirs, films=1), logits(base, model, films=1), rtol=0, atol=1e-6)


def test_each_group_learns_alone(folders: dict[str, Path]) -> None:
    """Freezing all but a group leaves exactly its own adapter weights trainable; together they are all of it."""
    for language in LANGUAGES:
        model = create_adapter(load_base(folders[language], "fp32", "cpu"), RANKS, seed=0)
        whole = {name for name, _ in model.named_parameters() if is_adapter_weight(name)}
        parts = []
        for group in Group:
            counted = freeze_all_but(model, {group})
            trainable = {name: p.numel() for name, p in model.named_parameters() if p.requires_grad}
            assert trainable
            assert counted == sum(trainable.values())
            assert {group_of(name) for name in trainable} == {group}
            parts.extend(trainable)
        assert sorted(parts) == sorted(whole)


def test_ranks_are_those_of_the_groups(tiny_t5_folder: Path) -> None:
    """Every low-rank matrix has its group's rank and is scaled by two."""
    model = create_adapter(load_base(tiny_t5_folder, "fp32", "cpu"), RANKS, seed=0)
    found = {
        (group_of(name), module.r["default"], module.scaling["default"])
        for name, module in model.named_modules()
        if isinstance(module, adapters.LoraLayer)
    }
    assert found == {(group, rank, 2.0) for group, rank in RANKS.by_group().items()}


def test_adapter_of_another_base_names_both(tiny_llama_folder: Path, tmp_path: Path) -> None:
    """An adapter on a base with other weights is refused, with the name of either."""
    folder = saved(load_base(tiny_llama_folder, "fp32", "cpu"), tmp_path / "adapter")
    other = load_base(make_tiny_base(tmp_path / "other-base", "llama", seed=1), "fp32", "cpu")
    with pytest.raises(AdapterMismatch, match=r"tiny-llama.*other-base"):
        load_adapter(other, folder)


def test_second_adapter_on_one_base_is_refused(tiny_llama_folder: Path) -> None:
    """A base that carries an adapter takes no second one over it."""
    base = load_base(tiny_llama_folder, "fp32", "cpu")
    create_adapter(base, RANKS, seed=0)
    with pytest.raises(AdapterError, match="already"):
        create_adapter(base, RANKS, seed=1)


@pytest.mark.parametrize("name", [adapters.CONFIG_FILE, adapters.WEIGHTS_FILE, adapters.PROVENANCE_FILE])
def test_missing_file_is_named(tiny_llama_base: Base, tmp_path: Path, tiny_llama_folder: Path, name: str) -> None:
    """Without one of its three files an adapter is not found, and the file is named."""
    folder = saved(load_base(tiny_llama_folder, "fp32", "cpu"), tmp_path / "adapter")
    (folder / name).unlink()
    with pytest.raises(AdapterNotFound, match=name):
        load_adapter(load_base(tiny_llama_folder, "fp32", "cpu"), folder)


def test_pickled_weights_are_not_read(tiny_llama_folder: Path, tmp_path: Path) -> None:
    """Weights in torch's pickle format count as missing."""
    folder = saved(load_base(tiny_llama_folder, "fp32", "cpu"), tmp_path / "adapter")
    (folder / adapters.WEIGHTS_FILE).rename(folder / "adapter_model.bin")
    with pytest.raises(AdapterNotFound, match="safetensors"):
        load_adapter(load_base(tiny_llama_folder, "fp32", "cpu"), folder)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (adapters.PROVENANCE_FILE, b"{", "JSON"),
        (adapters.PROVENANCE_FILE, b"[]", "JSON object"),
        (adapters.PROVENANCE_FILE, b"{}", "fields"),
        (adapters.PROVENANCE_FILE, b" " * 2_000_000, "larger"),
        (adapters.CONFIG_FILE, b'{"peft_type": "IA3"}', "LoRA"),
        (adapters.CONFIG_FILE, b'{"peft_type": "LORA", "r": 4, "target_modules": ".*q_proj"}', "weights"),
        (adapters.WEIGHTS_FILE, b"not weights", "damaged"),
    ],
)
def test_damaged_file_is_an_adapter_error(
    tiny_llama_folder: Path, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    """A file that does not hold what it should is one sentence of the adapter family."""
    folder = saved(load_base(tiny_llama_folder, "fp32", "cpu"), tmp_path / "adapter")
    (folder / name).write_bytes(content)
    with pytest.raises(AdapterError, match=said):
        load_adapter(load_base(tiny_llama_folder, "fp32", "cpu"), folder)


def test_folder_says_what_it_was_made_of_and_no_path(tiny_llama_folder: Path, tmp_path: Path) -> None:
    """`adapter.json` reads back as it was written, and no file of the adapter holds a path of this machine."""
    base = load_base(tiny_llama_folder, "fp32", "cpu")
    folder = saved(base, tmp_path / "adapter")
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [adapters.CONFIG_FILE, adapters.WEIGHTS_FILE, adapters.PROVENANCE_FILE]
    )
    assert read_provenance(folder) == provenance(base)
    assert json.loads((folder / adapters.CONFIG_FILE).read_text())["base_model_name_or_path"] == "tiny-llama"
    for path in folder.iterdir():
        assert str(tiny_llama_folder.parent).encode() not in path.read_bytes()


def test_an_adapter_of_prompts_that_are_not_written_here_is_refused(tiny_llama_folder: Path, tmp_path: Path) -> None:
    """It was trained by a later version, and with other prompts it would draft worse without a word."""
    folder = saved(load_base(tiny_llama_folder, "fp32", "cpu"), tmp_path / "adapter")
    values = json.loads((folder / adapters.PROVENANCE_FILE).read_text())
    (folder / adapters.PROVENANCE_FILE).write_text(json.dumps(values | {"prompt_version": "99"}))
    with pytest.raises(AdapterError, match="prompts of a version that this ClinicalBLIP does not write"):
        read_provenance(folder)
