"""Files of older schemas: brought to the present one in place, whole or not at all, and with every review."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clinicalblip.errors import SettingsError
from clinicalblip.feedback.schema import APPLICATION_ID, SCHEMA_VERSION
from clinicalblip.feedback.store import ReviewStore
from clinicalblip.radiology.review import Review

Make = Callable[..., Review]

OLDER = range(1, SCHEMA_VERSION)
"""The schemas of which `reviews_schema_N.sql` has a file, as the program of then wrote it."""


def write_old(database: Path, schema: int) -> None:
    """Make a file as an older program left it."""
    with closing(sqlite3.connect(database)) as written:
        written.executescript(Path(__file__).with_name(f"reviews_schema_{schema}.sql").read_text(encoding="utf-8"))


def read(database: Path, statement: str) -> list[tuple[Any, ...]]:
    """What another program reads in the file."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as other:
        return other.execute(statement).fetchall()


def shape(database: Path) -> tuple[Any, ...]:
    """Every table, index and trigger by its statement, without regard to spaces and quotes, and the file's header."""
    found = {
        name: "".join(character for character in statement or "" if not (character.isspace() or character in "\"'"))
        for name, statement in read(database, "SELECT name, sql FROM sqlite_master")
    }
    return found, read(database, "PRAGMA user_version"), read(database, "PRAGMA application_id")


