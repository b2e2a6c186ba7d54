"""A real page on a free port with a reporter that recites."""

import gc
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinicalblip.asset_folder import ASSETS
from clinicalblip.feedback.storage_path import StoragePath
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.settings import LimitSettings, ServerSettings, Settings
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.cases import read_cases
from clinicalblip.web.page import build_page, launch_arguments
from clinicalblip.web.session import Sessions
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import NAME, Served, free_port, png_film
from tests.fixtures.walked_page import WalkedPage


@pytest.fixture
def film_bytes() -> bytes:
    """The bytes of a readable film."""
    return png_film()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A film whose file is named after its patient."""
    file = tmp_path / f"{NAME}.png"
    file.write_bytes(png_film())
    return file


@pytest.fixture
def reporter() -> ScriptedReporter:
    """A reporter that recites at once; tests change its speed and its failures."""
    return ScriptedReporter()


@pytest.fixture
def store(tmp_path: Path) -> ReviewStore:
    """A store of its own."""
    return ReviewStore(tmp_path / "reviews.sqlite3")


@pytest.fixture
def app(reporter: ScriptedReporter, store: ReviewStore) -> AppContext:
    """What the page works with, without a page around it and with small limits."""
    settings = Settings(limits=LimitSettings(text_characters=2000, waiting_readers=2))
    cases = {case.id: case for case in read_cases(ASSETS / "cases")}
    return AppContext(settings, reporter, store, Sessions(), cases)


@pytest.fixture
def walked(app: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WalkedPage:
    """An open page without a browser."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    return WalkedPage(app)


@pytest.fixture
def serve(
    tmp_path: Path, reporter: ScriptedReporter, store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Served]]:
    """Start a page; it is closed after the test."""
    pages = []
    cache = tmp_path / "uploads"
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(cache))
    monkeypatch.setenv(
        "GRADIO_HEARTBEAT_INTERVAL", "0.25"
    )  # who leaves is noticed within a quarter of a second, not in 15

    def start(settings: Settings | None = None, *, sessions: Sessions | None = None, notice: str = "") -> Served:
        settings = settings or Settings()
        port = free_port()
        settings = settings.model_copy(update={"server": ServerSettings(name="127.0.0.1", port=port)})
        location = StoragePath(tmp_path / "reviews.sqlite3", persistent=not notice, notice=notice)
        sessions = sessions or Sessions()
        page = build_page(settings, reporter, store, location, sessions=sessions)
        pages.append(page)
        page.launch(**launch_arguments(settings), prevent_thread_lock=True, quiet=True)
        return Served(f"http://127.0.0.1:{port}/", reporter, store, sessions, cache)

    yield start
    with warnings.catch_warnings():
        # Gradio makes event loops for locks that it then uses elsewhere, and never closes them.
        warnings.simplefilter("ignore", ResourceWarning)
        for page in pages:
            page.close(verbose=False)
        pages.clear()
        gc.collect()
