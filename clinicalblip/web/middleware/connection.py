"""The connections of the server: time limits for their headers, a bound on their number, no banner, their own address.

Uvicorn waits for a request's headers as long as a client likes, answers what is no HTTP without any headers of ours,
names itself in each answer, and takes the address that X-Forwarded-For says for the client's wherever the connection
is of this machine, whoever wrote it there.
"""

import asyncio
import sys
from collections import OrderedDict
from typing import Any, ClassVar, Final

import h11
import uvicorn.config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

HEADER_SECONDS: Final = 10.0
"""The longest that the headers of a request may take."""

MOST_CONNECTIONS: Final = 800
"""More are not held open; then the one that has waited longest for its headers gives way."""

_HEADER_BYTES: Final = 32 * 1024


class BoundedConnection(H11Protocol):
    """One connection. Those that have sent no whole request yet stand in `_waiting`, the oldest first."""

    _waiting: ClassVar[OrderedDict["BoundedConnection", None]] = OrderedDict()
    fixed_headers: ClassVar[tuple[tuple[bytes, bytes], ...]] = ()

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.conn = h11.Connection(h11.SERVER, _HEADER_BYTES)
        if isinstance(self.app, ProxyHeadersMiddleware):
            self.app = self.app.app  # what is forwarded is read by admission.py, from server.proxies alone
        for holder, name in ((self.server_state, "default_headers"), (self.config, "encoded_headers")):
            # Uvicorn makes the first of these of the second, anew each second.
            setattr(holder, name, [header for header in getattr(holder, name) if header[0] != b"server"])
        self._header_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            oldest = next(iter(self._waiting), self)
            oldest.abort()
            if oldest is self:
                return
        self._wait_for_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what arrived; the clock for headers stops when they are there."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._stop_waiting()
        elif self._header_timer is None and not self.transport.is_closing():
            self._wait_for_headers()

    def on_response_complete(self) -> None:
        """The answer is sent, and the next request may come."""
        super().on_response_complete()
        if not self.transport.is_closing() and self.conn.their_state is h11.IDLE:
            self._wait_for_headers()

    def abort(self) -> None:
        """Close at once."""
        self._stop_waiting()
        self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, with the headers that every answer has."""
        if self.conn.our_state is not h11.IDLE:
            self.abort()  # an answer has begun
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close"), *self.fixed_headers]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=STATUS_PHRASES[400]),
            h11.Data(data=msg.encode("ascii")),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    def _wait_for_headers(self) -> None:
        self._stop_waiting()
        self._waiting[self] = None
        self._header_timer = self.loop.call_later(HEADER_SECONDS, self.abort)

    def _stop_waiting(self) -> None:
        self._waiting.pop(self, None)
        if self._header_timer is not None:
            self._header_timer.cancel()
            self._header_timer = None


def bound_connections(fixed_headers: tuple[tuple[bytes, bytes], ...]) -> None:
    """Have uvicorn use these connections, and let the process open enough files for them.

    Gradio starts uvicorn without a way to say so, but for the table of its protocols.
    """
    BoundedConnection.fixed_headers = fixed_headers
    uvicorn.config.HTTP_PROTOCOLS["auto"] = f"{__name__}:{BoundedConnection.__name__}"
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST_CONNECTIONS
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
