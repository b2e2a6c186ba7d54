"""What this machine's CPU can do and how much memory is free, as Linux reports them."""

import os
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class CpuFeatures:
    """What a CPU can do: its `flags` as Linux names them, and how many bytes of memory are free."""

    flags: frozenset[str]
    free_bytes: float

    @property
    def multiplies_bf16(self) -> bool:
        """Whether bfloat16 products are made in hardware; where not, they are many times slower than float32."""
        return "avx512_bf16" in self.flags


def read_cpu_features() -> CpuFeatures:
    """The features of this machine's CPU and its free memory; what cannot be read counts as absent."""
    return CpuFeatures(_flags(), _free_bytes())


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
    """The text of a file of the kernel, empty where this system has none."""
    file = Path(path)
    return file.read_text(encoding="ascii", errors="replace") if file.is_file() else ""
