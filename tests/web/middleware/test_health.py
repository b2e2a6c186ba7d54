"""Whether the server is up and can be used, for whatever watches over it."""

from collections.abc import Iterator

import httpx
import pytest

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.settings import Settings
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import Served, one_page

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A page whose model is there."""
    with one_page(tmp_path_factory.mktemp("health"), Settings(), ScriptedReporter()) as page:
        yield page


def test_a_server_that_answers_is_up(page: Served) -> None:
    """And says nothing else."""
    answer = httpx.get(f"{page.url}healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "up"})


def test_with_model_and_reviews_it_is_ready(page: Served) -> None:
    """No version, model or path is named."""
    answer = httpx.get(f"{page.url}readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "model": "loaded", "reviews": "writable", "ending": False}


def test_where_reviews_cannot_be_saved_it_is_not_ready(page: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays up."""

    def refuse() -> None:
        raise ReviewNotSaved("The disk is full.")

    monkeypatch.setattr(page.store, "check_writable", refuse)
    answer = httpx.get(f"{page.url}readyz")
    assert (answer.status_code, answer.json()["reviews"]) == (503, "failed")
    assert httpx.get(f"{page.url}healthz").status_code == 200


def test_a_server_that_ends_is_not_ready(page: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that nobody new is sent to it."""
    monkeypatch.setattr(page.sessions, "is_ending", True)
    answer = httpx.get(f"{page.url}readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
@pytest.mark.parametrize("route", ["healthz", "readyz"])
def test_nothing_can_be_done_there(page: Served, method: str, route: str) -> None:
    """They are only read."""
    assert httpx.request(method, f"{page.url}{route}").status_code in {403, 404, 405}
