"""Making an InstructBLIP checkpoint of any size from its parts, in the layout of the hub's."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from transformers import (
    BlipImageProcessorPil,
    InstructBlipConfig,
    InstructBlipForConditionalGeneration,
    InstructBlipProcessor,
    InstructBlipQFormerConfig,
    InstructBlipVisionConfig,
)

from clinicalblip.instructblip.configuration import image_config

INITIALIZER_STD = 0.02


def make_config(
    vision: InstructBlipVisionConfig,
    qformer: InstructBlipQFormerConfig,
    text: Any,
    *,
    image_token_id: int,
    num_query_tokens: int = 32,
) -> InstructBlipConfig:
    """Join the three parts' configurations, with an `initializer_range` for the vision encoder that lets it see.

    The vision class's own of 1e-10 makes an encoder that ignores its film.
    """
    vision.initializer_range = INITIALIZER_STD
    return InstructBlipConfig(
        vision_config=vision,
        qformer_config=qformer,
        text_config=text,
        num_query_tokens=num_query_tokens,
        image_token_index=image_token_id,
        initializer_range=INITIALIZER_STD,
    )


def make_model(config: InstructBlipConfig, *, seed: int, vision_weights: Mapping[str, Tensor] | None = None) -> Any:
    """An InstructBLIP with random weights of this seed, and with `vision_weights` in the encoder where they are given.

    The query tokens, which the class leaves at zero, are drawn from a normal distribution too.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = InstructBlipForConditionalGeneration(config)
        torch.nn.init.normal_(model.query_tokens, std=INITIALIZER_STD)
    if vision_weights is not None:
        model.vision_model.load_state_dict(vision_weights)
    return model.eval()


def save_base(
    folder: Path,
    model: Any,
    tokenizer: Any,
    qformer_tokenizer: Any,
    *,
    image_mean: Sequence[float],
    image_std: Sequence[float],
    shard_bytes: int = 9_000_000,
) -> None:
    """Write a model, of the image or the video class, as an InstructBLIP checkpoint that `load_base` reads.

    The folder has the hub's layout: configuration, safetensors of at most `shard_bytes` where a tensor allows it,
    tokenizer, `qformer_tokenizer/` and the image processor.
    """
    config = image_config(model.config)
    size = config.vision_config.image_size
    with torch.device("meta"):
        saved = InstructBlipForConditionalGeneration(config)
    saved.load_state_dict(model.state_dict(), assign=True)
    saved.tie_weights()
    saved.generation_config = model.generation_config
    saved.save_pretrained(folder, max_shard_size=shard_bytes)
    processor = InstructBlipProcessor(
        BlipImageProcessorPil(
            size={"height": size, "width": size},
            resample=Image.Resampling.BILINEAR,
            image_mean=list(image_mean),
            image_std=list(image_std),
        ),
        tokenizer,
        qformer_tokenizer,
        num_query_tokens=config.num_query_tokens,
    )
    processor.save_pretrained(folder)
