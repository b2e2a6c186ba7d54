"""A trained teacher and encoder in a folder, which a run takes as finished and so saves the hours that they take.

The encoder may be missing: then a run trains it from the teacher, or goes on from its first cycle where that is here.

vision_init/teacher-1.safetensors    the teacher's weights, in 16 bits
vision_init/encoder-1.safetensors    the encoder's with its training heads; in files under 10 MB
vision_init/encoder-2.safetensors
vision_init/first_cycle-1.safetensors
vision_init/figures.json             what each reaches on the validation films
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save_file
from torch import Tensor, nn

from clinicalblip.errors import ModelUnavailable
from clinicalblip.training.run_folder import translate_write_errors

PARTS = ("teacher", "encoder")
FIRST_CYCLE = "first_cycle"
"""The encoder as its first cycle leaves it."""

MAX_SHARD_BYTES = 9_000_000


def write_vision_init(folder: Path, parts: Mapping[str, nn.Module], figures: Mapping[str, Any]) -> None:
    """Write the teacher, or both by name, and their figures. Raises StageError where the disk does not take them."""
    with translate_write_errors("The teacher and the encoder"):
        folder.mkdir(parents=True, exist_ok=True)
        for name, module in parts.items():
            for number, shard in enumerate(_shards(module), start=1):
                save_file(shard, folder / f"{name}-{number}.safetensors")
        (folder / "figures.json").write_text(json.dumps(dict(figures), indent=1) + "\n", "utf-8")


def has_part(folder: Path, part: str) -> bool:
    """Whether the folder holds weights of this part."""
    return any(folder.glob(f"{part}-*.safetensors"))


def load_vision_init(folder: Path, part: str, module: nn.Module) -> str:
    """Load the weights of a part, "teacher" or "encoder", into the module; gives their digest.

    Raises ModelUnavailable where they are not there, damaged, or of another shape.
    """
    files, digest = sorted(folder.glob(f"{part}-*.safetensors")), hashlib.sha256()
    try:
        if not files:
            raise FileNotFoundError
        weights: dict[str, Tensor] = {}
        for file in files:
            content = file.read_bytes()
            digest.update(content)
            weights |= load(content)
        module.load_state_dict({key: value.to(_wanted(value)) for key, value in weights.items()})
    except (OSError, SafetensorError) as error:
        raise ModelUnavailable(
            f"The folder of --vision-init has no {part}-1.safetensors that can be read; name one that "
            "`python -m research.mini` has written."
        ) from error
    except RuntimeError as error:
        raise ModelUnavailable(
            f"The {part} in the folder of --vision-init has another shape than this recipe's; leave --vision-init out."
        ) from error
    return digest.hexdigest()


def _shards(module: nn.Module) -> Iterator[dict[str, Tensor]]:
    shard: dict[str, Tensor] = {}
    for key, value in module.state_dict().items():
        if shard and sum(each.nbytes for each in shard.values()) + value.nbytes // 2 > MAX_SHARD_BYTES:
            yield shard
            shard = {}
        shard[key] = _halved(value)
    yield shard


def _halved(value: Tensor) -> Tensor:
    return value.detach().to(torch.float16 if value.is_floating_point() else value.dtype).contiguous().clone()


def _wanted(value: Tensor) -> torch.dtype:
    return torch.float32 if value.is_floating_point() else value.dtype
