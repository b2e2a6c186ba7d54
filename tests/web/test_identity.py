"""Whose session a request has: a token and a tab name it, and nobody is given another's."""

from types import SimpleNamespace
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request

from clinicalblip.web.access.tokens import COOKIE, TOKEN_HEADER, cookie_for, make_token
from clinicalblip.web.identity import TAB_HEADER, find_session, identify, session_of
from clinicalblip.web.sessions import Sessions

TAB, OTHER_TAB = "a" * 32, "b" * 32


def request(headers: dict[str, str]) -> Request:
    """A request of a browser."""
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw})


def event(headers: dict[str, str], page: str) -> Any:
    """The same as an event of Gradio's has it."""
    return SimpleNamespace(session_hash=page, headers=request(headers).headers, client=None)


def test_token_and_tab_name_a_session() -> None:
    """The same pair finds it again, from any page and by cookie or header; another tab, or another token, does not."""
    sessions, token = Sessions(), make_token()
    by_cookie = {"cookie": f"other=1; {COOKIE}={token}", TAB_HEADER: TAB}
    session = session_of(sessions, event(by_cookie, "page-before-reload"))
    assert session_of(sessions, event(by_cookie, "page-after-reload")) is session
    assert find_session(sessions, request({TOKEN_HEADER: token, TAB_HEADER: TAB}), make=False) is session
    assert session_of(sessions, request({**by_cookie, TAB_HEADER: OTHER_TAB})) is not session
    assert session_of(sessions, request({TOKEN_HEADER: make_token(), TAB_HEADER: TAB})) is not session


@pytest.mark.parametrize("cookie", ["", "x", "é" * 43, "A" * 44, '"' * 3, "../" * 14 + "a", "a b", "\x00"])
def test_a_forged_cookie_names_no_session(cookie: str) -> None:
    """What is no token of ours gives a new session each time, and a route that asks for one gets none."""
    sessions = Sessions()
    forged = request({"cookie": f"{COOKIE}={cookie}".encode().decode("latin-1"), TAB_HEADER: TAB})
    assert find_session(sessions, forged, make=False) is None
    assert session_of(sessions, forged) is not session_of(sessions, forged)


def test_a_cookie_of_another_server_gives_an_empty_session() -> None:
    """A token that this server never gave out finds nothing, and is somebody's own from then on."""
    sessions = Sessions()
    session_of(sessions, request({TOKEN_HEADER: make_token(), TAB_HEADER: TAB}))
    foreign = request({"cookie": f"{COOKIE}={make_token()}", TAB_HEADER: TAB})
    assert find_session(sessions, foreign, make=False) is None
    assert session_of(sessions, foreign).holds_nothing


def test_a_program_cannot_name_a_readers_session() -> None:
    """The key that a program sends is never the key of a reader's session, even where it knows that key."""
    sessions = Sessions()
    session = session_of(sessions, event({TOKEN_HEADER: make_token(), TAB_HEADER: TAB}, "page"))
    assert session_of(sessions, SimpleNamespace(session_hash="page")) is not session
    assert session.key.startswith("reader:")  # no key that gets through middleware/calls.py has a colon


def test_requests_that_name_nobody_share_no_session() -> None:
    """Without a token, a tab and Gradio's key each has a new one."""
    sessions = Sessions()
    assert identify(None) is None
    assert session_of(sessions, None) is not session_of(sessions, None)


def test_the_token_is_kept_nowhere() -> None:
    """Neither a session nor its key holds it."""
    token = make_token()
    session = session_of(Sessions(), request({TOKEN_HEADER: token, TAB_HEADER: TAB}))
    assert token not in repr(vars(session)) + session.key + session.secret.hex()
    assert repr(session.secret) not in repr(session)


@pytest.mark.parametrize(
    ("headers", "scheme", "kind"),
    [
        ({}, "http", "SameSite=Lax"),
        ({}, "https", "SameSite=Lax; Secure"),
        ({"x-forwarded-proto": "https"}, "http", "SameSite=Lax; Secure"),
        ({"sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site"}, "http", "SameSite=None; Secure; Partitioned"),
    ],
)
def test_the_cookie_fits_where_the_page_stands(headers: dict[str, str], scheme: str, kind: str) -> None:
    """No script reads it; in a frame of another site it is kept apart for that site."""
    made = cookie_for({"type": "http", "scheme": scheme, "root_path": ""}, Headers(headers), hours=12)
    assert made.endswith(f"; Path=/; Max-Age=43200; HttpOnly; {kind}")


def test_a_cookie_that_came_is_kept() -> None:
    """Whoever loads the page again keeps their token; one that is malformed is replaced."""
    token = make_token()
    scope = {"type": "http", "scheme": "http"}
    assert cookie_for(scope, Headers({"cookie": f"{COOKIE}={token}"}), hours=1).startswith(f"{COOKIE}={token};")
    assert "forged" not in cookie_for(scope, Headers({"cookie": f"{COOKIE}=forged"}), hours=1)
