"""A real page on a free port with a reporter that recites."""

import gc
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinicalblip.asset_folder import ASSETS
from clinicalblip.feedback.storage_path import StoragePath
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.settings import GenerationSettings, LimitSettings, Settings
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.page import build_page, launch_arguments
from clinicalblip.web.sessions import Sessions
from clinicalblip.worklist.reading_progress import ReadingProgress
from clinicalblip.worklist.sample_cases import read_sample_cases
from clinicalblip.worklist.work_list import WorkList
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
    """What the page works with, without a page around it and with small limits; the model writes one at a time."""
    settings = Settings(
        limits=LimitSettings(text_characters=2000, waiting_readers=2), generation=GenerationSettings(batch_size=1)
    )
    return AppContext(settings, reporter, store, Sessions(), read_sample_cases(ASSETS / "cases"))


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

    def start(
        settings: Settings | None = None,
        *,
        sessions: Sessions | None = None,
        notice: str = "",
        work_list: WorkList | None = None,
        progress: ReadingProgress | None = None,
    ) -> Served:
        settings = settings or Settings()
        port = free_port()
        server = settings.server.model_copy(update={"name": "127.0.0.1", "port": port})
        settings = settings.model_copy(update={"server": server})
        location = StoragePath(tmp_path / "reviews.sqlite3", persistent=not notice, notice=notice)
        sessions = sessions or Sessions()
        listed = {"work_list": work_list, "progress": progress}
        page = build_page(settings, reporter, store, location, sessions=sessions, **listed)
        pages.append(page)
        page.launch(**launch_arguments(settings), prevent_thread_lock=True, quiet=True)
        return Served(f"http://127.0.0.1:{port}/", reporter, store, sessions, cache, page)

    yield start
    with warnings.catch_warnings():
        # Gradio makes event loops for locks that it then uses elsewhere, and never closes them.
        warnings.simplefilter("ignore", ResourceWarning)
        for page in pages:
            page.close(verbose=False)
        pages.clear()
        gc.collect()
