"""ReviewStore: saved means on disk, twice is once, and without consent no word of anybody."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinicalblip.errors import ReviewNotSaved, SettingsError
from clinicalblip.feedback.connection import open_database
from clinicalblip.feedback.row_mapping import review_row
from clinicalblip.feedback.schema import SCHEMA_VERSION
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.report import Report
from clinicalblip.radiology.review import Review
from tests.fixtures.review_strategies import reviews

Make = Callable[..., Review]

_PARTS = ("overall", "would_sign", "style_edits", "content_edits", "sentences", "errors", "checks", "reading")

_HERE = """
import importlib.util, sys
spec = importlib.util.spec_from_file_location("reviews_to_keep", {conftest!r})
made = importlib.util.module_from_spec(spec)
spec.loader.exec_module(made)
from pathlib import Path
from clinicalblip.errors import ReviewNotSaved
from clinicalblip.feedback.store import ReviewStore
path = Path(sys.argv[1])
"""


def _python(program: str, database: Path) -> subprocess.Popen[str]:
    """Run a program that has `made`, ReviewStore and `path` in a process of its own."""
    head = _HERE.format(conftest=str(Path(__file__).with_name("conftest.py")))
    root = str(Path(__file__).resolve().parents[2])
    return subprocess.Popen(
        [sys.executable, "-c", head + program, str(database)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": root},
    )


def _files_with(database: Path, words: Sequence[str]) -> dict[str, list[str]]:
    """Which of the words stand in the bytes of which file beside and including the database."""
    found = {}
    for file in database.parent.iterdir():
        held = file.read_bytes()
        found[file.name] = [word for word in words if word.encode() in held or word.encode("utf-16-le") in held]
    return found


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


def test_every_part_of_a_review_comes_back(store: ReviewStore, review: Make, parts: dict[str, Any]) -> None:
    """Sentences, errors, checks and the reading, beside a review that has none of them."""
    store.add(review(0))
    store.add(review(1, **parts))
    without, whole = store.reviews()
    assert {name: getattr(whole, name) for name in parts} == parts
    assert (without.sentences, without.errors, without.checks, without.reading) == ((), (), (), None)
    assert (without.would_sign, without.overall, without.reading_consented) == (None, 4, False)


@given(data=st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
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


def test_without_consent_no_word_is_in_any_file(
    store: ReviewStore, database: Path, review: Make, words: tuple[str, ...], parts: dict[str, Any]
) -> None:
    """Not the prompt, the draft, a warning or a comment, in the log neither while the store is open."""
    store.add(review(consent=False, **parts))
    assert not any(_files_with(database, words).values())
    (stored,) = store.reviews()
    assert (stored.consented, stored.texts, stored.prompt, stored.prompt_digest) == (False, None, None, None)
    assert (stored.warnings, stored.warning_count) == ((), 1)


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


def test_forget_leaves_the_words_in_no_file(
    store: ReviewStore, database: Path, review: Make, words: tuple[str, ...]
) -> None:
    """The database, its log and its index hold no byte of the texts, while the row and the fact stay."""
    others = [store.add(review(second, consent=False)) for second in range(1, 4)]
    number = store.add(review())
    before = _files_with(database, words)
    assert sorted(word for found in before.values() for word in found), "the words were there before"
    store.forget(number)
    after = _files_with(database, words)
    assert after.keys() == before.keys()
    assert not any(after.values())
    stored = {kept.id: kept for kept in store.reviews()}
    assert set(stored) == {*others, number}
    assert stored[number].consented
    assert stored[number].withdrawn is not None
    assert (stored[number].texts, stored[number].prompt, stored[number].overall) == (None, None, 4)
    assert stored[others[0]].withdrawn is None


def test_forget_erases_long_texts_too(store: ReviewStore, database: Path, review: Make) -> None:
    """Texts over many pages go as well, among others that stay."""
    for second in range(1, 30):
        store.add(review(second))
    saved = review()
    assert saved.texts is not None
    number = store.add(replace(saved, texts=replace(saved.texts, comment="Longword " * 3000)))
    store.forget(number)
    assert not any(_files_with(database, ["Longword"]).values())
    assert sum(kept.texts is not None for kept in store.reviews()) == 29


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
    store: ReviewStore, database: Path, review: Make, parts: dict[str, Any]
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
    with closing(sqlite3.connect(database)) as other:
        assert other.execute("SELECT DISTINCT review FROM reading_sentences").fetchall() == [(apart,)]
    store.add(review(0, consent=False, **parts))
    assert {kept.id for kept in store.reviews() if kept.reading} == {apart}, "a late second click changes nothing"


def test_forgetting_twice_keeps_the_first_time(store: ReviewStore, review: Make) -> None:
    """A second withdrawal is no second event."""
    number = store.add(review())
    store.forget(number)
    (once,) = store.reviews()
    store.forget(number)
    assert next(store.reviews()).withdrawn == once.withdrawn


def test_saving_again_does_not_bring_forgotten_words_back(
    store: ReviewStore, database: Path, review: Make, words: tuple[str, ...]
) -> None:
    """A late second click after the withdrawal changes nothing."""
    number = store.add(review())
    store.forget(number)
    assert store.add(review()) == number
    assert not any(_files_with(database, words).values())


def test_forgetting_an_unknown_review_is_said(store: ReviewStore) -> None:
    """Nobody believes that something was erased when nothing was."""
    with pytest.raises(ReviewNotSaved, match="no review with this id"):
        store.forget("nothing")


def test_forget_says_when_a_reader_hinders_it(
    store: ReviewStore, database: Path, review: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open reading transaction keeps the log alive; once it ends, forgetting again succeeds."""
    monkeypatch.setattr("clinicalblip.feedback.connection.BUSY_SECONDS", 0.1)
    number = store.add(review())
    with ReviewStore(database) as impatient:
        with closing(sqlite3.connect(database, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM texts").fetchone()
            with pytest.raises(ReviewNotSaved, match="forget the review again"):
                impatient.forget(number)
        impatient.forget(number)
    assert not any(_files_with(database, ["Commentword"]).values())


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
def test_the_file_itself_refuses_changes(
    store: ReviewStore, database: Path, review: Make, parts: dict[str, Any], statement: str
) -> None:
    """Triggers keep the tables append-only whoever writes."""
    store.add(review(0, **parts))
    store.forget(store.add(review(1, **parts)))
    with closing(sqlite3.connect(database)) as other, pytest.raises(sqlite3.IntegrityError):
        other.execute(statement)


def test_saving_survives_a_kill(database: Path, review: Make) -> None:
    """Once the id is out, the review is on disk, whatever becomes of the process."""
    process = _python(
        "print(ReviewStore(path).add(made.make_review()), flush=True)\nimport time; time.sleep(60)", database
    )
    with process:
        assert process.stdout is not None
        number = process.stdout.readline().strip()
        process.kill()
    with ReviewStore(database) as store:
        assert [(kept.id, kept.texts) for kept in store.reviews()] == [(number, review().texts)]


def test_a_full_disk_loses_nothing_and_the_store_goes_on(database: Path) -> None:
    """The limit on file sizes is real: the save is refused in one sentence and works once there is room."""
    program = """
import resource
from dataclasses import replace
store = ReviewStore(path)
first = store.add(made.make_review(0))
review = made.make_review(1)
review = replace(review, texts=replace(review.texts, comment="Longword " * 20000))
room = max(file.stat().st_size for file in path.parent.iterdir())
resource.setrlimit(resource.RLIMIT_FSIZE, (room + 8192, resource.RLIM_INFINITY))
try:
    store.add(review)
except ReviewNotSaved as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(len(list(store.reviews())))
second = store.add(review)
print([kept.id for kept in store.reviews()] == [first, second])
"""
    out, err = _python(program, database).communicate(timeout=60)
    message, kept, both = out.splitlines() or [err, "", ""]
    assert message.startswith("The review was not saved (the disk ")
    assert "Longword" not in message
    assert (kept, both) == ("1", "True")
    assert err == ""


def test_a_read_only_file_is_said_when_saving(database: Path) -> None:
    """Connections that lost the right to write give the sentence, not a traceback."""
    program = """
store = ReviewStore(path)
store.add(made.make_review(0))
from sqlalchemy import event
from sqlalchemy.pool import Pool
event.listen(Pool, "checkout", lambda connection, *_: connection.execute("PRAGMA query_only = ON"))
try:
    store.add(made.make_review(1))
except ReviewNotSaved as error:
    print(error)
"""
    out, err = _python(program, database).communicate(timeout=60)
    assert out.startswith("The review was not saved (it is read-only)"), err


def test_a_file_that_may_only_be_read_is_refused(tmp_path: Path) -> None:
    """A user without the right to write gets one sentence, on opening and not at the first save."""
    program = """
import os, tempfile
with tempfile.TemporaryDirectory() as folder:
    file = Path(folder) / "reviews.sqlite3"
    ReviewStore(file).close()
    os.chmod(folder, 0o555)
    os.chmod(file, 0o444)
    child = os.fork()
    if child == 0:
        if os.getuid() == 0:
            os.setuid(65534)  # root may write anywhere
        try:
            ReviewStore(file)
        except Exception as error:
            print(type(error).__name__, error, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    os.chmod(folder, 0o755)
"""
    out, err = _python(program, tmp_path).communicate(timeout=60)
    assert out.startswith("SettingsError The reviews file cannot be opened for writing (permission denied)"), err


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO sentences VALUES ('{}', 0, 'findings', 0, 5, 'vanished', 0, 5, NULL)",
        "INSERT INTO errors VALUES ('{}', 0, 'location', NULL, NULL, 'findings', 5, 0, 'by hand', 'confirmed')",
        f"INSERT INTO readings VALUES ('{{}}', -1.0, 1.0, {'NULL, ' * 4} {'0, ' * 7} NULL, 0, 0, 0, NULL, 0)",
    ],
)
def test_a_row_that_no_review_has_is_said(store: ReviewStore, database: Path, review: Make, statement: str) -> None:
    """What another program wrote into the file is named by the review's id, and is no traceback."""
    identifier = store.add(review(0))
    with closing(sqlite3.connect(database)) as other, other:
        other.execute(statement.format(identifier))
    said = f"review {identifier} has a value that no review of this version has"
    with pytest.raises(ReviewNotSaved, match=said):
        store.find(identifier)
    with pytest.raises(ReviewNotSaved, match=said):
        list(store.reviews())


