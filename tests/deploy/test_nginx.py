"""The page behind Debian's nginx with the site that docs/deploy.md gives: TLS, a path of its own, streams, uploads."""

import contextlib
import os
import socket
import ssl
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import yaml
from gradio_client import Client, handle_file
from PIL import Image
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.web.access.tokens import COOKIE
from clinicalblip.web.identity import TAB_HEADER
from clinicalblip.web.middleware import wording
from clinicalblip.web.middleware.admission import BODY, MOST
from tests.fixtures.certificate import make_certificate
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.framing_site import framing_site
from tests.fixtures.nginx_server import NAME, run_nginx
from tests.fixtures.page_reader import Reader
from tests.fixtures.served_page import free_port, until
from tests.fixtures.started_page import start_page

ROOT = Path(__file__).parents[2]
PATH = "/clinicalblip"
PORTAL = "portal.example"
MIB = 2**20

pytestmark = [
    pytest.mark.system,
    pytest.mark.timeout(900),
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]


@dataclass(frozen=True)
class Proxied:
    """A page, and nginx before it: the page's own port, those of nginx, the address for readers."""

    page_port: int
    https: int
    http: int
    portal_port: int
    url: str
    reviews: Path


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxied]:
    """The page as `clinicalblip serve` starts it, with the bundled model, and the document's nginx before it."""
    folder = tmp_path_factory.mktemp("page")
    page_port, portal_port = free_port(), free_port()
    server = {"name": "127.0.0.1", "port": page_port, "root_path": PATH, "hosts": [NAME], "proxies": ["127.0.0.1"]}
    server["embed_in"] = [f"https://{PORTAL}:{portal_port}"]
    settings = {"server": server, "storage": {"reviews": "reviews.sqlite3"}}
    (folder / "settings.yaml").write_text(yaml.safe_dump(settings))
    command = [sys.executable, "-m", "clinicalblip", "serve", "--config", folder / "settings.yaml"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "GRADIO_TEMP_DIR": str(folder / "uploads")}
    with (
        run_nginx(page_port) as (https, http, nginx),
        start_page(command, page_port, folder=folder, environment=environment),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("SSL_CERT_FILE", str(nginx / "cert.pem"))
        patch.setattr(socket, "getaddrinfo", partial(resolve, socket.getaddrinfo))
        reviews = folder / "reviews.sqlite3"
        yield Proxied(page_port, https, http, portal_port, f"https://{NAME}:{https}{PATH}/", reviews)


def resolve(really: Callable[..., Any], host: Any, *given: Any, **named: Any) -> Any:
    """Find the server's name on this machine."""
    return really("127.0.0.1" if host in (NAME, NAME.encode()) else host, *given, **named)


def large_film() -> bytes:
    """A film of 15 megapixels as a DICOM file of 30 MB."""
    case = Image.open(ROOT / "assets" / "cases" / "normal" / "frontal.png").convert("L").resize((3840, 4000))
    return write_dicom(np.asarray(case).astype(np.uint16) * 16)


def test_the_page_is_found_below_its_path(proxied: Proxied) -> None:
    """With and without the slash at its end, from http too; all that it names lies below the path."""
    with httpx.Client(follow_redirects=True) as client:
        page = client.get(proxied.url.rstrip("/"))
        assert str(page.url) == proxied.url
        assert f'"root":"{proxied.url.rstrip("/")}"' in page.text.replace(": ", ":")
        cookie = page.headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}=")
        assert f"; Path={PATH};" in cookie
        assert cookie.endswith("; HttpOnly; SameSite=Lax; Secure")
        assert client.get(f"{proxied.url}healthz").json() == {"status": "up"}
        assert client.get(f"{proxied.url}../healthz").status_code == 404
    away = httpx.get(f"http://127.0.0.1:{proxied.http}{PATH}/", headers={"Host": NAME})
    assert (away.status_code, away.headers["location"]) == (308, f"https://{NAME}{PATH}/")


def test_a_film_of_thirty_megabytes_is_drafted_word_by_word_and_saved(proxied: Proxied, tmp_path: Path) -> None:
    """By a program, through nginx, which writes no byte of it to a disk."""
    film = tmp_path / "FILM.dcm"
    film.write_bytes(large_film())
    assert film.stat().st_size > 30_000_000
    client = Client(proxied.url, verbose=False)
    job = client.submit(handle_file(film), indication="cough", api_name="/draft")
    steps = [(time.monotonic(), step) for step in job]
    whole = job.result()
    growing = [step["findings"] for _, step in steps]
    assert len(set(growing)) > 2  # a quick machine says more words at once
    assert len({round(moment, 2) for moment, _ in steps}) > 1  # held back by a proxy, all words come at once
    saved = client.predict(whole["draft_id"], "As the model has it.", "", 4, "minor edits", api_name="/save_review")
    with ReviewStore(proxied.reviews) as store:
        assert [review.id for review in store.reviews()] == [saved]
    client.close()


