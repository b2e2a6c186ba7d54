"""Why a disk or a database refused, in a few words that hold no path, no address, no secret and no text."""

import sqlite3
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError

from clinicalblip.errors import ClinicalBlipError, ReviewNotSaved
from clinicalblip.feedback.databases.write_queue import QueueTimeout


class DatabaseRefused(Exception):
    """A server of databases refused; its own words are left out, for they may hold those of a reader."""


@contextmanager
def refusals(sentence: str, raises: type[ClinicalBlipError] = ReviewNotSaved, **fields: str) -> Iterator[None]:
    """Make an error of what a database refuses: the `sentence` with its `reason` and the other fields."""
    try:
        yield
    except (DBAPIError, sqlite3.Error, DatabaseRefused, QueueTimeout) as error:
        raise raises(sentence.format(reason=reason_of(error), **fields)) from error


def reason_of(error: Exception) -> str:
    """Why it was refused, in a few words."""
    if isinstance(error, DatabaseRefused):
        return str(error)
    if isinstance(error, QueueTimeout):
        return "others are writing to it"
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "the server's certificate cannot be verified"
    if isinstance(cause, OSError):
        return (cause.strerror or type(cause).__name__).lower()
    name = str(getattr(cause, "sqlite_errorname", "")) or sqlstate_of(cause)
    for prefix, words in _REASONS.items():
        if name.startswith(prefix):
            return words
    for part, words in _DRIVER_SAYS.items():
        if part in str(cause):
            return words
    return name or type(cause).__name__


def sqlstate_of(cause: object) -> str:
    """PostgreSQL's five characters for an error, which pg8000 has in a mapping; empty where there are none."""
    said = cause.args[0] if isinstance(cause, Exception) and cause.args else None
    return str(said.get("C", "")) if isinstance(said, dict) else ""


_REASONS: Final = {
    "SQLITE_FULL": "the disk is full",
    "SQLITE_IOERR": "the disk did not take the data",
    "SQLITE_BUSY": "another program holds it locked",
    "SQLITE_LOCKED": "another program holds it locked",
    "SQLITE_READONLY": "it is read-only",
    "SQLITE_CANTOPEN": "it cannot be opened",
    "SQLITE_NOTADB": "it is no SQLite database",
    "SQLITE_CORRUPT": "it is damaged",
    # PostgreSQL's, appendix A of its manual; a class is two characters.
    "08": "the connection to the database broke",
    "25006": "it is read-only",
    "28": "the database refuses this user or password",
    "3D": "the server has no such database",
    "40": "others are writing to it",
    "42501": "this user has no right to that",
    "42P01": "a table is missing",
    "53100": "the disk is full",
    "53300": "the server has no connection to spare",
    "55P03": "another program holds it locked",
    "57014": "the server cancelled it",
    "57P": "the server is stopping or starting",
    "58": "the disk did not take the data",
    "XX": "it is damaged",
}
_DRIVER_SAYS: Final = {
    "Can't create a connection": "the server cannot be reached",
    "communication error": "the server cannot be reached",
    "network error": "the connection to the database broke",
    "connection is closed": "the connection to the database broke",
    "refuses SSL": "the server offers no TLS",
}
