"""A book of drafts on disk."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicalblip.errors import BookError
from clinicalblip.instructblip.book.draft_book import ABOUT, BookAbout, DraftBook, read_book, write_book
from clinicalblip.instructblip.book.ngrams import Continuations, TokenText, count_continuations
from clinicalblip.radiology.study import Study

TEXTS = [TokenText((3, 4, 5, 6, 7, 8, 2), "a"), TokenText((3, 4, 9, 6, 7, 1, 2), "b"), TokenText((3, 4, 5, 2), "c")]
STUDIES = [Study("s1", "a", "train"), Study("s2", "b", "train")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small book."""
    write_book(tmp_path / "book", BookAbout("vocabulary", 3, ("drafts",)), count_continuations(TEXTS), STUDIES)
    return tmp_path / "book"


def read(folder: Path) -> DraftBook:
    """The book as the model with its vocabulary reads it."""
    return read_book(folder, "vocabulary")


def test_the_longest_run_that_is_known_decides(folder: Path) -> None:
    """After 6 7 stands 8 or 1, by what was before; what nobody wrote has nothing after it."""
    book = read(folder)
    following = {run: found.token_id for run in [(3, 4, 5, 6, 7), (3, 4, 9, 6, 7)] if (found := book.next(run))}
    assert following == {(3, 4, 5, 6, 7): 8, (3, 4, 9, 6, 7): 1}
    assert book.next((9, 9, 2)) is None


def test_a_report_begins_as_reports_begin(folder: Path) -> None:
    """Before the first token nothing stands, which is a place of its own."""
    first = read(folder).next(())
    assert first is not None
    assert (first.token_id, first.probability) == (3, 3 / 4)


def test_a_token_is_as_likely_as_it_was_frequent_and_never_certain(folder: Path) -> None:
    """Of three that followed 3 4, two were 5; what was seen once is no more than likely."""
    book = read(folder)
    found = [book.next((3, 4)), book.next((3, 4, 5, 6))]
    assert [each and each.probability for each in found] == [2 / 4, 1 / 2]


def test_a_book_knows_the_studies_that_it_saw(folder: Path) -> None:
    """By digest: the same id with another text is another study."""
    book = read(folder)
    assert book.saw([*STUDIES, Study("s3", "a", "test")]) == ["s1", "s2"]


def test_a_book_of_another_vocabulary_is_refused(folder: Path) -> None:
    """Its numbers would be other words."""
    with pytest.raises(BookError, match="another model's vocabulary"):
        read_book(folder, "other")


def test_where_there_is_no_book_it_is_said(tmp_path: Path) -> None:
    """With how to make one."""
    with pytest.raises(BookError, match=r"no book of drafts .*`clinicalblip book`"):
        read(tmp_path)


def test_an_empty_book_is_refused(tmp_path: Path) -> None:
    """It could propose nothing."""
    write_book(tmp_path / "empty", BookAbout("vocabulary", 0, ()), count_continuations([]))
    with pytest.raises(BookError, match="empty"):
        read(tmp_path / "empty")


def test_a_book_is_not_written_over_something_else(folder: Path) -> None:
    """Whatever stands there stays."""
    with pytest.raises(BookError, match="not there yet"):
        write_book(folder, BookAbout("other", 1, ("drafts",)), count_continuations(TEXTS[:1]))
    assert read(folder).about.texts == 3


@pytest.mark.parametrize("name", ["keys", "token_ids", "counts", "totals", "studies"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(data=st.data())
def test_a_file_that_was_cut_or_changed_is_refused(folder: Path, name: str, data: st.DataObject) -> None:
    """In one sentence, and no byte of it is believed."""
    file = folder / f"{name}.npy"
    whole = file.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:place] if data.draw(st.booleans()) else whole[:place] + b"\xff\x00" + whole[place + 1 :]
    file.write_bytes(changed)
    try:
        with pytest.raises(BookError, match=f"{name}.npy .* missing, cut or altered"):
            read(folder)
    finally:
        file.write_bytes(whole)


@given(text=st.one_of(st.binary(max_size=60), st.just(b"[]"), st.just(b'{"format": 9}'), st.just(b'{"format": 1}')))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_foreign_description_is_refused(folder: Path, text: bytes) -> None:
    """Whatever the bytes are: a BookError, never another one."""
    whole = (folder / ABOUT).read_bytes()
    (folder / ABOUT).write_bytes(text)
    try:
        with pytest.raises(BookError):
            read(folder)
    finally:
        (folder / ABOUT).write_bytes(whole)


def test_arrays_of_another_type_are_refused(folder: Path) -> None:
    """Also where the digests are right."""
    from clinicalblip.instructblip.book.draft_book import _digest

    np.save(folder / "keys.npy", np.zeros((2, 2)))
    about = json.loads((folder / ABOUT).read_text())
    about["digests"]["keys"] = _digest(folder / "keys.npy")
    (folder / ABOUT).write_text(json.dumps(about))
    with pytest.raises(BookError, match=r"keys\.npy"):
        read(folder)


def test_two_books_that_say_the_same_have_one_digest(folder: Path, tmp_path: Path) -> None:
    """And another book has another, by which machines that draft together are told apart."""
    about = BookAbout("vocabulary", 3, ("drafts",))
    write_book(tmp_path / "same", about, count_continuations(TEXTS), STUDIES)
    write_book(tmp_path / "other", about, count_continuations(TEXTS[:2]), STUDIES)
    assert read(tmp_path / "same").digest == read(folder).digest != read(tmp_path / "other").digest


def test_the_arrays_stay_on_disk(folder: Path) -> None:
    """They are mapped into memory, so that processes share them."""
    found: Continuations = read(folder)._found
    assert all(isinstance(each, np.memmap) for each in found.arrays.values())
