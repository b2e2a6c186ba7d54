"""A session outlives its page, in Chromium: reloads, tabs, and lines that break."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from clinicalblip.radiology.report import parse_sections
from clinicalblip.settings import GenerationSettings, LimitSettings, Settings
from clinicalblip.web import wording
from tests.fixtures.breaking_line import BreakingLine
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.page_reader import Reader
from tests.fixtures.scripted_reporter import TEXT
from tests.fixtures.served_page import Served, until

pytestmark = [*BROWSER, pytest.mark.system]


@pytest.fixture
def page(serve: Callable[..., Served]) -> Served:
    """A page for a few visitors."""
    return serve(Settings(limits=LimitSettings(text_characters=2000), generation=GenerationSettings(batch_size=1)))


def sessions(page: Served) -> set[str]:
    """The keys of the readers' sessions."""
    return set(page.sessions._sessions)


def test_a_reload_is_the_same_session_and_a_second_tab_another(page: Served, chromium: Callable[..., Chrome]) -> None:
    """The tab names it: reloaded it comes back to its own; a new tab, and a copy of one, have theirs."""
    browser = chromium(own=True)
    reader = Reader(browser, page.url)
    reader.press("draft")
    assert until(lambda: len(sessions(page)) == 1)
    first = sessions(page)
    Reader(browser, page.url).press("draft")
    assert until(lambda: "frontal film" in reader.text("message"))
    assert sessions(page) == first
    browser.switch_to.new_window("tab")
    Reader(browser, page.url).press("draft")
    assert until(lambda: len(sessions(page)) == 2)
    before = set(browser.window_handles)
    browser.execute_script("window.open(location.href)")  # with a copy of this tab's storage
    assert until(lambda: len(browser.window_handles) > len(before))
    browser.switch_to.window(*(set(browser.window_handles) - before))
    Reader.of(browser).press("draft")
    assert until(lambda: len(sessions(page)) == 3, seconds=30)
    assert all(key.startswith("reader:") for key in sessions(page))
    assert browser.execute_script("return document.cookie") == ""


def test_one_refused_request_is_sent_again(page: Served, chromium: Callable[..., Chrome], film: Path) -> None:
    """Gradio would reload the page or send nothing any more; with the line back the press is done, once."""
    with BreakingLine(page.url) as line:
        reader = Reader(chromium(), line.url)
        reader.browser.execute_script("window.sameDocument = true")
        reader.upload(film)
        line.refuse(2)
        reader.draft()
        assert reader.box("findings")
        assert len(page.reporter.contexts) == 1
        line.refuse(2)
        reader.press("save")
        assert until(lambda: wording.RATE_FIRST in reader.text("message"))
        assert reader.browser.execute_script("return window.sameDocument")


def fill(reader: Reader, film: Path) -> None:
    """A film, a context, a draft, an edit, a rating and a comment."""
    reader.upload(film)
    reader.type("context-indication", "cough and planted")
    reader.draft()
    reader.type("findings", " Mine.")
    reader.rate(4, "minor edits")
    reader.type("comment", "side wrong")
    assert until(lambda: reader.text("kept") == wording.KEPT)


def found(reader: Reader) -> bool:
    """Whether all of it is there."""
    boxes = [reader.box(name) for name in ("context-indication", "comment", "findings")]
    checked = "return [...document.querySelectorAll('#overall input')].findIndex((one) => one.checked)"
    return boxes[:2] == ["cough and planted", "side wrong"] and (
        boxes[2].endswith(" Mine.") and reader.browser.execute_script(checked) == 3
    )


def test_a_reload_brings_everything_back(page: Served, chromium: Callable[..., Chrome], film: Path) -> None:
    """Film, texts, draft, edits and ratings, with a quiet line; the review is saved as one."""
    reader = Reader(chromium(), page.url)
    fill(reader, film)
    reader.browser.refresh()
    reader = Reader.of(reader.browser)
    assert until(lambda: reader.text("message") == wording.RESUMED)
    assert until(lambda: found(reader))
    assert until(lambda: "128 × 128" in reader.shown())
    assert "heart" in reader.text("ai-draft")
    assert until(lambda: "+Mine" in reader.text("draft-to-final"))
    reader.press("save")
    assert until(lambda: reader.text("saved"))
    (row,) = page.store.reviews()
    assert (row.overall, row.words_added) == (4, 1)


