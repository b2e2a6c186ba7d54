"""What a reader or an address is told that asks for too much, over real HTTP."""

from collections.abc import Callable

import httpx
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from pydantic import IPvAnyNetwork, TypeAdapter

from clinicalblip.settings import LimitSettings, ServerSettings, Settings
from clinicalblip.web.access.tokens import COOKIE, TOKEN_HEADER, make_token
from clinicalblip.web.identity import TAB_HEADER
from clinicalblip.web.rates import READERS_OF_ADDRESS
from tests.fixtures.served_page import Served, png_film

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]
LOOPBACK = TypeAdapter(IPvAnyNetwork).validate_python("127.0.0.0/8")


def upload(page: Served, token: str, forwarded: str = "", size: int = 10) -> httpx.Response:
    """Upload a small file as this reader's page does, behind a proxy if an address is forwarded."""
    headers = {"X-ClinicalBLIP": "page", "Cookie": f"{COOKIE}={token}"}
    headers |= {"X-Forwarded-For": forwarded} if forwarded else {}
    return httpx.post(f"{page.url}gradio_api/upload", files={"files": ("film", b"x" * size)}, headers=headers)


def test_one_upload_too_many_is_one_sentence_with_how_long_to_wait(serve: Callable[..., Served]) -> None:
    """Of one reader; another one on the same machine goes on, and a forged header of a proxy makes nobody new."""
    page = serve(Settings(limits=LimitSettings(uploads_per_minute=2)))
    token = make_token()
    assert [upload(page, token).status_code for _ in range(2)] == [200, 200]
    for forwarded in ("", "203.0.113.7", "203.0.113.8, 203.0.113.9"):
        refused = upload(page, token, forwarded)
        assert refused.status_code == 429
        seconds = int(refused.headers["retry-after"])
        assert 0 < seconds <= 30
        assert refused.json()["detail"].endswith(f"Choose it again in {seconds} s.")
    assert upload(page, make_token()).status_code == 200


def test_too_many_bytes_are_refused_before_they_are_sent(serve: Callable[..., Served]) -> None:
    """By what the upload says of its length."""
    page = serve(Settings(limits=LimitSettings(file_mebibytes=1, upload_mebibytes_per_minute=1)))
    token = make_token()
    assert upload(page, token, size=900_000).status_code == 200
    refused = upload(page, token, size=900_000)
    assert (refused.status_code, "More came in a minute" in refused.json()["detail"]) == (429, True)
    assert upload(page, token, size=1000).status_code == 200


def test_an_address_that_a_named_proxy_forwards_is_held_whatever_token_comes(serve: Callable[..., Served]) -> None:
    """What the visitor wrote before it into the header is not believed; the next address has a minute of its own."""
    server = ServerSettings(proxies=(LOOPBACK,))
    page = serve(Settings(limits=LimitSettings(uploads_per_minute=1), server=server))
    answers = [upload(page, make_token(), f"198.51.100.{number}, 203.0.113.5") for number in range(READERS_OF_ADDRESS)]
    assert {answer.status_code for answer in answers} == {200}
    more = (upload(page, make_token(), "198.51.100.99, 203.0.113.5") for _ in range(READERS_OF_ADDRESS))
    refused = next(answer for answer in more if answer.status_code == 429)  # each takes less than six seconds
    assert "203.0.113" not in refused.text
    assert upload(page, make_token(), "203.0.113.6").status_code == 200


def test_an_address_that_nobody_vouches_for_is_nobodys(serve: Callable[..., Served]) -> None:
    """A stranger who forges it uses up nobody's minute; a proxy on this machine counts once the settings name it."""
    page = serve(Settings(limits=LimitSettings(uploads_per_minute=1)))
    answers = [upload(page, make_token(), "8.8.8.8") for _ in range(3 * READERS_OF_ADDRESS)]
    assert {answer.status_code for answer in answers} == {200}


def test_a_program_that_drafts_as_a_reader_is_told_how_long_to_wait(serve: Callable[..., Served]) -> None:
    """The key of the reader reaches the line for the model through Gradio's queue."""
    page = serve(Settings(limits=LimitSettings(drafts_per_minute=1)))
    client = Client(page.url, headers={TOKEN_HEADER: make_token(), TAB_HEADER: "a" * 32}, verbose=False)
    film = page.cache.parent / "film.png"
    film.write_bytes(png_film())
    assert client.predict(handle_file(film), api_name="/draft")["findings"]
    with pytest.raises(AppError, match=r"Draft again in \d+ s"):
        client.predict(handle_file(film), api_name="/draft")
    client.close()


def test_one_page_too_many_is_told_as_it_is_typed_into(serve: Callable[..., Served]) -> None:
    """With the seconds after which it is sent again; the first page is kept on."""
    page = serve(Settings(limits=LimitSettings(sessions_per_reader=1)))
    token = make_token()

    def write(tab: str, number: int) -> httpx.Response:
        headers = {TOKEN_HEADER: token, TAB_HEADER: tab * 32}
        typed = {"number": number, "boxes": {"findings": "clear"}}
        return httpx.post(f"{page.url}session/boxes", json=typed, headers=headers)

    page.sessions._per_reader = 1  # the fixture's own sessions
    assert write("a", 1).status_code == 200
    refused = write("b", 2)
    assert (refused.status_code, "1 pages open" in refused.json()["detail"]) == (429, True)
    assert int(refused.headers["retry-after"]) > 0
    assert write("a", 3).status_code == 200
