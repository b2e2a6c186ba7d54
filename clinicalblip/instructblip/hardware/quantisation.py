"""Quantisation by bitsandbytes: what is quantised, and in which form the 4-bit layers stay on a CPU."""

from typing import Any

import torch
from transformers import BitsAndBytesConfig

from clinicalblip.instructblip.hardware.precision import ChosenPrecision

NOT_QUANTISED = ["vision_model", "qformer", "language_projection", "lm_head"]
"""Modules kept in 16 bits. A list of one's own replaces bitsandbytes' list, so `lm_head` has to be in it."""


def quantisation_config(precision: ChosenPrecision, dtype: torch.dtype) -> BitsAndBytesConfig | None:
    """How bitsandbytes quantises for a precision; None where nothing is quantised."""
    if precision == "nf4":
        return BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_compute_dtype=dtype,
            llm_int8_skip_modules=NOT_QUANTISED,
        )
    if precision == "int8":
        return BitsAndBytesConfig(load_in_8bit=True, llm_int8_skip_modules=NOT_QUANTISED)
    return None


def keep_odd_layers_unpacked(model: Any) -> None:
    """Keep bitsandbytes' fast CPU kernel off the 4-bit layers whose widths it cannot cut into its blocks.

    It would fail at the first forward pass; those layers take the slower kernel, which works for every width.
    """
    for layer in model.modules():
        if hasattr(layer, "support_avx512bf16_for_cpu") and (layer.in_features % 64 or layer.out_features % 32):
            layer.support_avx512bf16_for_cpu = False


def disable_cpu_repacking(model: Any) -> None:
    """Keep every 4-bit layer in the form that it trains in, even where the model runs in eval().

    On CPUs that multiply bfloat16 the first forward pass in eval() would repack it for drafting, and its gradients
    would be silently wrong from then on.
    """
    for layer in model.modules():
        if hasattr(layer, "support_avx512bf16_for_cpu"):
            layer.support_avx512bf16_for_cpu = False
