"""In Chromium: of all that a reader's browser receives and keeps, nothing names an arm or where its drafts are from."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from starlette.types import Message, Receive, Scope, Send

from clinicalblip.web.middleware.gateway import Gateway
from clinicalblip.web.served_study import wording
from tests.fixtures.browser_marks import BROWSER
from tests.fixtures.page_reader import Reader
from tests.fixtures.reader_study import ASSISTED, DESIGN, NONE, OFFERED, prepare_small_study
from tests.fixtures.served_page import until
from tests.fixtures.served_reader_study import ServedStudyPage, serve_study

pytestmark = [*BROWSER, pytest.mark.system]

NAMES = {NONE: "quince", ASSISTED: "medlar", OFFERED: "sorbus"}
"""Names of the arms that no script of the page has for something else."""

_FILMS = "/films/"
_LOT = re.compile(r"[0-9a-f]{32,}|[\w-]{43}|\d+")
_STORED = (
    "return JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie, location.href, document.title])"
)


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that the server sends, but the films' values: addresses, headers and bodies."""
    parts: list[str] = []
    serve = Gateway.__call__

    async def keeping(gateway: Gateway, scope: Scope, receive: Receive, send: Send) -> None:
        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                parts.append(repr((scope["path"], scope.get("query_string"), message["headers"])))
            elif not scope["path"].startswith(_FILMS):
                parts.append(message.get("body", b"").decode("utf-8", "replace"))
            await send(message)

        await serve(gateway, scope, receive, keep)

    monkeypatch.setattr(Gateway, "__call__", keeping)
    return parts


@pytest.fixture
def page(tmp_path: Path, received: list[str]) -> Iterator[ServedStudyPage]:
    """The small study, served, and what it sends kept."""
    design = DESIGN
    for name, other in NAMES.items():
        design = design.replace(name, other)
    with serve_study(prepare_small_study(tmp_path, design=design)) as served:
        yield served


def _read(reader: Reader, number: int) -> Any:
    """Read the next case as it stands there; gives what the browser keeps then."""
    reader.browser.find_element(By.TAG_NAME, "body").send_keys("n")
    assert until(lambda: reader.has(f"#case [data-number='{number}']"))
    if reader.has("#case [data-draft='shown']"):
        assert until(lambda: reader.box("findings"))
        reader.click("#verdict label")
    else:
        reader.type("findings", "Clear.")
    reader.click("#question-1 label")
    reader.press("save")
    assert until(lambda: "Saved" in reader.text("saved"))
    return _LOT.sub("", reader.browser.execute_script(_STORED))


def test_nothing_that_a_browser_has_tells_the_arms_apart(
    page: ServedStudyPage, received: list[str], chromium: Callable[..., Chrome]
) -> None:
    """Pages, answers of every event, headers and addresses name none; what the browser keeps is the same under each."""
    name = page.enrol()
    browser = chromium()
    browser.get(f"{page.url}reader-study#{page.study.records.make_link(name)}")
    assert until(lambda: wording.FIRST_CASE in browser.page_source)
    reader = Reader(browser, page.url)
    kept: dict[str, set[str]] = {}
    for number, assigned in enumerate(page.study.folder.of_reader(name), start=1):
        kept.setdefault(assigned.arm, set()).add(_read(reader, number))
    assert kept.keys() == set(NAMES.values())
    assert len(set.union(*kept.values())) == 1
    everything = "\n".join(received).lower()
    assert "effusion" in everything
    models = {draft.draft.model for draft in page.study.folder.drafts.values()}
    sources = {each.base_digest for each in models} | {each.base for each in models if each.base != "reference"}
    for told in {*NAMES.values(), "predictions", "injected", *sources}:
        assert told.lower() not in everything, told
