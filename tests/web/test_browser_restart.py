"""The server is killed under an open page, and another one takes its place."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver import Chrome

from clinicalblip.web import wording
from tests.fixtures.breaking_line import BreakingLine
from tests.fixtures.page_process import page_processes
from tests.fixtures.page_reader import Reader
from tests.fixtures.served_page import NAME, until

pytestmark = [pytest.mark.browser, pytest.mark.system, pytest.mark.timeout(240)]


@pytest.mark.parametrize("in_draft", [False, True])
def test_a_killed_server_loses_no_acknowledged_key(
    tmp_path: Path, chromium: Callable[[], Chrome], film: Path, *, in_draft: bool
) -> None:
    """Texts, draft and rating are there with the new one, on the open page and after a reload; a word is nowhere."""
    options = {"seconds_per_word": 0.4 if in_draft else 0.0}
    with page_processes(tmp_path, options) as (first,), BreakingLine(first.url) as line:
        reader = Reader(chromium(), line.url)
        reader.browser.execute_script("window.sameDocument = true")
        reader.upload(film)
        reader.type("context-indication", "Zebraword cough")
        if in_draft:
            reader.press("draft")
            assert until(lambda: len(reader.box("findings").split()) > 2)
        else:
            reader.draft()
            reader.type("findings", " Mine.")
            reader.rate(4, "minor edits")
        assert until(lambda: reader.text("kept") == wording.KEPT)
        first.process.kill()
        first.process.wait()
        reader.type("comment", "typed while it was away")
        with page_processes(tmp_path, {}) as (second,):
            line.lead_to(second.url)
            assert until(lambda: reader.text("message") == wording.FILMS_LOST, seconds=30)
            assert until(lambda: reader.text("kept") == wording.KEPT)
            assert reader.browser.execute_script("return window.sameDocument")
            assert until(lambda: reader.enabled("#draft"))
            _check(reader, in_draft=in_draft)
            reader.browser.refresh()
            reader = Reader.of(reader.browser)
            assert until(lambda: reader.text("message") == wording.FILMS_LOST)
            _check(reader, in_draft=in_draft)
            reader.upload(film)
            if in_draft:
                reader.draft()
                reader.rate(4, "minor edits")
            reader.press("save")
            assert until(lambda: reader.text("saved"))
            addresses = "return JSON.stringify(performance.getEntries().map((one) => one.name))"
            browser = reader.browser.execute_script(addresses) + reader.browser.execute_script(
                "return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href])"
            )
            time.sleep(0.5)
            output = first.output() + second.output()
    disk = [path for path in tmp_path.rglob("*") if path.is_file() and "profile" not in str(path) and path != film]
    said = browser + output + "".join(str(path) for path in disk)
    for word in ("Zebraword", "typed while", " Mine.", NAME):
        assert word not in said
        assert not any(word.encode() in path.read_bytes() for path in disk)


def test_a_restart_without_a_journal_is_said(tmp_path: Path, chromium: Callable[[], Chrome], film: Path) -> None:
    """Nothing of the session is on the disk; what stands in the open page's boxes is sent to the new server."""
    options = {"journal": False}
    with page_processes(tmp_path, options) as (first,), BreakingLine(first.url) as line:
        reader = Reader(chromium(), line.url)
        reader.upload(film)
        reader.draft()
        reader.type("findings", " Mine.")
        reader.type("context-indication", "Zebraword cough")
        assert until(lambda: reader.text("kept") == wording.KEPT)
        first.process.kill()
        first.process.wait()
        assert not list(tmp_path.rglob("sessions"))
        with page_processes(tmp_path, options) as (second,):
            line.lead_to(second.url)
            assert until(lambda: reader.text("message") == wording.BEGUN_ANEW, seconds=30)
            assert not reader.has(".cb-has-film")
            assert until(lambda: reader.text("kept") == wording.KEPT)
            reader.browser.refresh()
            reader = Reader.of(reader.browser)
            assert until(lambda: reader.box("context-indication") == "Zebraword cough")
            assert until(lambda: reader.box("findings").endswith(" Mine."))
            reader.upload(film)
            reader.draft()
            assert reader.box("findings").endswith(" Mine.")


@pytest.mark.parametrize("how", ["altered", "cut", "of another version"])
def test_a_journal_that_cannot_be_read_is_said_on_the_page(
    tmp_path: Path, chromium: Callable[[], Chrome], how: str
) -> None:
    """It is ignored, the page begins empty, and what is typed then is kept in its place."""
    with page_processes(tmp_path, {}) as (first,), BreakingLine(first.url) as line:
        reader = Reader(chromium(), line.url)
        reader.type("findings", "Before.")
        assert until(lambda: reader.text("kept") == wording.KEPT)
        assert until(lambda: list(tmp_path.rglob("sessions/*")))
        reader.browser.get("about:blank")
        first.process.kill()
        first.process.wait()
        (file,) = tmp_path.rglob("sessions/*")
        content = file.read_bytes()
        file.write_bytes(
            {
                "altered": content[:-1] + bytes([content[-1] ^ 1]),
                "cut": content[:-20],
                "of another version": content.replace(b"session 1", b"session 9"),
            }[how]
        )
        with page_processes(tmp_path, {}) as (second,):
            line.lead_to(second.url)
            reader = Reader(reader.browser, line.url)
            assert until(lambda: reader.text("message") == wording.JOURNAL_FAULT)
            assert reader.box("findings") == ""
            reader.type("findings", "After.")
            assert until(lambda: reader.text("kept") == wording.KEPT)
            reader.browser.refresh()
            reader = Reader.of(reader.browser)
            assert until(lambda: reader.text("message") == wording.RESUMED)
            assert reader.box("findings") == "After."


def _check(reader: Reader, *, in_draft: bool) -> None:
    assert until(lambda: reader.box("context-indication") == "Zebraword cough")
    assert until(lambda: reader.box("comment") == "typed while it was away")
    assert in_draft or reader.box("findings").endswith(" Mine.")
