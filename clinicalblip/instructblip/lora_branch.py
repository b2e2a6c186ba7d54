"""LoRA beside weights of few bits while drafting: the branch as two products, without what training needs.

PEFT's own layers look for active adapters, drop out and cast at each call, which costs a third to a half of a token
where weights have 16 or 4 bits (docs/performance.md). Folding the branch into such weights would round it away.
"""

from typing import Any

import torch
from peft.tuners.lora import LoraLayer
from torch import Tensor, nn
from torch.nn import functional

_NAME = "default"  # PEFT's name for the one adapter of a model


class LoraBranch(nn.Module):
    """A layer and its branch, B A x in float32, with the scale in B."""

    down: Tensor
    up: Tensor

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.base_layer = layer.base_layer
        down, up = layer.lora_A[_NAME].weight, layer.lora_B[_NAME].weight
        self.register_buffer("down", down.detach().float().contiguous())
        self.register_buffer("up", (up.detach().float() * layer.scaling[_NAME]).contiguous())

    @property
    def weight(self) -> Tensor:
        """The layer's own weights: T5's feed-forward reads their type before it calls the layer."""
        weight: Tensor = self.base_layer.weight
        return weight

    def forward(self, inputs: Tensor) -> Tensor:
        """The layer's output and the branch's, in the layer's type."""
        output: Tensor = self.base_layer(inputs)
        with torch.autocast(inputs.device.type, enabled=False):
            added = functional.linear(functional.linear(inputs.float(), self.down), self.up)
        return output + added.to(output.dtype)


def replace_lora_layers(model: nn.Module) -> int:
    """Put a LoraBranch in the place of each LoRA layer, or the merged layer itself; returns how many there were.

    The model can then draft, and neither be trained nor saved as an adapter.
    """
    replaced = 0
    for parent in list(model.modules()):
        for name, layer in list(parent.named_children()):
            if isinstance(layer, LoraLayer):
                setattr(parent, name, layer.base_layer if layer.merged else LoraBranch(layer))
                replaced += 1
    return replaced
