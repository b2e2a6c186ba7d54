"""Which precision a model is loaded in, and why."""

from typing import Literal

from clinicalblip.instructblip.hardware.cpu_features import CpuFeatures
from clinicalblip.settings import Precision

ChosenPrecision = Literal["nf4", "int8", "bf16", "fp32"]

BYTES_PER_PARAMETER: dict[ChosenPrecision, float] = {"fp32": 4.0, "bf16": 2.0, "int8": 1.1, "nf4": 0.65}
"""Quantised models keep their norms, embeddings and vision encoder in 16 bits."""

HEADROOM = 1.25
WORKING_BYTES = 300e6
"""What drafting takes beside the weights: activations, keys and values, Python itself."""

LARGE_MODEL = 100_000_000
"""Parameters from which NF4 drafts faster than 32 bits on a CPU that multiplies bfloat16.

Seconds for 80 tokens with an adapter, on one core of an AMD EPYC with AVX512-BF16 beside a training run:
21 million parameters, fp32 1.0, bf16 1.3, NF4 1.8; 145 million, fp32 4.5, bf16 3.6, NF4 3.2. Without AVX512-BF16
(AMD EPYC, AVX2; 22 million, no adapter): fp32 0.66, NF4 1.4.
"""


def choose_precision(
    asked: Precision, *, device: str, parameters: int, cpu: CpuFeatures
) -> tuple[ChosenPrecision, str]:
    """Choose the precision for a model of so many parameters, with one clause that says why.

    A precision that was asked for is used. `auto` is NF4 on a GPU. On a CPU it is the fastest that fits in memory:
    fp32, but NF4 for a large model where the CPU multiplies bfloat16, and NF4 where nothing else fits.
    """
    if asked != "auto":
        return asked, "as the settings ask"
    if device != "cpu":
        return "nf4", "4 bits on a GPU"
    if cpu.multiplies_bf16 and parameters >= LARGE_MODEL:
        return "nf4", "the fastest on this CPU, which multiplies bfloat16, for a model of this size"
    if parameters * BYTES_PER_PARAMETER["fp32"] * HEADROOM + WORKING_BYTES <= cpu.free_bytes:
        return "fp32", "it fits in memory and is the fastest on this CPU"
    if cpu.multiplies_bf16 and parameters * BYTES_PER_PARAMETER["bf16"] * HEADROOM <= cpu.free_bytes:
        return "bf16", "32 bits do not fit in memory and this CPU multiplies bfloat16"
    return "nf4", "nothing larger fits in this machine's memory"
