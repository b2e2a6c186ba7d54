"""A base's vision encoder by itself, as its files hold it: without an adapter, in 32 bits and on the CPU."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from torch import Tensor
from transformers import InstructBlipConfig, InstructBlipVisionModel

from clinicalblip.errors import ModelUnavailable

_PREFIX = "vision_model."


def read_encoder(folder: Path) -> tuple[Any, str]:
    """A checkpoint's vision encoder, in 32 bits on the CPU, and the digest of its weights. Raises ModelUnavailable."""
    weights: dict[str, Tensor] = {}
    try:
        for shard in sorted(folder.glob("*.safetensors")):
            with safe_open(shard, framework="pt") as tensors:
                names = [name for name in tensors.keys() if name.startswith(_PREFIX)]  # noqa: SIM118 - no mapping
                weights |= {name.removeprefix(_PREFIX): tensors.get_tensor(name).float() for name in names}
        config = InstructBlipConfig.from_pretrained(folder).vision_config
        with torch.device("meta"):
            encoder = InstructBlipVisionModel(config)
        encoder.load_state_dict(weights, assign=True)
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        raise ModelUnavailable(
            "The base's vision encoder cannot be read for its film statistics; copy it again."
        ) from error
    return encoder.eval().requires_grad_(False), digest_encoder(weights)


def digest_encoder(weights: Mapping[str, Tensor]) -> str:
    """SHA-256, in hexadecimal, over an encoder's weights in 32 bits, however they are divided among files."""
    whole = hashlib.sha256()
    for name in sorted(weights):
        values = weights[name].detach().to("cpu", torch.float32).contiguous().numpy()
        whole.update(f"{name} {values.shape}\n".encode())
        whole.update(values.tobytes())
    return whole.hexdigest()


@torch.inference_mode()
def embed(encoder: Any, pixels: Tensor) -> NDArray[np.float32]:
    """Embeddings, float32 (n, width), of films as the encoder takes them, float32 (n, 3, size, size).

    An embedding is the mean of the patch tokens halfway through the layers: the last ones know findings, and what is
    no chest radiograph less well.
    """
    states = encoder(pixel_values=pixels, output_hidden_states=True).hidden_states  # the input's, then every layer's
    tokens = states[encoder.config.num_hidden_layers // 2]
    embeddings: NDArray[np.float32] = tokens[:, 1:].mean(1).numpy()
    return embeddings
