"""Signing in and out as a reader does it, in Chromium: by keyboard, in a window and in a frame of another site."""

from collections.abc import Callable, Iterator

import httpx
import pytest
from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from clinicalblip.settings import ServerSettings
from clinicalblip.web.access.tokens import COOKIE
from clinicalblip.web.access.wording import SIGN_IN_FIRST, WRONG_PASSWORD
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.framing_site import framing_site
from tests.fixtures.page_passwords import WORD, with_password
from tests.fixtures.page_reader import Reader
from tests.fixtures.served_page import Served, until

pytestmark = BROWSER


@pytest.fixture
def site() -> Iterator[tuple[str, Callable[[str], None]]]:
    """Another site, and what says which page it shows in a frame."""
    with framing_site() as given:
        yield given


def type_password(browser: Chrome, word: str) -> None:
    """Into the box that has the cursor, and the Enter key."""
    assert until(lambda: browser.find_elements(By.ID, "password"))
    browser.switch_to.active_element.send_keys(word, Keys.ENTER)


def test_a_reader_signs_in_and_out(serve: Callable[..., Served], chromium: Callable[..., Chrome]) -> None:
    """A wrong word is said; the page then opens, and after Sign out neither it nor the way back shows it again."""
    page, browser = serve(with_password()), chromium()
    browser.get(page.url)
    assert browser.current_url == f"{page.url}sign-in"
    type_password(browser, "wrong word")
    assert until(lambda: WRONG_PASSWORD in browser.find_element(By.TAG_NAME, "body").text)
    type_password(browser, WORD)
    Reader.of(browser)
    assert browser.current_url == page.url
    assert until(lambda: browser.find_element(By.ID, "sign-out").is_displayed())
    browser.find_element(By.ID, "sign-out").click()
    assert until(lambda: browser.current_url == f"{page.url}sign-in")
    assert page.sessions._sessions == {}
    browser.back()
    assert not browser.find_elements(By.ID, "findings")


def test_a_page_whose_sign_in_has_ended_says_so(serve: Callable[..., Served], chromium: Callable[..., Chrome]) -> None:
    """Elsewhere, or by its hours: what was typed stays on it, so that it can be copied."""
    page, browser = serve(with_password()), chromium()
    browser.get(f"{page.url}sign-in")
    cookie = {COOKIE: httpx.post(f"{page.url}sign-in", data={"password": WORD}).cookies[COOKIE]}
    browser.add_cookie({"name": COOKIE, "value": cookie[COOKIE], "path": "/", "httpOnly": True})
    reader = Reader(browser, page.url)
    reader.type("findings", "Heart normal.")
    httpx.post(f"{page.url}sign-out", cookies=cookie)
    assert until(lambda: browser.find_elements(By.ID, "signed-out"))
    assert SIGN_IN_FIRST in reader.text("signed-out")
    assert reader.box("findings") == "Heart normal."


def test_a_reader_signs_in_in_a_frame(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], site: tuple[str, Callable[[str], None]]
) -> None:
    """Of another site, as a Space is shown: by a cookie that the browser keeps apart for it."""
    address, show = site
    page, browser = (
        serve(with_password(server=ServerSettings(embed_in=(address,)))),
        chromium("--mute-audio"),
    )  # its own process
    show(page.url)
    browser.get(address)
    browser.switch_to.frame(browser.find_element(By.ID, "page"))
    assert until(lambda: browser.find_elements(By.ID, "password"))
    browser.find_element(By.ID, "password").send_keys(WORD, Keys.ENTER)
    Reader.of(browser)
    (cookie,) = browser.execute_cdp_cmd("Storage.getCookies", {})["cookies"]
    assert (cookie["name"], cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (COOKIE, True, True, "None")
    assert cookie["partitionKey"]
