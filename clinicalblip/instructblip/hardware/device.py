"""Which device a model runs on, and in which number format its products are made there."""

import torch

from clinicalblip.errors import ModelUnavailable
from clinicalblip.instructblip.hardware.cpu_features import read_cpu_features
from clinicalblip.instructblip.hardware.precision import ChosenPrecision


def choose_device(device: str) -> str:
    """`cuda` or `cpu` for what was asked, `auto` for the better one. Raises ModelUnavailable where there is no GPU."""
    found = torch.cuda.is_available()
    if device == "cuda" and not found:
        raise ModelUnavailable("The settings ask for the device cuda, and torch finds none here; set device to auto.")
    return ("cuda" if found else "cpu") if device == "auto" else device


def choose_compute_dtype(precision: ChosenPrecision, device: str) -> torch.dtype:
    """What products are made in: what this machine is fast at, of what the precision allows."""
    if precision == "fp32":
        return torch.float32
    if device == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    if precision == "bf16":
        return torch.bfloat16
    # Products in bfloat16 are slower than in float32 where the processor does not make them itself.
    return torch.bfloat16 if read_cpu_features().multiplies_bf16 else torch.float32
