"""In Chromium: a study that changes under a draft, work that is not saved, and calls that the server refuses."""

from collections.abc import Callable
from pathlib import Path

import pytest
from gradio.queueing import Queue
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By

from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.report import parse_sections
from clinicalblip.radiology.review import Review
from clinicalblip.settings import GenerationSettings, Settings
from clinicalblip.web import wording
from clinicalblip.web.events.event_group import EventGroup
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.page_reader import Reader
from tests.fixtures.scripted_reporter import TEXT
from tests.fixtures.served_page import Served, png_film, until

pytestmark = BROWSER

RECITED = parse_sections(TEXT)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another film."""
    file = tmp_path / "other.png"
    file.write_bytes(png_film(160))
    return file


@pytest.fixture
def page(serve: Callable[..., Served]) -> Served:
    """A page."""
    return serve(Settings(generation=GenerationSettings(batch_size=1)))


@pytest.fixture
def reader(page: Served, chromium: Callable[[], Chrome], film: Path) -> Reader:
    """Somebody who has chosen a film."""
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    assert until(lambda: "128 × 128" in reader.shown())
    return reader


def dialog(reader: Reader, answer: str) -> None:
    """Answer the question about work that is not saved."""
    assert until(lambda: reader.has("dialog[open]"))
    box = reader.browser.find_element(By.CSS_SELECTOR, "dialog[open]")
    assert wording.DISCARD_QUESTION in box.text
    next(button for button in box.find_elements(By.TAG_NAME, "button") if button.text == answer).click()
    assert until(lambda: not reader.has("dialog[open]"))


def test_another_film_while_a_draft_is_written(page: Served, reader: Reader, other: Path) -> None:
    """The words of the film before are gone with it, it is said, and the page drafts the new film."""
    page.reporter.seconds_per_word = 0.2
    reader.type("context-indication", "cough")
    reader.press("draft")
    assert until(lambda: reader.box("findings"))
    reader.upload(other)
    assert until(lambda: "160 × 160" in reader.shown())
    assert until(lambda: reader.text("message") == wording.DRAFT_DROPPED)
    assert until(lambda: page.reporter.active == 0)
    assert until(lambda: reader.enabled("#findings textarea"))
    assert reader.box("findings") == ""
    assert wording.NO_DRAFT in reader.text("ai-draft")
    page.reporter.seconds_per_word = 0.0
    reader.replace("context-indication", "fever")
    reader.draft()
    assert reader.box("findings") == RECITED.findings
    assert [films[0].values.shape[0] for films in page.reporter.radiographs] == [128, 160]
    assert reader.errors() == []


def test_a_new_study_while_a_draft_is_in_line(
    page: Served, reader: Reader, chromium: Callable[[], Chrome], other: Path
) -> None:
    """Its place in line is gone; asked for again, the film of the new study is drafted."""
    page.reporter.seconds_per_word = 0.3
    first = Reader(chromium(), page.url)
    first.upload(other)
    first.press("draft")
    assert until(lambda: first.box("findings"))
    reader.press("draft")
    assert until(lambda: wording.AHEAD_ONE in reader.text("status"))
    reader.press("new-study")
    assert until(lambda: reader.text("message") == wording.DRAFT_DROPPED_NEW_STUDY)
    reader.upload(other)
    reader.press("draft")
    assert until(lambda: wording.AHEAD_ONE in reader.text("status"))
    page.reporter.seconds_per_word = 0.0
    assert until(lambda: reader.text("status").startswith("Drafted"))
    assert reader.box("findings") == RECITED.findings
    assert [films[0].values.shape[0] for films in page.reporter.radiographs] == [160, 160]


def test_pressing_new_study_twice_discards_nothing(reader: Reader, other: Path) -> None:
    """A double press asks once; edits stay unless the reader says so, for another film and a removed one too."""
    reader.draft()
    reader.type("findings", " Mine.")
    button = reader.browser.find_element(By.ID, "new-study")
    ActionChains(reader.browser).double_click(button).perform()
    dialog(reader, wording.KEEP_WORKING)
    assert until(lambda: reader.text("message") == wording.UNSAVED)
    assert reader.box("findings").endswith(" Mine.")
    reader.browser.find_element(By.ID, "film-frontal").send_keys(str(other))
    dialog(reader, wording.KEEP_WORKING)
    reader.click(".cb-film[data-role=frontal] .cb-remove")
    dialog(reader, wording.KEEP_WORKING)
    assert "128 × 128" in reader.shown()
    assert reader.box("findings").endswith(" Mine.")
    reader.browser.find_element(By.ID, "film-frontal").send_keys(str(other))
    dialog(reader, wording.DISCARD)
    assert until(lambda: "160 × 160" in reader.shown())
    assert until(lambda: reader.box("findings") == "")
    reader.press("new-study")
    assert until(lambda: reader.text("status") == wording.CLEARED)
    assert reader.errors() == []


def test_that_nothing_was_changed_is_said_until_the_reader_goes_on(reader: Reader) -> None:
    """Whatever they do next takes the sentence away, and the page still asks before it discards what is not saved."""
    reader.draft()
    reader.rate(3, "rejected")
    acts: list[Callable[[], None]] = [
        lambda: reader.type("impression", " Mine."),
        lambda: reader.rate(4, "rejected"),
        lambda: reader.replace("comment", "pasted"),
        lambda: reader.press("copy"),
        lambda: reader.type("context-history", "smoker"),
        lambda: reader.press("save"),
    ]
    for act in acts:
        reader.press("new-study")
        dialog(reader, wording.KEEP_WORKING)
        assert until(lambda: reader.text("message") == wording.UNSAVED), reader.text("message")
        act()
        assert until(lambda: reader.text("message") == ""), reader.text("message")
    assert until(lambda: reader.text("saved"))
    reader.press("new-study")
    assert until(lambda: reader.text("status") == wording.CLEARED)
    assert reader.errors() == []


def test_a_rating_is_not_discarded_unasked(reader: Reader) -> None:
    """Neither by a new study nor by a case; said yes to, it goes."""
    reader.draft()
    reader.rate(3, "rejected")
    reader.press("new-study")
    dialog(reader, wording.KEEP_WORKING)
    reader.open_study(2)
    dialog(reader, wording.KEEP_WORKING)
    assert until(lambda: reader.text("message") == wording.UNSAVED)
    assert not reader.has(".cb-list-here")
    assert reader.has("#overall input:checked")
    reader.press("new-study")
    dialog(reader, wording.DISCARD)
    assert until(lambda: not reader.has("#overall input:checked"))


def test_what_is_typed_while_a_save_is_on_its_way_is_not_saved(
    reader: Reader, store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page asks before it discards words typed after the press, and does not once they are saved too."""
    reader.draft()
    reader.rate(4, "minor edits")
    add = ReviewStore.add

    def slowly(self: ReviewStore, review: Review) -> str:
        until(lambda: False, seconds=1.5)
        return add(self, review)

    with monkeypatch.context() as slow:
        slow.setattr(ReviewStore, "add", slowly)
        reader.press("save")
        reader.type("impression", " Late.")
        assert until(lambda: reader.text("saved"))
    reader.press("new-study")
    dialog(reader, wording.KEEP_WORKING)
    assert reader.box("impression").endswith(" Late.")
    reader.press("save")
    assert until(lambda: "in place of" in reader.text("saved"))
    assert [row.words_added for row in store.reviews()] == [0, 1]
    reader.press("new-study")
    assert until(lambda: reader.text("status") == wording.CLEARED)