@pytest.mark.parametrize("schema", OLDER)
def test_an_old_file_becomes_one_like_a_new_one(tmp_path: Path, schema: int) -> None:
    """The same tables, indexes and triggers, under the same header, and every key leads somewhere."""
    old, new = tmp_path / "old.sqlite3", tmp_path / "new.sqlite3"
    write_old(old, schema)
    for file in (old, new):
        ReviewStore(file).close()
    assert shape(old) == shape(new)
    assert shape(old)[1:] == ([(SCHEMA_VERSION,)], [(APPLICATION_ID,)])
    assert read(old, "PRAGMA foreign_key_check") == []
    assert read(old, "PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("schema", OLDER)
def test_an_old_file_keeps_every_review(database: Path, review: Make, parts: dict[str, Any], schema: int) -> None:
    """What it held is read, known again when it is saved again, added to and forgotten as ever."""
    write_old(database, schema)
    before = read(database, "SELECT * FROM reviews ORDER BY number")
    texts, withdrawals = (read(database, f"SELECT * FROM {table}") for table in ("texts", "withdrawals"))
    with ReviewStore(database) as store:
        after = read(database, "SELECT * FROM reviews ORDER BY number")
        assert [row[: len(before[0])] for row in after] == before
        assert (read(database, "SELECT * FROM texts"), read(database, "SELECT * FROM withdrawals")) == (
            texts,
            withdrawals,
        )
        first, without_words, correction, forgotten, *rest = store.reviews()
        assert (first.texts, first.prompt, first.warnings) == (
            review().texts,
            "Promptword: cough.",
            ("Warningword was cut.",),
        )
        assert (first.created, first.overall, first.superseded_by) == (review().created, 4, correction.id)
        assert (first.would_sign, first.style_edits, first.sentences, first.reading) == (None, 0, (), None)
        assert (without_words.consented, without_words.texts) == (False, None)
        assert (forgotten.consented, forgotten.withdrawn is not None, forgotten.texts) == (True, True, None)
        assert [(kept.reader, kept.study) for kept in rest] == [("heron-42", "d" * 64)] * (schema - 1)
        readings = [kept for kept in rest if kept.reading]
        whole = parts["reading"]
        of_schema_3 = replace(whole, reference_opened_seconds=None, error_seconds=(), verdict_seconds=None)
        assert [kept.reading for kept in readings] == [of_schema_3, whole][: schema - 2] if schema > 2 else not readings
        for kept in readings:
            assert (kept.sentences, kept.errors) == (parts["sentences"], parts["errors"])
        assert {kept.reader_key for kept in store.reviews()} == {None}
        assert list(store.reviews(reader_key="a" * 64)) == []
        assert store.add(review(0)) == first.id
        new = store.add(review(9, replaces=correction.id, **parts))
        assert [kept.id for kept in store.reviews() if kept.reading] == [*(kept.id for kept in readings), new]
        store.forget(first.id)
        assert [kept.id for kept in store.reviews() if kept.texts] == [kept.id for kept in rest]
        assert len(list(store.reviews())) == len(before) + 1


@pytest.mark.parametrize("statement", ["DELETE FROM reviews", "UPDATE reviews SET overall = 5", "DELETE FROM texts"])
def test_an_old_file_stays_append_only(database: Path, statement: str) -> None:
    """The table that was made anew has its triggers again."""
    write_old(database, 2)
    ReviewStore(database).close()
    with closing(sqlite3.connect(database)) as other, pytest.raises(sqlite3.IntegrityError):
        other.execute(statement)


def test_an_older_program_that_has_the_file_open_writes_on(database: Path, review: Make) -> None:
    """It names the columns that it knows; the new ones have what a review without these parts has."""
    write_old(database, 2)
    names = ", ".join(row[1] for row in read(database, "PRAGMA table_info(reviews)") if row[1] not in ("number", "id"))
    with closing(sqlite3.connect(database, isolation_level=None)) as older:
        older.execute("SELECT * FROM reviews").fetchone()
        with ReviewStore(database) as store:
            older.execute(f"INSERT INTO reviews (id, {names}) SELECT 'new', {names} FROM reviews WHERE number = 2")
            stored = store.find("new")
    assert stored is not None
    assert (stored.style_edits, stored.would_sign, stored.reading_consented) == (0, None, False)


_KILLED = """
import sys, time
from pathlib import Path
from sqlalchemy import Engine, event
from clinicalblip.feedback.store import ReviewStore

@event.listens_for(Engine, "after_cursor_execute")
def stop(connection, cursor, statement, *rest):
    if statement.strip().upper().startswith("DROP TABLE REVIEWS"):
        print("half", flush=True)
        time.sleep(60)

ReviewStore(Path(sys.argv[1]))
"""


def run(program: str, database: Path) -> subprocess.Popen[str]:
    """A program in a process of its own, with the file as its argument."""
    return subprocess.Popen(
        [sys.executable, "-c", program, str(database)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )


def test_a_migration_that_is_killed_leaves_the_old_file(database: Path) -> None:
    """SIGKILL with the old table dropped and the new one not named: the file is as it was, and migrated next time."""
    write_old(database, 2)
    before, held = shape(database), read(database, "SELECT * FROM reviews")
    with run(_KILLED, database) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "half\n"
        process.kill()
    with closing(sqlite3.connect(database)) as other:  # an old program, which recovers the log as every program does
        assert other.execute("PRAGMA user_version").fetchone() == (2,)
        assert other.execute("SELECT * FROM reviews").fetchall() == held
    assert shape(database) == before
    with ReviewStore(database) as store:
        assert [kept.id for kept in store.reviews()] == [row[1] for row in held]


def test_processes_may_migrate_the_file_together(database: Path) -> None:
    """One does it, the others wait, and each then finds all reviews."""
    write_old(database, 1)
    program = (
        "import sys; from pathlib import Path; from clinicalblip.feedback.store import ReviewStore\n"
        "print(len(list(ReviewStore(Path(sys.argv[1])).reviews())))"
    )
    started = [run(program, database) for _ in range(4)]
    assert [process.communicate(timeout=100) for process in started] == [("4\n", "")] * 4
    assert read(database, "PRAGMA user_version") == [(SCHEMA_VERSION,)]


def test_a_locked_old_file_is_said(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is changed while another program holds it."""
    monkeypatch.setattr("clinicalblip.feedback.databases.sqlite_connection.BUSY_SECONDS", 0.1)
    write_old(database, 2)
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(SettingsError, match="locked"):
            ReviewStore(database)
    assert read(database, "PRAGMA user_version") == [(2,)]


def test_a_damaged_old_file_is_said_and_left(database: Path) -> None:
    """One sentence, and the bytes that somebody may still want to save are those that were there."""
    write_old(database, 2)
    held = bytearray(database.read_bytes())
    held[1024:-1024] = b"\xff" * (len(held) - 2048)
    database.write_bytes(held)
    with pytest.raises(SettingsError, match=r"^The reviews file cannot be opened for writing \(it is damaged\)"):
        ReviewStore(database)
    assert read(database, "PRAGMA user_version") == [(2,)]
