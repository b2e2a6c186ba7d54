"""All reviews in one file and back, from either database to either, while others write."""

import gzip
import io
import json
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.backup import dump_reviews, load_reviews, restore_backup, write_backup
from clinicalblip.feedback.schema import SCHEMA_VERSION
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.review import Review
from tests.feedback.conftest import make_review

Make = Callable[..., Review]


def test_a_backup_is_put_back_whole(
    store: ReviewStore, tmp_path: Path, review: Make, parts: dict[str, Any], words: tuple[str, ...]
) -> None:
    """In an empty store all of it is as it was; in one that has some, those stay and the others are added once."""
    first = store.add(review(2, **parts))
    store.add(review(1, replaces=first, consent=False, reader_key="a" * 64))
    store.forget(store.add(review(0)))
    file = tmp_path / "reviews.backup"
    assert write_backup(store, file) == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with ReviewStore(tmp_path / "other.sqlite3") as other:
        assert restore_backup(other, file) == (3, 3)
        assert list(other.reviews()) == list(store.reviews())
        assert [kept.replaces for kept in other.reviews(reader_key="a" * 64)] == [first]
        assert restore_backup(other, file) == (0, 3)
        new = other.add(review(9))
        assert write_backup(other, file) == 4
    assert restore_backup(store, file) == (1, 4)
    assert [kept.id for kept in store.reviews()][-1] == new


def test_a_backup_from_before_brings_no_word_back(store: ReviewStore, tmp_path: Path, review: Make) -> None:
    """Of a review whose consents were withdrawn since; and one that knows of a withdrawal withdraws it."""
    number = store.add(review(0))
    before, after = tmp_path / "before", tmp_path / "after"
    write_backup(store, before)
    store.forget(number)
    write_backup(store, after)
    assert restore_backup(store, before) == (0, 1)
    with ReviewStore(tmp_path / "other.sqlite3") as other:
        restore_backup(other, before)
        restore_backup(other, after)
        assert [(kept.texts, kept.withdrawn is None) for kept in (*store.reviews(), *other.reviews())] == [
            (None, False),
            (None, False),
        ]


def test_a_backup_is_taken_while_fifty_write(store: ReviewStore, tmp_path: Path, review: Make) -> None:
    """It has every review from before it, no part of one, and what each of them corrects; every writer is served."""
    before = [store.add(review(second)) for second in range(5)]
    begun, failures = threading.Event(), []

    def write(number: int) -> None:
        begun.wait()
        try:
            first = store.add(review(100 + number))
            store.add(review(200 + number, replaces=first))
        except ReviewNotSaved as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    begun.set()
    counts = [write_backup(store, tmp_path / f"{number}.backup") for number in range(3)]
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(list(store.reviews())) == 105
    assert counts == sorted(counts)
    for number, count in enumerate(counts):
        with ReviewStore(tmp_path / f"{number}.sqlite3") as other:
            assert restore_backup(other, tmp_path / f"{number}.backup") == (count, count)
            assert [kept.id for kept in other.reviews()][:5] == before
            assert all(kept.texts for kept in other.reviews())


def test_a_backup_is_restored_while_others_write(store: ReviewStore, tmp_path: Path, review: Make) -> None:
    """Both get in, each once, under numbers of their own."""
    file = tmp_path / "reviews.backup"
    with ReviewStore(tmp_path / "other.sqlite3") as other:
        for second in range(10):
            other.add(review(second))
        write_backup(other, file)
    threads = [threading.Thread(target=store.add, args=(review(100 + number),)) for number in range(10)]
    for thread in threads:
        thread.start()
    assert restore_backup(store, file) == (10, 10)
    for thread in threads:
        thread.join()
    assert [kept.number for kept in store.reviews()] == list(range(1, 21))


HEAD = {"kind": "ClinicalBLIP reviews", "schema": SCHEMA_VERSION}


def packed(*lines: Any) -> bytes:
    """A file with these lines."""
    return gzip.compress(b"".join(json.dumps(line).encode() + b"\n" for line in lines), mtime=0)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "something else"),
        (b"a letter to somebody", "damaged or cut off"),
        (packed(HEAD)[:-9], "damaged or cut off"),
        (packed(HEAD), "it is cut off"),
        (packed(HEAD, {"reviews": 2}), "it is cut off"),
        (packed({"kind": "another"}), "something else"),
        (packed([1]), "something else"),
        (packed(HEAD | {"schema": SCHEMA_VERSION + 1}), "newer version"),
        (packed(HEAD, {"id": "Secretword"}, {"reviews": 1}), "what no review has"),
        (packed(HEAD, 7), "something else"),
    ],
    ids=("empty", "text", "cut", "no end", "lines missing", "another", "a list", "newer", "no review", "a number"),
)
def test_what_is_no_whole_backup_is_one_sentence(store: ReviewStore, tmp_path: Path, data: bytes, said: str) -> None:
    """Without a word of the file; nothing of it is put back."""
    file = tmp_path / "reviews.backup"
    file.write_bytes(data)
    with pytest.raises(ReviewNotSaved, match=said) as caught:
        restore_backup(store, file)
    assert "Secretword" not in str(caught.value)
    assert list(store.reviews()) == []


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a backup of two reviews."""
    with ReviewStore(tmp_path_factory.mktemp("whole") / "reviews.sqlite3") as store:
        store.add(make_review(0))
        store.add(make_review(1))
        file = io.BytesIO()
        dump_reviews(store, file)
        return file.getvalue()


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_damage_is_noticed(whole: bytes, data: st.DataObject) -> None:
    """Bytes that were changed, lost or added make a ValueError, or the two reviews as they were."""
    text = gzip.decompress(whole)
    place = data.draw(st.integers(0, len(text) - 1))
    inserted = data.draw(st.binary(max_size=8))
    damaged = text[:place] + inserted + text[place + data.draw(st.integers(0, 40)) :]
    try:
        read = list(load_reviews(io.BytesIO(gzip.compress(damaged))))
    except ValueError:
        return
    assert len(read) == 2


@pytest.mark.parametrize("path", ["missing/reviews.backup", "."])
def test_a_place_that_does_not_do_is_one_sentence(store: ReviewStore, tmp_path: Path, path: str) -> None:
    """For writing and for reading."""
    with pytest.raises(ReviewNotSaved, match="The backup was not written"):
        write_backup(store, tmp_path / path)
    with pytest.raises(ReviewNotSaved, match="the file cannot be read"):
        restore_backup(store, tmp_path / path)
