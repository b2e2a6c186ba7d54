"""The headers of every answer: what the browser may do with the page, and nothing about the server."""

import os
import re
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from clinicalblip.settings import ServerSettings

Header = tuple[bytes, bytes]

_SPACE_FRAME: Final = "https://huggingface.co"
_RELATIVE: Final = re.compile(rb"(\.{1,2}/)?([a-z-]+/)*[a-z-]*(\?[a-z-]+)?")
_DROPPED: Final = (b"server", b"x-powered-by")
_CROSS_ORIGIN: Final = b"access-control-"
_KEPT_BY_BROWSERS: Final = ("/assets/", "/static/", "/svelte/", "/viewer/", "/theme.css", "/favicon.ico")


def _content_policy(embedders: Iterable[str]) -> str:
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",  # Gradio compiles its templates in the browser
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "connect-src 'self'",
            "worker-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            " ".join(("frame-ancestors 'self'", *embedders)),
        )
    )


class AnswerHeaders:
    """Makes the headers of an answer from those that Gradio gave it.

    The page may talk to its own server only, and be framed by `server.embed_in` only; on a Space that are the pages of
    the hub, which show it in a frame.
    """

    def __init__(self, server: ServerSettings, environment: Mapping[str, str] = os.environ) -> None:
        embedders = server.embed_in or ([_SPACE_FRAME] if environment.get("SPACE_ID") else [])
        self.fixed: tuple[Header, ...] = (
            (b"content-security-policy", _content_policy(embedders).encode()),
            (b"referrer-policy", b"no-referrer"),
            (b"x-content-type-options", b"nosniff"),
            (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), usb=()"),
        )
        self._names = {name for name, _ in self.fixed}

    def of(
        self, given: Iterable[Header], path: str, *, origin: str | None = None, leaves: bool = False
    ) -> list[Header]:
        """The answer's headers. `origin`: of a page elsewhere that the settings let call this server.

        `leaves`: the answer may send the browser to another server.
        """
        kept = [
            (name, _path_only(value) if name == b"location" and not leaves else value)
            for name, value in ((name.lower(), value) for name, value in given)
            if name not in self._names
            and name not in _DROPPED
            and not (origin is None and name.startswith(_CROSS_ORIGIN))
        ]
        if not path.startswith(_KEPT_BY_BROWSERS):
            kept = [
                *((name, value) for name, value in kept if name != b"cache-control"),
                (b"cache-control", b"no-store"),
            ]
        if origin is not None:
            kept += [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"origin")]
        return [*kept, *self.fixed]


def _path_only(location: bytes) -> bytes:
    """Where an answer sends the browser, on this server: the name in it may come from the request.

    Our own answers say it relative to the page, because nobody may have told this server below which path it is.
    """
    if _RELATIVE.fullmatch(location):
        return location
    parts = urlsplit(location.decode("latin-1"))
    return ("/" + parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")).encode("latin-1")
