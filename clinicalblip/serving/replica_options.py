"""How many replicas there are, and where they are asked: what `serve-model` is told."""

import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clinicalblip.errors import SettingsError
from clinicalblip.serving.address import is_loopback

MOST_REPLICAS: Final = 64


@dataclass(frozen=True)
class ReplicaCount:
    """As many replicas as are busy, from `fewest` to `most`."""

    fewest: int
    most: int

    def __post_init__(self) -> None:
        if not 1 <= self.fewest <= self.most <= MOST_REPLICAS:
            raise ValueError(f"replicas cannot be from {self.fewest} to {self.most}")

    @classmethod
    def parse(cls, text: str) -> "ReplicaCount":
        """A number of replicas, or the fewest and the most of them (1-4). Raises ValueError."""
        fewest, _, most = text.partition("-")
        if not (fewest.isdecimal() and (most.isdecimal() or most == "")) or text.endswith("-"):
            raise ValueError(f"no number of replicas: {text[:20]!r}")
        return cls(int(fewest), int(most or fewest))

    @property
    def is_fixed(self) -> bool:
        """Whether there are always as many."""
        return self.fewest == self.most


@dataclass(frozen=True)
class Endpoint:
    """Where replicas are asked; over TLS where there is a `certificate`, with its `key`, as PEM files."""

    host: str = "127.0.0.1"
    port: int = 8000
    certificate: Path | None = None
    key: Path | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65535:
            raise ValueError(f"there is no port {self.port}")

    @property
    def url(self) -> str:
        """The address that `model.at` names, as far as it is known here."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"

    def check(self) -> None:
        """Raise SettingsError where nobody should or can be served there."""
        if (self.certificate is None) != (self.key is None):
            raise SettingsError("A certificate needs its key, and a key its certificate: name both or neither.")
        for file in (self.certificate, self.key):
            if file is not None and not file.is_file():
                raise SettingsError("The certificate or the key is no file; name two PEM files.")
        if self.certificate is not None:
            try:
                ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(self.certificate, self.key)
            except (OSError, ssl.SSLError) as error:
                raise SettingsError(
                    "The certificate and its key cannot be used together; name a certificate and the key that it was "
                    "made for, both as PEM."
                ) from error
        if self.certificate is None and not is_loopback(self.host):
            raise SettingsError(
                "Films and the secret would cross the network in the clear; name --certificate and --key, or leave "
                "--host out and let a proxy on this machine speak TLS."
            )
        try:
            with socket.create_server((self.host, self.port), family=_family(self.host)):
                pass
        except OSError as error:
            raise SettingsError(
                f"Nothing can be served at port {self.port} of that host ({error.strerror or 'it has no address'}); "
                "name another --port or --host."
            ) from error


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