def test_a_locked_file_is_said_and_tried_again(database: Path, review: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program's long write costs a sentence; after it the same review is saved."""
    monkeypatch.setattr("clinicalblip.feedback.connection.BUSY_SECONDS", 0.1)
    with ReviewStore(database) as store:
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(ReviewNotSaved, match="locked"):
                store.add(review())
        store.add(review())
        assert len(list(store.reviews())) == 1


def test_an_error_carries_no_words(database: Path, review: Make, words: tuple[str, ...]) -> None:
    """What SQLAlchemy says in the traceback of a failed save names no parameter."""
    with ReviewStore(database) as store, closing(sqlite3.connect(database)) as other:
        other.execute("DROP TABLE texts")
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


def test_processes_may_create_the_file_together(database: Path) -> None:
    """A page and a command that start at once both find a whole schema."""
    program = "ReviewStore(path).add(made.make_review(int(path.exists())))"
    started = [_python(program, database) for _ in range(3)]
    errors = [process.communicate(timeout=60)[1] for process in started]
    assert errors == ["", "", ""]
    with ReviewStore(database) as store:
        assert 1 <= len(list(store.reviews())) <= 2


def test_the_file_is_its_owners_alone(store: ReviewStore, database: Path, review: Make) -> None:
    """Neither the database nor its log can be read by others."""
    store.add(review())
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in database.parent.iterdir()}
    assert len(modes) == 3
    assert set(modes.values()) == {0o600}


