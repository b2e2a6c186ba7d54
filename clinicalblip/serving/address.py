"""Where replicas may be asked, and where they may listen: in the clear on this machine alone."""

import ipaddress
from urllib.parse import urlsplit

from clinicalblip.errors import SettingsError

WANTED = "give one like https://model.example:8000, or http://127.0.0.1:8000 on this machine"


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_address(address: str) -> str:
    """The address without a slash at its end; raises SettingsError where films and secret must not be sent to it."""
    try:
        parts = urlsplit(address)
        host, rest = parts.hostname, (parts.path.strip("/"), parts.query, parts.fragment, parts.username)
        is_whole = bool(host) and not any(rest) and parts.port != 0
    except ValueError:  # a port that is no number, brackets that do not close
        raise SettingsError(f"The address of the replicas cannot be read; {WANTED}.") from None
    if parts.scheme == "ray":
        raise SettingsError(f"A ray:// port runs whatever it is sent, and is not used; {WANTED}.")
    if parts.scheme not in ("http", "https") or not is_whole or not host:
        raise SettingsError(f"The address of the replicas is not that of an HTTP server alone; {WANTED}.")
    if parts.scheme == "http" and not is_loopback(host):
        raise SettingsError(f"Films and the secret would cross in the clear to another machine over http; {WANTED}.")
    return address.rstrip("/")
