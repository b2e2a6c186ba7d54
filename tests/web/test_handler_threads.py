"""Saving has threads of its own, and so has what waits for films."""

import asyncio
import inspect
import threading
from typing import get_type_hints

from clinicalblip.web.handler_threads import in_film_threads, in_saving_threads


def test_who_saves_needs_no_thread_of_the_others() -> None:
    """All threads that asyncio gives are taken, and a save is done all the same."""
    done = threading.Event()

    async def run() -> str:
        loop = asyncio.get_running_loop()
        taken = [loop.run_in_executor(None, done.wait) for _ in range(64)]
        name = await in_saving_threads(lambda: threading.current_thread().name)()
        done.set()
        await asyncio.gather(*taken)
        return name

    assert asyncio.run(run()).startswith("saving")


def test_who_waits_for_films_keeps_nobody_from_saving() -> None:
    """Sixty who wait for their turn leave a save, and what Gradio's own threads do, alone."""
    done = threading.Event()

    async def run() -> list[str]:
        waiting = [asyncio.ensure_future(in_film_threads(done.wait)()) for _ in range(60)]
        name = lambda: threading.current_thread().name  # noqa: E731
        names = [await in_saving_threads(name)(), await asyncio.to_thread(name), await in_film_threads(name)()]
        done.set()
        await asyncio.gather(*waiting)
        return names

    saving, others, films = asyncio.run(run())
    assert saving.startswith("saving")
    assert not others.startswith("films")
    assert films.startswith("films")


def test_a_handler_keeps_what_is_known_of_it() -> None:
    """Gradio reads name, parameters and documentation of the handler."""

    def handler(number: int, text: str = "a") -> str:
        """Repeat."""
        return text * number

    wrapped = in_saving_threads(handler)
    assert inspect.signature(wrapped) == inspect.signature(handler)
    assert get_type_hints(wrapped) == get_type_hints(handler)
    assert (wrapped.__name__, wrapped.__doc__) == ("handler", "Repeat.")
    assert asyncio.run(wrapped(2, text="b")) == "bb"  # type: ignore[arg-type]