def test_a_reload_in_a_draft_goes_on_with_it(page: Served, chromium: Callable[..., Chrome], film: Path) -> None:
    """The model writes on while the page is away, once, and the page shows how."""
    page.reporter.seconds_per_word = 1.0  # still at it when the page is back, however slow that is
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    reader.press("draft")
    assert until(lambda: len(reader.box("findings").split()) > 3)
    reader.browser.refresh()
    reader = Reader.of(reader.browser)
    assert until(lambda: reader.text("status").startswith("Writing"))
    assert not reader.enabled("#findings textarea")
    page.reporter.seconds_per_word = 0.05
    assert until(lambda: reader.text("status").startswith("Drafted"))
    assert reader.box("findings") == parse_sections(TEXT).findings
    assert reader.enabled("#findings textarea")
    assert len(page.reporter.contexts) == 1


def test_five_seconds_without_a_line(page: Served, chromium: Callable[..., Chrome], film: Path) -> None:
    """Typing goes on and is said not to be kept; Save waits; with the line back both are done, and the page stayed."""
    with BreakingLine(page.url) as line:
        reader = Reader(chromium(), line.url)
        reader.browser.execute_script("window.sameDocument = true")
        fill(reader, film)
        with line.cut():
            reader.type("impression", " Typed offline.")
            assert until(lambda: reader.text("kept") == wording.OFFLINE)
            reader.press("save")
            time.sleep(5)
            assert reader.text("saved") == ""
        assert until(lambda: reader.text("saved"))
        assert until(lambda: reader.text("kept") == wording.KEPT)
        assert reader.browser.execute_script("return window.sameDocument")
        assert len(list(page.store.reviews())) == 1
        (session,) = [session for _, session in page.sessions._sessions.values()]
        assert session.boxes.values["impression"].endswith(" Typed offline.")


def test_a_short_break_in_a_draft(page: Served, chromium: Callable[..., Chrome], film: Path) -> None:
    """Two seconds without a line: the page stays, follows the same draft again, and shows its end."""
    page.reporter.seconds_per_word = 0.25
    with BreakingLine(page.url) as line:
        reader = Reader(chromium(), line.url)
        reader.browser.execute_script("window.sameDocument = true")
        reader.upload(film)
        reader.press("draft")
        assert until(lambda: len(reader.box("findings").split()) > 3)
        with line.cut():
            time.sleep(2)
        assert until(lambda: reader.text("status").startswith("Drafted"), seconds=20)
        assert reader.box("findings") == parse_sections(TEXT).findings
        assert until(lambda: reader.enabled("#findings textarea"))
        assert reader.browser.execute_script("return window.sameDocument")
        assert len(page.reporter.contexts) == 1


def test_a_save_whose_answer_is_lost_is_one_review(page: Served, chromium: Callable[..., Chrome], film: Path) -> None:
    """The connection dies after the review is on disk; it is sent again by itself, and pressed again once more."""
    with BreakingLine(page.url) as line:
        reader = Reader(chromium(), line.url)
        fill(reader, film)
        line.lose_answer("/gradio_api/run/")
        reader.press("save")
        assert until(lambda: not line.loses_answer)
        assert until(lambda: reader.text("saved"), seconds=30)
        (review,) = page.store.reviews()
        assert review.id in reader.text("saved")
        reader.press("save")
        assert until(lambda: reader.text("saved") == wording.SAVED_BEFORE.format(id=review.id))
        assert len(list(page.store.reviews())) == 1


