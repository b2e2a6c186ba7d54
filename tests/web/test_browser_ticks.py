"""The report as ticks, in Chromium: by keys alone, both ways, over a reload, and as a screen reader finds it."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from selenium.webdriver import ActionChains, Chrome, Keys

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


def keys(reader: Reader, *pressed: str) -> None:
    """Press keys, one after another, wherever the focus is."""
    for key in pressed:
        ActionChains(reader.browser).send_keys(key).perform()


def chord(reader: Reader, held: str, key: str) -> None:
    """Press a key while another is held."""
    ActionChains(reader.browser).key_down(held).send_keys(key).key_up(held).perform()


def here(reader: Reader) -> str:
    """What a screen reader says of the row that has the focus."""
    return str(reader.browser.execute_script("return document.activeElement.ariaLabel || ''"))


def stands(reader: Reader, text: str, box: str = "findings") -> bool:
    """Whether a text comes to stand in a box."""
    return until(lambda: reader.box(box) == text)


def walk_to(reader: Reader, name: str) -> None:
    """Press the arrow until the row of an observation has the focus."""
    keys(reader, Keys.HOME)
    for _ in range(20):
        if here(reader).startswith(name):
            return
        keys(reader, Keys.ARROW_DOWN)
    raise AssertionError(here(reader))


def test_a_report_is_ticked_by_keys_and_typed_in_turns(
    serve: Callable[..., Served], chromium: Callable[[], Chrome], film: Path
) -> None:
    """A draft's sentences change with the ticks and the ticks with what is typed; a reload keeps view and memory."""
    page = serve(Settings())
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    reader.draft()
    assert until(lambda: reader.has("#ai-draft .cb-sentence"))
    chord(reader, Keys.ALT, "t")
    assert until(lambda: here(reader) == "lung opacity: absent, both sides")
    walk_to(reader, "pleural effusion")
    keys(reader, "p", "l", "2", "z", "b", "c", "n")
    ticked = "There is a new small left basal pleural effusion."
    assert stands(reader, f"{HEART} {LUNGS} No pneumothorax. {ticked}")
    assert until(lambda: here(reader) == "pleural effusion: present, left, base, small, new")
    assert "impression leaves out" in reader.text("ticks")
    assert until(lambda: reader.has('.cb-sentence[data-key^="findings"][data-fate="edited"]'))
    chord(reader, Keys.ALT, "i")
    assert stands(reader, ticked, "impression")
    assert until(lambda: '"impression:0":"tick"' in reader.box("correction"))
    reader.browser.refresh()
    reader = Reader.of(reader.browser)
    assert until(lambda: reader.has("#final.cb-ticked #ticks [role=grid]"))
    reader.click('#ticks [data-row="Pleural Effusion#0"] .cb-tick-name')
    keys(reader, "a")
    keys(reader, "l", "z", "b")
    assert stands(reader, f"{HEART} {LUNGS} {PLEURA}")
    keys(reader, Keys.ENTER)
    selected = "const box = document.activeElement; return box.value.slice(box.selectionStart, box.selectionEnd)"
    assert reader.browser.execute_script(selected) == PLEURA
    keys(reader, "Left pneumonia. Kein Erguss.")
    chord(reader, Keys.ALT, "t")
    assert until(lambda: reader.has('[data-row="Pneumonia#0"][data-state="present"]'))
    assert f"Kein Erguss.\n{wording.NOT_TICKED}" in reader.text("ticks").replace(" not", "\nnot")
    reader.click('[data-row="Pneumonia#0"] .cb-tick-name')
    reader.click('[data-row="Pneumonia#0"] [data-value=right]')
    assert stands(reader, f"{HEART} {LUNGS} Right pneumonia. Kein Erguss.")
    chord(reader, Keys.ALT, "2")
    reader.press("save")
    assert until(lambda: reader.text("saved"))
    (review,) = page.store.reviews()
    changed = [each.decided_by for each in review.sentences if each.fate not in (None, SentenceFate.KEPT)]
    assert changed == [DecidedBy.TICK, DecidedBy.TICK]
    assert reader.errors() == []


def test_a_second_finding_outlasts_what_the_server_says_late(
    serve: Callable[..., Served], chromium: Callable[..., Chrome]
) -> None:
    """What is begun by a key stays while an earlier answer comes, and the next key is for it."""
    page = serve(Settings())
    reader = Reader(chromium(), page.url)
    reader.type("findings", "Pneumothorax.")
    reader.browser.execute_script(
        "const {change} = clinicalblipKeeping;"
        "clinicalblipKeeping.change = async (...asked) => {"
        "  const said = await change(...asked);"
        "  await new Promise((done) => setTimeout(done, 700));"
        "  return said;"
        "};"
    )
    keys(reader, Keys.F2)
    assert until(lambda: here(reader) == "lung opacity: not mentioned")
    keys(reader, Keys.F2, Keys.F2, Keys.PAGE_DOWN)
    assert here(reader) == "pneumothorax: present"
    keys(reader, "l", "+", "r", "2")
    assert stands(reader, "There is a left pneumothorax. There is a right pneumothorax.")
    assert until(lambda: here(reader) == "pneumothorax: present, right")
    keys(reader, "+")
    assert here(reader) == "pneumothorax"
    assert stands(reader, "There is a left pneumothorax. There is a small right pneumothorax.")
    time.sleep(1)  # an answer that was on its way has come
    assert here(reader) == "pneumothorax"
    assert reader.errors() == []


def test_the_rest_of_a_region_is_opened_and_every_key_is_said(
    serve: Callable[..., Served], chromium: Callable[..., Chrome], film: Path
) -> None:
    """Without a draft; normal sentences by one key, a second finding of a kind, and no fault that axe finds."""
    page = serve(Settings())
    reader = Reader(chromium(), page.url)
    reader.type("findings", "Left pneumothorax.")
    chord(reader, Keys.ALT, "n")
    normal = "The lungs are clear. The cardiomediastinal silhouette is normal in size. There is no acute fracture."
    assert stands(reader, f"Left pneumothorax. {normal}")
    keys(reader, Keys.F2)
    assert until(lambda: here(reader) == "lung opacity: absent")
    keys(reader, Keys.PAGE_DOWN)
    assert here(reader) == "pneumothorax: present, left"
    keys(reader, "+", "r")
    assert stands(reader, f"Left pneumothorax. There is a right pneumothorax. {normal}")
    assert until(lambda: here(reader) == "pneumothorax: present, right")
    keys(reader, Keys.ARROW_RIGHT)
    assert here(reader) == "pleural effusion: not mentioned"
    keys(reader, Keys.ARROW_LEFT)
    assert here(reader).startswith("pneumothorax")
    keys(reader, "?")
    overlay = "dialog.cb-keys"
    assert until(lambda: reader.has(overlay))
    said = found_anew(lambda: reader.browser.find_element("css selector", overlay).text)
    assert all(does in said for does in wording.TICK_KEYS.values())
    keys(reader, Keys.ESCAPE)
    assert until(lambda: not reader.has(overlay))
    axe = Path(sys.prefix) / "node_modules/axe-core/axe.min.js"
    if axe.is_file():
        reader.browser.execute_script(axe.read_text(encoding="utf-8"))
        found = reader.browser.execute_async_script(
            "const done = arguments[0]; axe.run('#final').then(({violations}) => done(violations.map(v => v.id)))"
        )
        assert found == []
