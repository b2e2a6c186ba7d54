"""What every room's tests share: the data marker, a switched-off network, and Chromium."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from selenium.webdriver import Chrome

from tests.fixtures.browsers import SharedChromium, start_chromium

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
FIELD = SHARED.parent / "field"

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

settings.register_profile("unhurried", deadline=None)  # how long an example takes depends on what else the machine does
settings.load_profile("unhurried")


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data that lies beside the checkout on some machines."""
    return SHARED


@pytest.fixture
def field() -> Path:
    """The folder of small files of kinds that people reported, beside the data."""
    return FIELD


@pytest.fixture(scope="session")
def shared_chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedChromium]:
    """The browser that tests share, each in a context of its own."""
    shared = SharedChromium(tmp_path_factory.mktemp("chromium"))
    yield shared
    shared.close()


@pytest.fixture
def chromium(tmp_path: Path, shared_chromium: SharedChromium) -> Iterator[Callable[..., object]]:
    """Open a new browser: the first of a test a context of the shared one, others and those with flags a process.

    `own`: a process with a profile in the test's folder, for tests that look at its files or open further windows.
    """
    browsers: list[Chrome] = []
    is_lent = False

    def open_browser(*flags: str, own: bool = False) -> Chrome:
        nonlocal is_lent
        if not (flags or own or is_lent):
            is_lent = True
            return shared_chromium.lend()
        browsers.append(start_chromium(tmp_path / f"profile-{len(browsers)}", *flags))
        return browsers[-1]

    yield open_browser
    if is_lent:
        shared_chromium.take_back()
    for browser in browsers:
        browser.quit()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what needs data that is not here."""
    for item in items:
        if item.get_closest_marker("shared_data"):
            needed = FIELD if "field" in getattr(item, "fixturenames", ()) else SHARED
            if not needed.is_dir():
                item.add_marker(pytest.mark.skip(reason=f"../shared/{needed.name} is not on this machine"))
