"""What Prometheus reads, who may, and that nothing of a reader is in it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from gradio_client import Client, handle_file
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.settings import ServerSettings, Settings
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.middleware import wording
from clinicalblip.web.middleware.metrics_route import AllMetrics
from clinicalblip.web.sessions import Sessions
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import NAME, Served, png_film

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]
DEPLOY = Path(__file__).parents[3] / "docs" / "deploy.md"
SECRET = "planted-secret-of-thirty-letters"
WORD = "Zebraword"


@pytest.fixture
def page(serve: Callable[..., Served]) -> Served:
    """A page with a secret."""
    return serve(Settings(server=ServerSettings(metrics_secret=SecretStr(SECRET))))


def read(page: Served, secret: str = SECRET) -> httpx.Response:
    """Ask for the metrics."""
    return httpx.get(f"{page.url}metrics", headers={"Authorization": f"Bearer {secret}"})


def samples(page: Served) -> dict[str, float]:
    """The values by the names that they have without labels, and with the label's value."""
    found = {}
    for family in text_string_to_metric_families(read(page).text):
        for sample in family.samples:
            found[" ".join([sample.name, *sample.labels.values()])] = sample.value
    return found


@pytest.mark.parametrize("authorization", ["", "Bearer", f"Bearer {SECRET}x", SECRET, f"Basic {SECRET}", "Bearer \xff"])
def test_without_the_secret_nothing_is_said(page: Served, authorization: str) -> None:
    """One sentence, which has no part of the secret."""
    answer = httpx.get(f"{page.url}metrics", headers={"Authorization": authorization.encode("latin-1")})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.json()["detail"] == wording.NO_METRICS
    assert SECRET not in answer.text + str(answer.headers)


def test_where_no_secret_is_set_the_route_is_none(serve: Callable[..., Served]) -> None:
    """It answers as any other that is not served."""
    page = serve()
    answer = read(page)
    assert (answer.status_code, answer.json()) == (404, httpx.get(f"{page.url}nowhere").json())
    assert httpx.get(f"{page.url}metrics").status_code == 404


def test_what_a_reader_does_is_counted_and_not_a_word_of_it_shown(page: Served) -> None:
    """A draft with its tokens and waits, and what was refused; words, file names, keys and the secret are not there."""
    before = samples(page)
    film = page.cache.parent / f"{NAME}.png"
    film.write_bytes(png_film())
    client = Client(page.url, verbose=False)
    written = client.predict(handle_file(film), indication=f"{WORD} cough", api_name="/draft")
    httpx.get(f"{page.url}{WORD}", headers={"User-Agent": WORD, "X-Forwarded-For": "203.0.113.77"})
    after, text = samples(page), read(page).text
    client.close()
    grown = {name: value - before.get(name, 0.0) for name, value in after.items()}
    assert grown["clinicalblip_drafts_total finished"] == 1
    assert grown["clinicalblip_tokens_total"] == written["tokens"]
    assert grown["clinicalblip_draft_seconds_count"] == grown["clinicalblip_waiting_seconds_count"] == 1
    assert grown["clinicalblip_refusals_total http_404"] == 1
    assert after["clinicalblip_model_ready"] == 1
    assert after["clinicalblip_sessions"] >= 1
    for planted in (WORD, NAME, SECRET, "cough", "203.0.113.77", "127.0.0.1", str(page.cache.parent)):
        assert planted.lower() not in text.lower()


def test_two_pages_of_one_process_do_not_clash(serve: Callable[..., Served], page: Served) -> None:
    """Each says how it stands itself."""
    other = serve(Settings(server=ServerSettings(metrics_secret=SecretStr(SECRET))), sessions=Sessions())
    other.sessions.of("somebody")
    assert samples(other)["clinicalblip_sessions"] == samples(page)["clinicalblip_sessions"] + 1


def _families(tmp_path: Path) -> Iterator[str]:
    store = ReviewStore(tmp_path / "reviews.sqlite3")
    app = AppContext(Settings(), ScriptedReporter(), store, Sessions())
    for family in AllMetrics(app).collect():
        if not family.name.startswith("process_"):
            yield family.name + ("_total" if family.type == "counter" else "")
    store.close()


def test_the_document_has_every_metric_and_no_other(tmp_path: Path) -> None:
    """Its table, row by row."""
    rows = re.findall(r"^\| `(clinicalblip_\w+)", DEPLOY.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(_families(tmp_path))
