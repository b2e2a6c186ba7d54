"""ReviewStore in either database: saved means kept, twice is once, and what is kept never changes."""

import sqlite3
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pg8000
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.row_mapping import review_row
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Review
from tests.fixtures.review_places import ReviewPlace
from tests.fixtures.review_strategies import reviews

Make = Callable[..., Review]

_PARTS = ("overall", "would_sign", "style_edits", "content_edits", "sentences", "errors", "checks", "reading")


def test_a_review_comes_back_as_it_was_saved(store: ReviewStore, review: Make) -> None:
    """Every kept field is read back unchanged."""
    saved = review()
    number = store.add(saved)
    (stored,) = store.reviews()
    model = saved.draft.model
    assert (stored.id, stored.replaces, stored.superseded_by, stored.withdrawn) == (number, None, None, None)
    assert (stored.created, stored.verdict, stored.overall) == (saved.created, saved.verdict, saved.overall)
    assert (stored.words_added, stored.words_removed, stored.editing_seconds) == (2, 1, 30.25)
    assert (stored.base, stored.base_digest, stored.adapter) == (model.base, model.base_digest, model.adapter)
    assert (stored.adapter_digest, stored.precision, stored.device) == (model.adapter_digest, "fp32", "cpu")
    assert (stored.prompt_version, stored.radiographs, stored.seed) == ("1", saved.draft.radiographs, 7)
    assert (stored.tokens, stored.seconds, stored.stopped, stored.warning_count) == (12, 0.5, True, 1)
    assert (stored.consented, stored.texts, stored.prompt) == (True, saved.texts, saved.draft.prompt)
    assert stored.warnings == saved.draft.warnings
    assert (stored.reader, stored.study) == (None, None)


def test_hundreds_of_reviews_come_in_the_order_of_saving(store: ReviewStore, review: Make) -> None:
    """The order is that of saving, not of the reviews' times, and none is lost or repeated between batches."""
    saved = [store.add(review(second, consent=False)) for second in reversed(range(405))]
    assert [stored.id for stored in store.reviews()] == saved


