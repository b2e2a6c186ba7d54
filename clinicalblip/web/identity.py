"""Who asks: the reader's session of a request, named by a token that the browser keeps and by the tab that asks.

The token comes in a cookie that no script can read, or, where a browser takes no cookie in a frame, in a header from
the tab's own storage (access/tokens.py). A random id names the tab, so that two tabs are two sessions. Both are sent by
assets/connection.js. The token itself is kept nowhere on this side: a session's key is a hash of it.

A token is never looked up by anything but its hash, so a forged one, or one of another server, gives a new session.
Programs send neither, and have the session of the key that Gradio gives them.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

from starlette.datastructures import Headers
from starlette.types import Scope

from clinicalblip.web.access.signed_in import SignedIn, signed_in
from clinicalblip.web.access.tokens import read_token, token_key
from clinicalblip.web.session import Session
from clinicalblip.web.sessions import Sessions

TAB_HEADER: Final = "x-clinicalblip-tab"

_TAB: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_PAGE: Final = re.compile(r"[\w-]{1,64}", re.ASCII)
_OF_READER: Final = "reader:"  # no key that Gradio gives, or a program makes up, can begin so


@dataclass(frozen=True)
class Identity:
    """Who asks. `key` names the session; `secret` is what its journal's key is made of, empty for a program.

    `page` is the key that Gradio gives an open page, "" where it is not known.
    """

    key: str
    page: str = ""
    secret: bytes = b""


_SERVED: "WeakKeyDictionary[Any, Sessions]" = WeakKeyDictionary()


def bind_sessions(page: Any, sessions: Sessions) -> None:
    """Say which sessions are those of a page, once it is served."""
    _SERVED[page] = sessions


def served_sessions(scope: Scope) -> Sessions:
    """The sessions of the page that a route of ours belongs to."""
    return sessions_of_page(scope["app"].get_blocks())


def sessions_of_page(page: Any) -> Sessions:
    """The sessions of a page."""
    return _SERVED[page]


def find_session(sessions: Sessions, request: Any, *, make: bool = True) -> Session | None:
    """The session of a request, for any event or route: give it a `gr.Request`, or a Starlette `Request`.

    It is made where there is none yet; without `make` that is None. A request that names no session gets a new one
    under a random key, or None. Nobody is ever given the session of another token or another tab.
    """
    identity = identify(request) or (Identity(secrets.token_hex(16)) if make else None)
    if identity is None or (not make and identity.key not in sessions):
        return None
    who, browser = _reader_of(request)
    return sessions.of(
        identity.key,
        visitor_address(request),
        page=identity.page,
        secret=identity.secret,
        signed_in=who,
        token_key=browser,
    )


def session_of(sessions: Sessions, request: Any) -> Session:
    """The session of a request, made where there is none: `find_session` for those who always need one."""
    session = find_session(sessions, request)
    assert session is not None  # noqa: S101 - it is made
    return session


def identify(request: Any) -> Identity | None:
    """Who asks, or None where the request names neither a reader's tab nor a page of Gradio's."""
    page = str(getattr(request, "session_hash", None) or "")
    headers = getattr(request, "headers", None)
    found = identify_headers(headers, page) if isinstance(headers, Headers) else None
    return found or (Identity(page, page) if page else None)


def identify_headers(headers: Headers, page: str = "") -> Identity | None:
    """The reader and tab that a request's headers name, or None where one of them is missing or malformed."""
    token, tab = read_token(headers), headers.get(TAB_HEADER, "")
    if token is None or not _TAB.fullmatch(tab):
        return None
    secret = hmac.digest(token.encode(), b"tab " + tab.encode(), "sha256")
    name = hashlib.sha256(b"session " + secret).hexdigest()
    return Identity(f"{_OF_READER}{name}", page if _PAGE.fullmatch(page) else "", secret)


def visitor_address(request: Any) -> str:
    """The visitor's address, or "" where it may be that of many (web/middleware/admission.py decides)."""
    client = getattr(request, "client", None)
    return str(getattr(client, "host", "") or "")


def _reader_of(request: Any) -> tuple[SignedIn | None, str]:
    """Who is signed in, and the key of their token; a `gr.Request` has the request that it is about."""
    asked = getattr(request, "request", None) or request
    scope, headers = getattr(asked, "scope", None), getattr(asked, "headers", None)
    token = read_token(headers) if isinstance(headers, Headers) else None
    return signed_in(scope) if isinstance(scope, dict) else None, token_key(token) if token else ""
