"""An InstructBLIP base with its tokenizers, in the chosen precision and ready for several films."""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import (
    BitsAndBytesConfig,
    InstructBlipConfig,
    InstructBlipProcessor,
    InstructBlipVideoForConditionalGeneration,
)
from transformers.utils import logging as transformers_logging

from clinicalblip.errors import ModelUnavailable
from clinicalblip.instructblip.checkpoint_files import digest_checkpoint, find_checkpoint, has_weights
from clinicalblip.instructblip.configuration import IMAGE_TOKEN, video_config
from clinicalblip.instructblip.hardware.cpu_features import read_cpu_features
from clinicalblip.instructblip.hardware.device import choose_compute_dtype, choose_device
from clinicalblip.instructblip.hardware.memory import catch_out_of_memory, is_out_of_memory
from clinicalblip.instructblip.hardware.precision import ChosenPrecision, choose_precision
from clinicalblip.instructblip.hardware.quantisation import keep_odd_layers_unpacked, quantisation_config
from clinicalblip.settings import Precision

T5_PROMPT_TOKENS = 512
"""T5's relative positions have no end; it was trained on inputs of at most this length."""


@dataclass(frozen=True, eq=False)
class Base:
    """A loaded base: the model that takes several films, its tokenizers, and what other modules must know of them.

    `name` is what the settings gave, of a folder its last part; `digest` SHA-256 over configuration and weights.
    `image_mean` and `image_std` are those of its image processor, `image_size` the encoder's pixels a side.
    `compute_dtype` is the type in which products are made. `prompt_tokens` and `qformer_tokens` are how many positions
    the language model and the Q-Former have.
    """

    model: Any
    tokenizer: Any
    qformer_tokenizer: Any
    image_mean: tuple[float, float, float]
    image_std: tuple[float, float, float]
    image_size: int
    name: str
    digest: str
    precision: ChosenPrecision
    reason: str
    device: str
    compute_dtype: torch.dtype
    num_query_tokens: int
    image_token_id: int
    is_decoder_only: bool
    bos_token_id: int | None
    eos_token_id: int
    pad_token_id: int
    prompt_tokens: int
    qformer_tokens: int

    def count_tokens(self, text: str) -> int:
        """How many tokens of the language model a text takes, without special tokens."""
        return len(self.tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def prompt_budget(self, films: int, new_tokens: int) -> int:
        """How many tokens a prompt may take beside the image tokens, the special tokens and the report."""
        written = new_tokens if self.is_decoder_only else 0
        return self.prompt_tokens - films * self.num_query_tokens - written - 2

    @property
    def special_tokens(self) -> tuple[str, ...]:
        """The special tokens of both tokenizers, which a reader's text must not contain."""
        tokenizers = (self.tokenizer, self.qformer_tokenizer)
        added = {str(token) for tokenizer in tokenizers for token in tokenizer.get_added_vocab()}
        return tuple(sorted(added.union(*(tokenizer.all_special_tokens for tokenizer in tokenizers))))

    def autocast(self) -> AbstractContextManager[Any]:
        """The context of every forward pass: parts in 32 bits (query tokens, adapters) meet parts in 16 bits there."""
        if self.compute_dtype == torch.float32:
            return nullcontext()
        return torch.autocast(self.device, dtype=self.compute_dtype)


def load_base(name: str | Path, precision: Precision = "auto", device: str = "auto", *, weights: bool = True) -> Base:
    """Load an InstructBLIP checkpoint from a folder, or from the hub by name.

    Its language model is of the Llama or of the T5 type. Files of a hub name that are already on this machine are
    used without asking the network. `precision` and `device` are as in ModelSettings. Without `weights` the model
    stays on torch's meta device: its parameters can be counted, and it cannot run. Raises ModelUnavailable where there
    is no such checkpoint or it cannot be fetched, and OutOfMemory.
    """
    folder = find_checkpoint(name)
    label = Path(name).name if Path(name).is_dir() else str(name)
    config = _read_config(folder, label)
    device = choose_device(device)
    processor = _read_processor(folder, label)
    video = video_config(config)
    chosen, reason, stored = _choose_precision(precision, device, video, label)
    dtype = choose_compute_dtype(chosen, device)
    _check_image_token(video, processor.tokenizer, label)
    advice = "ask for the precision nf4 or use a smaller base"
    with _no_progress_bars(), catch_out_of_memory(f"The base {label} in {chosen}", advice):
        if weights:
            quantisation = None if stored else quantisation_config(chosen, dtype)
            model = _load_weights(folder, video, label, device, dtype, quantisation)
        else:
            with torch.device("meta"):
                model = InstructBlipVideoForConditionalGeneration(video)
    return make_base(
        model,
        processor.tokenizer,
        processor.qformer_tokenizer,
        image_mean=_three(processor.image_processor.image_mean),
        image_std=_three(processor.image_processor.image_std),
        name=label,
        digest=digest_checkpoint(folder),
        precision=chosen,
        reason=reason,
        device=device,
        compute_dtype=dtype,
    )


def make_base(
    model: Any,
    tokenizer: Any,
    qformer_tokenizer: Any,
    *,
    image_mean: tuple[float, float, float],
    image_std: tuple[float, float, float],
    name: str,
    digest: str,
    precision: ChosenPrecision,
    reason: str,
    device: str,
    compute_dtype: torch.dtype,
) -> Base:
    """Make a base of a model of the video class and its tokenizers; all its weights are frozen."""
    config = model.config
    if device == "cpu":
        keep_odd_layers_unpacked(model)
    is_decoder_only = config.use_decoder_only_language_model
    return Base(
        model=model.eval().requires_grad_(False),
        tokenizer=tokenizer,
        qformer_tokenizer=qformer_tokenizer,
        image_mean=image_mean,
        image_std=image_std,
        image_size=int(config.vision_config.image_size),
        name=name,
        digest=digest,
        precision=precision,
        reason=reason,
        device=device,
        compute_dtype=compute_dtype,
        num_query_tokens=config.num_query_tokens,
        image_token_id=config.video_token_index,
        is_decoder_only=is_decoder_only,
        bos_token_id=tokenizer.bos_token_id,
        # The tokenizer's ids: those in vicuna-7b's configuration are wrong (it ends with 2 and pads with 32000).
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        prompt_tokens=config.text_config.max_position_embeddings if is_decoder_only else T5_PROMPT_TOKENS,
        qformer_tokens=config.qformer_config.max_position_embeddings,
    )


def _read_config(folder: Path, label: str) -> InstructBlipConfig:
    try:
        kind = json.loads((folder / "config.json").read_text(encoding="utf-8")).get("model_type")
    except (OSError, ValueError, AttributeError) as error:
        raise ModelUnavailable(
            f"The base {label} has no config.json that can be read; expected an InstructBLIP checkpoint."
        ) from error
    if kind != "instructblip":
        raise ModelUnavailable(
            f"The base {label} is of the type {kind}, not instructblip; name an InstructBLIP checkpoint."
        )
    if not has_weights(folder):
        raise ModelUnavailable(f"The base {label} lacks weights in the safetensors format; copy it again.")
    return InstructBlipConfig.from_pretrained(folder)


def _read_processor(folder: Path, label: str) -> Any:
    lacking = f"The base {label} lacks a tokenizer, a qformer_tokenizer or an image processor; copy it again."
    if not (folder / "qformer_tokenizer").is_dir():
        raise ModelUnavailable(lacking)  # transformers would give the Q-Former the language model's
    try:
        processor = InstructBlipProcessor.from_pretrained(folder)
    except (OSError, ValueError, TypeError) as error:
        raise ModelUnavailable(lacking) from error
    if processor.tokenizer.eos_token_id is None or processor.tokenizer.pad_token_id is None:
        raise ModelUnavailable(f"The tokenizer of the base {label} lacks an end-of-sequence or a padding token.")
    return processor


def _choose_precision(precision: Precision, device: str, config: Any, label: str) -> tuple[ChosenPrecision, str, bool]:
    """The precision, its reason, and whether the checkpoint is stored in it."""
    stored = getattr(config, "quantization_config", None)
    if stored:
        found: ChosenPrecision = "nf4" if dict(stored).get("load_in_4bit") else "int8"
        if precision not in ("auto", found):
            raise ModelUnavailable(f"The base {label} is stored in {found}; it cannot be loaded in {precision}.")
        return found, "the base is stored in it", True
    with torch.device("meta"):
        parameters = sum(each.numel() for each in InstructBlipVideoForConditionalGeneration(config).parameters())
    chosen, reason = choose_precision(precision, device=device, parameters=parameters, cpu=read_cpu_features())
    return chosen, reason, False


def _load_weights(
    folder: Path, config: Any, label: str, device: str, dtype: torch.dtype, quantisation: BitsAndBytesConfig | None
) -> Any:
    arguments = {} if quantisation is None else {"quantization_config": quantisation}
    try:
        model, found = InstructBlipVideoForConditionalGeneration.from_pretrained(
            folder, config=config, dtype=dtype, device_map=device, output_loading_info=True, **arguments
        )
    except ImportError as error:
        raise ModelUnavailable(
            f"Loading the base {label} needs the package {error.name or 'bitsandbytes'}; install it or ask for fp32."
        ) from error
    except (OSError, ValueError, RuntimeError, SafetensorError) as error:
        if is_out_of_memory(error):
            raise
        raise ModelUnavailable(f"The weights of the base {label} cannot be read; copy them again.") from error
    if found["missing_keys"]:
        raise ModelUnavailable(
            f"The base {label} lacks {len(found['missing_keys'])} of its model's weights; copy it again."
        )
    return model


def _check_image_token(config: Any, tokenizer: Any, label: str) -> None:
    """Without a token of its own for the image, a model would draft without the film."""
    image_token = tokenizer.convert_tokens_to_ids(IMAGE_TOKEN)
    if config.video_token_index is None:
        config.video_token_index = image_token
    if config.video_token_index != image_token or image_token >= config.text_config.vocab_size:
        raise ModelUnavailable(
            f"The base {label} marks the image with token {config.video_token_index}, its tokenizer with {image_token} "
            f"of {config.text_config.vocab_size}: its pictures would be ignored. Take the hub's current revision of it."
        )


def _three(values: Any) -> tuple[float, float, float]:
    red, green, blue = values
    return float(red), float(green), float(blue)


@contextmanager
def _no_progress_bars() -> Iterator[None]:
    """Keep progress bars off the terminal while a model loads."""
    enabled = transformers_logging.is_progress_bar_enabled()
    transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        if enabled:
            transformers_logging.enable_progress_bar()
