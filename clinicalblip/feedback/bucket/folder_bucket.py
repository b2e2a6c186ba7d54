"""A folder as a bucket: on another disk, or one that is mounted from another machine."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from clinicalblip.datasets.files.atomic import open_atomically
from clinicalblip.feedback.bucket.bucket import BucketRefused, BucketUnfit
from clinicalblip.feedback.databases.refusals import reason_of

_OTHERS = 0o077
_UNFINISHED = ".unfinished"


class FolderBucket:
    """The bucket in a folder, which is made, for its owner alone, where it is missing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, data: bytes) -> None:
        """Write elsewhere, wait for the disk, and give it the name.

        What a writer that was killed left unfinished is removed first, for it may hold words that were withdrawn since.
        One that is writing now, by another process, is refused by that, and tries again.
        """
        path = self._path(name)
        unfinished = self._folder / PurePosixPath(name).parts[0] / _UNFINISHED
        with _refusals():
            for folder in (path.parent, unfinished):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for left in unfinished.iterdir():
                left.unlink(missing_ok=True)
            with open_atomically(unfinished / path.name, "wb", private=True) as file:
                file.write(data)
            (unfinished / path.name).replace(path)

    def get(self, name: str) -> bytes:
        """Read the file."""
        with _refusals():
            return self._path(name).read_bytes()

    def list(self, prefix: str) -> Iterable[str]:
        """Walk the folder; what is being written is not there yet."""
        with _refusals():
            top = self._path(prefix)
            found = [path.relative_to(self._folder) for path in top.rglob("*") if path.is_file()]
            return sorted(path.as_posix() for path in found if _UNFINISHED not in path.parts)

    def delete(self, name: str) -> None:
        """Remove the file."""
        with _refusals():
            self._path(name).unlink(missing_ok=True)

    def is_private(self) -> bool:
        """Whether the folder is closed to every other user."""
        with _refusals():
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            return not os.stat(self._folder).st_mode & _OTHERS

    def _path(self, name: str) -> Path:
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts:
            raise ValueError("a name in a bucket is relative and stays in it")
        return self._folder.joinpath(*parts)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except PermissionError as error:
        raise BucketUnfit(
            "The folder of storage.bucket may not be written by this user; give it the right, or name another."
        ) from error
    except OSError as error:
        raise BucketRefused(reason_of(error)) from error
