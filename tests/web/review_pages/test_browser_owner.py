"""In Chromium: the owner's page can be used by everybody, on a phone too, and its form works."""

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By

from clinicalblip.web.access.tokens import COOKIE
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.generated_reviews import FIRST
from tests.fixtures.page_reader import found_anew
from tests.fixtures.served_page import until

pytestmark = BROWSER

AXE = Path(sys.prefix) / "node_modules/axe-core/axe.min.js"


@pytest.mark.skipif(not AXE.exists(), reason="axe-core comes by npm, which is not here")
def test_nothing_keeps_an_owner_from_using_it(owner: Any, reader: Any, chromium: Callable[[], Chrome]) -> None:
    """axe-core finds no serious fault, a phone scrolls down alone, its forms work, and the page links to it."""
    for number in range(20):
        theirs = reader.save(number, created=FIRST + timedelta(hours=number))
    browser = chromium()
    browser.set_script_timeout(120)
    url = owner.pages.served.url
    browser.get(f"{url}healthz")  # a cookie needs a page of the server
    browser.add_cookie({"name": COOKIE, "value": owner.token, "path": "/"})
    for theme, width in (("light", 1366), ("dark", 390)):
        metrics = {"width": width, "height": 768, "deviceScaleFactor": 1, "mobile": width < 600}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
        browser.get(f"{url}owner")
        assert browser.execute_script("return document.documentElement.scrollWidth") <= width
        browser.execute_script("document.querySelector('details').open = true")
        browser.execute_script(AXE.read_text(encoding="utf-8"))
        found = browser.execute_async_script(
            "axe.run({resultTypes: ['violations']}).then(arguments[arguments.length - 1])"
        )
        assert not [
            (fault["id"], node["target"], node["failureSummary"])
            for fault in found["violations"]
            if fault["impact"] in ("serious", "critical")
            for node in fault["nodes"]
        ]
    browser.find_element(By.ID, "review-id").send_keys(theirs)
    for button in (".cb-find button", ".cb-button[href$=forget]", ".cb-question button"):
        assert until(lambda places=button: browser.find_elements(By.CSS_SELECTOR, places))
        browser.find_element(By.CSS_SELECTOR, button).click()
    said = f"The texts and the reading of review {theirs} are erased"
    assert until(lambda: said in found_anew(lambda: str(browser.find_element(By.TAG_NAME, "main").text)))
    assert owner.pages.store.find(theirs).texts is None
    browser.get(url)
    to_owner = ".cb-is-owner .cb-to-owner"
    assert until(lambda: browser.find_elements(By.CSS_SELECTOR, to_owner))
    assert until(lambda: found_anew(lambda: browser.find_element(By.CSS_SELECTOR, to_owner).is_displayed()))
    assert not browser.find_element(By.CSS_SELECTOR, ".cb-to-reviews").is_displayed()  # they have saved none
    assert [each for each in browser.get_log("browser") if each["level"] == "SEVERE"] == []
