"""The owner's page over HTTP: for owners alone, everything counted, nothing run that somebody typed."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.summary.counts import ALL, summarise
from clinicalblip.radiology.reading import Reading
from clinicalblip.web.review_pages import owner_wording, wording
from tests.fixtures.generated_reviews import generated_reviews

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(1)>\" onclick='x' & </pre>"


class Document(HTMLParser):
    """The tags, attributes, styles and text of a page."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: dict[str, list[str]] = {}
        self.style = self.text = ""
        self._in_style = False
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and its attributes."""
        self.tags.add(tag)
        self._in_style = tag == "style"
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_endtag(self, tag: str) -> None:
        """A style ends."""
        self._in_style = False

    def handle_data(self, data: str) -> None:
        """Note the text."""
        if self._in_style:
            self.style += data
        else:
            self.text += data


@pytest.mark.parametrize("path", ["owner", "owner/export"])
def test_who_is_no_owner_is_refused(reader: Any, path: str) -> None:
    """In one sentence, and without a number."""
    reader.save(1)
    answer = reader.get(path)
    assert answer.status_code == 403
    assert wording.NOT_OWNER in answer.text
    assert owner_wording.DECISIONS not in answer.text


def test_an_owner_sees_what_all_reviews_say(owner: Any, reader: Any, other: Any) -> None:
    """Every chart, the state now, and the latest reviews of anybody, which the owner can open."""
    mine = [one.save(number) for number, one in enumerate((reader, other))]
    mine.append(reader.save(2, reading=Reading(saved_seconds=60.0, active_seconds=30.0)))
    answer = owner.get("owner")
    assert answer.status_code == 200
    text = Document(answer.text).text
    counts = summarise(owner.pages.store.reviews()).groups[ALL]
    assert f"{counts.n} reviews counted" in text
    for title in (
        *(owner_wording.DAYS, owner_wording.DECISIONS, owner_wording.ERRORS, owner_wording.EDITS),
        *(owner_wording.KEPT, owner_wording.EDITING, owner_wording.READING, owner_wording.VERSIONS),
        *(owner_wording.QUEUE, owner_wording.SESSIONS, owner_wording.MEMORY, owner_wording.BACKLOG),
    ):
        assert title in text
    assert owner_wording.LIMITS in text
    assert answer.text.count('<svg role="img"') == 8
    for each in mine:
        assert f"/reviews/{each}" in answer.text
        assert owner.get(f"reviews/{each}").status_code == 200


def test_an_owner_finds_exports_and_forgets_any_review(owner: Any, reader: Any) -> None:
    """By its id; an id that is none is one sentence."""
    theirs = reader.save(21, word="Plantedword")
    found = owner.get(f"reviews/find?id=%20{theirs.upper()}%20")
    assert (found.status_code, found.headers["location"]) == (303, f"/reviews/{theirs}")
    for unknown in ("0123456789abcdef", "x", "", "../owner"):
        assert owner.client.get("reviews/find", params={"id": unknown}).status_code == 404
    exported = [json.loads(line)["id"] for line in owner.get("owner/export").text.splitlines()]
    assert theirs in exported
    assert len(exported) == len(owner.pages.store.consents())
    assert owner.get("reviews/export").text == ""  # which has the owner's own alone
    assert owner.post(f"reviews/{theirs}/forget").status_code == 200
    assert owner.pages.store.find(theirs).texts is None


def test_nothing_that_somebody_typed_runs(owner: Any, reader: Any) -> None:
    """In names and in texts, on every page; the policy of the answer lets no script run in any case."""
    model = {"base": ATTACK, "adapter": ATTACK}
    (one,) = generated_reviews(1, seed=99)
    draft = replace(one.draft, model=replace(one.draft.model, **model))
    attack = reader.save(31, word=ATTACK, reader=ATTACK, draft=draft)
    pages = ["reviews", "owner", f"reviews/{attack}", f"reviews/{attack}/forget", f"reviews/find?id={ATTACK}"]
    for path in pages:
        answer = owner.get(path) if path != "reviews" else reader.get(path)
        document = Document(answer.text)
        assert not document.tags & {"script", "img", "iframe", "object", "link"}, path
        assert not [name for name in document.attributes if name.startswith("on") or name == "style"], path
        policy = document.attributes["content"][0]
        digest = base64.b64encode(hashlib.sha256(document.style.encode()).digest()).decode()
        assert policy.startswith("default-src 'none'; ")
        assert f"style-src 'sha256-{digest}'" in policy
        assert "frame-ancestors" in answer.headers["content-security-policy"]
        assert not any("javascript:" in link for link in document.attributes.get("href", []))
    assert ATTACK in unescape(owner.get(f"reviews/{attack}").text)


def test_every_page_says_where_it_is(owner: Any, reader: Any) -> None:
    """A title, what it is not for, a language, one heading, and the way back to the page."""
    mine = reader.save(32)
    for path in ("reviews", "owner", f"reviews/{mine}", f"reviews/{mine}/forget", "reviews/0123456789abcdef"):
        text = owner.get(path).text
        assert '<html lang="en">' in text
        assert re.search(r"<title>[^<]+ · ClinicalBLIP</title>", text)
        assert text.count("<h1>") == 1
        assert wording.RESEARCH_ONLY in text
        assert f'<a href="/">{wording.BACK}</a>' in text


def test_a_database_that_cannot_be_written_is_said(owner: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its own words, and what can be read is shown all the same."""

    def refuse() -> None:
        raise ReviewNotSaved("The review was not saved (the disk is full).")

    monkeypatch.setattr(owner.pages.store, "check_writable", refuse)
    answer = owner.get("owner")
    assert answer.status_code == 200
    assert owner_wording.UNWRITABLE in answer.text
    assert "the disk is full" in answer.text


@pytest.mark.parametrize("path", ["owner/x", "reviews/x", "reviews/0123456789ABCDEF", "ownerx"])
def test_no_other_address_is_served(owner: Any, path: str) -> None:
    """Whoever asks."""
    assert owner.client.get(path).status_code == 404


def test_nothing_is_changed_but_by_the_form(owner: Any, reader: Any) -> None:
    """No other method, and no other address, takes anything."""
    mine = reader.save(33)
    for path in ("reviews", "owner", "owner/export", f"reviews/{mine}"):
        assert owner.post(path).status_code == 404
        assert owner.client.delete(path).status_code == 404
    assert owner.pages.store.find(mine).texts is not None
