"""In Chromium: a draft's sentences by keys, errors proposed and named by hand, and what a review keeps of them."""

from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from clinicalblip.radiology.check_outcome import Check
from clinicalblip.radiology.headings import Section
from clinicalblip.radiology.observation import Observation
from clinicalblip.radiology.report_error import ErrorCategory, ErrorOrigin, ErrorState, Significance
from clinicalblip.radiology.sentence_review import DecidedBy, SentenceFate
from clinicalblip.settings import Settings
from clinicalblip.web import wording
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.page_reader import Reader, found_anew
from tests.fixtures.served_page import Served, until

pytestmark = BROWSER

HEART, LUNGS, PLEURA = (
    "The heart is of normal size.",
    "Both lungs are clear, without consolidation.",
    "There is no pleural effusion and no pneumothorax.",
)


@pytest.fixture
def page(serve: Callable[..., Served]) -> Served:
    """A page."""
    return serve(Settings())


@pytest.fixture
def reader(page: Served, chromium: Callable[[], Chrome], film: Path) -> Reader:
    """Somebody with a draft, who types nowhere."""
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    reader.draft()
    assert until(lambda: fates(reader) == ["kept"] * 4)
    reader.browser.execute_script("document.activeElement.blur()")
    return reader


def keys(reader: Reader, *pressed: str) -> None:
    """Press keys, one after another, wherever the focus is."""
    for key in pressed:
        ActionChains(reader.browser).send_keys(key).perform()


def chord(reader: Reader, held: str, key: str) -> None:
    """Press a key while another is held."""
    ActionChains(reader.browser).key_down(held).send_keys(key).key_up(held).perform()


def fates(reader: Reader) -> list[str]:
    """What the page says became of each sentence of the draft."""
    places = "#ai-draft .cb-sentence"
    return found_anew(
        lambda: [
            str(one.get_dom_attribute("data-fate")) for one in reader.browser.find_elements(By.CSS_SELECTOR, places)
        ]
    )


def test_sentences_are_dropped_and_brought_back_by_keys(reader: Reader) -> None:
    """J and K walk, X drops and brings back to where it stood, E selects the sentence to be edited."""
    keys(reader, "j", "j", "x")
    assert until(lambda: fates(reader) == ["kept", "dropped", "kept", "kept"])
    assert reader.box("findings") == f"{HEART} {PLEURA}"
    assert wording.FATES["dropped"] in reader.text("ai-draft")
    keys(reader, "x")
    assert until(lambda: fates(reader) == ["kept"] * 4)
    assert reader.box("findings") == f"{HEART} {LUNGS} {PLEURA}"
    keys(reader, "j", "k", "k", "e")
    selected = "const box = document.activeElement; return box.value.slice(box.selectionStart, box.selectionEnd)"
    assert reader.browser.execute_script(selected) == HEART
    keys(reader, "The heart is enlarged.")
    assert until(lambda: fates(reader)[0] == "edited")
    assert reader.box("findings").startswith("The heart is enlarged.")


def test_what_is_pasted_or_taken_back_is_compared_as_what_is_typed(reader: Reader) -> None:
    """Gradio hears of neither."""
    reader.replace("findings", f"{PLEURA} {HEART}")
    assert until(lambda: fates(reader) == ["kept", "dropped", "kept", "kept"])
    reader.replace("findings", "")
    assert until(lambda: fates(reader) == ["dropped", "dropped", "dropped", "kept"])
    reader.click("#findings textarea")
    chord(reader, Keys.CONTROL, "z")
    assert until(lambda: fates(reader) == ["kept", "dropped", "kept", "kept"])


