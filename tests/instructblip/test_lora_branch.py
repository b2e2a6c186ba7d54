"""Drafting with LoRA beside the weights."""

import pytest
import torch
from peft.tuners.lora import LoraLayer

from clinicalblip.instructblip.adapter import create_adapter
from clinicalblip.instructblip.base import load_base
from clinicalblip.instructblip.collate import collate
from clinicalblip.instructblip.groups import Ranks
from clinicalblip.instructblip.lora_branch import LoraBranch, replace_lora_layers


@pytest.mark.parametrize("kind", ["llama", "t5"])
@pytest.mark.parametrize("precision", ["fp32", "bf16", "nf4"])
def test_a_branch_gives_what_the_lora_layer_gives(request: pytest.FixtureRequest, kind: str, precision: str) -> None:
    """Everywhere in the model, also where the weights have 4 bits."""
    base = load_base(request.getfixturevalue(f"tiny_{kind}_folder"), precision, "cpu")  # type: ignore[arg-type]
    model = create_adapter(base, Ranks(4, 4, 4), seed=0).eval()
    layers = [layer for layer in model.modules() if isinstance(layer, LoraLayer)]
    generator = torch.Generator().manual_seed(0)
    for layer in layers:
        weight = layer.lora_B["default"].weight
        weight.data = 0.1 * torch.randn(weight.shape, generator=generator)
    film = torch.rand(base.image_size, base.image_size, generator=generator).numpy()
    batch = collate(base, [[film]], ["Indication: cough Report:"])
    if kind == "t5":
        batch["decoder_input_ids"] = torch.tensor([[0, 5, 6]])
    with torch.inference_mode(), base.autocast():
        expected = model(**batch).logits.float()
        assert replace_lora_layers(model) == len(layers) > 0
        found = model(**batch).logits.float()
    assert not any(isinstance(layer, LoraLayer) for layer in model.modules())
    assert sum(isinstance(layer, LoraBranch) for layer in model.modules()) == len(layers)
    torch.testing.assert_close(found, expected, atol=1e-4 if precision == "fp32" else 0.05, rtol=1e-2)
