"""Threads of their own for saving, so that other handlers, which share Gradio's, cannot take them all."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial, wraps
from typing import Final, ParamSpec, TypeVar

_Values = ParamSpec("_Values")
_Result = TypeVar("_Result")

# The reviews file is written one at a time; who waits for one of these threads holds none.
_THREADS: Final = ThreadPoolExecutor(max_workers=4, thread_name_prefix="saving")


def in_saving_threads(handler: Callable[_Values, _Result]) -> Callable[_Values, Awaitable[_Result]]:
    """The handler as a coroutine that runs it in a thread kept for saving."""

    @wraps(handler)
    async def save(*values: _Values.args, **named: _Values.kwargs) -> _Result:
        call = partial(copy_context().run, handler, *values, **named)
        return await asyncio.get_running_loop().run_in_executor(_THREADS, call)

    return save
