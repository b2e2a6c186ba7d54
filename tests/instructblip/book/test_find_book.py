"""Which book the settings mean, and where one may not be used."""

from pathlib import Path

import pytest

from clinicalblip.errors import BookError
from clinicalblip.instructblip.book.draft_book import BookAbout, write_book
from clinicalblip.instructblip.book.find_book import find_book, refuse_seen
from clinicalblip.instructblip.book.ngrams import TokenText, count_continuations
from clinicalblip.radiology.study import Study
from clinicalblip.settings import ModelSettings, Settings

TRAIN, TEST = Study("s1", "a", "train"), Study("s1", "a", "test")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A base's folder with a book beside it."""
    (tmp_path / "base").mkdir()
    write(tmp_path / "book")
    return tmp_path


def write(folder: Path, *, credentialed: bool = False) -> None:
    """Write a book of one text."""
    about = BookAbout("vocabulary", 1, ("drafts",), credentialed=credentialed)
    write_book(folder, about, count_continuations([TokenText((3, 4, 2), "a")]), [TRAIN])


def settings(folder: Path, book: str | None = "auto") -> Settings:
    """Settings that name the base and a book."""
    return Settings(folder=folder, model=ModelSettings(base="base", adapter=None, book=book))


def test_the_book_beside_the_base_is_found(folder: Path) -> None:
    """Nobody has to name it."""
    assert find_book(settings(folder)) == folder / "book"


def test_a_base_without_a_book_drafts_without(folder: Path) -> None:
    """As a hub's base does."""
    (folder / "book").rename(folder / "elsewhere")
    assert find_book(settings(folder)) is None
    assert find_book(Settings(model=ModelSettings(base="owner/name", adapter=None))) is None


def test_a_book_can_be_named_or_turned_off(folder: Path) -> None:
    """By its folder, beside the settings file; or by nothing."""
    write(folder / "other")
    assert find_book(settings(folder, "other")) == folder / "other"
    assert find_book(settings(folder, None)) is None


def test_a_named_book_that_is_not_there_is_said(folder: Path) -> None:
    """Whoever names one wants it."""
    with pytest.raises(BookError, match="no book of drafts"):
        find_book(settings(folder, "missing"))


def test_a_book_of_credentialed_data_is_refused_on_a_space(folder: Path) -> None:
    """Others could take it from there."""
    write(folder / "other", credentialed=True)
    assert find_book(settings(folder, "other"), {}) == folder / "other"
    with pytest.raises(BookError, match="may not lie on a Space"):
        find_book(settings(folder, "other"), {"SPACE_ID": "owner/name"})


def test_studies_that_the_book_saw_are_refused_unless_they_are_for_training(folder: Path) -> None:
    """A study has one digest, whatever split a file puts it in."""
    refuse_seen(settings(folder), [TRAIN, Study("s2", "b", "test")])
    refuse_seen(settings(folder, None), [TEST])
    with pytest.raises(BookError, match="made from 1 of these studies, the first is s1"):
        refuse_seen(settings(folder), [TEST])
