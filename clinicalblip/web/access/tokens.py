"""The token that names a reader's browser: in a cookie that no script can read, or in a header where no cookie is kept.

It is 256 random bits, looked up by nothing but its hashes, and kept nowhere on this side.
"""

import hashlib
import re
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

from clinicalblip.web.root_path import root_path_of

COOKIE: Final = "clinicalblip_reader"
TOKEN_HEADER: Final = "x-clinicalblip-token"  # noqa: S105 - its name

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def read_token(headers: Headers) -> str | None:
    """The token that a request carries, in its header or its cookie; None where it is none of ours."""
    said = headers.get(TOKEN_HEADER, "")
    return said if _TOKEN.fullmatch(said) else read_cookie_token(headers)


def read_cookie_token(headers: Headers) -> str | None:
    """The token in a request's cookie; None where it is none of ours."""
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(headers.get("cookie", ""))
    except CookieError:
        return None
    said = cookies[COOKIE].value if COOKIE in cookies else ""
    return said if _TOKEN.fullmatch(said) else None


def make_token() -> str:
    """A new token: 256 random bits as 43 characters."""
    return secrets.token_urlsafe(32)


def token_key(token: str) -> str:
    """What is kept in a token's place: 64 hexadecimal digits that do not lead back to it."""
    return hashlib.sha256(b"sign-in " + token.encode()).hexdigest()


def is_framed(headers: Headers) -> bool:
    """Whether the page is asked for by a frame of another site."""
    return headers.get("sec-fetch-dest") in ("iframe", "frame") and headers.get("sec-fetch-site") != "same-origin"


def cookie_for(scope: Scope, headers: Headers, *, hours: float, token: str = "", framed: bool | None = None) -> str:
    """The Set-Cookie header for a request: of `token`, or of the one that came with it, which lasts on, or a new one.

    In a frame of another site, which `framed` says where the request cannot, a browser takes only a secure cookie, kept
    apart for that site; over plain http it takes none there, and the page sends the token itself.
    """
    token = token or read_cookie_token(headers) or make_token()
    secure = scope.get("scheme") == "https" or headers.get("x-forwarded-proto", "").startswith("https")
    apart = is_framed(headers) if framed is None else framed
    kind = "SameSite=None; Secure; Partitioned" if apart else "SameSite=Lax" + ("; Secure" if secure else "")
    path = root_path_of(scope) or "/"
    return f"{COOKIE}={token}; Path={path}; Max-Age={round(hours * 3600)}; HttpOnly; {kind}"