def test_the_server_fails_before_any_handler_has_the_call(
    page: Served, reader: Reader, film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence, never a single word; nothing is said to be saved, and no film stays being read."""
    reader.draft()
    reader.rate(4, "minor edits")
    reader.press("save")
    assert until(lambda: reader.text("saved"))

    def fail(self: EventGroup, request: object) -> None:
        raise RuntimeError("secret")

    with monkeypatch.context() as broken:
        broken.setattr(EventGroup, "session", fail)
        reader.press("save")
        assert until(lambda: reader.text("message") == wording.UNEXPECTED)
        assert reader.text("saved") == ""
        reader.upload(film)
        assert until(lambda: reader.text("message") == wording.UNEXPECTED)
        assert wording.VIEWER["reading"] not in reader.text("viewer")
        assert not [line for line in reader.browser.find_element(By.TAG_NAME, "body").text.split() if line == "Error"]
    reader.press("save")
    assert until(lambda: "Nothing changed" in reader.text("saved"))
    assert reader.text("message") == ""


def test_a_full_line_is_said_to_be_full(page: Served, reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Gradio's own queue refuses: the sentence is about the line, and the page drafts once there is room."""

    async def full(self: Queue, *given: object, **named: object) -> tuple[bool, str, str]:
        return False, "Queue is full. Max size is 1 and size is 1.", "queue_full"

    with monkeypatch.context() as crowded:
        crowded.setattr(Queue, "push", full)
        reader.press("draft")
        assert until(lambda: reader.text("message") == wording.LINE_FULL)
        assert until(lambda: reader.text("status") == wording.NOT_DRAFTED)
    shown = reader.browser.find_element(By.TAG_NAME, "body").text
    assert "currently busy" not in shown
    assert "Error" not in shown.split()
    reader.draft()
    assert reader.box("findings") == RECITED.findings


def test_stop_is_said_in_words(page: Served, reader: Reader) -> None:
    """From the press to the end the status is a sentence."""
    page.reporter.seconds_per_word = 0.7
    reader.browser.execute_script(
        "window.said = new Set(); const status = document.getElementById('status');"
        "new MutationObserver(() => window.said.add(status.innerText.trim())).observe(status, "
        "{subtree: true, childList: true, characterData: true})"
    )
    reader.press("draft")
    assert until(lambda: reader.box("findings"))
    reader.press("stop")
    assert until(lambda: reader.text("status").startswith("Stopped"))
    said = set(reader.browser.execute_script("return [...window.said]"))
    assert wording.STOPPING in said
    assert not any("object" in text for text in said)