def test_the_file_is_opened_durably(database: Path) -> None:
    """Every connection writes ahead, waits for the disk, checks keys and zeroes what it frees."""
    engine = open_database(database)
    with engine.connect() as connection:
        read = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    engine.dispose()
    assert read == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_a_newer_schema_is_refused_untouched(database: Path) -> None:
    """A file of a later version is named as such and not changed."""
    ReviewStore(database).close()
    with closing(sqlite3.connect(database)) as other:
        other.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    before = database.read_bytes()
    with pytest.raises(SettingsError, match=f"schema {SCHEMA_VERSION + 1}.*update ClinicalBLIP"):
        ReviewStore(database)
    assert database.read_bytes() == before


def test_another_programs_database_is_refused_untouched(database: Path) -> None:
    """A wrong path does not turn somebody's database into a reviews file."""
    with closing(sqlite3.connect(database)) as other:
        other.execute("CREATE TABLE notes (note TEXT)")
    before = database.read_bytes()
    with pytest.raises(SettingsError, match="another program"):
        ReviewStore(database)
    assert database.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(database: Path) -> None:
    """A text file stays a text file."""
    database.write_text("not a database, but longer than the header of one" * 40)
    with pytest.raises(SettingsError, match="no SQLite database"):
        ReviewStore(database)


@pytest.mark.parametrize("place", ["a folder", "under a file"])
def test_an_unwritable_place_is_one_sentence(tmp_path: Path, place: str) -> None:
    """A folder in the file's place, or a file in its folder's, is a SettingsError that says what to do."""
    (tmp_path / "file").touch()
    path = tmp_path if place == "a folder" else tmp_path / "file" / "reviews.sqlite3"
    with pytest.raises(SettingsError, match=r"^The reviews file cannot be opened for writing \(.+\); name a file"):
        ReviewStore(path)


@given(comment=st.text(st.characters(codec=None)), findings=st.text())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_text_can_be_kept(store: ReviewStore, review: Make, comment: str, findings: str) -> None:
    """Control characters, emoji and halves of them are saved; all but the halves come back as they were."""
    saved = review(len(list(store.reviews())))
    assert saved.texts is not None
    texts = replace(saved.texts, comment=comment, final=Report(findings))
    store.add(replace(saved, texts=texts))
    *_, stored = store.reviews()
    assert stored.texts is not None
    assert stored.texts.final.findings == findings
    whole = comment.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert stored.texts.comment == whole
