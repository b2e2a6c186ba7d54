"""The page in a frame of another site, as a Space shows it, in Chromium."""

from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from clinicalblip.settings import ServerSettings, Settings
from clinicalblip.web import wording
from clinicalblip.web.access.tokens import COOKIE
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.framing_site import framing_site
from tests.fixtures.page_reader import Reader
from tests.fixtures.served_page import Served, until

pytestmark = BROWSER


def enter(browser: Chrome, url: str) -> Reader:
    """Open the other site, and go on in its frame."""
    browser.switch_to.default_content()
    browser.get(url)
    browser.switch_to.frame(browser.find_element(By.ID, "page"))
    return Reader.of(browser)


@pytest.mark.parametrize("refused", [False, True])
def test_the_session_outlives_a_reload_in_a_foreign_frame(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], film: Path, *, refused: bool
) -> None:
    """By a cookie that is kept apart for that site, or, where the browser refuses it, by the tab's own storage."""
    with framing_site() as (site, show):
        page = serve(Settings(server=ServerSettings(embed_in=(site,), hosts=("reader.test",))))
        # Over plain http from elsewhere than this machine no browser takes a cookie in a frame.
        show(page.url.replace("127.0.0.1", "reader.test") if refused else page.url)
        browser = chromium("--host-resolver-rules=MAP reader.test 127.0.0.1")
        reader = enter(browser, site)
        cookies = browser.execute_cdp_cmd("Storage.getCookies", {})["cookies"]
        assert [cookie["name"] for cookie in cookies] == ([] if refused else [COOKIE])
        stored = browser.execute_script("return Object.keys(sessionStorage).sort()")
        assert stored == ["clinicalblip-tab", *(["clinicalblip-token"] if refused else [])]
        reader.upload(film)
        reader.draft()
        reader.type("findings", " In a frame.")
        assert until(lambda: reader.text("kept") == wording.KEPT)
        reader = enter(browser, site)
        assert until(lambda: reader.box("findings").endswith(" In a frame."))
        assert until(lambda: "128 × 128" in reader.shown())
        reader.rate(4, "minor edits")
        reader.press("save")
        assert until(lambda: reader.text("saved"))
        assert len(page.sessions._sessions) == 1
        assert len(list(page.store.reviews())) == 1
