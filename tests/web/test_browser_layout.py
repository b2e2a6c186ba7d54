"""In Chromium: where things stand on the page, what keeps somebody from using it, and what a paste becomes."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from clinicalblip.settings import Settings
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.page_reader import Reader
from tests.fixtures.served_page import Served, until

pytestmark = BROWSER

AXE = Path(sys.prefix) / "node_modules/axe-core/axe.min.js"


@pytest.fixture
def page(serve: Callable[..., Served]) -> Served:
    """A page."""
    return serve(Settings())


def drafted(page: Served, chromium: Callable[[], Chrome], film: Path, size: tuple[int, int], query: str = "") -> Reader:
    """Somebody with a window of that size who has drafted a film."""
    browser = chromium()
    metrics = {"width": size[0], "height": size[1], "deviceScaleFactor": 1, "mobile": size[0] < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    reader = Reader(browser, page.url + query)
    reader.upload(film)
    assert until(lambda: "128 × 128" in reader.shown())
    reader.type("context-indication", "cough")
    reader.draft()
    return reader


def test_what_is_known_before_closes_to_a_line(page: Served, chromium: Callable[[], Chrome], film: Path) -> None:
    """Once a draft is written the boxes make room and a line says what is in them; a press brings them back."""
    reader = drafted(page, chromium, film, (1366, 768))
    box = reader.browser.find_element(By.CSS_SELECTOR, "#context-indication textarea")
    assert until(lambda: not box.is_displayed())
    assert reader.text("context-drawer").endswith("Indication: cough")
    reader.click(".cb-drawer")
    assert box.is_displayed()
    assert box.get_property("value") == "cough"
    reader.click(".cb-drawer")
    assert not box.is_displayed()


def test_a_new_study_opens_it_again(page: Served, chromium: Callable[[], Chrome], film: Path) -> None:
    """What is known of the next patient is typed next."""
    reader = drafted(page, chromium, film, (1366, 768))
    reader.press("new-study")
    if until(lambda: reader.has("dialog[open]"), seconds=2):
        reader.click("dialog button:last-of-type")
    assert until(lambda: reader.browser.find_element(By.CSS_SELECTOR, "#context-indication textarea").is_displayed())


@pytest.mark.parametrize("size", [(1366, 768), (1440, 900), (1920, 1080)])
def test_film_report_and_review_stand_side_by_side(
    page: Served, chromium: Callable[[], Chrome], film: Path, size: tuple[int, int]
) -> None:
    """Nothing is scrolled for, drafted or saved; the report is the largest text; a phone scrolls only down."""
    reader = drafted(page, chromium, film, size)
    script = (
        "return [...document.querySelectorAll('.cb-screen, #findings textarea, #impression textarea, #verdict, #save')]"
        ".every((part) => part.getBoundingClientRect().bottom <= innerHeight && part.getBoundingClientRect().top >= 0)"
    )
    assert until(lambda: reader.browser.execute_script(script))
    sizes = (
        "const size = (part) => parseFloat(getComputedStyle(part).fontSize);"
        "const texts = [...document.querySelectorAll('body *')].filter((part) => part.offsetParent"
        " && !part.closest('h1') && [...part.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));"
        "return [size(document.querySelector('#findings textarea')), Math.max(...texts.map(size))]"
    )
    report, largest = reader.browser.execute_script(sizes)
    assert report >= largest
    reader.rate(4, "rejected")
    reader.press("save")
    assert until(lambda: reader.text("saved"))
    page_ends = "const {scrollHeight, scrollWidth} = document.documentElement; return [scrollWidth, scrollHeight]"
    assert until(lambda: reader.browser.execute_script(page_ends) == list(size)), reader.browser.execute_script(
        page_ends
    )
    phone = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": False}
    reader.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", phone)
    beside = (
        "const wide = document.documentElement.clientWidth;"
        "const parts = document.querySelectorAll('button, textarea, input');"
        "const outside = (part) => part.offsetParent && part.getBoundingClientRect().right > wide;"
        "return [...parts].filter(outside).map((part) => part.outerHTML)"
    )
    assert until(lambda: not reader.browser.execute_script(beside)), reader.browser.execute_script(beside)


def test_the_film_takes_the_width_that_a_reader_gives_it(
    page: Served, chromium: Callable[[], Chrome], film: Path
) -> None:
    """By a drag or by arrows, within bounds, also after a reload; a double click undoes it, and a phone has none."""
    reader = drafted(page, chromium, film, (1440, 900))
    browser = reader.browser
    places = "#film-width [role=separator]"

    def width() -> int:
        return int(browser.execute_script("return document.querySelector('#film-column').offsetWidth"))

    def separator() -> WebElement:
        return browser.find_element(By.CSS_SELECTOR, places)

    before = width()
    ActionChains(browser).drag_and_drop_by_offset(separator(), -100, 0).perform()
    assert abs(before - 100 - width()) <= 12  # a per cent
    separator().send_keys(Keys.HOME, Keys.ARROW_LEFT)
    assert 380 <= width() < before - 100
    assert separator().get_attribute("aria-valuenow") == separator().get_attribute("aria-valuemin")
    separator().send_keys(Keys.END)
    widest = width()
    report = "return document.querySelector('#report-column').offsetWidth"
    assert widest > before
    assert browser.execute_script(report) >= 515
    kept = "return [...Object.entries(localStorage)].filter(([name]) => name.includes('film'))"
    assert browser.execute_script(kept) == [["clinicalblip-film-width", separator().get_attribute("aria-valuenow")]]
    reader = Reader(browser, page.url)
    assert until(lambda: abs(width() - widest) <= 12)  # a scrollbar
    ActionChains(browser).double_click(separator()).perform()
    assert until(lambda: abs(width() - before) <= 12)
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    )
    assert until(lambda: not separator().is_displayed())
    assert reader.errors() == []


@pytest.mark.skipif(not AXE.exists(), reason="axe-core comes by npm, which is not here")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_keeps_somebody_from_using_it(
    serve: Callable[..., Served], chromium: Callable[[], Chrome], film: Path, theme: str
) -> None:
    """axe-core finds no serious fault, in light or dark."""
    page = serve(Settings())
    reader = drafted(page, chromium, film, (1366, 768), f"?__theme={theme}")
    reader.browser.execute_script(AXE.read_text(encoding="utf-8"))
    found = reader.browser.execute_async_script(
        "axe.run({resultTypes: ['violations']}).then(arguments[arguments.length - 1])"
    )
    faults = [
        (fault["id"], node["target"], node["failureSummary"])
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
    assert not faults


def test_a_whole_report_that_is_pasted_is_cut_into_its_sections(page: Served, chromium: Callable[[], Chrome]) -> None:
    """Into both boxes of the reference, and of a prior report what its film showed."""
    reader = Reader(chromium(), page.url)
    whole = "INDICATION: Cough.\nFINDINGS: The heart is large.\nIMPRESSION: Cardiomegaly."
    reader.press("reveal")
    assert until(lambda: reader.has("#reference-findings textarea"))
    for part in ("reference-findings", "context-prior-report"):
        reader.click(f"#{part} textarea")
        reader.replace(part, whole)
    reader.click("#context-hints textarea")
    assert until(lambda: reader.box("reference-findings") == "The heart is large.")
    assert reader.box("reference-impression") == "Cardiomegaly."
    assert until(
        lambda: reader.box("context-prior-report") == "FINDINGS:\nThe heart is large.\n\nIMPRESSION:\nCardiomegaly."
    )
