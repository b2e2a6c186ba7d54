"""In Chromium: how a study is read, by a clock that the test moves; what is sent of it, and what never is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By

from clinicalblip.feedback.row_mapping import StoredReview
from clinicalblip.radiology.reading import Reading
from clinicalblip.radiology.sentence_review import DecidedBy
from clinicalblip.settings import Settings
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.page_reader import Reader, found_anew
from tests.fixtures.served_page import Served, until

pytestmark = BROWSER

CLOCK = """
(() => {
  const real = performance.now.bind(performance);
  let ahead = 0;
  performance.now = () => real() + ahead;
  window.goOn = (seconds) => { ahead += 1000 * seconds; };
  let hidden = false;
  Object.defineProperty(document, "visibilityState", { get: () => (hidden ? "hidden" : "visible") });
  window.hide = (now) => { hidden = now; document.dispatchEvent(new Event("visibilitychange")); };
  window.sentOfReading = 0;
  const send = window.fetch.bind(window);
  window.fetch = (...call) => {
    if (/_seconds/.test(String(call[1]?.body))) window.sentOfReading += 1;
    return send(...call);
  };
})();
"""


INPUT = """
const [kinds, box] = [arguments[0], document.querySelector("#findings textarea")];
for (const [kind, text] of kinds) {
  if (kind) box.dispatchEvent(new InputEvent("beforeinput", { inputType: kind, bubbles: true }));
  box.value += text;
  box.setSelectionRange(box.value.length, box.value.length);
  box.dispatchEvent(new InputEvent("input", { inputType: kind, bubbles: true }));
}
"""
TYPED = (
    ("insertText", " Dictated."),
    ("insertCompositionText", " Composed."),
    ("insertReplacementText", " Corrected."),
)
PASTED = (("insertFromDrop", " Dropped."), ("insertFromYank", " Yanked."), ("", " Another program's."))
"""What a browser says of what comes into a box, all of it faster than the page looks; "" for nothing said."""


@pytest.fixture
def page(serve: Callable[..., Served]) -> Served:
    """A page."""
    return serve(Settings())


@pytest.fixture
def reader(page: Served, chromium: Callable[[], Chrome], film: Path) -> Reader:
    """Somebody with a film on the screen, before a clock that can be moved on."""
    browser = chromium()
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": CLOCK})
    reader = Reader(browser, page.url)
    reader.upload(film)
    return reader


def wait(reader: Reader, seconds: float) -> None:
    """So many seconds go by in which nothing is touched."""
    reader.browser.execute_script("window.goOn(arguments[0])", seconds)


def keys(reader: Reader, *pressed: str) -> None:
    """Press keys with the focus nowhere."""
    reader.browser.execute_script("document.activeElement.blur()")
    for key in pressed:
        ActionChains(reader.browser).send_keys(key).perform()


def fates(reader: Reader) -> list[str]:
    """What the page says became of each sentence."""
    places = "#ai-draft .cb-sentence"
    return found_anew(
        lambda: [
            str(one.get_dom_attribute("data-fate")) for one in reader.browser.find_elements(By.CSS_SELECTOR, places)
        ]
    )


def save(reader: Reader, page: Served) -> StoredReview:
    """Save, and give what was kept."""
    saved = len(list(page.store.reviews()))
    reader.press("save")
    assert until(lambda: len(list(page.store.reviews())) > saved), reader.text("message")
    return list(page.store.reviews())[-1]


def reading_of(review: StoredReview) -> Reading:
    """How a review was read."""
    assert review.reading is not None
    return review.reading


def test_a_study_read_by_a_clock_that_is_moved(page: Served, reader: Reader) -> None:
    """Times, what decided, characters, films, the reference; nothing of it leaves the browser before the tick."""
    wait(reader, 30)
    reader.draft()
    assert until(lambda: fates(reader) == ["kept"] * 4)
    wait(reader, 100)  # looking at the film
    keys(reader, "j", Keys.ENTER)
    wait(reader, 1000)  # away, of which two minutes count
    keys(reader, "x")
    assert until(lambda: fates(reader)[1] == "dropped")
    reader.browser.execute_script("window.hide(true)")
    wait(reader, 3600)
    reader.browser.execute_script("window.hide(false)")
    reader.type("findings", " Old rib fracture.")
    ActionChains(reader.browser).key_down(Keys.CONTROL).send_keys("a", "c").key_up(Keys.CONTROL).perform()
    reader.type("impression", " ")
    ActionChains(reader.browser).key_down(Keys.CONTROL).send_keys("v").key_up(Keys.CONTROL).perform()
    assert until(lambda: "rib" in reader.box("impression"))
    keys(reader, "4", "+", "+")
    reader.press("reveal")
    assert until(lambda: reader.has("#reference-findings textarea"))
    reader.replace("reference-findings", "Old fracture of a rib.")
    wait(reader, 5)
    ActionChains(reader.browser).key_down(Keys.ALT).send_keys("2").key_up(Keys.ALT).perform()
    first = save(reader, page)
    assert first.reading is None
    assert reader.browser.execute_script("return window.sentOfReading") == 0
    reader.click("#reading-consent input")
    wait(reader, 0.5)
    review = save(reader, page)
    assert reader.browser.execute_script("return window.sentOfReading") > 0
    reading = reading_of(review)
    assert not reading.interrupted
    assert 30 <= (reading.first_word_seconds or 0) <= (reading.draft_ended_seconds or 0) < 60
    assert 30 + 100 + 1000 + 3600 < reading.saved_seconds < 30 + 100 + 1000 + 3600 + 180
    assert 30 + 100 + 120 <= reading.active_seconds < 30 + 100 + 120 + 180
    of_draft = [
        (sentence.decided_by, seconds)
        for sentence, seconds in zip(review.sentences, reading.sentence_seconds, strict=True)
        if not sentence.added
    ]
    (by_key, accepted), (by_key_too, dropped), *rest = of_draft
    assert (by_key, by_key_too) == (DecidedBy.KEY, DecidedBy.KEY)
    assert accepted is not None
    assert dropped is not None
    assert 130 < accepted < 200
    assert 1130 < dropped < 1250
    assert rest[0] == (None, None)
    opened, decided = reading.reference_opened_seconds, reading.verdict_seconds
    assert opened is not None
    assert decided is not None
    assert opened + 5 <= decided <= reading.saved_seconds
    assert reading.answers_after_reference == 1
    final = reader.box("findings"), reader.box("impression")
    counts = (reading.characters_typed, reading.characters_pasted, reading.characters_kept)
    assert counts == (len(" Old rib fracture. "), len(final[0]), sum(map(len, final)) - len(final[0]) - 19)
    assert (reading.windows, reading.prior_viewed, reading.never_zoomed) == (1, None, False)
    assert reading.zooms >= 1
    assert (reading.accepted_all_at_once, reading.accepted_faster_than_readable) == (False, False)

    reader.browser.refresh()
    reader = Reader.of(reader.browser)
    assert until(lambda: len(fates(reader)) == 4 and reader.box("findings") == final[0])
    assert reader.browser.find_element(By.CSS_SELECTOR, "#reading-consent input").is_selected()
    keys(reader, "j", "j", "j", Keys.ENTER)
    reader.type("findings", "!")
    again = reading_of(save(reader, page))
    assert again.interrupted
    assert (again.first_word_seconds, again.draft_ended_seconds, again.reference_opened_seconds) == (None, None, 0)
    assert again.saved_seconds < 120
    assert [seconds is not None for seconds in again.sentence_seconds[:3]] == [False, False, True]
    assert again.characters_pasted == len(final[0])
    assert again.characters_typed == 20

    reader.open_study(2)
    assert until(lambda: not reader.has("#ai-draft .cb-sentence"))
    assert not reader.browser.find_element(By.CSS_SELECTOR, "#reading-consent input").is_selected()
    wait(reader, 10)
    reader.draft()
    assert until(lambda: "kept" in fates(reader))
    keys(reader, "a")
    reader.browser.execute_script(INPUT, [TYPED[0], PASTED[0], *TYPED[1:], *PASTED[1:]])
    ActionChains(reader.browser).key_down(Keys.ALT).send_keys("1").key_up(Keys.ALT).perform()
    reader.click("#reading-consent input")
    other = reading_of(save(reader, page))
    assert not other.interrupted
    assert 10 <= (other.draft_ended_seconds or 0) <= (other.verdict_seconds or 0) < 100
    assert other.reference_opened_seconds is None
    counts = (other.characters_typed, other.characters_pasted)
    assert counts == tuple(sum(len(text) for _, text in kinds) for kinds in (TYPED, PASTED))
    assert (other.accepted_all_at_once, other.never_zoomed) == (True, True)
    assert not reader.errors()
