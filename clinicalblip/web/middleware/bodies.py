"""Request bodies, read within a limit of bytes and of time before anything looks into them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Message, Receive

from clinicalblip.web.middleware import wording
from clinicalblip.web.middleware.refusal import Refused

CALL_SECONDS: Final = 30.0
"""The longest that the body of a call may take to arrive."""

STALL_SECONDS: Final = 30.0
"""The longest that an upload may stand still, and how long it has before it has to be fast enough."""

SLOWEST_BYTES: Final = 8 * 1024
"""Bytes a second that an upload has to arrive with, on the average."""


class BodyBudget:
    """Bytes that the bodies of all calls together may take while they are read."""

    def __init__(self, most_bytes: int) -> None:
        self._free = most_bytes

    @asynccontextmanager
    async def take(self, count: int) -> AsyncIterator[None]:
        """Have that many bytes for a body. Raises Refused where they are not free."""
        if count > self._free:
            raise Refused(503, wording.TOO_MANY_CALLS)
        self._free -= count
        try:
            yield
        finally:
            self._free += count


class Disconnected(Exception):
    """The client went away before its body had arrived."""


def declared_length(headers: Headers, most_bytes: int, sentence: str) -> int:
    """The length that a request says its body has, `most_bytes` where it says none.

    Raises Refused for a longer one, with `sentence`, and for what is no length.
    """
    said = headers.get("content-length")
    if said is None:
        return most_bytes
    if not (said.isascii() and said.isdigit()):
        raise Refused(400, wording.NOT_A_CALL)
    length = int(said.lstrip("0")[:19] or 0)
    if length > most_bytes:
        raise Refused(413, sentence)
    return length


async def read_call(receive: Receive, most_bytes: int) -> bytes:
    """The whole body of a call. Raises Refused for one that is too long or too slow, and Disconnected."""
    parts: list[bytes] = []
    length = 0
    try:
        async with asyncio.timeout(CALL_SECONDS):
            while True:
                message = await receive()
                part = _part(message)
                length += len(part)
                if length > most_bytes:
                    raise Refused(413, wording.TOO_LONG_A_CALL)
                parts.append(part)
                if not message.get("more_body"):
                    return b"".join(parts)
    except TimeoutError as error:
        raise Refused(408, wording.TOO_SLOW) from error


async def upload_parts(receive: Receive, most_bytes: int, sentence: str) -> AsyncIterator[bytes]:
    """The parts of an upload as they arrive.

    Raises Refused for one that is longer than `most_bytes`, with `sentence`, or too slow, and Disconnected.
    """
    begun, length = time.monotonic(), 0
    while True:
        try:
            async with asyncio.timeout(STALL_SECONDS):
                message = await receive()
        except TimeoutError as error:
            raise Refused(408, wording.TOO_SLOW) from error
        part = _part(message)
        length += len(part)
        if length > most_bytes:
            raise Refused(413, sentence)
        seconds = time.monotonic() - begun
        if seconds > STALL_SECONDS and length / seconds < SLOWEST_BYTES:
            raise Refused(408, wording.TOO_SLOW)
        yield part
        if not message.get("more_body"):
            return


def _part(message: Message) -> bytes:
    if message["type"] == "http.disconnect":
        raise Disconnected
    return bytes(message.get("body", b""))


def replay(body: bytes, receive: Receive) -> Receive:
    """A receive that gives this body, then what comes after it."""
    sent = False

    async def again() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again
