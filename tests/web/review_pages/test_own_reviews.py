"""What a reader sees, exports and forgets: their own reviews, and nothing of anybody else's."""

from __future__ import annotations

import io
import json
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.bucket.bucket import BucketRefused
from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.copies import BucketCopies
from clinicalblip.feedback.exports.write import FORMATS, Format, export_reviews, table_files
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.review import Verdict
from clinicalblip.settings import Settings
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.review_pages import own_pages, wording
from clinicalblip.web.review_pages.forgetting import forget_review
from tests.fixtures.bucket_files import words_in
from tests.fixtures.odd_buckets import refuse_all
from tests.fixtures.served_page import until

pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed event loop:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:.*(no_silent_downcasting|copy keyword).*deprecated"),
]

ABSENT = "0123456789abcdef"


def test_a_reader_sees_their_own_reviews_alone(reader: Any, other: Any) -> None:
    """The list has links to theirs, and neither ids nor words of another's."""
    mine, theirs = reader.save(1, word="Mineword"), other.save(2, word="Theirword")
    answer = reader.get("reviews")
    assert answer.status_code == 200
    assert f"/reviews/{mine}" in answer.text
    assert theirs not in answer.text
    assert wording.OF_BROWSER.split(";")[0] in answer.text.replace("&#x27;", "'")
    opened = reader.get(f"reviews/{mine}").text
    assert "Mineword" in opened
    assert "Theirword" not in opened


def test_anothers_review_is_refused_as_one_that_is_not_there(reader: Any, other: Any) -> None:
    """To read it, to be asked, to forget it, and to find it: the same words, and it stays."""
    theirs = other.save(3, word="Theirword")
    for path in ("reviews/{}", "reviews/{}/forget", "reviews/find?id={}"):
        found, absent = (reader.get(path.format(each)) for each in (theirs, ABSENT))
        assert (found.status_code, found.text) == (404, absent.text)
        assert wording.NO_SUCH_REVIEW in found.text
    refused = reader.post(f"reviews/{theirs}/forget")
    assert refused.status_code == 404
    assert reader.pages.store.find(theirs).texts is not None


def test_a_list_goes_on_where_it_ends(reader: Any, other: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The latest first, and each one once."""
    monkeypatch.setattr(own_pages, "LISTED", 2)
    ids = [reader.save(number) for number in (1, 2, 3)]
    other.save(4)
    first = reader.get("reviews").text
    assert [each in first for each in ids] == [False, True, True]
    assert first.index(ids[2]) < first.index(ids[1])
    before = reader.pages.store.find(ids[1]).number
    second = reader.get(f"reviews?before={before}")
    assert [each in second.text for each in ids] == [True, False, False]
    assert f"before={before}" in first
    assert "before=" not in second.text


@pytest.mark.parametrize("before", ["", "x", "-1", "0", "9" * 40, "1;DROP"])
def test_a_place_in_the_list_that_is_none_is_the_first(reader: Any, before: str) -> None:
    """Whatever stands in the address."""
    mine = reader.save(5)
    assert mine in reader.get(f"reviews?before={before}").text


def test_whoever_saved_nothing_is_told_so(reader: Any) -> None:
    """And that reviews of another browser are not here."""
    answer = reader.get("reviews")
    assert answer.status_code == 200
    assert wording.NONE_YET in answer.text


@pytest.mark.parametrize("path", ["reviews", "reviews/export", f"reviews/{ABSENT}", "owner", "owner/export"])
def test_without_a_token_nothing_is_shown(stranger: Any, path: str) -> None:
    """One sentence says what to do."""
    answer = stranger.get(path)
    assert answer.status_code == 403
    assert "open the page first" in answer.text


def test_the_page_learns_whether_there_is_anything_to_link_to(reader: Any, owner: Any, stranger: Any) -> None:
    """For the links in its strip."""
    nothing = {"reviews": False, "owner": False}
    assert reader.get("reviews/known").json() == stranger.get("reviews/known").json() == nothing
    reader.save(1)
    assert reader.get("reviews/known").json() == {"reviews": True, "owner": False}
    assert owner.get("reviews/known").json() == {"reviews": False, "owner": True}


@pytest.mark.parametrize("format", FORMATS)
def test_an_export_is_that_of_the_command_with_own_reviews_alone(
    reader: Any, other: Any, tmp_path: Path, format: Format
) -> None:
    """Byte for byte what `feedback export` writes of a database that has no other reviews."""
    mine = [reader.save(number, word="Mineword") for number in (1, 2)]
    other.save(3, word="Theirword")
    answer = reader.get(f"reviews/export?format={format}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    files = table_files(tmp_path / f"reviews.{format}", format)
    with ReviewStore(tmp_path / "own.sqlite3") as own:
        for each in mine:
            own.put_back(reader.pages.store.find(each))
        assert export_reviews(own, tmp_path / f"reviews.{format}", format) == 2
    if format == "jsonl":
        assert answer.content == (tmp_path / "reviews.jsonl").read_bytes()
    else:
        with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
            assert {name: packed.read(name) for name in packed.namelist()} == {
                path.name: path.read_bytes() for path in files.values()
            }


def test_a_format_that_is_none_is_one_sentence(reader: Any) -> None:
    """Nothing of what was asked stands in it."""
    answer = reader.get("reviews/export?format=%3Cb%3E")
    assert (answer.status_code, wording.NO_FORMAT in answer.text, "%3C" in answer.text) == (400, True, False)


def test_without_pyarrow_parquet_is_neither_offered_nor_made(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other formats are."""
    monkeypatch.setattr(own_pages, "find_spec", lambda name: None)
    reader.save(1)
    shown = reader.get("reviews").text
    assert [f"format={each}" in shown for each in FORMATS] == [True, True, False]
    answer = reader.get("reviews/export?format=parquet")
    assert (answer.status_code, wording.NO_PARQUET in answer.text) == (400, True)


def test_a_full_disk_is_one_sentence(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not half a file."""

    def fail(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("clinicalblip.web.review_pages.routes.pack_reviews", fail)
    answer = reader.get("reviews/export")
    assert answer.status_code == 503
    assert "The export was not made" in answer.text


def test_forgetting_is_asked_first_and_erases_everywhere(reader: Any) -> None:
    """A link leads to a question, its button erases: in the database, in the bucket, with every version."""
    pages = reader.pages
    first = reader.save(1, word="Plantedword")
    second = reader.save(2, word="Plantedword", replaces=first)
    copies = BucketCopies(pages.store, pages.spool, BucketFolder(pages.bucket, "page"))
    copies.sync()
    assert words_in(pages.bucket_path, ["Plantedword"])
    asked = reader.get(f"reviews/{second}/forget")
    assert wording.FORGET_WHAT in asked.text
    assert pages.store.find(second).texts is not None
    answer = reader.post(f"reviews/{second}/forget")
    assert answer.status_code == 200
    assert f"The texts and the reading of review {second} are erased" in answer.text
    assert "The copies in the bucket and its snapshots from before are erased." in answer.text
    assert [pages.store.find(each).texts for each in (first, second)] == [None, None]
    assert words_in(pages.bucket_path, ["Plantedword"]) == set()
    shown = reader.get(f"reviews/{second}").text
    assert wording.NOTHING_TO_FORGET in shown
    assert "erased" in shown
    assert "Plantedword" not in shown
    exported = [json.loads(line) for line in reader.get("reviews/export").text.splitlines()]
    assert [each["final_findings"] for each in exported] == [None, None]


def test_what_the_bucket_does_not_take_is_said(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is erased all the same, and the spool keeps what is left to do."""
    mine = reader.save(6)
    monkeypatch.setattr(reader.pages.bucket, "before", refuse_all)
    answer = reader.post(f"reviews/{mine}/forget")
    assert "The bucket was not reached (it is down)" in answer.text
    assert reader.pages.store.find(mine).texts is None
    assert mine in reader.pages.spool.waiting()


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"},
    ],
)
def test_no_other_page_forgets_for_a_reader(reader: Any, headers: dict[str, str]) -> None:
    """A form of another origin is refused, whatever cookie the browser sends with it."""
    mine = reader.save(7)
    assert reader.post(f"reviews/{mine}/forget", **headers).status_code == 403
    assert reader.pages.store.find(mine).texts is not None


