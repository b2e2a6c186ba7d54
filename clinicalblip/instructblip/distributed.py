"""The processes that torchrun starts to work together, as their environment describes them."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def rank() -> int:
    """The number of this process, 0 for the first and for one that works alone."""
    return int(os.environ.get("RANK", "0"))


def world_size() -> int:
    """How many processes there are."""
    return int(os.environ.get("WORLD_SIZE", "1"))


@contextmanager
def process_group() -> Iterator[Callable[[], None]]:
    """Join the processes over gloo; gives the barrier, which returns once all of them have reached it."""
    if world_size() == 1:
        yield lambda: None
        return
    from torch import distributed

    distributed.init_process_group("gloo")
    try:
        yield distributed.barrier
    finally:
        distributed.destroy_process_group()
