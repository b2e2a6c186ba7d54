"""Refuses the ways out of the server and off the page that Gradio opens by default.

Gradio fetches any address it is asked for (`file=https://...`, `proxy=`, a file in a request that names an address),
serves its upload cache to everybody, and writes what was typed into deep links and run histories. None of it is
needed here, so all of it is refused. The page may talk to its own server only, and headers say so to the browser.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CLOSED = re.compile(
    r"/(file=|file/|proxy=|deep_link|runs\b|run-history|monitoring|process_recording|vibe-|stream/|custom_component)",
    re.IGNORECASE,
)
_CALLS = re.compile(r"/(queue/join|run|api|call|component_server)\b", re.IGNORECASE)
_CONTENT_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # Gradio compiles its templates in the browser
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'self' https://huggingface.co https://*.hf.space",
    )
)
_HEADERS = {
    b"content-security-policy": _CONTENT_POLICY.encode(),
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}


class EgressFilter:
    """ASGI middleware that refuses those routes and adds headers that keep the browser on this server."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if _CLOSED.search(scope["path"]):
            await PlainTextResponse("This page does not serve that.", status_code=403)(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [(name, value) for name, value in message["headers"] if name.lower() not in _HEADERS]
                message = {**message, "headers": [*kept, *_HEADERS.items()]}
            await send(message)

        if scope["method"] == "POST" and _CALLS.search(scope["path"]):
            body = await _whole(receive)
            if _names_an_address(body):
                answer = PlainTextResponse("Upload the file itself; addresses are not fetched.", status_code=403)
                await answer(scope, receive, send)
                return
            receive = _again(body, receive)
        await self._app(scope, receive, send_with_headers)


async def _whole(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _names_an_address(body: bytes) -> bool:
    """Whether a call holds a file that is an address: the server would fetch it."""
    try:
        values = _mappings(json.loads(body))
        return any(
            _is_address(value.get("path")) or (_is_address(value.get("url")) and "path" in value) for value in values
        )
    except (ValueError, RecursionError):
        return False  # no JSON: Gradio refuses it


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and re.match(r"\s*[a-z][a-z0-9+.-]*:", value, re.IGNORECASE) is not None


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, dict):
        yield value
        for part in value.values():
            yield from _mappings(part)
    elif isinstance(value, list):
        for part in value:
            yield from _mappings(part)
