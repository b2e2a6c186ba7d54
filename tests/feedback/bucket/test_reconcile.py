"""A disk that was lost is filled from the bucket: each review once, in its order, and no word that was withdrawn."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clinicalblip.feedback.bucket.bucket import BucketRefused
from clinicalblip.radiology.review import Review
from tests.fixtures.bucket_files import words_in
from tests.fixtures.odd_buckets import refuse_all

Make = Callable[..., Review]
OpenPage = Callable[..., Any]


def fill(page: Any, review: Make, parts: dict[str, Any]) -> list[Any]:
    """Reviews with corrections whose clock was set back, some after the snapshot, one withdrawn; in the bucket too."""
    first = page.store.add(review(500, **parts))
    page.store.add(review(400, replaces=first))
    page.copies.sync()  # with a snapshot
    page.store.add(review(300, replaces=first, consent=False))
    page.store.add(review(2))
    page.store.forget(page.store.add(review(1)))
    page.copies._snapshot_at += 1e9  # and no further one, but for the withdrawal's
    page.copies.sync()
    page.store.add(review(0))
    page.copies.sync()
    return list(page.store.reviews())


def test_a_lost_disk_is_filled_from_the_bucket(
    open_page: OpenPage, review: Make, parts: dict[str, Any], words: tuple[str, ...], tmp_path: Path
) -> None:
    """All of each review, in the order of saving, with its corrections; a second start adds nothing."""
    kept = fill(open_page("lost"), review, parts)
    page = open_page("new")
    page.copies.start(60)
    page.copies.stop()
    assert list(page.store.reviews()) == kept
    assert [each.number for each in page.store.reviews()] == [1, 2, 3, 4, 5, 6]
    assert page.spool.waiting() == []
    again = open_page("new")
    again.copies.sync()
    assert list(again.store.reviews()) == kept


@pytest.mark.parametrize("damage", ["gone", "cut", "other bytes"])
def test_without_its_snapshot_too(
    open_page: OpenPage, review: Make, parts: dict[str, Any], bucket_path: Path, damage: str
) -> None:
    """From the files of the reviews alone, whichever the bucket names first."""
    kept = fill(open_page("lost"), review, parts)
    for snapshot in (bucket_path / "page" / "snapshots").iterdir():
        data = snapshot.read_bytes()
        if damage == "gone":
            snapshot.unlink()
        else:
            snapshot.write_bytes(data[: len(data) // 2] if damage == "cut" else b"{}" * 50)
    page = open_page("new")
    page.copies.sync()
    assert list(page.store.reviews()) == kept


def test_a_damaged_file_costs_that_review_alone(
    open_page: OpenPage, review: Make, bucket_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """And is named by its id."""
    lost = open_page("lost")
    ids = [lost.store.add(review(second)) for second in range(3)]
    lost.copies.sync()
    for snapshot in (bucket_path / "page" / "snapshots").iterdir():
        snapshot.unlink()
    (bucket_path / "page" / "reviews" / f"{ids[1]}.json").write_bytes(random.Random(1).randbytes(200))
    page = open_page("new")
    page.copies.sync()
    assert [each.id for each in page.store.reviews()] == [ids[0], ids[2]]
    assert f"review {ids[1]} in the bucket is damaged" in caplog.text


def test_a_withdrawal_that_the_bucket_alone_knows_is_kept(
    open_page: OpenPage, review: Make, tmp_path: Path, words: tuple[str, ...], bucket_path: Path
) -> None:
    """An old copy of the reviews file, put in the place of the lost one, loses the words again."""
    page = open_page("disk")
    number = page.store.add(review(0))
    page.copies.sync()
    page.store.close()
    old = (tmp_path / "disk" / "reviews.sqlite3").read_bytes()
    page.store.forget(number)
    page.copies.sync()
    (tmp_path / "put-back").mkdir()
    (tmp_path / "put-back" / "reviews.sqlite3").write_bytes(old)
    restored = open_page("put-back")
    restored.copies.sync()
    (stored,) = restored.store.reviews()
    assert stored.withdrawn is not None
    assert stored.texts is None
    restored.copies.sync()
    assert words_in(bucket_path, words) == set()


def test_what_a_crash_kept_from_the_spool_is_found(open_page: OpenPage, review: Make) -> None:
    """A review that is in the database and neither in the spool nor in the bucket."""
    page = open_page()
    number = page.store.add(review(0))
    page.spool.done(number)
    page.copies.sync()
    assert list(page.folder.listing().kept) == [number]


def test_a_bucket_that_is_down_at_the_start_is_asked_later(
    open_page: OpenPage, review: Make, parts: dict[str, Any]
) -> None:
    """The page serves and saves meanwhile; then old and new are there."""
    kept = fill(open_page("lost"), review, parts)
    page = open_page("new")
    page.bucket.before = refuse_all
    with pytest.raises(BucketRefused):
        page.copies.sync()
    new = page.store.add(review(700))
    page.bucket.before = lambda call, name: None
    page.copies.sync()
    found = list(page.store.reviews())
    assert [each.id for each in found] == [new, *(each.id for each in kept)]
    page.copies.sync()
    assert new in page.folder.listing().kept
