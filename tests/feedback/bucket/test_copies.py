"""Every review is in the bucket too, whatever the bucket does meanwhile, and no word of it once that is withdrawn."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clinicalblip.errors import SettingsError
from clinicalblip.feedback.bucket import uploader
from clinicalblip.feedback.bucket.bucket import BucketRefused, BucketUnfit
from clinicalblip.feedback.bucket.objects import decode_review
from clinicalblip.feedback.bucket.spool import Spool
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.review import Review
from tests.fixtures.bucket_files import names, words_in
from tests.fixtures.odd_buckets import EveryThird, refuse_all

Make = Callable[..., Review]
OpenPage = Callable[..., Any]


def test_every_review_is_one_file_named_by_its_id(
    page: Any, bucket_path: Path, review: Make, parts: dict[str, Any]
) -> None:
    """Which has all of it, and its place in the order of saving; the second time nothing is sent."""
    ids = [page.store.add(review(0, **parts)), page.store.add(review(1, consent=False))]
    assert page.spool.waiting() == sorted(ids)
    page.copies.sync()
    assert page.spool.waiting() == []
    assert names(bucket_path) == sorted(f"{each}.json" for each in ids)
    read = [decode_review((bucket_path / "page" / "reviews" / f"{each}.json").read_bytes()) for each in ids]
    assert read == list(page.store.reviews())
    assert [each.number for each in read] == [1, 2]
    page.bucket.before = refuse_all
    page.copies.sync()


def test_a_bucket_that_is_down_hinders_no_save(page: Any, bucket_path: Path, review: Make) -> None:
    """What could not go waits, is there after a restart, and goes when the bucket is back."""
    page.bucket.before = refuse_all
    number = page.store.add(review(0))
    with pytest.raises(BucketRefused):
        page.copies.sync()
    assert Spool(page.spool._folder).waiting() == [number]
    page.bucket.before = lambda call, name: None
    page.copies.sync()
    assert names(bucket_path) == [f"{number}.json"]


def test_a_slow_bucket_delays_no_save(page: Any, bucket_path: Path, review: Make) -> None:
    """While the thread waits for it, reviews are saved, and go once it answers."""
    answer, asked = threading.Event(), threading.Event()

    def wait(call: str, name: str) -> None:
        if call == "put" and "reviews/" in name:
            asked.set()
            answer.wait(60)

    page.bucket.before = wait
    page.copies.start(0)
    page.store.add(review(0))
    assert asked.wait(60)
    for second in range(1, 5):
        page.store.add(review(second))
    assert len(list(page.store.reviews())) == 5
    assert names(bucket_path) == []
    answer.set()
    for _ in range(300):
        if len(names(bucket_path)) == 5 and not page.spool.waiting():
            break
        threading.Event().wait(0.1)
    page.copies.stop()
    assert len(names(bucket_path)) == 5


def test_a_bucket_that_refuses_every_third_call_gets_all_in_the_end(page: Any, bucket_path: Path, review: Make) -> None:
    """One that is refused waits, and holds nobody up."""
    ids = [page.store.add(review(second, consent=False)) for second in range(20)]
    page.bucket.before = EveryThird()
    for _ in range(40):
        try:
            page.copies.sync()
        except BucketRefused:
            continue
        break
    assert names(bucket_path) == sorted(f"{each}.json" for each in ids)
    assert page.spool.waiting() == []


def test_forget_reaches_files_and_snapshots(page: Any, bucket_path: Path, review: Make, words: tuple[str, ...]) -> None:
    """Of all versions; what rests on no consent stays in the bucket under another name."""
    first = page.store.add(review(0))
    second = page.store.add(review(1, replaces=first))
    page.copies.sync()
    assert words_in(bucket_path, words) == set(words)
    (before,) = names(bucket_path, "snapshots")
    page.store.forget(first)
    page.copies.sync()
    assert words_in(bucket_path, words) == set()
    assert names(bucket_path) == sorted(f"{each}-withdrawn.json" for each in (first, second))
    (after,) = names(bucket_path, "snapshots")
    assert after > before
    assert page.spool.waiting() == []


def test_what_a_killed_writer_left_in_the_folder_is_erased_too(
    page: Any, bucket_path: Path, review: Make, words: tuple[str, ...]
) -> None:
    """Half a file is no review, and goes when the next one is put."""
    number = page.store.add(review(0))
    page.copies.sync()
    whole = (bucket_path / "page" / "reviews" / f"{number}.json").read_bytes()
    (bucket_path / "page" / ".unfinished" / ".killed.part").write_bytes(whole)
    page.store.forget(number)
    page.copies.sync()
    assert words_in(bucket_path, words) == set()


def test_snapshots_that_cannot_be_removed_are_not_forgotten(
    page: Any, bucket_path: Path, review: Make, words: tuple[str, ...]
) -> None:
    """The review waits until they are gone, over a restart too."""
    number = page.store.add(review(0))
    page.copies.sync()

    def keep_snapshots(call: str, name: str) -> None:
        if call == "delete" and "snapshots/" in name:
            raise BucketRefused("no")

    page.bucket.before = keep_snapshots
    page.store.forget(number)
    with pytest.raises(BucketRefused):
        page.copies.sync()
    assert page.spool.waiting() == [number]
    page.bucket.before = lambda call, name: None
    page.copies.sync()
    assert words_in(bucket_path, words) == set()


def test_what_another_page_over_the_same_database_withdrew_is_erased(
    page: Any, bucket_path: Path, review: Make, words: tuple[str, ...], tmp_path: Path
) -> None:
    """Nothing waits in this page's spool; it looks each time that a snapshot may be due."""
    number = page.store.add(review(0))
    page.copies.sync()
    with ReviewStore(tmp_path / "disk" / "reviews.sqlite3") as elsewhere:
        elsewhere.forget(number)
    page.copies._snapshot_at -= 1e9
    page.copies.sync()
    assert words_in(bucket_path, words) == set()


