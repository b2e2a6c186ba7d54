"""An SQLite file while the page runs: whether the file at its path is still the one that is open.

A file that is removed or replaced, or whose volume is unmounted, stays open to the process that opened it: what is
written to it then is on no path, and gone when the process ends.
"""

import os
from pathlib import Path
from typing import NamedTuple

from sqlalchemy.engine import Engine

from clinicalblip.feedback.databases.file_schema import REVIEWS, FileSchema
from clinicalblip.feedback.databases.refusals import reason_of
from clinicalblip.feedback.databases.sqlite_connection import open_database

_LOGS = ("-wal", "-shm")


class FileIdentity(NamedTuple):
    """A file or folder, whatever its name: its device and its number on it."""

    device: int
    inode: int


class DatabaseFile:
    """The open file of a schema at a path.

    Not safe to use from several threads at once, but for `engine`, which other threads may go on reading with. Raises
    what `open_database` does.
    """

    def __init__(self, path: Path, schema: FileSchema = REVIEWS) -> None:
        self._path, self._schema = path, schema
        self._identity: FileIdentity | None = None
        self._folder: FileIdentity | None = None
        self._open()

    @property
    def engine(self) -> Engine:
        """The connections to the file that is open."""
        return self._engine

    @property
    def is_current(self) -> bool:
        """Whether the file at the path is the one that is open."""
        return self._identity is not None and identify(self._path) == self._identity

    def ensure_current(self) -> None:
        """Open the file at the path where it is another than the one that is open, and make it where it is gone.

        It is made only in the folder in which it was, for the folder of an unmounted volume is another. Raises
        the schema's `not_saved` where it cannot be opened or made.
        """
        if self.is_current:
            return
        is_gone = identify(self._path) is None
        if is_gone and not self._schema.made_anew:
            raise self._schema.not_saved(
                f"Nothing was saved: the {self._schema.name} is gone from its place; what you wrote is still here, so "
                "try again once it is back."
            )
        if is_gone and identify(self._path.parent) != self._folder:
            raise self._schema.not_saved(
                f"Nothing was saved: the folder of the {self._schema.name} is gone, or its disk was unmounted; what "
                "you wrote is still here, so try again once it is back."
            )
        self._engine.dispose()
        self._remove_own_logs()
        try:
            self._open()
        except self._schema.unusable as error:
            self._identity = None
            reason = reason_of(error.__cause__) if isinstance(error.__cause__, Exception) else "it is another program's"
            raise self._schema.not_saved(
                f"Nothing was saved: what stands in the place of the {self._schema.name} cannot be used ({reason}); "
                "what you wrote is still here, so try again once that is put right."
            ) from error

    def close(self) -> None:
        """Close the file's connections; the last one to close it folds the log into the file."""
        self._engine.dispose()

    def _open(self) -> None:
        self._engine = open_database(self._path, self._schema)
        self._identity = identify(self._path)
        self._folder = identify(self._path.parent)
        self._logs = {name: identify(self._log(name)) for name in _LOGS}

    def _remove_own_logs(self) -> None:
        """Remove what the file that was open left at its path: SQLite would read its log into another file there."""
        for name, own in self._logs.items():
            if own is not None and identify(self._log(name)) == own:
                self._log(name).unlink(missing_ok=True)

    def _log(self, name: str) -> Path:
        return self._path.with_name(self._path.name + name)


def identify(path: Path) -> FileIdentity | None:
    """The identity of what stands at a path, or None where there is nothing or nobody can tell."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return FileIdentity(found.st_dev, found.st_ino)
