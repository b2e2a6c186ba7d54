"""Who asks: the reader's session of a request, named by a token that the browser keeps and by the tab that asks.

The token is 256 random bits in a cookie that no script can read, or, where a browser takes no cookie in a frame, in a
header from the tab's own storage. A random id names the tab, so that two tabs are two sessions. Both are sent by
assets/connection.js. The token itself is kept nowhere on this side: a session's key is a hash of it.

A token is never looked up by anything but its hash, so a forged one, or one of another server, gives a new session.
Programs send neither, and have the session of the key that Gradio gives them.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any, Final
from weakref import WeakKeyDictionary

from starlette.datastructures import Headers
from starlette.types import Scope

from clinicalblip.web.session import Session
from clinicalblip.web.sessions import Sessions

COOKIE: Final = "clinicalblip_reader"
TOKEN_HEADER: Final = "x-clinicalblip-token"  # noqa: S105 - its name
TAB_HEADER: Final = "x-clinicalblip-tab"

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
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
    identity = identify(request)
    if identity is None:
        return sessions.of(secrets.token_hex(16), visitor_address(request)) if make else None
    if not make and identity.key not in sessions:
        return None
    return sessions.of(identity.key, visitor_address(request), page=identity.page, secret=identity.secret)


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


def read_token(headers: Headers) -> str | None:
    """The token that a request carries, in its header or its cookie; None where it is none of ours."""
    for said in (headers.get(TOKEN_HEADER, ""), _read_cookie(headers)):
        if _TOKEN.fullmatch(said):
            return said
    return None


def make_token() -> str:
    """A new token: 256 random bits as 43 characters."""
    return secrets.token_urlsafe(32)


def cookie_for(scope: Scope, headers: Headers, *, hours: float) -> str:
    """The Set-Cookie header for a request for the page; the cookie that came with it is kept, and lasts on.

    In a frame of another site a browser takes only a secure cookie, kept apart for that site; over plain http it takes
    none there, and the page sends the token itself.
    """
    kept = _read_cookie(headers)
    token = kept if _TOKEN.fullmatch(kept) else make_token()
    framed = headers.get("sec-fetch-dest") in ("iframe", "frame") and headers.get("sec-fetch-site") != "same-origin"
    secure = scope.get("scheme") == "https" or headers.get("x-forwarded-proto", "").startswith("https")
    kind = "SameSite=None; Secure; Partitioned" if framed else "SameSite=Lax" + ("; Secure" if secure else "")
    path = str(scope.get("root_path", "")).rstrip("/") or "/"
    return f"{COOKIE}={token}; Path={path}; Max-Age={round(hours * 3600)}; HttpOnly; {kind}"


def visitor_address(request: Any) -> str:
    """The visitor's address, or "" where it may be that of many (web/middleware/admission.py decides)."""
    client = getattr(request, "client", None)
    return str(getattr(client, "host", "") or "")


def _read_cookie(headers: Headers) -> str:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(headers.get("cookie", ""))
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""