def test_what_is_withdrawn_on_its_way_to_the_bucket_is_erased_there(
    page: Any, bucket_path: Path, review: Make, words: tuple[str, ...]
) -> None:
    """The words were read before the withdrawal and arrive after it."""
    number = page.store.add(review(0))

    def withdraw(call: str, name: str) -> None:
        if call == "put" and name.endswith(f"{number}.json"):
            page.store.forget(number)

    page.bucket.before = withdraw
    page.copies.sync()
    page.copies.sync()
    assert words_in(bucket_path, words) == set()
    assert names(bucket_path) == [f"{number}-withdrawn.json"]


def test_a_snapshot_a_day_whatever_the_clock_does(
    page: Any, bucket_path: Path, review: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Set forwards or back, it never makes two of one name, nor a name again; the newest seven are kept."""
    page.store.add(review(0, consent=False))
    page.copies.sync()
    brings = page.copies._uploader
    seen = set(names(bucket_path, "snapshots"))
    for days in (1, 1, -400, 2, 3, 4, 5, 6, 7, 8):
        now = datetime.now(UTC) + timedelta(days=days)
        monkeypatch.setattr(uploader, "datetime", type("Clock", (), {"now": staticmethod(lambda zone, now=now: now)}))
        brings.bring_snapshot()
        seen |= set(names(bucket_path, "snapshots"))
    assert len(seen) == 10
    assert names(bucket_path, "snapshots") == sorted(seen)[-7:]


def test_a_bucket_that_others_can_read_gets_nothing(page: Any, bucket_path: Path, review: Make) -> None:
    """The start is refused in a sentence, and what is saved all the same waits."""
    bucket_path.mkdir(mode=0o755)
    number = page.store.add(review(0))
    with pytest.raises(SettingsError, match="can be read by others"):
        page.copies.start(60)
    page.copies.stop()
    assert list(bucket_path.iterdir()) == []
    assert page.spool.waiting() == [number]


def test_a_bucket_that_may_not_be_written_is_said_at_the_start(page: Any, review: Make) -> None:
    """In its own sentence; saves go on, and wait."""

    def refuse_writing(call: str, name: str) -> None:
        if call == "put":
            raise BucketUnfit("The hub refuses the token.")

    page.bucket.before = refuse_writing
    with pytest.raises(SettingsError, match="refuses the token"):
        page.copies.start(60)
    page.copies.stop()
    number = page.store.add(review(0))
    assert page.spool.waiting() == [number]


def test_another_spaces_folder_is_refused(open_page: OpenPage, bucket_path: Path, review: Make) -> None:
    """It is named, so that one of them gets a folder of its own; then both share the bucket."""
    first, second = open_page("one", space="a/one"), open_page("two", space="b/two")
    first.copies.sync()
    number = second.store.add(review(0))
    with pytest.raises(BucketUnfit, match=r"written by the Space a/one; name another folder as storage\.prefix"):
        second.copies.sync()
    moved = open_page("two", space="b/two", prefix="two")
    moved.copies.sync()
    assert names(bucket_path, prefix="two") == [f"{number}.json"]
    assert names(bucket_path) == []


def test_a_page_that_was_taken_over_stops_and_keeps_what_it_has(
    open_page: OpenPage, review: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two copies of one Space: the later one writes, the earlier one says so and loses nothing."""
    monkeypatch.setattr("clinicalblip.feedback.bucket.copies._OWNER_SECONDS", -1.0)
    first, second = open_page("one", space="a/one"), open_page("two", space="a/one")
    first.copies.sync()
    second.copies.sync()
    number = first.store.add(review(0))
    with pytest.raises(BucketUnfit, match="another page now"):
        first.copies.sync()
    assert first.spool.waiting() == [number]
    second.copies.sync()


def test_one_process_uploads_at_a_time(page: Any) -> None:
    """A second one on the same disk leaves it to the first."""
    other = Spool(page.spool._folder)
    with page.spool.uploading() as alone, other.uploading() as also:
        assert (alone, also) == (True, False)
    with other.uploading() as alone:
        assert alone


def test_a_spool_that_cannot_be_written_hinders_no_save(
    page: Any, bucket_path: Path, review: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """Its ids wait in memory; no word of the review is in the log."""
    page.spool._folder.parent.mkdir(exist_ok=True)
    page.spool._folder.write_text("a file in the spool's place")
    with caplog.at_level(logging.WARNING):
        number = page.store.add(review(0))
    assert page.spool.waiting() == [number]
    assert "spool was not written" in caplog.text
    assert "word" not in caplog.text


def test_no_word_waits_in_the_spool(page: Any, review: Make, parts: dict[str, Any]) -> None:
    """Its files are empty, and only their owner sees them."""
    page.store.add(review(0, **parts))
    files = list(page.spool._folder.iterdir())
    assert [file.stat().st_size for file in files] == [0]
    assert page.spool._folder.stat().st_mode & 0o077 == 0
