"""Which names and which other pages a server answers to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from clinicalblip.settings import ServerSettings
from clinicalblip.web.middleware.hosts import Hosts
from clinicalblip.web.middleware.refusal import Refused


def status(hosts: Hosts, **headers: str) -> int:
    """The status of a request with these headers: 200 where it is let through."""
    try:
        hosts.check(Headers({name.replace("_", "-"): value for name, value in headers.items()}))
    except Refused as refused:
        return refused.status
    return 200


@pytest.mark.parametrize(
    ("server", "environment", "host", "expected"),
    [
        ({}, {}, "localhost:7860", 200),
        ({}, {}, "127.0.0.1", 200),
        ({}, {}, "[::1]:7860", 200),
        ({}, {}, "LOCALHOST.", 200),
        ({}, {}, "evil.example", 421),
        ({}, {}, "127.0.0.1.evil.example", 421),
        ({}, {}, "localhost@evil.example", 421),
        ({}, {}, "", 421),
        ({}, {}, "192.168.1.5:7860", 421),
        ({"name": "192.168.1.5"}, {}, "192.168.1.5:7860", 200),
        ({"name": "0.0.0.0"}, {}, "192.168.1.5:7860", 200),
        ({"name": "0.0.0.0"}, {}, "reader.example", 421),
        ({}, {"GRADIO_SERVER_NAME": "0.0.0.0"}, "10.0.0.7", 200),
        ({"hosts": ["reader.example"]}, {}, "reader.example:443", 200),
        ({}, {"SPACE_HOST": "someone-clinicalblip.hf.space"}, "someone-clinicalblip.hf.space", 200),
        ({}, {"SPACE_HOST": "someone-clinicalblip.hf.space"}, "other.hf.space", 421),
    ],
)
def test_a_server_answers_to_its_own_names_only(
    server: dict[str, object], environment: dict[str, str], host: str, expected: int
) -> None:
    """Loopback, its own name, those in the settings, a Space's; numbers where it listens at all addresses."""
    assert status(Hosts(ServerSettings.model_validate(server), environment), host=host) == expected


@given(host=st.text(st.characters(codec="latin-1")))
def test_no_text_for_a_host_is_an_error(host: str) -> None:
    """Whatever stands there is let through or refused."""
    assert status(Hosts(ServerSettings(), {}), host=host) in (200, 421)


@pytest.mark.parametrize(
    ("host", "origin", "expected"),
    [
        ("127.0.0.1:7860", "http://127.0.0.1:7860", 200),
        ("127.0.0.1:7860", "http://127.0.0.1:8080", 403),
        ("localhost:7860", "http://127.0.0.1:7860", 403),
        ("localhost", "http://localhost:80", 200),
        ("localhost", "https://localhost", 200),
        ("localhost", "null", 403),
        ("localhost", "https://evil.example", 403),
        ("localhost", "file://", 403),
        ("localhost", "https://portal.example", 200),
        ("localhost", "http://portal.example", 403),
    ],
)
def test_other_pages_are_refused_unless_the_settings_name_them(host: str, origin: str, expected: int) -> None:
    """Another port of the same machine is another page."""
    hosts = Hosts(ServerSettings(origins=("https://portal.example",)), {})
    assert status(hosts, host=host, origin=origin) == expected


@pytest.mark.parametrize(
    ("site", "mode", "expected"),
    [
        ("cross-site", "no-cors", 403),
        ("same-site", "no-cors", 403),
        ("cross-site", "navigate", 200),
        ("same-origin", "cors", 200),
        ("none", "navigate", 200),
    ],
)
def test_what_a_browser_says_of_the_asking_page_counts(site: str, mode: str, expected: int) -> None:
    """A picture or script on another page is refused; a link or a frame leads here."""
    assert status(Hosts(ServerSettings(), {}), host="localhost", sec_fetch_site=site, sec_fetch_mode=mode) == expected


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ({"origin": "http://localhost:7860"}, True),
        ({"origin": "https://portal.example"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
def test_what_only_own_pages_may_ask_is_refused_to_all_others(origin: dict[str, str], allowed: bool) -> None:
    """Those too that the settings let call this server, and what names no page."""
    hosts = Hosts(ServerSettings(origins=("https://portal.example",)), {})
    headers = Headers({"host": "localhost:7860", **origin})
    if allowed:
        hosts.check_own(headers)
    else:
        with pytest.raises(Refused):
            hosts.check_own(headers)


def test_two_hosts_are_none() -> None:
    """A request with two Host headers is refused."""
    headers = Headers(raw=[(b"host", b"localhost"), (b"host", b"localhost")])
    with pytest.raises(Refused):
        Hosts(ServerSettings(), {}).check(headers)
