"""Consent is withdrawn by saving again without the tick: the texts of all versions go, and it is said."""

from pathlib import Path

import pytest

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.web import wording
from tests.fixtures.walked_page import WalkedPage


@pytest.fixture
def page(walked: WalkedPage, film_bytes: bytes) -> WalkedPage:
    """A page with a draft, rated with consent."""
    walked.upload(film_bytes)
    walked.draft()
    walked.rate(consent=True)
    return walked


def saved(page: WalkedPage) -> str:
    """What the page says of the last save."""
    return str(page.value(page.components.review.saved))


def test_every_version_loses_its_texts(page: WalkedPage, store: ReviewStore) -> None:
    """Two versions with texts, then one without consent: three rows, no texts, and the sentence says so."""
    page.save()
    page.rate(2, consent=True)
    page.save()
    page.rate(2, consent=False)
    page.save()
    rows = list(store.reviews())
    assert [row.texts for row in rows] == [None, None, None]
    assert [row.withdrawn is not None for row in rows] == [True, True, False]
    said = wording.SAVED_WITHOUT_TEXTS.format(id=rows[2].id, replaces=rows[1].id)
    assert said in saved(page)


def test_no_word_of_them_is_left_in_the_file(page: WalkedPage, tmp_path: Path) -> None:
    """What was typed stands in no byte of the reviews file."""
    page.type(page.components.review.comment, "Zebraword")
    page.save()
    assert any(b"Zebraword" in file.read_bytes() for file in tmp_path.glob("reviews.sqlite3*"))
    page.rate(consent=False)
    page.save()
    for file in tmp_path.glob("reviews.sqlite3*"):
        assert b"Zebraword" not in file.read_bytes()


def test_it_is_said_once(page: WalkedPage, store: ReviewStore) -> None:
    """A further version without consent erases nothing more; with the tick again its own texts are kept."""
    page.save()
    page.rate(consent=False)
    page.save()
    page.rate(2, consent=False)
    page.save()
    assert wording.SAVED_WITHOUT_TEXTS.split(";")[1].strip() not in saved(page)
    page.rate(3, consent=True)
    page.save()
    assert [row.texts is not None for row in store.reviews()] == [False, False, False, True]


def test_what_cannot_be_erased_is_not_said_to_be(
    page: WalkedPage, store: ReviewStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk refuses nothing is saved; the next press does both."""
    page.save()

    def refuse(self: ReviewStore, review_id: str) -> None:
        raise ReviewNotSaved("The withdrawal was not completed (the disk is full).")

    page.rate(consent=False)
    with monkeypatch.context() as full:
        full.setattr(ReviewStore, "forget", refuse)
        page.save()
    assert saved(page) == ""
    assert "not completed" in page.text
    (row,) = store.reviews()
    assert row.texts is not None
    page.save()
    assert [row.texts for row in store.reviews()] == [None, None]
