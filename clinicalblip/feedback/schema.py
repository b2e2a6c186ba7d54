"""The tables of the reviews file, and how it is opened.

There are three tables because their rows live differently long. `reviews` is append-only and holds nobody's words.
`texts` holds the words of those who consented; a row is deleted when the consent is withdrawn. `withdrawals` keeps that
it was. Triggers enforce this, whoever writes to the file.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    create_engine,
    event,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from clinicalblip.errors import SettingsError
from clinicalblip.radiology.report import SLOTS

SCHEMA_VERSION = 1
APPLICATION_ID = 0x43424C50  # "CBLP" in the file's header: whose database this is
BUSY_SECONDS = 5.0

metadata = MetaData()

reviews = Table(
    "reviews",
    metadata,
    Column("number", Integer, primary_key=True),  # the order of saving
    Column("id", String, nullable=False, unique=True),
    Column("replaces", String, ForeignKey("reviews.id"), index=True),
    Column("created", String, nullable=False),  # ISO 8601, UTC, microseconds
    Column("verdict", String, nullable=False),
    Column("overall", Integer, CheckConstraint("overall BETWEEN 1 AND 5"), nullable=False),
    Column("words_added", Integer, nullable=False),
    Column("words_removed", Integer, nullable=False),
    Column("editing_seconds", Float, nullable=False),
    Column("consented", Boolean, nullable=False),
    Column("base", String, nullable=False),
    Column("base_digest", String, nullable=False),
    Column("adapter", String),
    Column("adapter_digest", String),
    Column("precision", String, nullable=False),
    Column("device", String, nullable=False),
    Column("prompt_version", String, nullable=False),
    Column("radiographs", JSON, nullable=False),
    Column("seed", Integer, nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("stopped", Boolean, nullable=False),
    Column("warning_count", Integer, nullable=False),
)

texts = Table(
    "texts",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    *(
        Column(name, String, nullable=False)
        for name in (
            *SLOTS,
            *("draft_findings", "draft_impression", "final_findings", "final_impression"),
            *("reference_findings", "reference_impression", "comment", "prompt", "prompt_digest"),
        )
    ),
    Column("warnings", JSON, nullable=False),
)

withdrawals = Table(
    "withdrawals",
    metadata,
    Column("review", String, ForeignKey("reviews.id"), primary_key=True),
    Column("withdrawn", String, nullable=False),
)

_REFUSALS = (
    ("reviews", "UPDATE", "", "reviews are append-only"),
    ("reviews", "DELETE", "", "reviews are append-only"),
    ("withdrawals", "UPDATE", "", "withdrawals are append-only"),
    ("withdrawals", "DELETE", "", "withdrawals are append-only"),
    ("texts", "UPDATE", "", "texts never change"),
    (
        "texts",
        "DELETE",
        "WHEN NOT EXISTS (SELECT 1 FROM withdrawals WHERE review = OLD.review)",
        "texts go only when their consent does",
    ),
    (
        "texts",
        "INSERT",
        "WHEN EXISTS (SELECT 1 FROM withdrawals WHERE review = NEW.review)",
        "the consent to these texts was withdrawn",
    ),
)


def open_database(path: Path) -> Engine:
    """Open the reviews file, or create it readable by its owner alone.

    Raises SettingsError, and leaves the file as it was, when it cannot be written, belongs to another program, or
    has a newer schema.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its -wal and -shm the same mode
        _refuse_foreign(path)
        engine = _engine(path)
        try:
            with engine.begin() as connection:
                if _pragma(connection, "user_version") == 0:
                    _create_schema(connection)
            # A process that died while forgetting may have left the erased words in the write-ahead log.
            execute_alone(engine, "PRAGMA wal_checkpoint(TRUNCATE)")
        except BaseException:
            engine.dispose()
            raise
    except (OSError, ValueError, sqlite3.Error, DBAPIError) as error:
        raise SettingsError(
            f"The reviews file cannot be opened for writing ({reason_of(error)}); "
            "name a file in a writable folder as storage.reviews."
        ) from error
    return engine


def execute_alone(engine: Engine, statement: str) -> tuple[Any, ...]:
    """Execute what SQLite refuses inside a transaction, and return its first row; raises sqlite3.Error."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        row = driver.execute(statement).fetchone()
    return tuple(row) if row is not None else ()


def reason_of(error: Exception) -> str:
    """Why the disk or the database refused, in a few words that hold no path and no text."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, OSError):
        return (cause.strerror or type(cause).__name__).lower()
    name = str(getattr(cause, "sqlite_errorname", ""))
    for prefix, words in _REASONS.items():
        if name.startswith(prefix):
            return words
    return name or type(cause).__name__


_REASONS = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR": "the disk did not take the data",
    "SQLITE_BUSY": "another program holds it locked",
    "SQLITE_LOCKED": "another program holds it locked",
    "SQLITE_READONLY": "it is read-only",
    "SQLITE_CANTOPEN": "it cannot be opened",
    "SQLITE_NOTADB": "it is no SQLite database",
    "SQLITE_CORRUPT": "it is damaged",
}


def _refuse_foreign(path: Path) -> None:
    """Look before anything is changed: even switching on WAL would alter another program's database."""
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        used = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0
    finally:
        connection.close()
    if used and application != APPLICATION_ID:
        raise SettingsError(
            "The reviews file is a database of another program; name a new or a ClinicalBLIP file as storage.reviews."
        )
    if version > SCHEMA_VERSION:
        raise SettingsError(
            f"The reviews file has schema {version}, and this version of ClinicalBLIP knows schemas up to "
            f"{SCHEMA_VERSION}; update ClinicalBLIP, or name another file as storage.reviews."
        )


def _engine(path: Path) -> Engine:
    # hide_parameters: without it SQLAlchemy writes the reader's words into the message of any error.
    engine = create_engine(
        URL.create("sqlite", database=str(path)), hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}
    )
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # transactions begin where _begin says, not where the driver guesses
    for pragma in (
        # Where a disk has no shared memory SQLite stays with its rollback journal, which is as durable.
        "journal_mode = WAL",
        "wal_autocheckpoint = 1",  # the file has all that is saved by itself, whoever moves it without its log
        "synchronous = FULL",
        "foreign_keys = ON",
        "secure_delete = ON",
        "temp_store = MEMORY",  # no temporary file that words could stay in
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: one that began as a reader could not wait for another writer.
    options = connection.get_execution_options()
    connection.exec_driver_sql(f"PRAGMA busy_timeout = {round(1000 * options.get('wait', BUSY_SECONDS))}")
    connection.exec_driver_sql("BEGIN" if options.get("reading", False) else "BEGIN IMMEDIATE")


def _create_schema(connection: Connection) -> None:
    metadata.create_all(connection)
    for table, verb, when, why in _REFUSALS:
        connection.exec_driver_sql(
            f"CREATE TRIGGER {table}_refuse_{verb.lower()} BEFORE {verb} ON {table} {when} "
            f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
        )
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.exec_driver_sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _pragma(connection: Connection, name: str) -> Any:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
