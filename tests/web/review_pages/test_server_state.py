"""How the server stands, as the owner's page is told."""

import threading
import time
from pathlib import Path

import pytest

from clinicalblip.feedback.bucket.bucket_folder import BucketFolder
from clinicalblip.feedback.bucket.folder_bucket import FolderBucket
from clinicalblip.feedback.bucket.spool import Spool
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.report import ClinicalContext
from clinicalblip.settings import Settings
from clinicalblip.web.app_context import AppContext
from clinicalblip.web.drafts import DraftRequest
from clinicalblip.web.review_pages import owner_wording as wording
from clinicalblip.web.review_pages.server_state import StorageLook, look, resident_bytes
from clinicalblip.web.sessions import SessionCounts, Sessions
from tests.fixtures.odd_buckets import OddBucket, refuse_all
from tests.fixtures.scripted_reporter import ScriptedReporter
from tests.fixtures.served_page import until


@pytest.fixture
def bucket(tmp_path: Path) -> OddBucket:
    """A bucket that works, until a test has something against it."""
    return OddBucket(FolderBucket(tmp_path / "bucket"))


@pytest.fixture
def context(tmp_path: Path, bucket: OddBucket, store: ReviewStore) -> AppContext:
    """A page with a bucket, and two reviews that wait for it."""
    spool = Spool(tmp_path / "spool")
    spool.add(["0" * 16, "1" * 16])
    folder = BucketFolder(bucket, "page")
    return AppContext(Settings(), ScriptedReporter(), store, Sessions(), bucket=folder, spool=spool)


def test_it_says_what_waits_and_what_the_bucket_has(context: AppContext) -> None:
    """In the words of `feedback status`."""
    state = look(context, StorageLook())
    assert (state.model, state.writable, state.backlog, state.is_ending) == ("loaded", True, 2, False)
    assert state.sessions == SessionCounts(sessions=0, holding=0, waiting=0, writing=0, films_bytes=0)
    assert "2 wait for the bucket." in state.storage
    assert "0 of these reviews are in the bucket, 0 snapshots too." in state.storage


def test_it_says_how_many_wait_and_how_many_are_written_for(context: AppContext) -> None:
    """Of all sessions, also those that hold nothing."""
    context.sessions.of("nothing")
    for key, running in (("first", True), ("second", False), ("third", False)):
        draft = context.sessions.of(key).draft
        draft.ask(DraftRequest({}, ClinicalContext()))
        draft.running = running
    found = look(context, StorageLook()).sessions
    assert (found.sessions, found.holding, found.waiting, found.writing) == (4, 3, 2, 1)


def test_without_a_bucket_nothing_waits(context: AppContext, store: ReviewStore) -> None:
    """And that there is none is said."""
    alone = AppContext(Settings(), context.reporter, store, Sessions())
    state = look(alone, StorageLook())
    assert state.backlog is None
    assert state.storage[-1] == "No copy elsewhere: storage.bucket names no bucket."


def test_a_bucket_that_is_down_is_said(context: AppContext, bucket: OddBucket) -> None:
    """The rest is there all the same."""
    bucket.before = refuse_all
    state = look(context, StorageLook())
    assert state.writable
    assert state.storage[-1] == "The bucket cannot be used now: it is down"


def test_a_bucket_that_fails_otherwise_is_said(context: AppContext, bucket: OddBucket) -> None:
    """Whatever its library raises, and not what it says, which may name anything."""

    def fail(call: str, name: str) -> None:
        raise RuntimeError("secret-token")

    bucket.before = fail
    assert look(context, StorageLook()).storage[-1] == wording.STATUS_FAILED


def test_a_silent_bucket_is_asked_once_and_waited_for_briefly(context: AppContext, bucket: OddBucket) -> None:
    """However often the page is loaded meanwhile; once it answers, the next page says what it has."""
    answer, asked = threading.Event(), []

    def wait(call: str, name: str) -> None:
        asked.append(call)
        assert answer.wait(30)

    bucket.before = wait
    storage = StorageLook()
    begun = time.monotonic()
    said = [storage.lines(context, seconds=0.1) for _ in range(3)]
    assert time.monotonic() - begun < 5
    for lines in said:
        assert "2 wait for the bucket." in lines
        assert lines[-1] == wording.BUCKET_SILENT.format(seconds="0.1")
    assert asked == ["is_private"]
    answer.set()
    assert until(lambda: "0 of these reviews are in the bucket, 0 snapshots too." in storage.lines(context))


def test_a_process_has_some_memory() -> None:
    """As Linux says it, in bytes."""
    found = resident_bytes()
    assert found is None or found > 2**20
