"""How a PostgreSQL database is opened: made ready where it is empty, brought to the present schema, refused where not
ours."""

import ssl
from typing import Any, Final

from pydantic import SecretStr
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from clinicalblip.errors import SettingsError
from clinicalblip.feedback.databases.refusals import reason_of
from clinicalblip.feedback.migrations.upgrade import upgrade
from clinicalblip.feedback.schema import APPLICATION_ID, SCHEMA_VERSION, VERSION_TABLE, metadata
from clinicalblip.feedback.triggers import postgresql_triggers

WRITING_LOCK: Final = APPLICATION_ID
"""The number of the lock that whoever writes, makes or migrates the tables holds until the transaction ends."""

_ANSWER_SECONDS: Final = 15.0  # without an answer for so long the connection counts as broken
_SILENT_SECONDS: Final = 20
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_EXAMPLE: Final = "postgresql://user:password@host:5432/name"


def open_database(url: SecretStr) -> Engine:
    """Open the database, and make or migrate its tables under the lock and in one transaction.

    Elsewhere than on this machine TLS is spoken and the server's certificate verified, unless the url ends in
    `?sslmode=require` (not verified) or `?sslmode=disable` (no TLS). Raises SettingsError, which holds no part of the
    url, when it is none, the server or the database refuses, its tables are another program's, or its schema is newer.
    """
    engine = _engine(_read_url(url))
    try:
        with engine.begin() as connection:
            _bring_to_schema(connection)
    except (DBAPIError, OSError) as error:
        engine.dispose()
        raise SettingsError(
            f"The database of the reviews cannot be used ({reason_of(error)}); check storage.url, or the variable "
            "CLINICALBLIP_STORAGE_URL, and that the server runs."
        ) from None  # the driver's words may hold the address
    except BaseException:
        engine.dispose()
        raise
    return engine


def _read_url(secret: SecretStr) -> URL:
    try:
        url = make_url(secret.get_secret_value())
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername != "postgresql" or not (url.username and url.host and url.database):
        raise SettingsError(f"storage.url is no address of a PostgreSQL database; it has to look like {_EXAMPLE}.")
    unknown = set(url.query) - {"sslmode"}
    if unknown or url.query.get("sslmode", "disable") not in ("disable", "require", "verify-full"):
        raise SettingsError(
            "What follows the question mark in storage.url is not known; "
            "sslmode=disable, sslmode=require and sslmode=verify-full are."
        )
    return url


def _engine(url: URL) -> Engine:
    try:
        # hide_parameters: without it SQLAlchemy writes the reader's words into the message of any error.
        engine = create_engine(
            url.set(drivername="postgresql+pg8000", query={}),
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args={"timeout": _ANSWER_SECONDS, "ssl_context": _tls(url), "application_name": "clinicalblip"},
        )
    except (ModuleNotFoundError, NoSuchModuleError):
        raise SettingsError(
            "storage.url needs the package pg8000, which is not installed; pip install 'clinicalblip[postgresql]'."
        ) from None
    event.listen(engine, "connect", _configure)
    return engine


def _tls(url: URL) -> ssl.SSLContext | bool:
    mode = url.query.get("sslmode", "disable" if url.host in _LOOPBACK else "verify-full")
    if mode == "disable":
        return False
    context = ssl.create_default_context()
    if mode == "require":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _configure(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    # A server may be set to acknowledge what is not on its disk yet.
    cursor.execute("SET synchronous_commit = on")
    # One that does not hear that a line is dead would keep its lock, which all who write wait for.
    cursor.execute(f"SET idle_in_transaction_session_timeout = '{_SILENT_SECONDS}s'")
    cursor.close()
    connection.commit()


def _bring_to_schema(connection: Connection) -> None:
    """Create or migrate the tables in the schema that the connection looks in first."""
    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITING_LOCK})")
    if connection.exec_driver_sql("SHOW server_encoding").scalar_one() != "UTF8":
        raise SettingsError("The database of the reviews is not in UTF-8; make one with ENCODING 'UTF8'.")
    tables = set(connection.execute(_TABLES).scalars())
    if VERSION_TABLE in tables:
        version = _schema_number(connection)
        if version < SCHEMA_VERSION:
            upgrade(connection, version)
    elif tables:
        raise SettingsError(
            "The database that storage.url names has tables of another program; name an empty one, or one "
            "of ClinicalBLIP's."
        )
    else:
        metadata.create_all(connection)
        for trigger in postgresql_triggers():
            connection.exec_driver_sql(trigger)
        _version.create(connection)
        connection.execute(insert(_version).values(version_num=str(SCHEMA_VERSION)))


def _schema_number(connection: Connection) -> int:
    found = connection.execute(select(_version.c.version_num)).scalars().all()
    if len(found) != 1 or not str(found[0]).isdigit():
        raise SettingsError(
            "The database that storage.url names does not say its schema; restore it from a backup, or name another."
        )
    version = int(found[0])
    if version > SCHEMA_VERSION:
        raise SettingsError(
            f"The database of the reviews has schema {version}, and this version of ClinicalBLIP knows schemas up to "
            f"{SCHEMA_VERSION}; update ClinicalBLIP, or name another database as storage.url."
        )
    return version


_version = Table(VERSION_TABLE, MetaData(), Column("version_num", String(32), primary_key=True))  # as Alembic has it
_TABLES = text("SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()")
