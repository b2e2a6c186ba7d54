"""What a benchmark ran on."""

import os
import platform
from pathlib import Path


def cpu_name() -> str:
    """What the machine calls its processor."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text().splitlines() if path.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    flags = next((line for line in lines if line.startswith("flags")), "")
    widest = next((flag for flag in ("avx512_bf16", "avx512f", "avx2") if flag in flags.split()), "no AVX2")
    return f"{names[0] if names else platform.processor()}, {widest}, {os.cpu_count()} cores"
