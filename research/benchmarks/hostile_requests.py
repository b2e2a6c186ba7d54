"""Requests of somebody who means harm, over plain sockets: what an HTTP client would refuse to send, too.

Each kind is a coroutine from a `Target` and the number of the request to how it was answered: a status, "closed"
where the server ended the connection without one, or "held" where it had not when this side had waited long enough.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType

from research.benchmarks.page_reader import API

ANSWER_SECONDS = 60.0
HELD_SECONDS = 45.0
"""How long a slow request goes on before this side gives up."""

_PIECE = bytes(64 * 1024)
_LARGE_CALL = 72 * 1000 * 1000
_LARGE_UPLOAD = 80 * 2**20
_BOUNDARY = "hostile"


@dataclass(frozen=True)
class Target:
    """The page under attack: its port, the event that typing sets off with what it sends, and the one that drafts."""

    port: int
    typing: int
    typed: Sequence[object]
    drafting: int


Attack = Callable[[Target, int], Awaitable[str]]


async def _send(target: Target, head: str, body: AsyncIterator[bytes] | None = None, *, wait: float) -> str:
    """Send a request piece by piece until it is answered; gives the status."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    except OSError:
        return "closed"
    try:
        async with asyncio.timeout(wait):
            sending = asyncio.create_task(_write(writer, head, body))
            try:
                status = await reader.readline()
                with suppress(ConnectionError):  # a refused body is not read, which resets the connection
                    while await reader.read(2**16):
                        pass
            finally:
                sending.cancel()
                with suppress(asyncio.CancelledError, OSError):
                    await sending
        return status.split()[1].decode() if status.startswith(b"HTTP/") else "closed"
    except TimeoutError:
        return "held"
    except OSError:
        return "closed"
    finally:
        writer.transport.abort()


async def _write(writer: asyncio.StreamWriter, head: str, body: AsyncIterator[bytes] | None) -> None:
    writer.write(head.replace("\n", "\r\n").encode())
    await writer.drain()
    if body is not None:
        async for piece in body:
            writer.write(piece)
            await writer.drain()


def _head(target: Target, line: str, **headers: str) -> str:
    """A request's head; headers are named with underscores for hyphens."""
    named = {"host": f"127.0.0.1:{target.port}", "connection": "close"} | headers
    lines = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in named.items())
    return f"{line} HTTP/1.1\n{lines}\n"


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def _post(target: Target, path: str, content: bytes, **headers: str) -> str:
    kind = {"content_type": "application/json", "content_length": str(len(content))}
    head = _head(target, f"POST {API}{path}", **(kind | headers))
    return await _send(target, head, _pieces(content), wait=ANSWER_SECONDS)


def _call(target: Target, **more: object) -> bytes:
    return json.dumps({"data": list(target.typed), "fn_index": target.typing} | more).encode()


async def made_up_keys(target: Target, number: int) -> str:
    """A call under a session key that nobody was given."""
    return await _post(target, "/run/predict", _call(target, session_hash=secrets.token_hex(8)))


async def no_keys(target: Target, number: int) -> str:
    """A call without a session key."""
    return await _post(target, "/run/predict", _call(target))


async def drafts_for_nobody(target: Target, number: int) -> str:
    """A draft asked for, for whose words nobody comes."""
    asked = _call(target, data=["", ""], fn_index=target.drafting, session_hash=secrets.token_hex(8))
    return await _post(target, "/queue/join", asked)


