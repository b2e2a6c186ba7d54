"""Work spread over processes, its results in the order of what went in."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context
from typing import Final, TypeVar

from clinicalblip.errors import DatasetError

Item = TypeVar("Item")
Result = TypeVar("Result")

_TASKS_PER_WORKER: Final = 4  # submitted and not yet collected


def map_in_order(function: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Iterator[Result]:
    """Apply a module's function to every item, in `workers` processes, or in this one where `workers` is 1.

    Results come in the order of the items, and only a few items a process are taken ahead, so that memory does not
    grow with their number. Raises what the function raises, DatasetError where a process died, ValueError for fewer
    than one worker.
    """
    if workers < 1:
        raise ValueError(f"workers are 1 or more, not {workers}")
    if workers == 1:
        yield from map(function, items)
        return
    pending: deque[Future[Result]] = deque()
    # Not forked: this process may have threads and an open database.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) >= _TASKS_PER_WORKER * workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        except BrokenProcessPool as error:
            raise DatasetError(
                "A worker process ended before its work was done, most likely for want of memory; use fewer workers."
            ) from error
        finally:
            for future in pending:
                future.cancel()


def batched(items: Iterable[Item], size: int) -> Iterator[list[Item]]:
    """Lists of `size` items; the last one may be shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
