"""In Chromium: three studies of a list are read by keys alone, and another reader's list is their own."""

from collections.abc import Callable
from pathlib import Path

from selenium.webdriver import Chrome, Keys
from selenium.webdriver.common.by import By

from clinicalblip.radiology.report import parse_sections
from clinicalblip.settings import Settings, WorklistSettings
from clinicalblip.web import wording
from clinicalblip.worklist.reading_progress import ReadingProgress
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.keyboard import Keyboard
from tests.fixtures.page_reader import Reader
from tests.fixtures.scripted_reporter import TEXT
from tests.fixtures.served_page import Served, until
from tests.web.test_work_list import make_list

pytestmark = BROWSER

RECITED = parse_sections(TEXT)


def current(reader: Reader) -> str:
    """The number of the study that the list says is shown, with its state."""
    script = "const row = document.querySelector('.cb-list-here'); return row ? row.innerText : ''"
    return " ".join(str(reader.browser.execute_script(script)).split())


def test_three_studies_are_read_by_keys_alone(
    serve: Callable[..., Served], chromium: Callable[[], Chrome], tmp_path: Path
) -> None:
    """A pseudonym, then each study drafted, rated, saved and gone on from; one is skipped; nobody needs a mouse."""
    progress = ReadingProgress(tmp_path / "progress")
    page = serve(Settings(), work_list=make_list(tmp_path), progress=progress)
    reader = Reader(chromium(), page.url)
    keyboard = Keyboard(reader.browser)
    assert until(lambda: reader.browser.find_element(By.CSS_SELECTOR, ".cb-list-reader").is_displayed())
    keyboard.go_to(".cb-list-reader input")
    keyboard.press(Keys.CONTROL, "a")
    keyboard.press("reader-7")
    keyboard.press(Keys.ENTER)
    assert until(lambda: "reader-7" in reader.text("work-list"))
    keyboard.press(Keys.ALT, Keys.PAGE_DOWN)
    for number, following in ((1, 2), (2, 4)):
        assert until(lambda number=number: current(reader) == f"{number} begun")  # type: ignore[misc]
        assert until(lambda number=number: reader.box("context-indication") == f"cough {number}")  # type: ignore[misc]
        keyboard.press(Keys.CONTROL, Keys.ENTER)
        assert until(lambda: reader.text("status").startswith("Drafted"))
        keyboard.go_to("#findings textarea")
        keyboard.press(Keys.CONTROL, Keys.END)
        keyboard.press(" Mine.")
        keyboard.go_to("#overall input")
        keyboard.press(Keys.SPACE)
        keyboard.go_to("#verdict input")
        keyboard.press(Keys.SPACE)
        keyboard.press(Keys.CONTROL, Keys.SHIFT, Keys.ENTER)
        assert until(lambda following=following: current(reader).startswith(f"{following} begun"))  # type: ignore[misc]
    keyboard.press(Keys.ALT, Keys.DELETE)
    assert until(lambda: reader.has("dialog[open]"))
    keyboard.press("2")
    assert until(lambda: current(reader) == "5 begun")
    assert len(list(page.store.reviews())) == 2
    states = [row.get_attribute("data-state") for row in reader.browser.find_elements(By.CSS_SELECTOR, "#work-list li")]
    assert states == ["saved", "saved", "fault", "skipped", "begun"]
    assert reader.errors() == []


def test_the_list_filters_folds_and_is_each_readers_own(
    serve: Callable[..., Served], chromium: Callable[[], Chrome], tmp_path: Path
) -> None:
    """A second page with the first one's pseudonym goes on; a name is refused; the filter hides, the fold folds."""
    progress = ReadingProgress(tmp_path / "progress")
    work_list = make_list(tmp_path)
    progress.of("heron-42").save(work_list.studies[0], 30)
    page = serve(Settings(), work_list=work_list, progress=progress)
    reader = Reader(chromium(), page.url)
    keyboard = Keyboard(reader.browser)
    assert until(lambda: reader.browser.find_element(By.CSS_SELECTOR, ".cb-list-reader").is_displayed())
    keyboard.go_to(".cb-list-reader input")
    for pseudonym in ("smith-7", "heron-42"):
        keyboard.press(Keys.CONTROL, "a")
        keyboard.press(pseudonym)
        keyboard.press(Keys.ENTER)
        if pseudonym == "smith-7":
            assert until(lambda: "may be somebody's name" in reader.text("message"))
    assert until(lambda: "1 of 4" in reader.text("work-list"))
    reader.choose_state("saved")
    visible = "return [...document.querySelectorAll('#work-list li')].filter((row) => row.offsetHeight).length"
    assert reader.browser.execute_script(visible) == 1
    reader.choose_state("skipped")
    assert reader.browser.execute_script(visible) == 0
    reader.click(".cb-list-fold")
    assert not reader.browser.find_element(By.CSS_SELECTOR, ".cb-list-body").is_displayed()
    assert reader.browser.execute_script("return JSON.stringify({...localStorage})").find("heron") == -1
    reader.browser.execute_script("document.activeElement.blur()")
    keyboard.press("?")
    assert until(lambda: reader.has("dialog.cb-keys"))
    shown = reader.browser.find_element(By.CSS_SELECTOR, "dialog.cb-keys").text
    assert all(says in shown for says in wording.PAGE_KEYS.values())
    assert wording.UNEXPECTED not in reader.text("message")


def test_the_next_study_comes_with_its_draft_and_its_own_context(
    serve: Callable[..., Served], chromium: Callable[[], Chrome], tmp_path: Path
) -> None:
    """Drafted ahead, it is marked as a draft, and the closed drawer says what is known of this patient."""
    settings = Settings(worklist=WorklistSettings(draft_ahead=1))
    page = serve(settings, work_list=make_list(tmp_path), progress=ReadingProgress())
    reader = Reader(chromium(), page.url)
    assert until(lambda: reader.browser.find_element(By.CSS_SELECTOR, ".cb-list-reader").is_displayed())
    reader.click(".cb-list-reader button")
    reader.open_study(1)
    assert until(lambda: reader.box("context-indication") == "cough 1")
    reader.draft()
    assert until(lambda: "cough 1" in reader.text("context-drawer"))
    assert until(lambda: len(page.reporter.contexts) == 2 and not page.reporter.active)
    reader.rate(4, "minor edits")
    Keyboard(reader.browser).press(Keys.CONTROL, Keys.SHIFT, Keys.ENTER)
    assert until(lambda: current(reader).startswith("2 begun"))
    assert until(lambda: reader.box("findings") == RECITED.findings)
    assert until(lambda: "cough 2" in reader.text("context-drawer"))
    assert RECITED.impression in reader.text("ai-draft")
    assert [context.indication for context in page.reporter.contexts].count("cough 2") == 1
