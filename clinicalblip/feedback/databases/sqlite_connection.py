"""How an SQLite file is opened: made where it is missing, brought to the present schema, refused where not ours."""

import os
import sqlite3
from importlib import import_module
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from clinicalblip.feedback.databases.file_schema import REVIEWS, FileSchema
from clinicalblip.feedback.databases.refusals import reason_of
from clinicalblip.feedback.schema import VERSION_TABLE

BUSY_SECONDS = 5.0


def open_database(path: Path, schema: FileSchema = REVIEWS) -> Engine:
    """Open the file of a schema, or create it readable by its owner alone.

    A file of an older schema is brought to the present one in one transaction under the file's lock: who opens it at
    the same time waits, and a process that dies meanwhile leaves it as it was. Raises the schema's `unusable`, and
    leaves the file as it was, when it cannot be written, belongs to another program, or has a newer schema.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its -wal and -shm the same mode
        if 0 < _look_at_schema(path, schema) < schema.version and schema.migrations:
            # Alembic is loaded where there is work for it, and before the lock is taken, for which others wait.
            import_module(schema.migrations)
        engine = _engine(path)
        try:
            with engine.execution_options(rebuilding=True).begin() as connection:
                _bring_to_schema(connection, schema)
            engine.dispose()  # its connection goes without the checks of keys that a rebuilding had to switch off
            # A process that died while forgetting may have left the erased words in the write-ahead log.
            execute_alone(engine, "PRAGMA wal_checkpoint(TRUNCATE)")
        except BaseException:
            engine.dispose()
            raise
    except (OSError, ValueError, sqlite3.Error, DBAPIError) as error:
        raise schema.unusable(
            f"The {schema.name} cannot be opened for writing ({reason_of(error)}); {schema.if_not_writable}."
        ) from error
    return engine


def execute_alone(engine: Engine, statement: str) -> tuple[Any, ...]:
    """Execute what SQLite refuses inside a transaction, and return its first row; raises sqlite3.Error."""
    with engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        row = driver.execute(statement).fetchone()
    return tuple(row) if row is not None else ()


def _look_at_schema(path: Path, schema: FileSchema) -> int:
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
    if used and application != schema.application_id:
        raise schema.unusable(f"The {schema.name} is a database of another program; {schema.if_foreign}.")
    return _not_newer(version, schema)


def _not_newer(version: int, schema: FileSchema) -> int:
    if version > schema.version:
        raise schema.unusable(
            f"The {schema.name} has schema {version}, and this version of ClinicalBLIP knows schemas up to "
            f"{schema.version}; update ClinicalBLIP, or {schema.if_newer}."
        )
    return version


def _bring_to_schema(connection: Connection, schema: FileSchema) -> None:
    """Create or migrate the schema; another process may have done so since the file was looked at."""
    version = _not_newer(connection.exec_driver_sql("PRAGMA user_version").scalar_one(), schema)
    if version == 0:
        schema.metadata.create_all(connection)
        for trigger in schema.triggers:
            connection.exec_driver_sql(trigger)
        connection.exec_driver_sql(f"PRAGMA application_id = {schema.application_id}")
    elif 0 < version < schema.version and schema.migrations:
        import_module(schema.migrations).upgrade(connection, version)
        # The file says its schema in `user_version`, where programs older than these migrations look for it as well; a
        # second place could contradict it.
        connection.exec_driver_sql(f"DROP TABLE {VERSION_TABLE}")
    else:
        return
    connection.exec_driver_sql(f"PRAGMA user_version = {schema.version}")


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
