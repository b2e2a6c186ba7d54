"""The report's steps are taken back and done again by keys, in Chromium."""

from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver import ActionChains, Chrome, Keys

from clinicalblip.radiology.report import Report, parse_sections
from clinicalblip.settings import LimitSettings, Settings
from clinicalblip.web import wording
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.page_reader import Reader
from tests.fixtures.scripted_reporter import TEXT
from tests.fixtures.served_page import Served, until

pytestmark = BROWSER

DRAFT = parse_sections(TEXT)


@pytest.fixture
def page(serve: Callable[..., Served]) -> Served:
    """A page for a few visitors."""
    return serve(Settings(limits=LimitSettings(text_characters=2000)))


def press(reader: Reader, *keys: str) -> None:
    """Press keys together, wherever the cursor is."""
    chain = ActionChains(reader.browser)
    for key in keys[:-1]:
        chain.key_down(key)
    chain.send_keys(keys[-1])
    for key in reversed(keys[:-1]):
        chain.key_up(key)
    chain.perform()


def undo(reader: Reader) -> None:
    """Ctrl+Z."""
    press(reader, Keys.CONTROL, "z")


def redo(reader: Reader) -> None:
    """Ctrl+Shift+Z."""
    press(reader, Keys.CONTROL, Keys.SHIFT, "z")


def kept(page: Served, reader: Reader) -> None:
    """Wait until the report that stands in the boxes is on the server."""
    (session,) = [session for _, session in page.sessions._sessions.values()]
    assert until(lambda: session.boxes.report == Report(reader.box("findings"), reader.box("impression")))


def stands(reader: Reader, text: str, box: str = "findings") -> bool:
    """Whether a text comes to stand in a box."""
    return until(lambda: reader.box(box) == text)


def test_typing_pasting_and_a_draft_are_taken_back_step_by_step(
    page: Served, chromium: Callable[[], Chrome], film: Path
) -> None:
    """Across a save and a reload; the cursor stands where the text changed, and another box keeps its own undo."""
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    reader.draft()
    reader.type("findings", " Mine.")
    kept(page, reader)
    reader.browser.execute_script("document.querySelector('#findings textarea').setSelectionRange(0, 0)")
    reader.browser.execute_cdp_cmd("Input.insertText", {"text": "X"})
    assert stands(reader, f"X{DRAFT.findings} Mine.")
    undo(reader)
    assert stands(reader, f"{DRAFT.findings} Mine.")
    undo(reader)
    assert stands(reader, DRAFT.findings)
    at = "return document.querySelector('#findings textarea').selectionEnd"
    assert reader.browser.execute_script(at) == len(DRAFT.findings)
    redo(reader)
    assert stands(reader, f"{DRAFT.findings} Mine.")
    assert until(lambda: "+Mine" in reader.text("draft-to-final"))
    reader.rate(4, "minor edits")
    reader.press("save")
    assert until(lambda: reader.text("saved"))
    kept(page, reader)
    reader.browser.refresh()
    reader = Reader.of(reader.browser)
    assert stands(reader, f"{DRAFT.findings} Mine.")
    reader.press("use-draft")
    assert stands(reader, DRAFT.findings)
    undo(reader)  # the cursor is in no box
    assert stands(reader, f"{DRAFT.findings} Mine.")
    reader.click("#impression textarea")
    undo(reader)
    assert stands(reader, DRAFT.findings)
    undo(reader)
    assert stands(reader, "")
    assert stands(reader, "", "impression")
    press(reader, Keys.CONTROL, "y")
    assert stands(reader, DRAFT.findings)
    assert stands(reader, DRAFT.impression, "impression")
    reader.type("comment", "mine alone")
    undo(reader)
    assert stands(reader, DRAFT.findings)


def test_drafting_again_leaves_an_edit_and_undo_knows_no_other_study(
    page: Served, chromium: Callable[[], Chrome], film: Path
) -> None:
    """The edit goes only by a press on the button for it; a new study begins without a step of the one before."""
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    reader.draft()
    reader.type("findings", " Mine.")
    reader.draft()
    assert until(lambda: reader.text("message") == wording.EDITS_KEPT)
    assert reader.box("findings") == f"{DRAFT.findings} Mine."
    reader.press("new-study")
    assert until(lambda: reader.has("dialog[open]"))
    reader.click("dialog[open] button:last-of-type")
    assert stands(reader, "")
    reader.click("#findings textarea")
    undo(reader)
    reader.type("findings", "Of the next.")
    kept(page, reader)
    assert reader.box("findings") == "Of the next."
    undo(reader)
    assert stands(reader, "")
    redo(reader)
    assert stands(reader, "Of the next.")


def test_the_keys_stand_in_the_table_and_a_paste_that_is_too_long_is_taken_back(
    page: Served, chromium: Callable[[], Chrome]
) -> None:
    """Two million characters stay on the page, which says that they are not kept; undo brings the text before."""
    reader = Reader(chromium(), page.url)
    reader.click("#findings textarea")
    reader.browser.execute_cdp_cmd("Input.insertText", {"text": "Mine."})
    kept(page, reader)
    paste = "document.querySelector('#findings textarea').focus();" + (
        "document.execCommand('insertText', false, 'lung '.repeat(400_000))"
    )
    reader.browser.execute_script(paste)
    assert until(lambda: reader.text("kept") == wording.TOO_LONG_TO_KEEP, seconds=60)
    undo(reader)
    assert until(lambda: reader.box("findings") == "Mine.", seconds=60)
    kept(page, reader)
    reader.press("copy")
    press(reader, "?")
    assert until(lambda: wording.PAGE_KEYS["undo"] in reader.browser.find_element("css selector", ".cb-keys").text)
