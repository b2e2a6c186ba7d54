"""The page in Chromium, as a reader uses it."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver import ActionChains, Chrome, Keys
from selenium.webdriver.common.by import By

from clinicalblip.errors import OutOfMemory
from clinicalblip.imaging.read import read_radiograph
from clinicalblip.radiology.radiograph import View
from clinicalblip.radiology.report import parse_sections
from clinicalblip.settings import GenerationSettings, LimitSettings, Settings
from clinicalblip.web import wording
from clinicalblip.web.sessions import Sessions
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.dicom_files import write_dicom
from tests.fixtures.page_reader import Reader, found_anew
from tests.fixtures.planted_film import burned_film
from tests.fixtures.scripted_reporter import TEXT
from tests.fixtures.served_page import NAME, Served, png_film, until, uploads_on_disk

pytestmark = BROWSER

RECITED = parse_sections(TEXT)


@pytest.fixture
def page(serve: Callable[..., Served]) -> Served:
    """A page for a few visitors."""
    return serve(
        Settings(limits=LimitSettings(text_characters=2000), generation=GenerationSettings(batch_size=1)),
        sessions=Sessions(linger=0.2, grace=0.2),
    )


def test_from_the_film_to_the_saved_review(
    page: Served, chromium: Callable[[], Chrome], film: Path, tmp_path: Path
) -> None:
    """Upload, draft, edit, compare with a reference, save: the row has the edit, and the name is nowhere."""
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    assert "128 × 128" in reader.shown()
    reader.type("context-indication", "cough")
    reader.draft()
    assert reader.box("findings") == RECITED.findings
    assert RECITED.impression in reader.text("ai-draft")
    reader.press("copy")
    assert until(lambda: reader.text("copy") == wording.COPIED)
    reader.type("impression", " Follow up.")
    assert until(lambda: "+Follow up" in reader.text("draft-to-final"))
    assert wording.REFERENCE_HIDDEN in reader.text("final-to-reference")
    reader.press("reveal")
    assert until(lambda: reader.has("#reference-findings textarea"))
    reader.type("reference-findings", "The heart is large.")
    assert until(lambda: "+large" in reader.text("final-to-reference"))
    reader.press("save")
    assert until(lambda: wording.RATE_FIRST in reader.text("message"))
    reader.rate(4, "minor edits")
    reader.click("#consent input")
    reader.press("save")
    assert until(lambda: reader.text("saved"))
    (row,) = page.store.reviews()
    assert reader.text("saved") == wording.SAVED.format(id=row.id)
    assert (row.overall, row.words_added) == (4, 2)
    assert NAME not in reader.browser.page_source
    assert not any(NAME in str(path) for path in page.cache.rglob("*"))
    assert uploads_on_disk(page.cache) == []
    stored = "return JSON.stringify([Object.keys(localStorage), Object.keys(sessionStorage)])"
    assert reader.browser.execute_script(stored) == '[[],["clinicalblip-tab"]]'
    assert reader.errors() == []


def test_stop_keeps_what_is_there(page: Served, chromium: Callable[[], Chrome], film: Path) -> None:
    """Words appear one by one; Stop ends them, keeps them, and the page drafts again."""
    page.reporter.seconds_per_word = 0.15
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    reader.press("draft")
    assert until(lambda: len(reader.box("findings").split()) > 2)
    assert not reader.enabled("#draft")
    reader.press("stop")
    assert until(lambda: reader.text("status").startswith("Stopped"))
    kept = reader.box("findings")
    assert RECITED.findings.startswith(kept)
    assert len(kept) < len(RECITED.findings)
    assert until(lambda: reader.enabled("#draft"))
    page.reporter.seconds_per_word = 0.0
    reader.draft()
    assert reader.box("findings") == RECITED.findings


def test_a_second_draft_keeps_edits_until_asked(page: Served, chromium: Callable[[], Chrome], film: Path) -> None:
    """Edits stay; the new draft replaces them when the reader says so, and they can be brought back."""
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    reader.draft()
    reader.type("findings", " Mine.")
    assert until(lambda: "+Mine" in reader.text("draft-to-final"))
    reader.press("draft")
    assert until(lambda: wording.EDITS_KEPT in reader.text("message"))
    assert reader.box("findings").endswith(" Mine.")
    reader.press("use-draft")
    assert until(lambda: reader.box("findings") == RECITED.findings)
    reader.press("restore")
    assert until(lambda: reader.box("findings").endswith(" Mine."))


def test_two_readers_see_nothing_of_each_other(page: Served, chromium: Callable[[], Chrome], film: Path) -> None:
    """Two browsers draft at once: one waits for the other, and each has its own film, context and report."""
    page.reporter.seconds_per_word = 0.08
    first, second = Reader(chromium(), page.url), Reader(chromium(), page.url)
    first.upload(film)
    film.write_bytes(png_film(160))
    second.upload(film)
    first.type("context-indication", "cough of the first")
    second.type("context-indication", "fever of the second")
    first.press("draft")
    assert until(lambda: first.box("findings"))
    second.press("draft")
    assert until(lambda: wording.AHEAD_ONE in second.text("status"))
    assert until(lambda: first.text("status").startswith("Drafted"))
    assert until(lambda: second.text("status").startswith("Drafted"))
    first.type("findings", " Of the first.")
    assert page.reporter.most_active == 1
    assert [context.indication for context in page.reporter.contexts] == ["cough of the first", "fever of the second"]
    assert ("128 × 128" in first.shown(), "160 × 160" in second.shown()) == (True, True)
    assert second.box("findings") == RECITED.findings
    assert "of the first" not in second.browser.page_source.lower()
    assert "of the second" not in first.browser.page_source


def test_keys_draft_and_stop(page: Served, chromium: Callable[[], Chrome], film: Path) -> None:
    """Ctrl+Enter drafts from any box, Escape stops."""
    page.reporter.seconds_per_word = 0.15
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    reader.type("context-history", "smoker")
    ActionChains(reader.browser).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
    assert until(lambda: reader.box("findings"))
    ActionChains(reader.browser).send_keys(Keys.ESCAPE).perform()
    assert until(lambda: reader.text("status").startswith("Stopped"))
    assert page.reporter.contexts[0].history == "smoker"


def test_bad_input_leaves_the_page_usable(page: Served, chromium: Callable[[], Chrome], film: Path) -> None:
    """A broken file, no film, a long text and a failing model: a sentence each, nothing typed is lost."""
    reader = Reader(chromium(), page.url)
    broken = film.with_name("broken.dcm")
    broken.write_bytes(b"this is a text")
    reader.press("draft")
    assert until(lambda: wording.NO_FRONTAL in reader.text("message"))
    reader.upload(broken)
    assert until(lambda: "file is" in reader.text("message"))
    reader.upload(film)
    assert until(lambda: "128 × 128" in reader.shown())
    reader.replace("context-history", "x" * 2001)
    reader.press("draft")
    assert until(lambda: "2,001 characters" in reader.text("message"))
    assert len(reader.box("context-history")) == 2001
    reader.replace("context-history", "smoker")
    page.reporter.failure, page.reporter.fails_after = OutOfMemory("The draft did not fit in memory; try again."), 4
    page.reporter.seconds_per_word = 0.1
    reader.press("draft")
    assert until(lambda: "did not fit in memory" in reader.text("message"))
    assert wording.UNFINISHED in reader.text("ai-draft")
    assert reader.box("findings") == ""
    page.reporter.failure, page.reporter.seconds_per_word = None, 0.0
    assert until(lambda: reader.enabled("#draft"))
    reader.draft()
    assert reader.box("findings") == RECITED.findings
    assert "did not fit" not in reader.browser.find_element(By.TAG_NAME, "body").text


def test_a_sample_case_fills_the_page(page: Served, chromium: Callable[[], Chrome]) -> None:
    """Choosing a case shows its film and context, and its reference only when the reader asks."""
    reader = Reader(chromium(), page.url)
    reader.open_study(2)
    assert until(lambda: reader.shown())
    assert until(lambda: reader.box("context-indication"))
    assert not reader.has("#reference-findings textarea")
    reader.press("reveal")
    assert until(lambda: reader.has("#reference-findings textarea"))
    assert reader.box("reference-findings")


@pytest.mark.system
def test_closing_the_page_frees_the_model(page: Served, chromium: Callable[[], Chrome], film: Path) -> None:
    """A tab that is closed in the middle of a draft ends it, once it has had time to come back."""
    page.reporter.seconds_per_word = 1.0
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    reader.press("draft")
    assert until(lambda: reader.box("findings"))
    assert page.reporter.active == 1
    reader.browser.get("about:blank")
    assert until(lambda: page.reporter.active == 0, seconds=50)


def test_the_window_changes_the_picture(page: Served, chromium: Callable[[], Chrome], film: Path) -> None:
    """Keys for window and inversion change what the canvas shows; reset brings it back."""
    reader = Reader(chromium(), page.url)
    reader.upload(film)
    assert until(lambda: reader.whole())
    before = reader.grey()
    reader.browser.execute_script("document.activeElement.blur()")  # a space on the button would choose a file
    body = reader.browser.find_element(By.TAG_NAME, "body")
    body.send_keys("i")
    assert until(lambda: abs(reader.grey() - (255 - before)) <= 1)
    body.send_keys(" ")
    assert until(lambda: reader.grey() == before)
    ActionChains(reader.browser).key_down("w").send_keys(Keys.ARROW_UP * 20).key_up("w").perform()
    assert until(lambda: reader.grey() != before)
    reader.click("[data-does=reset]")
    assert until(lambda: reader.grey() == before)


def test_nothing_that_names_somebody_reaches_the_model(
    page: Served, chromium: Callable[[], Chrome], tmp_path: Path
) -> None:
    """A name in the picture and names in the texts: refused, shown where they are, masked, drafted, saved masked."""
    file = tmp_path / f"{NAME}.dcm"
    file.write_bytes(burned_film())
    reader = Reader(chromium(), page.url)
    reader.upload(file)
    reader.type("context-indication", "cough, seen by Dr. Zebraname")
    reader.press("draft")
    assert until(lambda: "text in the frontal film" in reader.text("message"))
    reader.answer("mask")
    assert "masked" in reader.text("viewer")
    reader.press("draft")
    assert until(lambda: "name in Indication" in reader.text("message"))
    assert found_anew(lambda: reader.browser.find_element(By.CSS_SELECTOR, "#phi mark").text) == "Zebraname"
    assert page.reporter.contexts == []
    reader.press("phi-mask")
    assert until(lambda: reader.text("status").startswith("Drafted"))
    assert reader.box("context-indication") == "cough, seen by Dr. [name]"
    assert [context.indication for context in page.reporter.contexts] == ["cough, seen by Dr. [name]"]
    assert page.reporter.radiographs[0][0].pixels[10:40, 12:150].max() < 0.1  # its letters were 1
    assert not reader.has("#phi mark")
    reader.type("comment", "Dr. Zebraname agrees")
    reader.rate(4, "minor edits")
    reader.click("#consent input")
    reader.press("save")
    assert until(lambda: reader.browser.find_elements(By.ID, "kept-phi-mask"))
    assert list(page.store.reviews()) == []
    reader.press("kept-phi-mask")
    assert until(lambda: reader.text("saved"))
    assert until(lambda: reader.box("comment") == "Dr. [name] agrees")
    (row,) = page.store.reviews()
    assert row.texts is not None
    assert row.texts.comment == "Dr. [name] agrees"
    assert reader.errors() == []


def test_window_view_and_doubt_are_the_readers(
    page: Served, chromium: Callable[[], Chrome], film: Path, tmp_path: Path
) -> None:
    """The file's windows change the picture, the view is asked, a doubt has to be overruled and marks the draft."""
    ramp = np.repeat(np.arange(256, dtype=np.uint16)[:, None] * 16, 256, axis=1)
    data = write_dicom(ramp, WindowCenter=[2048, 3500], WindowWidth=[4096, 500])
    file = tmp_path / "film.dcm"
    file.write_bytes(data)
    page.reporter.doubted[read_radiograph(data).digest] = ("It may be a hand.",)
    reader = Reader(chromium(), page.url)
    reader.upload(file)
    assert until(lambda: reader.has(".cb-answer-overrule") and reader.whole())
    before = reader.grey()
    assert 100 < before < 150
    reader.choose("offered", "window 2")
    assert until(lambda: reader.grey() == 0)
    assert wording.VIEWER["which_view"] in reader.text("viewer")
    reader.choose("view", "AP")
    assert until(lambda: reader.shown().startswith("AP"))
    assert wording.VIEWER["which_view"] not in reader.text("viewer")
    reader.press("draft")
    assert until(lambda: "may be no chest radiograph" in reader.text("message"))
    reader.answer("overrule")
    reader.draft()
    assert "although the frontal film may be no chest radiograph" in reader.text("ai-draft")
    (seen,) = page.reporter.radiographs[0]
    assert (seen.view, seen.pixels[128, 128]) == (View.AP, 0)
    reader.upload(film)
    assert until(lambda: not reader.has(".cb-looking"))
    assert "hand" not in reader.text("viewer")
    assert reader.errors() == []
