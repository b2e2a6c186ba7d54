"""A store in an SQLite file: what stays in the file's bytes, who may open it, and what hinders writing to it."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clinicalblip.errors import ReviewNotSaved, SettingsError
from clinicalblip.feedback.databases.sqlite_connection import open_database
from clinicalblip.feedback.schema import SCHEMA_VERSION
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.review import Review

Make = Callable[..., Review]

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
    head = _HERE.format(conftest=str(Path(__file__).parents[1] / "conftest.py"))
    root = str(Path(__file__).resolve().parents[3])
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


def test_without_consent_no_word_is_in_any_file(
    sqlite_store: ReviewStore, database: Path, review: Make, words: tuple[str, ...], parts: dict[str, Any]
) -> None:
    """Not the prompt, the draft, a warning or a comment, in the log neither while the store is open."""
    sqlite_store.add(review(consent=False, **parts))
    assert not any(_files_with(database, words).values())
    (stored,) = sqlite_store.reviews()
    assert (stored.consented, stored.texts, stored.prompt, stored.prompt_digest) == (False, None, None, None)
    assert (stored.warnings, stored.warning_count) == ((), 1)


def test_forget_leaves_the_words_in_no_file(
    sqlite_store: ReviewStore, database: Path, review: Make, words: tuple[str, ...]
) -> None:
    """The database, its log and its index hold no byte of the texts, while the row and the fact stay."""
    others = [sqlite_store.add(review(second, consent=False)) for second in range(1, 4)]
    number = sqlite_store.add(review())
    before = _files_with(database, words)
    assert sorted(word for found in before.values() for word in found), "the words were there before"
    sqlite_store.forget(number)
    after = _files_with(database, words)
    assert after.keys() == before.keys()
    assert not any(after.values())
    stored = {kept.id: kept for kept in sqlite_store.reviews()}
    assert set(stored) == {*others, number}
    assert stored[number].consented
    assert stored[number].withdrawn is not None
    assert (stored[number].texts, stored[number].prompt, stored[number].overall) == (None, None, 4)
    assert stored[others[0]].withdrawn is None


def test_forget_erases_long_texts_too(sqlite_store: ReviewStore, database: Path, review: Make) -> None:
    """Texts over many pages go as well, among others that stay."""
    for second in range(1, 30):
        sqlite_store.add(review(second))
    saved = review()
    assert saved.texts is not None
    number = sqlite_store.add(replace(saved, texts=replace(saved.texts, comment="Longword " * 3000)))
    sqlite_store.forget(number)
    assert not any(_files_with(database, ["Longword"]).values())
    assert sum(kept.texts is not None for kept in sqlite_store.reviews()) == 29


def test_saving_again_does_not_bring_forgotten_words_back(
    sqlite_store: ReviewStore, database: Path, review: Make, words: tuple[str, ...]
) -> None:
    """A late second click after the withdrawal changes nothing."""
    number = sqlite_store.add(review())
    sqlite_store.forget(number)
    assert sqlite_store.add(review()) == number
    assert not any(_files_with(database, words).values())


def test_forget_says_when_a_reader_hinders_it(
    sqlite_store: ReviewStore, database: Path, review: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open reading transaction keeps the log alive; once it ends, forgetting again succeeds."""
    monkeypatch.setattr("clinicalblip.feedback.databases.sqlite_connection.BUSY_SECONDS", 0.1)
    number = sqlite_store.add(review())
    with ReviewStore(database) as impatient:
        with closing(sqlite3.connect(database, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM texts").fetchone()
            with pytest.raises(ReviewNotSaved, match="forget the review again"):
                impatient.forget(number)
        impatient.forget(number)
    assert not any(_files_with(database, ["Commentword"]).values())


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


def test_a_locked_file_is_said_and_tried_again(database: Path, review: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program's long write costs a sentence; after it the same review is saved."""
    monkeypatch.setattr("clinicalblip.feedback.databases.sqlite_connection.BUSY_SECONDS", 0.1)
    with ReviewStore(database) as store:
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(ReviewNotSaved, match="locked"):
                store.add(review())
        store.add(review())
        assert len(list(store.reviews())) == 1


def test_processes_may_create_the_file_together(database: Path) -> None:
    """A page and a command that start at once both find a whole schema."""
    program = "ReviewStore(path).add(made.make_review(int(path.exists())))"
    started = [_python(program, database) for _ in range(3)]
    errors = [process.communicate(timeout=60)[1] for process in started]
    assert errors == ["", "", ""]
    with ReviewStore(database) as store:
        assert 1 <= len(list(store.reviews())) <= 2


def test_the_file_is_its_owners_alone(sqlite_store: ReviewStore, database: Path, review: Make) -> None:
    """Neither the database nor its log can be read by others."""
    sqlite_store.add(review())
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
