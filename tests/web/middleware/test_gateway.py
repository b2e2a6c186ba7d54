"""What a running page answers to requests that are not as they have to be."""

import errno
import http.client
import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from gradio_client import Client, handle_file

from clinicalblip.settings import LimitSettings, Settings
from clinicalblip.web.middleware import bodies, connection, wording
from clinicalblip.web.middleware.admission import BODY, MOST, Admission, Most
from clinicalblip.web.upload_folder import Upload, UploadsFull
from clinicalblip.web.wording import LINE_FULL, ONE_FILM, UNEXPECTED
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import Served, one_page, png_film, until, uploads_on_disk

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]

FROM_PAGE = {"X-ClinicalBLIP": "page"}
NO_SPACE = OSError(errno.ENOSPC, "No space left on device")
FORM = {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One page with small limits."""
    settings = Settings(limits=LimitSettings(text_characters=500, file_mebibytes=1))
    with one_page(tmp_path_factory.mktemp("gateway"), settings, ScriptedReporter()) as page:
        yield page


def upload(page: Served, *films: bytes, **headers: str) -> httpx.Response:
    """Upload films as the page does."""
    files = [("files", ("film", film)) for film in films]
    return httpx.post(f"{page.url}gradio_api/upload", files=files, headers={**FROM_PAGE, **headers})


def call(page: Served, body: Any, route: str = "queue/join", **headers: str) -> httpx.Response:
    """Call a function of the page."""
    return httpx.post(f"{page.url}gradio_api/{route}", json=body, headers=headers)


def raising(error: Exception) -> Callable[..., None]:
    """A method that fails."""

    def fail(*given: object) -> None:
        raise error

    return fail


REFUSALS: dict[str, tuple[Callable[[Served, pytest.MonkeyPatch], httpx.Response], int, str]] = {
    "another name": (lambda page, _: httpx.get(page.url, headers={"Host": "evil.example"}), 421, wording.WRONG_HOST),
    "another page": (
        lambda page, _: httpx.get(page.url, headers={"Origin": "http://127.0.0.1:1"}),
        403,
        wording.WRONG_ORIGIN,
    ),
    "a preflight of another page": (
        lambda page, _: httpx.options(page.url, headers={"Origin": "https://evil.example"}),
        403,
        wording.WRONG_ORIGIN,
    ),
    "a route of Gradio's": (
        lambda page, _: httpx.get(f"{page.url}gradio_api/file=/etc/hosts"),
        404,
        wording.NOT_SERVED,
    ),
    "a proxy that serves it elsewhere": (
        lambda page, _: httpx.get(page.url, headers={"X-Forwarded-Prefix": "/elsewhere/"}),
        500,
        wording.WRONG_ROOT_PATH.format(said="/elsewhere", expected="/"),
    ),
    "an unknown asset": (lambda page, _: httpx.get(f"{page.url}assets/none.js"), 404, wording.NOT_SERVED),
    "no call": (lambda page, _: call(page, {"data": 7}), 404, wording.OLD_PAGE),
    "no JSON": (
        lambda page, _: httpx.post(f"{page.url}gradio_api/queue/join", content=b"{"),
        400,
        wording.NOT_A_CALL,
    ),
    "no session": (lambda page, _: call(page, {"data": ["a", "b"], "fn_index": 1}), 400, wording.NOT_A_CALL),
    "a call of another version": (
        lambda page, _: call(page, {"data": ["a"], "fn_index": 1, "session_hash": "s"}),
        422,
        wording.OLD_PAGE,
    ),
    "an address": (
        lambda page, _: call(page, {"data": [{"path": "https://a.example"}, ""], "fn_index": 1, "session_hash": "s"}),
        403,
        wording.NO_ADDRESSES,
    ),
    "a long call": (lambda page, _: call(page, {"data": ["a" * 200_000]}), 413, wording.TOO_LONG_A_CALL),
    "a long call of unknown length": (
        lambda page, _: httpx.post(f"{page.url}gradio_api/queue/join", content=iter([b"a" * 200_000])),
        413,
        wording.TOO_LONG_A_CALL,
    ),
    "an upload of a form elsewhere": (
        lambda page, _: httpx.post(f"{page.url}gradio_api/upload", files={"files": b"a"}),
        403,
        wording.NOT_FROM_THE_PAGE,
    ),
    "an upload that is no form": (
        lambda page, _: httpx.post(f"{page.url}gradio_api/upload", content=b"a", headers=FROM_PAGE),
        400,
        wording.NOT_AN_UPLOAD,
    ),
    "a form that does not end": (
        lambda page, _: httpx.post(f"{page.url}gradio_api/upload", content=b"--x\r\n\r\na", headers=FROM_PAGE | FORM),
        400,
        wording.NOT_AN_UPLOAD,
    ),
    "a form that is none": (
        lambda page, _: httpx.post(f"{page.url}gradio_api/upload", content=b"GIF89a", headers=FROM_PAGE | FORM),
        400,
        wording.NOT_AN_UPLOAD,
    ),
    "two files": (lambda page, _: upload(page, b"a", b"b"), 400, ONE_FILM),
    "a large file": (
        lambda page, _: upload(page, b"a" * (2**20 + 1)),
        413,
        wording.FILE_TOO_LARGE_TO_SEND.format(allowed=1),
    ),
    "a full folder": (
        lambda page, patch: (patch.setattr(Upload, "write", raising(UploadsFull())), upload(page, b"a"))[1],
        503,
        wording.UPLOADS_FULL,
    ),
    "a full disk": (
        lambda page, patch: (patch.setattr(Upload, "write", raising(OSError(errno.ENOSPC, "x"))), upload(page, b"a"))[
            1
        ],
        507,
        wording.NO_DISK,
    ),
    "too many calls": (
        lambda page, patch: (patch.setitem(MOST, BODY, Most(0, 0, 0)), call(page, {"data": []}))[1],
        429,
        wording.TOO_MANY_CALLS,
    ),
}


@pytest.mark.parametrize(("ask", "status", "sentence"), REFUSALS.values(), ids=list(REFUSALS))
def test_what_is_not_served_is_one_sentence(
    page: Served,
    monkeypatch: pytest.MonkeyPatch,
    ask: Callable[[Served, pytest.MonkeyPatch], httpx.Response],
    status: int,
    sentence: str,
) -> None:
    """With its status, as JSON, under the headers that every answer has, without a trace of an upload."""
    answer = ask(page, monkeypatch)
    assert (answer.status_code, answer.json()["detail"]) == (status, sentence)
    assert "frame-ancestors" in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "server" not in answer.headers
    assert uploads_on_disk(page.cache) == []


FILLED = {"{allowed}": "1", "{said}": "/elsewhere", "{expected}": "/"}


def test_every_sentence_of_a_refusal_has_a_request_that_is_told_it() -> None:
    """Those about time are in the tests below, that of the metrics is in test_metrics_route.py."""
    told = {sentence for _, _, sentence in REFUSALS.values()}
    for name, sentence in vars(wording).items():
        if name.isupper() and name not in ("TOO_SLOW", "NO_METRICS"):
            assert re.sub(r"{\w+}", lambda slot: FILLED[slot[0]], sentence) in told, name


def raw(page: Served, sent: bytes) -> bytes:
    """What a socket is answered until the server closes it."""
    with socket.create_connection(("127.0.0.1", int(page.url.rsplit(":")[2].strip("/"))), timeout=10) as opened:
        opened.sendall(sent)
        parts = []
        while part := opened.recv(65536):
            parts.append(part)
        return b"".join(parts)


def test_a_body_that_does_not_arrive_is_refused_in_time(page: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A call and an upload of which half is missing."""
    monkeypatch.setattr(bodies, "CALL_SECONDS", 0.2)
    monkeypatch.setattr(bodies, "STALL_SECONDS", 0.2)
    for route, kind in (("queue/join", ""), ("upload", f"Content-Type: {FORM['Content-Type']}\r\n")):
        head = f"POST /gradio_api/{route} HTTP/1.1\r\nHost: localhost\r\nX-ClinicalBLIP: a\r\n"
        head += f"{kind}Content-Length: 99\r\n\r\n"
        answer = raw(page, head.encode() + b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\nab')
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert wording.TOO_SLOW.encode() in answer
    assert uploads_on_disk(page.cache) == []


def test_headers_that_do_not_arrive_end_the_connection(page: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends a byte now and then is cut off."""
    monkeypatch.setattr(connection, "HEADER_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", int(page.url.rsplit(":")[2].strip("/"))), timeout=5) as opened:
        opened.sendall(b"GET / HTTP/1.1\r\nHost: loc")
        try:
            assert opened.recv(10) == b""
        except ConnectionResetError:
            return


def test_of_too_many_connections_the_one_that_waited_longest_gives_way(
    page: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page still answers while others hold connections without asking for anything."""
    monkeypatch.setattr(connection, "MOST_CONNECTIONS", 4)
    address = ("127.0.0.1", int(page.url.rsplit(":")[2].strip("/")))
    holding = []
    try:
        for _ in range(8):
            holding.append(socket.create_connection(address, timeout=5))
            holding[-1].sendall(b"GET / HT")
            time.sleep(0.02)
        assert httpx.get(f"{page.url}config").status_code == 200
    finally:
        for opened in holding:
            opened.close()


def test_what_is_no_http_is_refused_with_the_same_headers(page: Served) -> None:
    """And without a banner."""
    answer = raw(page, b"\x16\x03\x01 no http\r\n\r\n").lower()
    assert answer.startswith(b"http/1.1 400 ")
    assert b"content-security-policy" in answer
    assert b"uvicorn" not in answer


def test_a_broken_off_upload_leaves_nothing(page: Served) -> None:
    """The part that arrived is deleted at once."""
    port = int(page.url.rsplit(":")[2].strip("/"))
    opened = http.client.HTTPConnection("127.0.0.1", port)
    opened.putrequest("POST", "/gradio_api/upload")
    for name, value in (FROM_PAGE | FORM | {"Content-Length": "900000"}).items():
        opened.putheader(name, value)
    opened.endheaders(b'--x\r\nContent-Disposition: form-data; name="files"\r\n\r\n' + b"a" * 100_000)
    assert until(lambda: uploads_on_disk(page.cache), seconds=5)
    opened.close()
    assert until(lambda: not uploads_on_disk(page.cache), seconds=5)


def test_an_unexpected_error_is_one_sentence(page: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a traceback, under the same headers."""
    monkeypatch.setattr("clinicalblip.web.middleware.gateway.find_route", raising(RuntimeError("a secret")))
    answer = httpx.get(page.url)
    assert (answer.status_code, answer.json()["detail"]) == (500, UNEXPECTED)
    assert "content-security-policy" in answer.headers


def test_a_full_line_is_said_as_such(page: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio's own words for it are not a reader's."""
    monkeypatch.setattr("gradio.queueing.EventQueue.__len__", lambda queue: 99, raising=False)
    monkeypatch.setattr("gradio.queueing.Queue.__len__", lambda queue: 10**6)
    answer = call(page, {"data": [None] * 3 + [""] * 6 + [False, False, ""], "fn_index": 0, "session_hash": "s"})
    assert (answer.status_code, answer.json()["detail"]) == (503, LINE_FULL)


NEEDED_BY_CLIENTS = {"version", "app_id", "mode", "components", "dependencies", "protocol", "api_prefix", "root"}
"""What gradio_client and Gradio's page read of `/config`."""


def test_no_answer_has_a_path_of_the_machine(page: Served, tmp_path: Path) -> None:
    """Page, configuration and interface name no folder; a redirect goes nowhere else."""
    texts = [
        httpx.get(page.url + path).text for path in ("", "config", "gradio_api/info", "theme.css", "manifest.json")
    ]
    for folder in (str(page.cache), str(Path(__file__).parents[3]), str(Path.home()), "site-packages"):
        assert not any(folder in text for text in texts), folder
    config = json.loads(texts[1])
    assert set(config) >= NEEDED_BY_CLIENTS
    for header in ("X-Forwarded-Host", "X-Gradio-Server"):
        answer = httpx.get(f"{page.url}config/", headers={header: "http://evil.example"})
        assert "evil.example" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_no_address_is_believed_that_nobody_named_forwards(
    page: Served, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    """From this machine either, which uvicorn would believe."""
    found: list[str | None] = []
    address = Admission.address

    def look(admission: Admission, scope: Any, headers: Any) -> str | None:
        found.append(address(admission, scope, headers))
        return found[-1]

    monkeypatch.setattr(Admission, "address", look)
    assert httpx.get(f"{page.url}films/{'0' * 32}/whole", headers={header: "8.8.8.8"}).status_code == 404
    assert set(found) == {None}


def test_a_program_still_drafts(page: Served, tmp_path: Path) -> None:
    """gradio_client passes all of it."""
    film = tmp_path / "Doe-Jane.png"
    film.write_bytes(png_film())
    client = Client(page.url, verbose=False)
    assert client.predict(handle_file(film), api_name="/draft")["findings"]
    assert uploads_on_disk(page.cache) == []


def test_no_answer_on_an_older_connection_names_the_server(page: Served) -> None:
    """Uvicorn makes its headers anew each second, also for connections that are open."""
    with httpx.Client(base_url=page.url) as client:
        assert "server" not in client.get("/config").headers
        time.sleep(2.2)
        assert "server" not in client.get("/config").headers
