"""A server that is told to end."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client, handle_file

from clinicalblip.settings import Settings
from clinicalblip.web import wording
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.ending import end_work
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import Served, one_page, png_film, until

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Served]:
    """A page whose model takes its time for each word."""
    with one_page(tmp_path, Settings(), ScriptedReporter(seconds_per_word=0.2)) as page:
        yield page


def test_a_draft_that_is_written_ends_with_the_words_so_far_and_none_is_begun(page: Served, tmp_path: Path) -> None:
    """In the time of a word; whoever asks afterwards is told why."""
    film, found = tmp_path / "film.png", []
    film.write_bytes(png_film())
    client = Client(page.url, verbose=False)

    def draft() -> None:
        found.append(client.predict(handle_file(film), api_name="/draft"))

    reader = threading.Thread(target=draft)
    reader.start()
    assert until(lambda: page.reporter.active)
    time.sleep(0.5)
    app: Any = AppContext(Settings(), page.reporter, page.store, page.sessions)
    kept: list[str] = []
    page.sessions.keep = lambda session: kept.append(session.key)
    began = time.monotonic()
    end_work(app)
    assert time.monotonic() - began < 5
    reader.join(20)
    (said,) = found
    assert said["stopped"]
    assert said["findings"]
    assert kept
    with pytest.raises(Exception, match="being restarted"):
        client.predict(handle_file(film), api_name="/draft")
    assert wording.ENDING.startswith("The server is being restarted")


def test_a_word_that_does_not_come_is_not_waited_for(page: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The texts are kept all the same."""
    session = page.sessions.of("a reader")
    monkeypatch.setattr(session.draft, "running", True)
    kept: list[str] = []
    page.sessions.keep = lambda each: kept.append(each.key)
    end_work(AppContext(Settings(), page.reporter, page.store, page.sessions), longest=0.2)
    assert kept == ["a reader"]
