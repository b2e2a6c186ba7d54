"""Threads of their own for handlers that save, read reviews or wait for films, so that none takes all of Gradio's."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial, wraps
from typing import Final, ParamSpec, TypeVar

_Values = ParamSpec("_Values")
_Result = TypeVar("_Result")

# The reviews file is written one at a time; who waits for one of these threads holds none.
_SAVING: Final = ThreadPoolExecutor(max_workers=4, thread_name_prefix="saving")
# Most of these wait for a turn (`fair_queue.py`), of which there are few; so all who wait must have a thread.
_FILMS: Final = ThreadPoolExecutor(max_workers=128, thread_name_prefix="films")

# To count or to export all reviews takes seconds; nobody who saves waits for it.
_REVIEWS: Final = ThreadPoolExecutor(max_workers=4, thread_name_prefix="reviews")


def in_saving_threads(handler: Callable[_Values, _Result]) -> Callable[_Values, Awaitable[_Result]]:
    """The handler as a coroutine that runs it in a thread kept for saving."""
    return _in_threads(_SAVING, handler)


def in_film_threads(handler: Callable[_Values, _Result]) -> Callable[_Values, Awaitable[_Result]]:
    """The handler as a coroutine that runs it in a thread kept for reading films and looking at them."""
    return _in_threads(_FILMS, handler)


def in_review_threads(handler: Callable[_Values, _Result]) -> Callable[_Values, Awaitable[_Result]]:
    """The handler as a coroutine that runs it in a thread kept for reading what was saved."""
    return _in_threads(_REVIEWS, handler)


def _in_threads(
    threads: ThreadPoolExecutor, handler: Callable[_Values, _Result]
) -> Callable[_Values, Awaitable[_Result]]:
    @wraps(handler)
    async def handle(*values: _Values.args, **named: _Values.kwargs) -> _Result:
        call = partial(copy_context().run, handler, *values, **named)
        return await asyncio.get_running_loop().run_in_executor(threads, call)

    return handle
