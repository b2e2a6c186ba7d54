"""What a training ran on and what it took, for its record."""

import platform
import re
import sys
from pathlib import Path

import torch

from clinicalblip.heap import resident_bytes


def describe_machine(device: str) -> str:
    """The name of the GPU, or of the CPU with its number of threads in use."""
    if device.startswith("cuda"):
        return str(torch.cuda.get_device_name())
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="utf-8", errors="replace") if cpuinfo.is_file() else ""
    match = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    name = match[1].strip() if match else platform.processor() or platform.machine()
    wide = "AVX-512" if "avx512f" in text else "AVX2" if "avx2" in text else ""
    return ", ".join(part for part in (name, wide, f"{torch.get_num_threads()} threads") if part)


def peak_memory() -> dict[str, int]:
    """The most memory in bytes that this process held so far: `resident`, and `gpu` where one was used."""
    peak: dict[str, int] = {}
    try:
        import resource  # not on every system
    except ImportError:
        return peak
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    peak["resident"] = highest if sys.platform == "darwin" else highest * 1024
    if torch.cuda.is_available() and torch.cuda.max_memory_allocated():
        peak["gpu"] = torch.cuda.max_memory_allocated()
    return peak


def current_memory() -> int:
    """The bytes that this process holds now, on the GPU where it uses one; 0 where the system does not say."""
    if torch.cuda.is_available() and torch.cuda.memory_allocated():
        return torch.cuda.memory_allocated()
    return resident_bytes() or 0