def test_a_reader_has_their_own_reviews_alone(
    store: ReviewStore, review: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order of saving, over batches, whoever saved between them; those of nobody are nobody's."""
    monkeypatch.setattr("clinicalblip.feedback.store._BATCH", 3)
    first, second = "a" * 64, "b" * 64
    keys = [first, second, None]
    saved = [store.add(review(number, consent=False, reader_key=keys[number % 3])) for number in range(22)]
    assert [kept.id for kept in store.reviews(reader_key=first)] == saved[0::3]
    assert [kept.id for kept in store.reviews(reader_key=second)] == saved[1::3]
    assert list(store.reviews(reader_key="")) == []
    found = store.find(saved[1])
    assert found is not None
    assert found.reader_key == second
    assert len(list(store.reviews())) == len(saved)


def test_the_newest_reviews_come_first(store: ReviewStore, review: Make) -> None:
    """As many as asked for, of one reader where that is asked, and on from a place in the order of saving."""
    ids = [store.add(review(second, reader_key=str(second % 2) * 64)) for second in range(5)]
    assert [each.id for each in store.newest(2)] == [ids[4], ids[3]]
    assert [each.id for each in store.newest(9, reader_key="1" * 64)] == [ids[3], ids[1]]
    assert [each.id for each in store.newest(9, before=store.newest(2)[-1].number)] == ids[2::-1]
    assert store.newest(9, reader_key="2" * 64) == []
    assert store.newest(1) == [store.find(ids[4])]


def test_reviews_of_two_readers_are_two(store: ReviewStore, review: Make) -> None:
    """Although they were saved in the same microsecond and say the same."""
    assert store.add(review(0, reader_key="a" * 64)) != store.add(review(0, reader_key="b" * 64))


def test_every_part_of_a_review_comes_back(store: ReviewStore, review: Make, parts: dict[str, Any]) -> None:
    """Sentences, errors, checks and the reading, beside a review that has none of them."""
    store.add(review(0))
    store.add(review(1, **parts))
    without, whole = store.reviews()
    assert {name: getattr(whole, name) for name in parts} == parts
    assert (without.sentences, without.errors, without.checks, without.reading) == ((), (), (), None)
    assert (without.would_sign, without.overall, without.reading_consented) == (None, 4, False)


@given(data=st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_review_comes_back(store: ReviewStore, review: Make, data: st.DataObject) -> None:
    """Whatever its parts are, they are read as they were saved."""
    saved = data.draw(reviews(review(len(list(store.reviews())))))
    identifier = store.add(saved)
    stored = store.find(identifier)
    assert stored is not None
    for name in (*_PARTS, "verdict", "texts", "created"):
        assert getattr(stored, name) == getattr(saved, name)
    assert store.add(saved) == identifier


def test_one_review_is_found_by_its_id(store: ReviewStore, review: Make, parts: dict[str, Any]) -> None:
    """As it comes among all others; an id that is not here finds none."""
    store.add(review(0))
    identifier = store.add(review(1, **parts))
    assert store.find(identifier) == list(store.reviews())[1]
    assert store.find("0" * 16) is None


def test_the_same_review_saved_twice_is_one_row(store: ReviewStore, review: Make) -> None:
    """A second save returns the first id, in another time zone too."""
    first = store.add(review())
    elsewhere = review().created.astimezone(timezone(timedelta(hours=5)))
    assert store.add(review()) == store.add(replace(review(), created=elsewhere)) == first
    assert len(list(store.reviews())) == 1


def test_other_words_under_the_same_time_are_refused(store: ReviewStore, review: Make) -> None:
    """Two reviews that differ in words alone are not silently one."""
    saved = review()
    store.add(saved)
    assert saved.texts is not None
    with pytest.raises(ReviewNotSaved, match="save it once more"):
        store.add(replace(saved, texts=replace(saved.texts, comment="another")))


def test_a_correction_names_what_it_replaces(store: ReviewStore, review: Make) -> None:
    """The corrected review stays, and which one supersedes it is seen; the latest correction wins."""
    first = store.add(review(0))
    store.add(review(1, replaces=first))
    third = store.add(review(2, replaces=first))
    assert [(stored.replaces, stored.superseded_by) for stored in store.reviews()] == [
        (None, third),
        (first, None),
        (first, None),
    ]


def test_replacing_an_unknown_review_is_refused(store: ReviewStore, review: Make) -> None:
    """A correction of nothing is not saved, and the store goes on."""
    with pytest.raises(ReviewNotSaved, match="not in this store"):
        store.add(review(0, replaces="0" * 16))
    store.add(review(1))
    assert len(list(store.reviews())) == 1


def test_ids_of_before_stay(review: Make) -> None:
    """A review without any of the parts has the id that it had before there were parts."""
    assert review_row(review(0))["id"] == "4904dfea19494727"
    assert review_row(review(1, consent=False))["id"] == "e48f3b7ad839a728"
    assert review_row(review(4, reader="heron-42", study="d" * 64))["id"] == "d020ee22eee2bec9"


@pytest.mark.parametrize("name", ["overall", "would_sign", "style_edits", "content_edits", "sentences", "errors"])
def test_ids_tell_every_part_apart_that_needs_no_consent(review: Make, parts: dict[str, Any], name: str) -> None:
    """A reader who would not sign said something, and one who was not asked did not."""
    assert review_row(review(0, **{name: parts[name]}))["id"] != review_row(review(0))["id"]


def test_ids_do_not_depend_on_how_a_study_was_read(review: Make, parts: dict[str, Any]) -> None:
    """Only on whether that is kept: nobody can guess times and prove them by the id."""
    slow = replace(parts["reading"], saved_seconds=900.0)
    ids = [review_row(review(0, **parts | {"reading": reading}))["id"] for reading in (parts["reading"], slow, None)]
    assert ids[0] == ids[1] != ids[2]


def test_another_reading_under_the_same_time_is_refused(
    store: ReviewStore, review: Make, parts: dict[str, Any]
) -> None:
    """Two reviews that differ in their readings alone are not silently one."""
    store.add(review(0, **parts))
    slow = replace(parts["reading"], sentence_seconds=(30.0, 31.0, 45.0))
    with pytest.raises(ReviewNotSaved, match="save it once more"):
        store.add(review(0, **parts | {"reading": slow}))


def test_ids_do_not_depend_on_words(store: ReviewStore, review: Make) -> None:
    """Nobody can guess a text and prove it by the id."""
    draft = review().draft
    other = replace(draft, report=Report("other"), prompt="other", warnings=("other",))
    assert store.add(review(consent=False)) == store.add(review(consent=False, draft=other))


def test_forget_reaches_every_version_of_a_review(store: ReviewStore, review: Make) -> None:
    """A correction holds nearly the same words: whichever version is forgotten, all of them are, and no other."""
    first = store.add(review(0))
    second = store.add(review(1, replaces=first))
    third = store.add(review(2, replaces=second))
    apart = store.add(review(3))
    store.forget(second)
    assert {kept.id for kept in store.reviews() if kept.withdrawn} == {first, second, third}
    assert {kept.id for kept in store.reviews() if kept.texts} == {apart}


def test_forget_erases_the_readings_of_all_versions(
    store: ReviewStore, place: ReviewPlace, review: Make, parts: dict[str, Any]
) -> None:
    """They rest on a consent too; what does not stays: sentences, errors and checks."""
    first = store.add(review(0, consent=False, **parts))
    second = store.add(review(1, replaces=first, **parts))
    apart = store.add(review(2, **parts))
    store.forget(first)
    assert {kept.id for kept in store.reviews() if kept.reading} == {apart}
    forgotten = store.find(second)
    assert forgotten is not None
    assert (forgotten.reading_consented, forgotten.withdrawn is not None) == (True, True)
    assert (forgotten.sentences, forgotten.errors, forgotten.checks) == (
        *(parts["sentences"], parts["errors"], parts["checks"]),
    )
    assert place.execute("SELECT DISTINCT review FROM reading_sentences") == [(apart,)]
    store.add(review(0, consent=False, **parts))
    assert {kept.id for kept in store.reviews() if kept.reading} == {apart}, "a late second click changes nothing"


def test_forgetting_twice_keeps_the_first_time(store: ReviewStore, review: Make) -> None:
    """A second withdrawal is no second event."""
    number = store.add(review())
    store.forget(number)
    (once,) = store.reviews()
    store.forget(number)
    assert next(store.reviews()).withdrawn == once.withdrawn


def test_forgetting_an_unknown_review_is_said(store: ReviewStore) -> None:
    """Nobody believes that something was erased when nothing was."""
    with pytest.raises(ReviewNotSaved, match="no review with this id"):
        store.forget("nothing")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reviews SET overall = 5",
        "DELETE FROM reviews",
        "UPDATE texts SET comment = ''",
        "DELETE FROM texts",
        "DELETE FROM withdrawals",
        "UPDATE withdrawals SET withdrawn = ''",
        "UPDATE sentences SET fate = 'kept'",
        "DELETE FROM sentences",
        "UPDATE errors SET state = 'ignored'",
        "DELETE FROM errors",
        "UPDATE checks SET dismissed = 0",
        "DELETE FROM checks",
        "UPDATE readings SET windows = 9",
        "DELETE FROM readings",
        "UPDATE reading_sentences SET seconds = 0",
        "DELETE FROM reading_sentences",
        "DELETE FROM reading_errors",
        "INSERT INTO reading_sentences SELECT review, 0, 1.0 FROM withdrawals",
    ],
)
def test_the_database_itself_refuses_changes(
    store: ReviewStore, place: ReviewPlace, review: Make, parts: dict[str, Any], statement: str
) -> None:
    """Triggers keep the tables append-only whoever writes."""
    store.add(review(0, **parts))
    store.forget(store.add(review(1, **parts)))
    with pytest.raises((sqlite3.IntegrityError, pg8000.DatabaseError), match=r"append-only|never change|consent"):
        place.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO sentences VALUES ('{}', 0, 'findings', 0, 5, 'vanished', 0, 5, NULL)",
        "INSERT INTO errors VALUES ('{}', 0, 'location', NULL, NULL, 'findings', 5, 0, 'by hand', 'confirmed')",
        f"INSERT INTO readings VALUES ('{{}}', -1, 1, {'NULL, ' * 4} {'0, ' * 7} NULL, {'FALSE, ' * 3} NULL, FALSE)",
    ],
)
def test_a_row_that_no_review_has_is_said(store: ReviewStore, place: ReviewPlace, review: Make, statement: str) -> None:
    """What another program wrote is named by the review's id, and is no traceback."""
    identifier = store.add(review(0))
    place.execute(statement.format(identifier))
    said = f"review {identifier} has a value that no review of this version has"
    with pytest.raises(ReviewNotSaved, match=said):
        store.find(identifier)
    with pytest.raises(ReviewNotSaved, match=said):
        list(store.reviews())


