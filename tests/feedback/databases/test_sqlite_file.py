"""The reviews file is removed, replaced, unmounted or locked while the store is open: what is acknowledged is there."""

import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.databases.write_queue import QueueTimeout, WriteQueue
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.review import Review

Make = Callable[..., Review]


def ids_on_disk(database: Path) -> list[str]:
    """The ids that another program finds in the file at the path."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as other:
        return [row[0] for row in other.execute("SELECT id FROM reviews ORDER BY number")]


def test_a_removed_file_is_made_anew(sqlite_store: ReviewStore, database: Path, review: Make) -> None:
    """The next review is in the file at the path; what was removed does not come back, not from a log either."""
    sqlite_store.add(review(0))
    database.unlink()
    second, third = sqlite_store.add(review(1)), sqlite_store.add(review(2))
    assert ids_on_disk(database) == [second, third]
    assert database.stat().st_mode & 0o777 == 0o600


def test_a_file_removed_with_its_logs_is_made_anew(sqlite_store: ReviewStore, database: Path, review: Make) -> None:
    """As where a folder is emptied."""
    sqlite_store.add(review(0))
    for file in list(database.parent.iterdir()):
        file.unlink()
    second = sqlite_store.add(review(1))
    assert ids_on_disk(database) == [second]


def test_a_replaced_file_is_gone_on_with(
    sqlite_store: ReviewStore, database: Path, review: Make, tmp_path: Path
) -> None:
    """The file that somebody put in its place gets the next review, and keeps its own."""
    other_place = tmp_path / "other.sqlite3"
    with ReviewStore(other_place) as other:
        there = other.add(review(50))
    sqlite_store.add(review(0))
    other_place.replace(database)
    second = sqlite_store.add(review(1))
    assert ids_on_disk(database) == [there, second]
    assert [kept.id for kept in sqlite_store.reviews()] == [there, second]
    with closing(sqlite3.connect(database)) as checked:
        assert checked.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.parametrize("kind", ["another program's", "no database"])
def test_a_file_that_is_no_store_is_refused_untouched(
    sqlite_store: ReviewStore, database: Path, review: Make, tmp_path: Path, kind: str
) -> None:
    """The save is refused in a sentence; once the right file is back it works, and nothing was written elsewhere."""
    first = sqlite_store.add(review(0))
    foreign = tmp_path / "foreign"
    if kind == "no database":
        foreign.write_text("a letter to somebody, longer than the header of a database" * 40)
    else:
        with closing(sqlite3.connect(foreign)) as other:
            other.execute("CREATE TABLE notes (note TEXT)")
    content = foreign.read_bytes()
    database.rename(tmp_path / "kept")
    shutil.copy(foreign, database)
    for _ in range(2):
        with pytest.raises(ReviewNotSaved, match=r"cannot be used .* what you wrote is still here"):
            sqlite_store.add(review(1))
        with pytest.raises(ReviewNotSaved):
            list(sqlite_store.reviews())
    assert database.read_bytes() == content
    (tmp_path / "kept").replace(database)
    assert sqlite_store.add(review(1)) in ids_on_disk(database)
    assert first in ids_on_disk(database)


def test_an_unmounted_disk_is_said_and_its_return_noticed(tmp_path: Path, review: Make) -> None:
    """No file is made where the disk was, with or without an empty folder in its place; nothing saved is lost."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with ReviewStore(disk / "reviews.sqlite3") as store:
        first = store.add(review(0))
        disk.rename(tmp_path / "unmounted")
        with pytest.raises(ReviewNotSaved, match="its disk was unmounted; what you wrote is still here"):
            store.add(review(1))
        assert not disk.exists()
        disk.mkdir()  # the folder that a disk was mounted at
        with pytest.raises(ReviewNotSaved, match="its disk was unmounted"):
            store.add(review(1))
        assert list(disk.iterdir()) == []
        disk.rmdir()
        (tmp_path / "unmounted").rename(disk)
        second = store.add(review(1))
    assert ids_on_disk(disk / "reviews.sqlite3") == [first, second]


def test_a_file_that_goes_while_a_review_is_saved_is_noticed(
    sqlite_store: ReviewStore, database: Path, review: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the transaction and its acknowledgement too: the review is saved once more where it can be found."""
    insert = sqlite_store._insert
    calls: list[None] = []

    def insert_and_lose(*values: object) -> None:
        insert(*values)  # type: ignore[arg-type]
        calls.append(None)
        if len(calls) == 1:
            database.unlink()

    monkeypatch.setattr(sqlite_store, "_insert", insert_and_lose)
    number = sqlite_store.add(review(0))
    assert ids_on_disk(database) == [number]
    assert len(calls) == 2


def test_forgetting_reaches_the_file_at_the_path(sqlite_store: ReviewStore, database: Path, review: Make) -> None:
    """What was in a file that is gone cannot be withdrawn in another, and that is said."""
    first = sqlite_store.add(review(0))
    assert sqlite_store.has(first)
    database.unlink()
    assert not sqlite_store.has(first)
    with pytest.raises(ReviewNotSaved, match="no review with this id"):
        sqlite_store.forget(first)


def test_all_who_save_while_the_file_is_locked_are_told(
    database: Path, review: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each gets the sentence, and each saves once the other program is done."""
    monkeypatch.setattr("clinicalblip.feedback.databases.sqlite_connection.BUSY_SECONDS", 0.2)
    told: list[str] = []
    with ReviewStore(database) as store:

        def save(number: int) -> None:
            try:
                store.add(review(number))
            except ReviewNotSaved as error:
                told.append(str(error))

        threads = [threading.Thread(target=save, args=(number,)) for number in range(12)]
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert len(told) == 12
        assert all("locked" in each or "others are writing" in each for each in told)
        for number in range(12):
            store.add(review(number))
        assert len(ids_on_disk(database)) == 12


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that queue read."""
    now = [1000.0]
    monkeypatch.setattr("clinicalblip.feedback.databases.write_queue.time.monotonic", lambda: now[0])
    return now


def test_the_wait_for_a_lock_is_one_for_all(clock: list[float]) -> None:
    """It begins with the first, is not begun again by the next, and ends when the lock is got."""
    queue = WriteQueue()
    with queue.take(5.0) as left:
        assert left == 5.0
        clock[0] += 5.0  # it waited in vain
    for _ in range(10):
        with queue.take(5.0) as left:
            assert left == 0.0
    with queue.take(5.0):
        queue.got_lock()
    with queue.take(5.0) as left:
        assert left == 5.0


def test_who_comes_later_waits_again(clock: list[float]) -> None:
    """A wait long past says nothing of now."""
    queue = WriteQueue()
    with queue.take(5.0):
        clock[0] += 5.0
    clock[0] += 60.0
    with queue.take(5.0) as left:
        assert left == 5.0


def test_nobody_waits_for_a_turn_after_the_wait(clock: list[float]) -> None:
    """Those behind one who waits in vain are told at the same moment."""
    queue = WriteQueue()
    with queue.take(5.0):
        clock[0] += 5.0
        with pytest.raises(QueueTimeout), queue.take(5.0):
            pass