def test_a_review_keeps_what_became_of_each_sentence_and_what_was_wrong(page: Served, reader: Reader) -> None:
    """Decisions by key, click and typing, a proposed error that was confirmed, one by hand, a check put aside."""
    keys(reader, "j", Keys.ENTER)
    found_anew(lambda: reader.browser.find_elements(By.CSS_SELECTOR, ".cb-sentence")[1].click())
    assert until(lambda: fates(reader)[1] == "dropped")
    reader.type("findings", " Small left pleural effusion.")
    assert until(lambda: reader.has("[data-error]"))
    assert wording.CHECKS["says_and_denies"].format(finding="Pleural effusion") in reader.text("remarks")
    reader.click("#remarks .cb-dismiss")
    assert until(lambda: not reader.has("#remarks [data-remark]"))
    reader.browser.execute_script("document.activeElement.blur()")
    keys(reader, "y")
    assert until(lambda: reader.has('[data-error][data-state="confirmed"]'))
    Select(reader.browser.find_element(By.CSS_SELECTOR, "[data-error] select")).select_by_value("actionable")
    assert until(lambda: reader.has('[data-error] option[value="actionable"][selected]'))
    first = "document.querySelector('.cb-sentence').firstChild"
    reader.browser.execute_script("document.activeElement.blur()")
    reader.browser.execute_script(f"getSelection().setBaseAndExtent({first}, 4, {first}, 9)")
    chord(reader, Keys.SHIFT, "x")
    assert until(lambda: reader.has("dialog[open] select[name=category]"))
    Select(reader.browser.find_element(By.CSS_SELECTOR, "dialog [name=category]")).select_by_value("severity")
    Select(reader.browser.find_element(By.CSS_SELECTOR, "dialog [name=significance]")).select_by_value("negligible")
    reader.click("dialog button[value=add]")
    assert until(lambda: reader.has("[data-named]"))
    reader.browser.refresh()
    reader = Reader.of(reader.browser)
    assert until(lambda: reader.has('[data-error][data-state="confirmed"]') and reader.has("[data-named]"))
    chord(reader, Keys.ALT, "2")
    reader.press("save")
    assert until(lambda: reader.text("saved"))
    (review,) = page.store.reviews()
    of_draft = [each for each in review.sentences if not each.added]
    assert [(each.fate, each.decided_by) for each in of_draft] == [
        (SentenceFate.KEPT, DecidedBy.KEY),
        (SentenceFate.DROPPED, DecidedBy.CLICK),
        (SentenceFate.KEPT, None),
        (SentenceFate.KEPT, None),
    ]
    assert sum(each.added for each in review.sentences) == 1
    proposed, named = sorted(review.errors, key=lambda each: each.origin, reverse=True)
    assert (proposed.category, proposed.observation) == (ErrorCategory.MISSING_FINDING, Observation.PLEURAL_EFFUSION)
    assert (proposed.origin, proposed.state) == (ErrorOrigin.PROPOSED, ErrorState.CONFIRMED)
    assert proposed.significance is Significance.ACTIONABLE
    assert (named.section, named.start, named.end) == (Section.FINDINGS, 4, 9)
    assert (named.category, named.significance) == (ErrorCategory.SEVERITY, Significance.NEGLIGIBLE)
    (check,) = [outcome for outcome in review.checks if outcome.check is Check.SAYS_AND_DENIES]
    assert (check.shown, check.dismissed) == (1, 1)
    assert review.content_edits > 0
    assert review.texts is None


def test_all_that_is_left_is_accepted_by_one_key(page: Served, reader: Reader) -> None:
    """What was decided before stays as it was decided."""
    keys(reader, "j", Keys.ENTER, "a")
    assert until(lambda: "rest at once" in reader.box("correction"))
    chord(reader, Keys.ALT, "1")
    reader.press("save")
    assert until(lambda: reader.text("saved"))
    (review,) = page.store.reviews()
    assert [each.decided_by for each in review.sentences] == [DecidedBy.KEY, *[DecidedBy.REST] * 3]
    assert wording.VERDICT_SUGGESTED.format(verdict="accepted") in reader.text("verdict")


def test_how_sure_the_model_is_appears_after_the_draft_and_is_read_by_keys(
    page: Served, chromium: Callable[[], Chrome], film: Path
) -> None:
    """A mark beside the sentence, its figures where a key walks to it, and offers that go once the reader says it."""
    page.reporter.scores = {Observation.PLEURAL_EFFUSION: 0.8, Observation.PNEUMOTHORAX: 0.01, Observation.EDEMA: 0.7}
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    reader.draft()
    assert until(lambda: reader.has(".cb-sure"))
    (mark,) = reader.browser.find_elements(By.CSS_SELECTOR, ".cb-sure")
    figures = "no pleural effusion, 0.20; no pneumothorax, 0.99"
    assert mark.get_dom_attribute("aria-label") == wording.CONFIDENCE_OF.format(step="doubts this", figures=figures)
    assert figures not in reader.text("ai-draft")
    assert "Not mentioned: edema, 0.70" in reader.text("ai-draft")
    assert "Doubted: no pleural effusion, 0.20" in reader.text("ai-draft")
    reader.browser.execute_script("document.activeElement.blur()")
    keys(reader, "j", "j", "j")
    assert until(lambda: figures in reader.text("ai-draft"))
    reader.type("impression", " Edema.")
    assert until(lambda: "Not mentioned" not in reader.text("ai-draft"))
    assert reader.has(".cb-sure")
    reader.browser.refresh()
    reader = Reader.of(reader.browser)
    assert until(lambda: reader.has(".cb-sure"))
    assert page.reporter.scored == 1
