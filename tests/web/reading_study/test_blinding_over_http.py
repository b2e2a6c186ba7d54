"""Over HTTP a reader is told nothing of how a draft was made: answers to drafts of the same words are the same."""

import json
import logging
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from clinicalblip.reader_study.study_folder import RECORDS, REVIEWS
from clinicalblip.reader_study.study_manifest import FILES, MANIFEST
from clinicalblip.web import wording as page_wording
from clinicalblip.web.identity import TAB_HEADER
from tests.fixtures.drafts_alike import MOST_ARMS, TELLING, prepare_drafts_alike, without_lots
from tests.fixtures.page_passwords import with_password
from tests.fixtures.page_protocol import PageReader
from tests.fixtures.served_reader_study import ServedStudyPage, StudyReader, serve_study

pytestmark = pytest.mark.system  # a page for each arm, and what it serves to the end of a case

_OWN_WORDS = {"findings": "The heart is of normal size.", "impression": "Normal."}
_OF_STUDY = {*FILES, MANIFEST, RECORDS, REVIEWS}
_CHANGING = {"date", "content-length", "server"}
"""Headers that say when; how many digits an answer's own time has; and which server, which is another one each time."""

_SERVER = re.compile(r'"server":"\w+"')


@dataclass
class Received:
    """What a reader's browser gets while one case is read: parts that are compared, and all of it as it came."""

    parts: list[tuple[str, ...]] = field(default_factory=list)
    whole: list[str] = field(default_factory=list)

    def keep(self, answer: httpx.Response) -> None:
        """Keep an answer whole, and its headers as a part."""
        answer.read()
        self.whole.append(f"{answer.url}\n{answer.headers}\n{answer.text}")
        headers = {name: value for name, value in answer.headers.items() if name not in _CHANGING}
        self.parts.append((without_lots(answer.url.path), str(answer.status_code), without_lots(str(headers))))

    def keep_text(self, answer: httpx.Response) -> None:
        """Keep an answer's text and size as a part too."""
        text = _SERVER.sub("", without_lots(answer.text))
        self.parts.append((without_lots(answer.url.path), text, answer.headers.get("content-length", "")))


class ReaderOfCases(PageReader):
    """The cases' page of a reader, which keeps what its events answered, a part of the page each."""

    def __init__(self, reader: StudyReader, tab: str = "") -> None:
        self.received = Received()
        super().__init__(
            reader.origin,
            beats=False,
            cookies=reader.client.cookies,
            headers={TAB_HEADER: tab or uuid4().hex, "origin": reader.origin},
            event_hooks={"response": [lambda answer: self.received.keep(answer)]},
        )
        self.received.parts.clear()  # the page itself, of which each arm has the same

    def close(self) -> None:
        """Leave the page."""
        self.leave()

    def ask(self, method: str, path: str, said: Any = None) -> None:
        """A request of the page's own scripts."""
        self.received.keep_text(self._client.request(method, self._client.base_url.join(f"/{path}"), json=said))

    def _follow(self, event: dict[str, Any], data: list[Any]) -> None:
        super()._follow(event, data)
        for one, value in zip(event["outputs"], data, strict=True):
            name = self._ids[one] or ""
            if name != "work-list":  # where the case stands in the reader's list, and no more
                self.received.parts.append((event["api_name"], name, without_lots(json.dumps(value))))


def read_case(page: ServedStudyPage, reader: StudyReader) -> Received:
    """Read the reader's next case as the page does, and ask on the way for everything that may say more of it."""
    told = reader.get("reader-study/case")
    with closing(ReaderOfCases(reader)) as tab:
        tab.received.keep(told)
        tab.received.keep_text(told)
        tab.call("open", {"action": "next"})
        tab.call("compare")
        if page.study.design.reading.reader_first:
            tab.set(**_OWN_WORDS)
            tab.call("commit")
            tab.call("compare")
        tab.ask("POST", "session", {})
        tab.ask("POST", "session/boxes", {"number": 5, "boxes": {"findings": _OWN_WORDS["findings"]}})
        tab.ask("POST", "session/history", {"number": 6, "redo": False})
        tab.ask("POST", "session/ticks", {"number": 7, "change": None})
        draft = tab.get("draft-id")
        paths = (f"evidence/{draft}", f"scores/{draft}", "metrics", "owner/study", "reviews", f"reviews/{'a' * 16}")
        for path in paths:
            tab.ask("GET", path)
        for event in ("use_draft", "restore", "compare", "resume", "rejoin"):
            tab.call(event)
        tab.received.whole += kept_of(page)
        tab.set(question_1="3", verdict="minor edits")
        tab.call("save")
        assert "Saved." in tab.get("saved")
        return tab.received