def test_a_line_that_falls_silent(page: Served, chromium: Callable[..., Chrome], film: Path) -> None:
    """As of a network that was changed: nothing closes or answers; what was typed and pressed is sent again."""
    with BreakingLine(page.url) as line:
        reader = Reader(chromium(), line.url)
        fill(reader, film)
        line.fall_silent()
        reader.type("findings", " More.")
        reader.press("save")
        (session,) = [session for _, session in page.sessions._sessions.values()]
        assert until(lambda: session.boxes.report.findings.endswith(" Mine. More."), seconds=60)
        assert until(lambda: reader.text("saved"), seconds=90)
        assert until(lambda: reader.text("kept") == wording.KEPT, seconds=30)
        assert len(list(page.store.reviews())) == 1


def test_back_and_forward_are_the_same_session(page: Served, chromium: Callable[..., Chrome], film: Path) -> None:
    """From another page in the same tab, whether the browser kept this one or loads it again."""
    reader = Reader(chromium(), page.url)
    fill(reader, film)
    reader.browser.get("data:text/html,<p>another page</p>")
    for step in (reader.browser.back, reader.browser.forward, reader.browser.back):
        step()
        if reader.browser.current_url == page.url:
            back = Reader.of(reader.browser)
            assert until(lambda back=back: found(back) and "128 × 128" in back.shown())
    assert len(page.sessions._sessions) == 1


@pytest.mark.parametrize("reloads", [False, True])
def test_films_that_were_given_up_are_said_and_asked_for(
    page: Served, chromium: Callable[..., Chrome], film: Path, *, reloads: bool
) -> None:
    """The reader comes back to what they wrote, is told in one sentence, and goes on with the film chosen again."""
    reader = Reader(chromium(), page.url)
    fill(reader, film)
    reader.press("save")
    assert until(lambda: reader.text("saved"))
    (session,) = [session for _, session in page.sessions._sessions.values()]
    page.sessions._spare = -1.0  # whoever is silent at all
    assert until(lambda: session.report.last_saved is not None)
    page.sessions._free_films(10**9)
    assert session.films == {}
    if reloads:
        reader.browser.refresh()
        reader = Reader.of(reader.browser)
    assert until(lambda: reader.text("message") == wording.FILMS_GIVEN_UP)
    assert until(lambda: found(reader))
    assert not reader.has(".cb-has-film")
    reader.upload(film)
    assert until(lambda: "128 × 128" in reader.shown())
    assert until(lambda: found(reader))
    reader.type("findings", " More.")
    reader.press("save")
    assert until(lambda: "in place of" in reader.text("saved"))


def test_two_tabs_have_two_reports(page: Served, chromium: Callable[..., Chrome]) -> None:
    """What is typed in one never stands in the other, after a reload neither."""
    browser = chromium(own=True)
    reader = Reader(browser, page.url)
    reader.type("context-history", "of the first")
    assert until(lambda: reader.text("kept") == wording.KEPT)
    browser.switch_to.new_window("tab")
    reader = Reader(browser, page.url)
    assert reader.box("context-history") == ""
    reader.type("context-history", "of the second")
    assert until(lambda: reader.text("kept") == wording.KEPT)
    for handle, text in zip(browser.window_handles, ("of the first", "of the second"), strict=True):
        browser.switch_to.window(handle)
        browser.refresh()
        assert until(lambda: Reader.of(browser).text("message") == wording.RESUMED)
        assert until(lambda text=text: Reader.of(browser).box("context-history") == text)


def test_a_long_text_is_kept_in_parts_and_one_that_is_too_long_is_said_to_be(
    serve: Callable[..., Served], chromium: Callable[..., Chrome]
) -> None:
    """Half of a character never gets lost between two parts."""
    page = serve(Settings(limits=LimitSettings(text_characters=40_000)))
    reader = Reader(chromium(), page.url)
    text = "Ä🫁 lung " * 4000
    reader.replace("context-history", text)
    (session,) = [session for _, session in page.sessions._sessions.values()]
    assert until(lambda: session.boxes.values.get("context-history") == text)
    reader.replace("context-history", "x" * 40_001)
    assert until(lambda: reader.text("kept") == wording.TOO_LONG_TO_KEEP)
    assert session.boxes.values["context-history"] == text
