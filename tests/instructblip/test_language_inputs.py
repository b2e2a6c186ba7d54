"""What the language model is given of films and prompts."""

import numpy as np
import pytest
import torch
from torch import Tensor

from clinicalblip.asset_folder import ASSETS
from clinicalblip.instructblip.base import Base, load_base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.hardware import device
from clinicalblip.instructblip.hardware.cpu_features import CpuFeatures
from clinicalblip.instructblip.language_inputs import embed_studies
from clinicalblip.settings import Precision


def studies_of(base: Base) -> list[dict[str, Tensor]]:
    """Studies of one and two films, with prompts of many lengths."""
    rng = np.random.default_rng(0)
    films = [[rng.random((40, 50), dtype=np.float32) for _ in range(1 + number % 2)] for number in range(7)]
    prompts = [f"Indication:{number * ' cough'} Report:" for number in range(7)]
    return [collate(base, [shown], [prompt]) for shown, prompt in zip(films, prompts, strict=True)]


@torch.inference_mode()
def test_in_32_bits_company_moves_what_is_seen_by_rounding_alone(tiny_llama_base: Base) -> None:
    """Films of several studies go through the encoder together, and each study gets its own."""
    base = tiny_llama_base
    studies = studies_of(base)
    together = embed_studies(base, base.model, studies)
    for study, embeds in zip(studies, together, strict=True):
        (alone,) = embed_studies(base, base.model, [study])
        torch.testing.assert_close(embeds, alone, atol=1e-4, rtol=1e-4)
    assert len({embeds.sum().item() for embeds in together}) == len(studies)


@pytest.mark.parametrize("precision", ["bf16", "nf4"])
@torch.inference_mode()
def test_in_16_bits_company_moves_nothing(precision: Precision, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where rounding could move a word, a study sees the same to the bit, whoever else is there."""
    has_bf16 = CpuFeatures(frozenset({"avx512_bf16"}), free_bytes=8e9)
    monkeypatch.setattr(device, "read_cpu_features", lambda: has_bf16)
    base = load_base(ASSETS / "mini" / "instructblip-mini", precision, "cpu")
    assert base.compute_dtype == torch.bfloat16
    studies = studies_of(base)
    with base.autocast():
        together = embed_studies(base, base.model, studies)
        for study, embeds in zip(studies, together, strict=True):
            (alone,) = embed_studies(base, base.model, [study])
            assert torch.equal(embeds, alone)