async def large_calls(target: Target, number: int) -> str:
    """A call of 72 MB of JSON."""
    before, after = b'{"data": ["', b'"]}'

    async def body() -> AsyncIterator[bytes]:
        yield before
        for _ in range((_LARGE_CALL - len(before) - len(after)) // len(_PIECE)):
            yield b"x" * len(_PIECE)
        yield b"x" * ((_LARGE_CALL - len(before) - len(after)) % len(_PIECE)) + after

    headers = {"content_type": "application/json", "content_length": str(_LARGE_CALL)}
    head = _head(target, f"POST {API}/run/predict", **headers)
    return await _send(target, head, body(), wait=ANSWER_SECONDS)


async def slow_headers(target: Target, number: int) -> str:
    """A head that comes a byte a second and never ends."""

    async def drop() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(1)
            yield b"x"

    head = _head(target, "GET /").removesuffix("\n") + "x-slow: "
    return await _send(target, head, drop(), wait=HELD_SECONDS)


def _upload_head(target: Target, length: int | None, **headers: str) -> str:
    kind = {"content_type": f"multipart/form-data; boundary={_BOUNDARY}"}
    size = {"transfer_encoding": "chunked"} if length is None else {"content_length": str(length)}
    own = {"x_clinicalblip": "page"}
    return _head(target, f"POST {API}/upload", **(kind | size | own | headers))


_PART = (
    f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="film"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode()
_END = f"\r\n--{_BOUNDARY}--\r\n".encode()


async def slow_bodies(target: Target, number: int) -> str:
    """An upload that is never finished: every second one is broken off, the others stay open."""

    async def body() -> AsyncIterator[bytes]:
        yield _PART + bytes(2000)
        while True:
            await asyncio.sleep(1)
            yield b"x"

    broken_off = bool(number % 2)
    return await _send(target, _upload_head(target, 10**7), body(), wait=0.3 if broken_off else HELD_SECONDS)


def _malformed(target: Target) -> Iterator[tuple[str, bytes]]:
    call = f"{API}/run/predict"
    yield call, b""
    yield call, b"{"
    yield call, b"[" * 100_000
    yield call, b"\xff\xfe"
    yield call, b"null"
    yield call, b'{"data": 1}'
    yield call, _call(target, data=["one value"])
    yield call, _call(target, data=[{"path": "http://127.0.0.1:1/"}] * 6)
    yield call, _call(target, fn_index=10**6)
    yield call, _call(target, fn_index="x")
    yield call, _call(target, session_hash={"a": 1})
    yield call, _call(target, event_data=[[[]]], trigger_id=-1)
    yield f"{API}/run/save_review", b'{"data": ["planted words"]}'
    yield f"{API}/queue/join", b'{"data": ["planted words"], "fn_index": 0, "session_hash": "x"}'
    yield f"{API}/cancel", b'{"event_id": 1}'
    yield f"{API}/nothing", b"{}"


async def malformed_calls(target: Target, number: int) -> str:
    """A call that is none: broken JSON, wrong counts, unknown functions, addresses for files."""
    cases = list(_malformed(target))
    path, content = cases[number % len(cases)]
    return await _post(target, path.removeprefix(API), content)


async def foreign_hosts(target: Target, number: int) -> str:
    """A request under another name, as after DNS rebinding; every second one is a call."""
    if number % 2:
        return await _send(target, _head(target, "GET /", host="evil.example"), wait=ANSWER_SECONDS)
    return await _post(target, "/run/predict", _call(target), host=f"evil.example:{target.port}")


async def foreign_origins(target: Target, number: int) -> str:
    """A call, or an upload, of a page from elsewhere."""
    origin = {"origin": "http://evil.example", "sec_fetch_site": "cross-site"}
    if number % 2:
        return await _post(target, "/run/predict", _call(target), **origin)
    content = _PART + bytes(1000) + _END
    head = _upload_head(target, len(content), **origin)
    head = "".join(line for line in head.splitlines(keepends=True) if not line.startswith("x-clinical"))
    return await _send(target, head, _pieces(content), wait=ANSWER_SECONDS)


async def large_uploads(target: Target, number: int) -> str:
    """An upload of more than the settings allow; one in ten does not say how long it is."""
    chunked = number % 10 == 0

    async def body() -> AsyncIterator[bytes]:
        pieces = [_PART, *[_PIECE] * (_LARGE_UPLOAD // len(_PIECE)), _END]
        for piece in pieces:
            yield b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
        if chunked:
            yield b"0\r\n\r\n"

    length = None if chunked else len(_PART) + _LARGE_UPLOAD // len(_PIECE) * len(_PIECE) + len(_END)
    return await _send(target, _upload_head(target, length), body(), wait=ANSWER_SECONDS)


_CLOSED = (
    *(f"{API}/file=/etc/passwd", f"{API}/file=http://127.0.0.1:1/", f"{API}/proxy=http://127.0.0.1:1/"),
    *(f"{API}/deep_link", f"{API}/monitoring", f"{API}/run-history/records", f"{API}/stream/a/b/c/playlist.m3u8"),
    *("/docs", "/openapi.json", "/static/..%2f..%2fapp.py", f"{API}/custom_component/a/b/c", "/monitoring/x"),
)


async def closed_routes(target: Target, number: int) -> str:
    """A route of Gradio's that this page does not need."""
    return await _send(target, _head(target, f"GET {_CLOSED[number % len(_CLOSED)]}"), wait=ANSWER_SECONDS)


ATTACKS: Mapping[str, tuple[Attack, int]] = MappingProxyType(
    {
        "made-up keys": (made_up_keys, 16),
        "no keys": (no_keys, 16),
        "drafts for nobody": (drafts_for_nobody, 16),
        "72 MB calls": (large_calls, 8),
        "slow headers": (slow_headers, 500),
        "slow bodies": (slow_bodies, 250),
        "malformed calls": (malformed_calls, 16),
        "foreign hosts": (foreign_hosts, 16),
        "foreign origins": (foreign_origins, 16),
        "large uploads": (large_uploads, 8),
        "closed routes": (closed_routes, 16),
    }
)
"""Each kind by its name, and how many of it are under way at once."""
