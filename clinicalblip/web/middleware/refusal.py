"""How a request is refused: a status and one sentence, as JSON that Gradio's own clients show."""

import asyncio
import json
import math
from collections.abc import Iterable
from typing import Final

from starlette.types import Message, Receive, Scope, Send

from clinicalblip.errors import OverLimit
from clinicalblip.web import wording as page_wording
from clinicalblip.web.metrics import refusal_kind
from clinicalblip.web.middleware import wording
from clinicalblip.web.middleware.headers import Header

_DRAINED_BYTES: Final = 16 * 2**20
_DRAINED_SECONDS: Final = 3.0
_SAID_INSTEAD: Final = {
    400: wording.NOT_A_CALL,
    404: wording.NOT_SERVED,
    405: wording.NOT_SERVED,
    422: wording.NOT_A_CALL,
    503: page_wording.LINE_FULL,
}


class Refused(Exception):
    """A request that is not served: an HTTP status, the sentence for whoever asked, and headers of the answer.

    `kind`: under which it is counted.
    """

    def __init__(self, status: int, sentence: str, *, headers: Iterable[Header] = (), kind: str = "") -> None:
        super().__init__(sentence)
        self.status, self.sentence, self.headers = status, sentence, tuple(headers)
        self.kind = kind or f"http_{status}"


def over_limit(error: OverLimit) -> Refused:
    """The refusal of a reader or address that asks for too much, which says when to come again."""
    headers = [(b"retry-after", str(error.seconds).encode())]
    return Refused(429, str(error), headers=headers, kind=refusal_kind(error))


class BodyReader:
    """A request's `receive` that knows whether the body has arrived."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self.is_done = False

    async def __call__(self) -> Message:
        """The next part."""
        message = await self._receive()
        self.is_done = message["type"] != "http.request" or not message.get("more_body", False)
        return message


async def refuse(refused: Refused, scope: Scope, receive: BodyReader, send: Send) -> None:
    """Answer with the refusal; what is still arriving of a small body is read first, so that the answer is seen.

    A client that is sending while the connection closes reports a broken network instead of the sentence, and a proxy a
    server that is away; so what arrives after the answer is read for a moment too.
    """
    if refused.status != 408:
        await _drain(receive, most_bytes=_DRAINED_BYTES)
    body = _json(refused.sentence)
    headers = [*_json_headers(body), *refused.headers, (b"connection", b"close")]
    await send({"type": "http.response.start", "status": refused.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body, "more_body": True})
    if refused.status != 408:
        await _drain(receive)
    await send({"type": "http.response.body", "body": b""})


async def _drain(receive: BodyReader, *, most_bytes: float = math.inf) -> None:
    arrived = 0
    try:
        async with asyncio.timeout(_DRAINED_SECONDS):
            while not receive.is_done and arrived <= most_bytes:
                arrived += len((await receive()).get("body", b""))
    except TimeoutError:
        return  # too slow to be waited for


def _json(sentence: str) -> bytes:
    return json.dumps({"detail": sentence, "error": sentence}).encode()


def _json_headers(body: bytes) -> list[tuple[bytes, bytes]]:
    return [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]


def said_instead(status: int, body: bytes) -> str:
    """The sentence in the place of a refusal of Gradio's, which may hold paths, versions or values.

    An error that a handler raises for the caller has a sentence of ours under `error`, and keeps it.
    """
    if status != 500:
        return _SAID_INSTEAD.get(status, wording.NOT_SERVED)
    try:
        answer = json.loads(body)
    except ValueError:
        return page_wording.UNEXPECTED
    said = answer.get("error") if isinstance(answer, dict) else None
    return said if isinstance(said, str) and said else page_wording.UNEXPECTED


class ErrorAnswers:
    """Holds back an answer above 399 until it is whole, and sends our sentence in its place."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        """Pass a message of the answer on, or hold it back."""
        if message["type"] == "http.response.start":
            if message["status"] >= 400:
                self._start = message
                return
        elif self._start is not None:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_instead(self._start)
            return
        await self._send(message)

    async def _send_instead(self, start: Message) -> None:
        body = _json(said_instead(start["status"], self._body))
        await self._send({**start, "headers": _json_headers(body)})
        await self._send({"type": "http.response.body", "body": body})