def kept_of(page: ServedStudyPage) -> list[str]:
    """What the server keeps of sessions, sign-ins and places in lists; not the study itself, nor what was saved."""
    folder = page.study.folder.path
    files = [each for each in folder.rglob("*") if each.is_file() and each.name.split("-")[0] not in _OF_STUDY]
    assert {each.parent.name for each in files} >= {"sessions", "sign-ins", "reading-progress"}
    return [each.read_bytes().decode("latin-1") for each in files]


@pytest.fixture(params=[False, True], ids=["draft at once", "impression first"])
def page(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ServedStudyPage]:
    """A study whose drafts have the same words, served; with and without an impression that is committed first."""
    with serve_study(prepare_drafts_alike(tmp_path, reader_first=request.param), with_password()) as served:
        yield served


def test_how_a_draft_was_made_reaches_nobody(
    page: ServedStudyPage, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Answers to the same words are the same, and neither answers nor logs nor what is kept of a session say more."""
    caplog.set_level(logging.DEBUG)
    received: dict[int, dict[str, Received]] = {}
    rest = Received()
    for _ in range(MOST_ARMS):
        reader = StudyReader(page, page.enrol())
        for assigned in page.study.folder.of_reader(reader.reader):
            received.setdefault(assigned.case, {})[assigned.arm] = read_case(page, reader)
        for path in ("", "reader-study", "reader-study/case", "reader-study/pair", "reader-study/pair/film"):
            rest.keep(reader.get(path))
        reader.client.close()
    for of_case in received.values():
        first, *others = of_case.values()
        assert len(others) == MOST_ARMS - 1
        for other in others:
            assert other.parts == first.parts
    everything = [*rest.whole, *(text for arms in received.values() for each in arms.values() for text in each.whole)]
    all_text = "\n".join((*everything, caplog.text, *capfd.readouterr())).lower()
    assert "the heart is of normal size" in all_text
    assert [word for word in TELLING if word.lower() in all_text] == []


def test_a_session_that_outlives_the_server_tells_nothing(tmp_path: Path) -> None:
    """What its page shows of a case that is not saved is the same under every arm."""
    folder, tabs = prepare_drafts_alike(tmp_path), [uuid4().hex for _ in range(MOST_ARMS)]
    readers = []
    with serve_study(folder, with_password()) as page:
        for tab in tabs:
            readers.append(StudyReader(page, page.enrol()))
            with closing(ReaderOfCases(readers[-1], tab)) as opened:
                opened.call("open", {"action": "next"})
                opened.ask("POST", "session/boxes", {"number": 5, "boxes": _OWN_WORDS})
    received = []
    with serve_study(folder, with_password()) as page:
        for reader, tab in zip(readers, tabs, strict=True):
            reader.origin = page.url.rstrip("/")
            with closing(ReaderOfCases(reader, tab)) as again:
                again.call("resume")
                again.call("compare")
                assert again.get("findings") == _OWN_WORDS["findings"]
                received.append(again.received)
            reader.client.close()
    arms = {page.study.folder.of_reader(reader.reader)[0].arm for reader in readers}
    assert len(arms) == MOST_ARMS
    assert all(each.parts == received[0].parts for each in received)
    all_text = "\n".join(text for each in received for text in each.whole).lower()
    assert page_wording.RESUMED.lower() in all_text
    assert [word for word in TELLING if word.lower() in all_text] == []
