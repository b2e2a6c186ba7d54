"""How the C library gives memory back, and how much of it a process has.

glibc keeps a heap for each thread, up to eight for each core, and what one thread frees another cannot use. Films are
read, searched and packed in many threads, so that each heap grows to the most that a film ever took there. It also
moves large arrays into these heaps once one was freed. Measured with fifty readers: docs/reliability.md.
"""

import ctypes
import os
import sys
from pathlib import Path
from typing import Final

_M_MMAP_THRESHOLD: Final = -3  # malloc.h
_M_ARENA_MAX: Final = -8
_HEAPS: Final = 2
_LARGE_BYTES: Final = 2**20


def bound_heaps() -> None:
    """Use few heaps in this process, and give arrays of a mebibyte and more back when they are freed.

    Does nothing where the C library is not glibc. MALLOC_ARENA_MAX and MALLOC_MMAP_THRESHOLD_ would do the same from
    outside.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # musl has none
        mallopt(_M_ARENA_MAX, _HEAPS)
        mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)


def resident_bytes(process: int | None = None) -> int | None:
    """The bytes that a process has now, this one without a number; None where it is gone or nobody says."""
    try:
        pages = int(Path(f"/proc/{process or 'self'}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError, ValueError):
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
