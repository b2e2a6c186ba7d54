"""Lines that a thread makes, sent by an event loop, with a beat where nothing comes."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

from clinicalblip.serving.protocol import BEATS_EVERY, Beat, Line, pack_line


async def stream_lines(make: Callable[[Callable[[], bool]], Iterator[Line]], beat: Beat) -> AsyncIterator[bytes]:
    """Yield the lines of `make`, packed, which runs in a thread of its own; `beat` after each moment without one.

    `make` is given a function that turns true once nobody reads the lines any more.
    """
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[bytes | None]()
    gone = threading.Event()

    def run() -> None:
        with suppress(RuntimeError):  # the loop has ended, and with it whoever read
            try:
                for line in make(gone.is_set):
                    loop.call_soon_threadsafe(lines.put_nowait, pack_line(line))
                    if gone.is_set():
                        break
            finally:
                loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=run, name="request", daemon=True).start()
    try:
        while True:
            try:
                line = await asyncio.wait_for(lines.get(), BEATS_EVERY)
            except TimeoutError:
                line = pack_line(beat)
            if line is None:
                return
            yield line
    finally:
        gone.set()
