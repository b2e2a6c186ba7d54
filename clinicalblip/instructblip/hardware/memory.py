"""One error for every way of running out of memory, on a CPU and on a GPU."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from clinicalblip.errors import OutOfMemory


@contextmanager
def catch_out_of_memory(what: str, advice: str) -> Iterator[None]:
    """Turn every way of running out of memory into OutOfMemory, "{what} did not fit in memory; {advice}.".

    The GPU memory of the failed attempt is freed first, so that a smaller one can follow.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:  # torch.OutOfMemoryError is a RuntimeError
        if not is_out_of_memory(error):
            raise
        failure = OutOfMemory(f"{what} did not fit in memory; {advice}.")
    else:
        return
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    raise failure


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception says that memory ran out; torch's CPU allocator says so only in its message."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or "can't allocate memory" in str(error)
