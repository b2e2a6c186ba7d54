"""How many requests of a kind are served at once: overall, for one session, and for one address.

All readers behind a proxy have its address, so addresses count only where nothing stands before this server, or where
`server.proxies` names what does.
"""

import ipaddress
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

from clinicalblip.settings import ServerSettings
from clinicalblip.web.middleware import wording
from clinicalblip.web.middleware.refusal import Refused
from clinicalblip.web.middleware.routes import Route

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_FORWARDED: Final = ("x-forwarded-for", "forwarded", "x-real-ip")


@dataclass(frozen=True)
class Most:
    """The most requests of a kind at once."""

    overall: int
    of_session: int
    of_address: int


BODY: Final = "body"
"""The body of a call, while it arrives."""

MOST: Final[dict[Route | str, Most]] = {
    BODY: Most(overall=64, of_session=64, of_address=16),
    Route.CALL: Most(overall=256, of_session=12, of_address=128),
    Route.UPLOAD: Most(overall=128, of_session=128, of_address=32),
    Route.STREAM: Most(overall=600, of_session=8, of_address=300),
    Route.FILM: Most(overall=128, of_session=128, of_address=64),
    Route.SIGN_IN: Most(overall=48, of_session=48, of_address=12),
    Route.REVIEWS: Most(overall=32, of_session=32, of_address=8),
    Route.STUDY: Most(overall=64, of_session=64, of_address=16),
}
"""Bodies arrive in milliseconds, calls may wait for films, streams last as long as the page, two for each."""


class Admission:
    """Counts what is being served; used on the event loop only."""

    def __init__(self, server: ServerSettings, *, behind_proxy: bool) -> None:
        self._proxies: Sequence[_Network] = server.proxies
        self._behind_proxy = behind_proxy
        self._counts: Counter[tuple[Route | str, str, str]] = Counter()

    @contextmanager
    def admit(self, route: Route | str, scope: Scope, headers: Headers, session: str = "") -> Iterator[None]:
        """Serve one request of this kind. Raises Refused where there are too many."""
        most = MOST[route]
        address = self.address(scope, headers)
        counted = [((route, "", ""), most.overall)]
        if session:
            counted.append(((route, "session", session), most.of_session))
        if address is not None:
            counted.append(((route, "address", address), most.of_address))
        if any(self._counts[key] >= limit for key, limit in counted):
            raise Refused(429, wording.TOO_MANY_CALLS)
        self._counts.update(key for key, _ in counted)
        try:
            yield
        finally:
            for key, _ in counted:
                self._counts[key] -= 1
                if not self._counts[key]:
                    del self._counts[key]

    def address(self, scope: Scope, headers: Headers) -> str | None:
        """The visitor's address, or None where it may be that of many."""
        client = scope.get("client")
        if client is None or self._behind_proxy:
            return None
        peer = _parse(client[0])
        if peer is None:
            return None  # a proxy on this machine wrote what is no address
        if any(peer in proxy for proxy in self._proxies):
            return self._forwarded(headers)
        if peer.is_loopback or (not peer.is_global and any(name in headers for name in _FORWARDED)):
            return None  # this machine itself, or a proxy beside this server that the settings do not name
        return _visitor(peer)

    def _forwarded(self, headers: Headers) -> str | None:
        """The last address that a proxy was asked by and that is none of the proxies."""
        for said in reversed(",".join(headers.getlist("x-forwarded-for")).split(",")):
            address = _parse(said)
            if address is None:
                return None
            if not any(address in proxy for proxy in self._proxies):
                return _visitor(address)
        return None


def _parse(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address, an IPv4 one also where it is written as IPv6; None for what is none."""
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _visitor(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """The name that one visitor's addresses share: of IPv6 a visitor has 64 bits of them."""
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address)