def test_a_form_without_an_origin_forgets_nothing(reader: Any) -> None:
    """Every browser names one."""
    mine = reader.save(8)
    assert reader.client.post(f"reviews/{mine}/forget").status_code == 403
    assert reader.pages.store.find(mine).texts is not None


def test_a_link_forgets_nothing(reader: Any) -> None:
    """Asking for the page of the question, however often, is no answer to it."""
    mine = reader.save(9)
    for method in ("GET", "HEAD"):
        assert reader.client.request(method, f"reviews/{mine}/forget").status_code == 200
    assert reader.pages.store.find(mine).texts is not None


def test_a_store_that_cannot_be_read_is_one_sentence(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """No traceback, no path."""

    def fail(*given: object, **named: object) -> None:
        raise ReviewNotSaved("The stored reviews cannot be read (the disk failed); check the reviews file.")

    monkeypatch.setattr(reader.pages.store, "newest", fail)
    answer = reader.get("reviews")
    assert answer.status_code == 503
    assert "The stored reviews cannot be read" in answer.text


def test_a_correction_says_what_it_is(reader: Any) -> None:
    """In the list, of both versions."""
    first = reader.save(1, verdict=Verdict.REJECTED)
    reader.save(2, replaces=first)
    shown = reader.get("reviews").text
    assert f"({wording.CORRECTED})" in shown
    assert f"({wording.CORRECTS})" in shown


def test_a_bucket_that_hangs_is_not_waited_for(reader: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some seconds the page says what is erased by then, and the bucket is erased when it answers."""
    pages, answered = reader.pages, threading.Event()
    mine = reader.save(11)

    def wait(call: str, name: str) -> None:
        if not answered.wait(30):
            raise BucketRefused("it hangs")

    monkeypatch.setattr(pages.bucket, "before", wait)
    served, folder = pages.served, BucketFolder(pages.bucket, "page")
    app = AppContext(Settings(), served.reporter, served.store, served.sessions, bucket=folder, spool=pages.spool)
    said = forget_review(app, mine, seconds=0.2)
    assert said[-1] == wording.BUCKET_SLOW.format(seconds="0.2")
    assert pages.store.find(mine).texts is None
    assert mine in pages.spool.waiting()
    answered.set()
    assert until(lambda: mine not in pages.spool.waiting())
