"""Which precision a model is loaded in, and why."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from clinicalblip.settings import Precision

ChosenPrecision = Literal["nf4", "int8", "bf16", "fp32"]

BYTES_PER_PARAMETER: dict[ChosenPrecision, float] = {"fp32": 4.0, "bf16": 2.0, "int8": 1.1, "nf4": 0.65}
"""Quantised models keep their norms, embeddings and vision encoder in 16 bits."""

HEADROOM = 1.25
WORKING_BYTES = 300e6
"""What drafting takes beside the weights: activations, the cache of keys and values, Python itself."""

LARGE = 100_000_000
"""Parameters from which NF4 drafts faster than 32 bits on a CPU that multiplies bfloat16.

Seconds for 80 tokens with an adapter, on one core of an AMD EPYC with AVX512-BF16 beside a training run:
21 million parameters, fp32 1.0, bf16 1.3, NF4 1.8; 145 million, fp32 4.5, bf16 3.6, NF4 3.2. Without AVX512-BF16
(AMD EPYC, AVX2; 22 million, no adapter): fp32 0.66, NF4 1.4.
"""


@dataclass(frozen=True)
class Processor:
    """What a CPU can do: its `flags` as Linux names them, and how many bytes of memory are free."""

    flags: frozenset[str]
    free_bytes: float

    @property
    def multiplies_bf16(self) -> bool:
        """Whether bfloat16 products are made in hardware; where not, they are many times slower than float32."""
        return "avx512_bf16" in self.flags


def choose_precision(
    asked: Precision, *, device: str, parameters: int, processor: Processor
) -> tuple[ChosenPrecision, str]:
    """Choose how a model of so many parameters is loaded, with one clause that says why.

    What was asked for is used. `auto` is NF4 on a GPU. On a CPU it is the fastest of what fits in memory: fp32,
    but NF4 for a large model where the processor multiplies bfloat16, and NF4 where nothing else fits.
    """
    if asked != "auto":
        return asked, "as the settings ask"
    if device != "cpu":
        return "nf4", "4 bits on a GPU"
    if processor.multiplies_bf16 and parameters >= LARGE:
        return "nf4", "the fastest on this CPU, which multiplies bfloat16, for a model of this size"
    if parameters * BYTES_PER_PARAMETER["fp32"] * HEADROOM + WORKING_BYTES <= processor.free_bytes:
        return "fp32", "it fits in memory and is the fastest on this CPU"
    if processor.multiplies_bf16 and parameters * BYTES_PER_PARAMETER["bf16"] * HEADROOM <= processor.free_bytes:
        return "bf16", "32 bits do not fit in memory and this CPU multiplies bfloat16"
    return "nf4", "nothing larger fits in this machine's memory"


def read_processor() -> Processor:
    """Look at this machine's CPU and free memory; what cannot be read counts as absent."""
    return Processor(_flags(), _free_bytes())


def _flags() -> frozenset[str]:
    match = re.search(r"^flags\s*:(.*)$", _text("/proc/cpuinfo"), re.MULTILINE)
    return frozenset(match[1].split()) if match else frozenset()


def _free_bytes() -> float:
    """Free memory: the machine's, or less where a container's limit leaves less."""
    match = re.search(r"^MemAvailable:\s*(\d+) kB", _text("/proc/meminfo"), re.MULTILINE)
    free = float(match[1]) * 1024 if match else float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")) / 2
    limit, used = (_text(f"/sys/fs/cgroup/memory.{name}").strip() for name in ("max", "current"))
    if limit.isdigit() and used.isdigit():
        free = min(free, max(0.0, float(limit) - float(used)))
    return free


def _text(path: str) -> str:
    """A file of the kernel's, or nothing where this system has none."""
    file = Path(path)
    return file.read_text(encoding="ascii", errors="replace") if file.is_file() else ""
