"""A base of full size with random weights, to rehearse with where the real weights are missing.

Its layers are made, filled and quantised one by one, so that the whole model is never in memory in 16 bits. It has
the hub checkpoints' shapes and a small tokenizer of its own; its reports mean nothing.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    InstructBlipConfig,
    InstructBlipQFormerConfig,
    InstructBlipVideoForConditionalGeneration,
    InstructBlipVisionConfig,
    LlamaConfig,
    T5Config,
)
from transformers.integrations.bitsandbytes import replace_with_bnb_linear

from clinicalblip.errors import ModelUnavailable
from clinicalblip.instructblip.base import Base, make_base
from clinicalblip.instructblip.build.checkpoint import INITIALIZER_STD, make_config
from clinicalblip.instructblip.build.vocabulary import learn_qformer_tokenizer, learn_tokenizer
from clinicalblip.instructblip.configuration import IMAGE_TOKEN, video_config
from clinicalblip.instructblip.hardware.device import choose_compute_dtype, choose_device
from clinicalblip.instructblip.hardware.memory import catch_out_of_memory
from clinicalblip.instructblip.hardware.precision import ChosenPrecision
from clinicalblip.instructblip.hardware.quantisation import NOT_QUANTISED, quantisation_config
from clinicalblip.instructblip.prompt import CUE, INSTRUCTION

_MEAN = (0.48145466, 0.4578275, 0.40821073)  # those of the hub's image processor
_STD = (0.26862954, 0.26130258, 0.27577711)

_VIT_G = {"hidden_size": 1408, "intermediate_size": 6144, "num_hidden_layers": 39, "num_attention_heads": 16}
_BERT = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12}
_TINY = {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 2}
_TINY_VISION = {**_TINY, "patch_size": 14, "image_size": 56}
_TINY_QFORMER = {**_TINY, "vocab_size": 600}

# The configurations of Salesforce/instructblip-vicuna-7b and -flan-t5-xl on the hub, and two for tests.
_SHAPES: Mapping[str, tuple[dict[str, int], dict[str, int], Any]] = {
    "instructblip-vicuna-7b": (
        {**_VIT_G, "patch_size": 14, "image_size": 224},
        {**_BERT, "vocab_size": 30523},
        LlamaConfig(
            hidden_size=4096,
            intermediate_size=11008,
            num_hidden_layers=32,
            num_attention_heads=32,
            max_position_embeddings=2048,
            vocab_size=32001,
            rms_norm_eps=1e-6,
        ),
    ),
    "instructblip-flan-t5-xl": (
        {**_VIT_G, "patch_size": 14, "image_size": 224},
        {**_BERT, "vocab_size": 30523},
        T5Config(
            d_model=2048,
            d_kv=64,
            d_ff=5120,
            num_layers=24,
            num_decoder_layers=24,
            num_heads=32,
            vocab_size=32128,
            feed_forward_proj="gated-gelu",
            tie_word_embeddings=False,
        ),
    ),
    "tiny": (
        _TINY_VISION,
        _TINY_QFORMER,
        LlamaConfig(
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=2,
            max_position_embeddings=1024,
            vocab_size=600,
        ),
    ),
    "tiny-t5": (
        _TINY_VISION,
        _TINY_QFORMER,
        T5Config(d_model=64, d_kv=32, d_ff=128, num_layers=2, num_heads=2, vocab_size=600, tie_word_embeddings=False),
    ),
}

SHAPES = tuple(_SHAPES)
"""The names of the shapes; `load_named_base` takes them like the name of a checkpoint."""


def make_random_base(
    shape: str, precision: ChosenPrecision = "nf4", device: str = "cpu", seed: int = 0, *, weights: bool = True
) -> Base:
    """Make a base of this shape in `nf4`, `bf16` or `fp32`, its weights drawn from `seed`.

    At most one layer that is not quantised yet is in memory beside the finished model. Without `weights` the model
    stays on torch's meta device: its parameters can be counted. Raises ModelUnavailable for an unknown shape or
    precision, and OutOfMemory.
    """
    if shape not in _SHAPES:
        raise ModelUnavailable(f"There is no shape named {shape!r}; the shapes are {', '.join(SHAPES)}.")
    if precision == "int8":
        raise ModelUnavailable("A base with random weights is made in nf4, bf16 or fp32, not in int8.")
    device = choose_device(device)
    texts = (INSTRUCTION, CUE, *map(chr, range(32, 127)))
    config = _shape_config(shape)
    language = "t5" if isinstance(config.text_config, T5Config) else "llama"
    tokenizer = learn_tokenizer(texts, 400, language)  # type: ignore[arg-type]
    config.image_token_index = tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)
    for token in ("bos", "eos", "pad"):
        setattr(config.text_config, f"{token}_token_id", getattr(tokenizer, f"{token}_token_id"))
    config.text_config.decoder_start_token_id = tokenizer.pad_token_id  # T5's
    dtype = choose_compute_dtype(precision, device)
    quantisation = quantisation_config(precision, dtype)
    with torch.device("meta"):
        model = InstructBlipVideoForConditionalGeneration(video_config(config))
    if quantisation is not None and weights:
        # T5's `wo` overflows in 16 bits; from_pretrained keeps it in 32 bits too.
        not_quantised = [*NOT_QUANTISED, *(model._keep_in_fp32_modules or ())]
        model = replace_with_bnb_linear(model, not_quantised, quantisation)
        model.is_loaded_in_4bit = model.is_quantized = True  # what PEFT asks before it wraps a 4-bit layer
    with catch_out_of_memory(f"The shape {shape} in {precision}", "choose a smaller shape or the precision nf4"):
        if weights:
            _materialise(model, device, dtype, seed)
    return make_base(
        model,
        tokenizer,
        learn_qformer_tokenizer(texts, 200),
        image_mean=_MEAN,
        image_std=_STD,
        name=shape,
        digest=hashlib.sha256(f"random {shape} {seed}".encode()).hexdigest(),
        precision=precision,
        reason="its weights are random",
        device=device,
        compute_dtype=dtype,
    )


def _shape_config(shape: str) -> InstructBlipConfig:
    vision, qformer, text = _SHAPES[shape]
    encoder_width = vision["hidden_size"]
    return make_config(
        InstructBlipVisionConfig(**vision),
        InstructBlipQFormerConfig(**qformer, encoder_hidden_size=encoder_width),
        text,
        image_token_id=0,
    )


@torch.no_grad()
def _materialise(model: Any, device: str, dtype: torch.dtype, seed: int) -> None:
    """Give every weight on the meta device random values, quantising each 4-bit layer before the next one is made."""
    rng = torch.Generator(device).manual_seed(seed)
    parameters: dict[int, nn.Parameter] = {}  # weights that two layers share stay shared
    for module in model.modules():
        for name, parameter in list(module.named_parameters(recurse=False)):
            if id(parameter) not in parameters:
                parameters[id(parameter)] = _make_parameter(parameter, name, device, dtype, rng)
            setattr(module, name, parameters[id(parameter)])
        for name, buffer in list(module.named_buffers(recurse=False)):
            setattr(module, name, torch.empty_like(buffer, device=device))
        if any(True for _ in module.named_buffers(recurse=False)):
            model._init_weights(module)  # positions and rotary frequencies are computed, not drawn
    if left := [name for name, tensor in _tensors(model) if tensor.is_meta]:
        raise ModelUnavailable(f"{len(left)} weights of the shape were not made, the first is {left[0]}.")


def _make_parameter(parameter: Any, name: str, device: str, dtype: torch.dtype, rng: torch.Generator) -> Any:
    values = torch.empty(parameter.shape, dtype=dtype, device=device)
    if parameter.ndim > 1:
        values.normal_(0.0, INITIALIZER_STD, generator=rng)
    else:
        values.fill_(1.0 if name == "weight" else 0.0)  # the gains of norms, and biases
    if not hasattr(parameter, "quant_type"):
        return nn.Parameter(values, requires_grad=False)
    names = ("compress_statistics", "quant_type", "quant_storage", "module")
    settings = {name: getattr(parameter, name) for name in names}
    return type(parameter)(values, requires_grad=False, **settings).to(device)


def _tensors(model: Any) -> Iterator[tuple[str, Tensor]]:
    yield from model.named_parameters()
    yield from model.named_buffers()
