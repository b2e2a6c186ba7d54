"""Which names this server answers to, and which other pages may call it.

A page elsewhere can make a visitor's browser ask any address: under a name that it lets point here (DNS rebinding), or
across origins. Both show in the request's headers, because a browser sets Host, Origin and Sec-Fetch-* itself.
"""

import ipaddress
import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from clinicalblip.settings import ServerSettings
from clinicalblip.web.middleware import wording
from clinicalblip.web.middleware.refusal import Refused

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_EVERYWHERE: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 - what a deployer may have set
_PORTS: Final = {"http": "80", "https": "443"}


class Hosts:
    """The names and origins that a server's settings allow; a Space's own name is one of them.

    Without settings: loopback, the name that it is served under, and, where it listens at all addresses, any address
    written as a number: such a name cannot be made to point here.
    """

    def __init__(self, server: ServerSettings, environment: Mapping[str, str] = os.environ) -> None:
        name = server.name or environment.get("GRADIO_SERVER_NAME", "")
        names = {*_LOOPBACK, *server.hosts, environment.get("SPACE_HOST", ""), name} - {"", *_EVERYWHERE}
        self._names = {one.lower().strip("[]") for one in names}
        self._any_number = name in _EVERYWHERE
        self._origins = {origin.lower().rstrip("/") for origin in server.origins}

    def allows(self, host: str) -> bool:
        """Whether this server answers to a Host header, with or without a port."""
        name = _split(host)[0]
        return name in self._names or (self._any_number and _is_address(name))

    def check(self, headers: Headers, *, own_page: bool = False) -> None:
        """Refuse a request under another name or from another page. Raises Refused.

        `own_page`: also from the pages that the settings let call this server, which sign nobody in or out.
        """
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.allows(hosts[0]):
            raise Refused(421, wording.WRONG_HOST)
        origin = headers.get("origin")
        allowed = origin is not None and not own_page and self.allows_origin(origin)
        if origin is not None and not self._same(origin, hosts[0]) and not allowed:
            raise Refused(403, wording.WRONG_ORIGIN)
        elsewhere = headers.get("sec-fetch-site", "none") in ("cross-site", "same-site")
        if elsewhere and origin is None and headers.get("sec-fetch-mode") != "navigate":
            raise Refused(403, wording.WRONG_ORIGIN)

    def check_own(self, headers: Headers) -> None:
        """Refuse what no page of this server itself sent, as its form would be sent. Raises Refused."""
        origin = headers.get("origin")
        if origin is None or not self._same(origin, headers.get("host", "")):
            raise Refused(403, wording.WRONG_ORIGIN)

    def allows_origin(self, origin: str) -> bool:
        """Whether the settings let pages of another origin call this server."""
        return origin.lower() in self._origins

    @staticmethod
    def _same(origin: str, host: str) -> bool:
        """Whether a page of this origin was served here; the scheme may be that of a proxy before us."""
        parts = urlsplit(origin)
        if parts.scheme not in _PORTS:
            return False
        default = _PORTS[parts.scheme]
        name, port = _split(parts.netloc)
        host_name, host_port = _split(host)
        return (name, port or default) == (host_name, host_port or default)


def _split(host: str) -> tuple[str, str]:
    """Name and port of what stands in a Host header; an IPv6 address comes without its brackets."""
    if host.startswith("["):
        name, _, port = host[1:].partition("]")
        return name.lower(), port.removeprefix(":")
    name, _, port = host.partition(":")
    return name.lower().rstrip("."), port


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