def test_a_film_that_is_too_large_is_refused_by_the_page(proxied: Proxied) -> None:
    """In its own words, not in nginx's."""
    answer = httpx.post(
        f"{proxied.url}gradio_api/upload",
        files={"files": ("film", bytes(65 * MIB))},
        headers={"X-ClinicalBLIP": "page"},
        timeout=60,
    )
    assert answer.status_code == 413
    assert answer.json()["detail"] == wording.FILE_TOO_LARGE_TO_SEND.format(allowed=64)


def test_the_address_that_counts_is_the_one_that_nginx_saw(proxied: Proxied) -> None:
    """Whoever sends one themselves, through nginx or past it, is not taken for somebody else."""
    trusting = ssl.create_default_context(cafile=os.environ["SSL_CERT_FILE"])
    head = f"POST {PATH}/session HTTP/1.1\r\nHost: {NAME}:{proxied.https}\r\nX-Forwarded-For: 127.0.0.9\r\n"
    with contextlib.ExitStack() as held:
        for _ in range(MOST[BODY].of_address):
            line = socket.create_connection(("127.0.0.1", proxied.https), source_address=("127.0.0.2", 0))
            secured = held.enter_context(trusting.wrap_socket(line, server_hostname=NAME))
            secured.sendall(f"{head}Content-Length: 50\r\n\r\n".encode())

        def ask(address: str, url: str = proxied.url, **headers: str) -> int:
            transport = httpx.HTTPTransport(local_address=address, verify=trusting)
            with httpx.Client(transport=transport) as client:
                return client.post(f"{url}session", headers={TAB_HEADER: "0" * 32, **headers}).status_code

        assert until(lambda: ask("127.0.0.2") == 429)
        assert ask("127.0.0.2", **{"X-Forwarded-For": "127.0.0.3"}) == 429
        assert ask("127.0.0.3", **{"X-Forwarded-For": "127.0.0.2"}) == 200
        past = f"http://127.0.0.1:{proxied.page_port}/"
        assert ask("127.0.0.4", past, **{"X-Forwarded-For": "127.0.0.2"}) == 200


def test_a_path_that_the_settings_do_not_name_is_one_sentence(proxied: Proxied) -> None:
    """Where nginx serves the page elsewhere than its settings say."""
    moved = (f"X-Forwarded-Prefix {PATH};", "X-Forwarded-Prefix /moved;")
    with run_nginx(proxied.page_port, change=moved) as (https, _, nginx):
        trusting = ssl.create_default_context(cafile=str(nginx / "cert.pem"))
        with httpx.Client(verify=trusting) as client:
            answer = client.get(f"https://{NAME}:{https}{PATH}/", headers={"X-Forwarded-Prefix": PATH})
    assert answer.status_code == 500
    assert answer.json()["detail"] == wording.WRONG_ROOT_PATH.format(said="/moved", expected=PATH)


@pytest.mark.browser
def test_a_portal_shows_the_page_in_a_frame(proxied: Proxied, chromium: Callable[..., Chrome], tmp_path: Path) -> None:
    """From another origin over TLS: the cookie is kept apart for it, films are dropped, drafted from and reviewed."""
    film = tmp_path / "Doe-Jane.png"
    Image.open(ROOT / "assets" / "cases" / "normal" / "frontal.png").save(film)
    with portal(proxied, tmp_path) as address:
        browser = chromium(
            "--ignore-certificate-errors",
            f"--host-resolver-rules=MAP {NAME} 127.0.0.1,MAP {PORTAL} 127.0.0.1",
        )
        browser.get(address)
        frame = browser.find_element(By.ID, "page")
        place = frame.location
        browser.switch_to.frame(frame)
        reader = Reader.of(browser)
        (cookie,) = browser.execute_cdp_cmd("Storage.getCookies", {})["cookies"]
        assert (cookie["name"], cookie["path"], cookie["domain"]) == (COOKIE, PATH, NAME)
        assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "None")
        assert cookie["partitionKey"]["topLevelSite"] == f"https://{PORTAL}"
        stored = browser.execute_script("return Object.keys(sessionStorage).sort()")
        assert stored == ["clinicalblip-tab"]  # the token is in the cookie alone
        drop_file(browser, film, x=place["x"] + 300, y=place["y"] + 300)
        assert until(lambda: reader.has(".cb-full[data-role=frontal]") or reader.has(".cb-question"), seconds=60)
        reader.draft()
        assert reader.box("findings")
        reader.rate(4, "minor edits")
        reader.press("save")
        assert until(lambda: reader.text("saved"))
        assert [said for said in reader.errors() if "manifest" not in said] == []


def drop_file(browser: Chrome, file: Path, *, x: float, y: float) -> None:
    """Drop a file as from the reader's desktop, at a place of the window."""
    data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        browser.execute_cdp_cmd("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": data})


@contextlib.contextmanager
def portal(proxied: Proxied, folder: Path) -> Iterator[str]:
    """Another server, over TLS, whose page shows ours in a frame."""
    certificate = make_certificate(folder, PORTAL)
    with framing_site(name=PORTAL, port=proxied.portal_port, certificate=certificate) as (address, show):
        show(proxied.url)
        yield f"{address}/"
