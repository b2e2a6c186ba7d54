"""How the reviews file is opened: made where it is missing, brought to the present schema, refused where not ours."""

import os
import sqlite3
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from clinicalblip.errors import SettingsError
from clinicalblip.feedback.schema import APPLICATION_ID, SCHEMA_VERSION, create_schema

BUSY_SECONDS = 5.0


def open_database(path: Path) -> Engine:
    """Open the reviews file, or create it readable by its owner alone.

    A file of an older schema is brought to the present one in one transaction under the file's lock: who opens it at
    the same time waits, and a process that dies meanwhile leaves it as it was. Raises SettingsError, and leaves the
    file as it was, when it cannot be written, belongs to another program, or has a newer schema.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its -wal and -shm the same mode
        if 0 < _look_at_schema(path) < SCHEMA_VERSION:
            # Alembic is loaded where there is work for it, and before the lock is taken, for which others wait.
            import_module("clinicalblip.feedback.migrations.upgrade")
        engine = _engine(path)
        try:
            with engine.execution_options(rebuilding=True).begin() as connection:
                _bring_to_schema(connection)
            engine.dispose()  # its connection goes without the checks of keys that a rebuilding had to switch off
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


def _look_at_schema(path: Path) -> int:
    """The file's schema, 0 where it is empty; a file that is not ours, or a newer one, is refused.

    It is looked at before anything is changed: even switching on WAL would alter another program's database.
    """
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
    return _not_newer(version)


def _not_newer(version: int) -> int:
    if version > SCHEMA_VERSION:
        raise SettingsError(
            f"The reviews file has schema {version}, and this version of ClinicalBLIP knows schemas up to "
            f"{SCHEMA_VERSION}; update ClinicalBLIP, or name another file as storage.reviews."
        )
    return version


def _bring_to_schema(connection: Connection) -> None:
    """Create or migrate the schema; another process may have done so since the file was looked at."""
    version = _not_newer(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
    if version == 0:
        create_schema(connection)
    elif 0 < version < SCHEMA_VERSION:
        from clinicalblip.feedback.migrations.upgrade import upgrade

        upgrade(connection, version)


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
    if options.get("rebuilding", False):
        # SQLite rebuilds a table by dropping it, which breaks the keys that lead to it until the new one has its name;
        # inside a transaction the checks cannot be switched off.
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
    connection.exec_driver_sql("BEGIN" if options.get("reading", False) else "BEGIN IMMEDIATE")
