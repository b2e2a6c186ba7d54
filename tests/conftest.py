"""What every room's tests share: the data marker, a switched-off network, and Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
FIELD = SHARED.parent / "field"

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")


@pytest.fixture
def shared_data() -> Path:
    """The folder of real data that lies beside the checkout on some machines."""
    return SHARED


@pytest.fixture
def field() -> Path:
    """The folder of small files of kinds that people reported, beside the data."""
    return FIELD


@pytest.fixture
def chromium(tmp_path: Path) -> Iterator[Callable[[], object]]:
    """Open a new browser, every one with a profile of its own, with more flags where some are given."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        if os.environ.get("CI"):
            pytest.fail("CI has to have Chromium and chromedriver")
        pytest.skip("Chromium or chromedriver is not on this machine")
    browsers: list[webdriver.Chrome] = []

    def open_browser(*more: str) -> webdriver.Chrome:
        options = webdriver.ChromeOptions()
        options.binary_location = program
        for flag in (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1440,900",
            f"--user-data-dir={tmp_path / f'profile-{len(browsers)}'}",
            *more,
        ):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        browser = webdriver.Chrome(options=options, service=Service(driver))
        browsers.append(browser)
        return browser

    yield open_browser
    for browser in browsers:
        browser.quit()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what needs data that is not here."""
    for item in items:
        if item.get_closest_marker("shared_data"):
            needed = FIELD if "field" in getattr(item, "fixturenames", ()) else SHARED
            if not needed.is_dir():
                item.add_marker(pytest.mark.skip(reason=f"../shared/{needed.name} is not on this machine"))
