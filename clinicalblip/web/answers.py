"""A call that is sent again, because its answer did not arrive, is answered again and not done again."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.types import Message, Send

ONCE_HEADER: Final = "x-clinicalblip-once"
"""The key that the page's script gives a call, the same each time that it sends it."""

_MOST: Final = 8
_MOST_BYTES: Final = 4 * 2**20
_SECONDS: Final = 150.0  # longer than assets/connection.js tries


class Answers:
    """The last answers to one session's calls by their keys; used on the event loop only."""

    def __init__(self) -> None:
        self._answers: OrderedDict[str, tuple[float, asyncio.Future[list[Message] | None]]] = OrderedDict()

    async def once(self, key: str, call: Callable[[Send], Awaitable[None]], send: Send) -> None:
        """Send the answer of a call, which is made unless it was before under this key, or is being made.

        A call that raised is made again. Of an answer above 4 MiB, and of more than eight, none is kept.
        """
        now = time.monotonic()
        for old in [old for old, (at, _) in self._answers.items() if now - at > _SECONDS]:
            del self._answers[old]
        if key in self._answers:
            known = await asyncio.shield(self._answers[key][1])
            if known is not None:
                for message in known:
                    await send(message)
                return
        await self._make(key, now, call, send)

    async def _make(self, key: str, now: float, call: Callable[[Send], Awaitable[None]], send: Send) -> None:
        made: asyncio.Future[list[Message] | None] = asyncio.get_running_loop().create_future()
        self._answers[key] = (now, made)
        while len(self._answers) > _MOST:
            self._answers.popitem(last=False)
        messages: list[Message] = []

        async def record(message: Message) -> None:
            messages.append(message)
            await send(message)

        try:
            await call(record)
        except BaseException:
            self._answers.pop(key, None)
            made.set_result(None)
            raise
        made.set_result(messages)
        if sum(len(message.get("body", b"")) for message in messages) > _MOST_BYTES:
            self._answers.pop(key, None)
