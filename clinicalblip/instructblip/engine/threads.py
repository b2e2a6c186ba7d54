"""How many threads torch uses, and in which of this process's threads.

GNU OpenMP keeps a pool of threads for every thread that has ever run torch. Once the pools together have more threads
than there are cores, those that wait sleep at every small operation, and a draft takes three times as long. So only the
engine's thread has a pool; every other one that may run torch asks for one thread first.
"""

import ctypes
import os
import threading
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

import torch

_MEASURED: Final = 5
_LONG: Final = 0.25  # seconds
_NEARLY: Final = 1.15
_limited = threading.local()


def use_one_thread() -> None:
    """Keep torch from starting threads for the calling thread; costs nothing from the second call on."""
    if not getattr(_limited, "done", False):
        _set_threads(1)
        _limited.done = True


def _set_threads(count: int) -> None:
    """Set the calling thread's number of threads, and no other's.

    torch gives a thread the number that was last set anywhere when it first asks for it: so it is asked for first. And
    what torch tells MKL holds for the whole process, so that MKL is told for this thread as well (its
    `mkl_set_num_threads_local`; builds of torch without MKL do not have the function, nor need it).
    """
    torch.get_num_threads()
    torch.set_num_threads(count)
    for library in Path(torch.__file__).parent.glob("lib/libtorch_cpu.*"):
        limit = getattr(ctypes.CDLL(str(library)), "MKL_Set_Num_Threads_Local", None)
        if limit is not None:
            limit(count)


def use_all_threads() -> None:
    """Have torch use as many threads as there are cores, or as OMP_NUM_THREADS says, in the calling thread."""
    _set_threads(_asked() or os.cpu_count() or 1)


def _asked() -> int:
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdigit() else 0


def choose_threads(run: Callable[[], object], cores: int | None = None) -> int:
    """Set the calling thread's number of torch threads to the largest with which `run` is nearly as fast as it can be.

    `run` is a short piece of the work to come. Tried are 1, 2, 4, ... and `cores`, by default as many as there are;
    only `cores` where that takes long, as a large model's pieces do. OMP_NUM_THREADS, where it is set, goes before.
    """
    if asked := _asked():
        _set_threads(asked)
        return asked
    cores = cores or os.cpu_count() or 1
    seconds = {cores: _median_seconds(run, cores)}
    if seconds[cores] < _LONG:
        counts = {1 << power for power in range(cores.bit_length()) if 1 << power < cores}
        seconds |= {count: _median_seconds(run, count) for count in counts}
    # What is not measured, films and prompts, gains by threads what a step of few rows does not.
    best = max(count for count in seconds if seconds[count] <= _NEARLY * min(seconds.values()))
    _set_threads(best)
    return best


def _median_seconds(run: Callable[[], object], count: int) -> float:
    _set_threads(count)
    run()
    taken = []
    for _ in range(_MEASURED):
        began = perf_counter()
        run()
        taken.append(perf_counter() - began)
    return median(taken)