@pytest.mark.parametrize(
    "change", ["DROP TABLE texts", "ALTER TABLE texts ADD COLUMN more INTEGER DEFAULT 0 CHECK (more > 0)"]
)
def test_an_error_carries_no_words(
    store: ReviewStore, place: ReviewPlace, review: Make, words: tuple[str, ...], change: str
) -> None:
    """What the database says in the traceback of a failed save names no parameter and no row."""
    place.execute(change)
    with pytest.raises(ReviewNotSaved) as caught:
        store.add(review())
    told = f"{caught.value} {caught.value.__cause__}"
    assert not [word for word in words if word in told]


def test_threads_save_at_once(store: ReviewStore, review: Make) -> None:
    """Several handlers saving and reading together lose nothing."""
    failures: list[Exception] = []

    def save(start: int) -> None:
        try:
            for second in range(start, start + 15):
                store.add(review(second))
                list(store.reviews())
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=save, args=(start,)) for start in (0, 15, 30, 30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(list(store.reviews())) == 45


@given(comment=st.text(st.characters(codec=None)), findings=st.text())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_can_be_kept(store: ReviewStore, review: Make, comment: str, findings: str) -> None:
    """Control characters, emoji and halves of them are saved; all but the halves and NUL come back as they were."""
    saved = review(len(list(store.reviews())))
    assert saved.texts is not None
    texts = replace(saved.texts, comment=comment, final=Report(findings))
    store.add(replace(saved, texts=texts))
    *_, stored = store.reviews()
    assert stored.texts is not None
    assert stored.texts.final.findings == findings.replace("\0", "\ufffd")
    whole = comment.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert stored.texts.comment == whole.replace("\0", "\ufffd")
