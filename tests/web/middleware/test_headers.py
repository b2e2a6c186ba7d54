"""The headers of answers."""

import pytest

from clinicalblip.settings import ServerSettings
from clinicalblip.web.middleware.headers import AnswerHeaders


def policy(server: ServerSettings, environment: dict[str, str]) -> str:
    """The frame-ancestors part of the content policy."""
    headers = dict(AnswerHeaders(server, environment).of([], "/"))
    return headers[b"content-security-policy"].decode().rpartition("; ")[2]


def test_only_configured_pages_may_frame_the_page() -> None:
    """None without settings; on a Space the hub's, or those that the settings name."""
    assert policy(ServerSettings(), {}) == "frame-ancestors 'self'"
    assert policy(ServerSettings(), {"SPACE_ID": "a/b"}) == "frame-ancestors 'self' https://huggingface.co"
    named = ServerSettings(embed_in=("https://portal.example",))
    assert policy(named, {"SPACE_ID": "a/b"}) == "frame-ancestors 'self' https://portal.example"


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("http://evil.example/config", "/config"),
        ("//evil.example/a?b=c", "/a?b=c"),
        ("/config", "/config"),
        ("https://evil.example", "/"),
    ],
)
def test_a_redirect_stays_on_this_server(location: str, expected: str) -> None:
    """The name in a redirect's target is dropped: it may come from the request."""
    headers = AnswerHeaders(ServerSettings(), {}).of([(b"location", location.encode())], "/")
    assert dict(headers)[b"location"].decode() == expected


def test_answers_name_no_server_and_no_other_origin() -> None:
    """A banner goes, and so does what Gradio says to every page of the machine; nothing but assets is cached."""
    given = [
        (b"Server", b"uvicorn"),
        (b"Access-Control-Allow-Origin", b"http://localhost:1"),
        (b"cache-control", b"max-age=9"),
    ]
    headers = dict(AnswerHeaders(ServerSettings(), {}).of(given, "/config"))
    assert b"server" not in headers
    assert b"access-control-allow-origin" not in headers
    assert headers[b"cache-control"] == b"no-store"
    assert dict(AnswerHeaders(ServerSettings(), {}).of(given, "/assets/a.js"))[b"cache-control"] == b"max-age=9"


def test_a_page_that_the_settings_name_may_read_answers() -> None:
    """Its origin, and no other, is in the answer."""
    headers = dict(AnswerHeaders(ServerSettings(), {}).of([], "/config", origin="https://portal.example"))
    assert headers[b"access-control-allow-origin"] == b"https://portal.example"
